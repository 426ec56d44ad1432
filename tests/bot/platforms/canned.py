"""A tiny HTTP server that answers each path as it is told, for what the fakes do not play: a wrong
clock, rubbish, an account with Chat on."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Canned:
    """*answers*: "METHOD path" → (status, JSON or bytes). Anything else is a 404."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.date_s: float | None = None
        self.asked: list[str] = []
        self.url = ""


@contextmanager
def canned() -> Iterator[Canned]:
    """Serve on a free port of this machine until the block ends."""
    told = Canned()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            what = f"{self.command} {self.path}"
            told.asked.append(what)
            status, body = told.answers.get(what, (404, {"message": "Not found"}))
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response_only(status)
            if told.date_s is not None:
                self.send_header("Date", formatdate(told.date_s, usegmt=True))
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
