"""The two servers: one for people and platforms, one for officers' consoles."""

from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bot.channels.web import serving
from bot.config import Config

STOP_S = 20.0
DESK_CONNECTIONS = 500


class Server(uvicorn.Server):
    """A server among others: signals are the program's affair, not its own."""

    @contextmanager
    def capture_signals(self) -> Any:
        yield


def web_server(config: Config, app: ASGIApp) -> Server:
    listen = config.web.listen
    return Server(
        uvicorn.Config(
            app,
            host=listen.host,
            port=listen.port,
            timeout_graceful_shutdown=int(STOP_S),
            **serving.settings(),
        )
    )


def desk_server(config: Config, app: ASGIApp) -> Server:
    desk = config.desk
    settings = serving.settings() | {"limit_concurrency": DESK_CONNECTIONS}
    return Server(
        uvicorn.Config(
            app,
            host=desk.listen.host,
            port=desk.listen.port,
            ssl_certfile=desk.tls_cert,
            ssl_keyfile=desk.tls_key,
            timeout_graceful_shutdown=int(STOP_S),
            **settings,
        )
    )
