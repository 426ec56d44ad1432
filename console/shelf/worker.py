"""A process that opens what it is handed, and nothing else: no disk but memory's file, no desk.

    asked     length of a head (4 bytes, big-endian), head (JSON), a body as long as it says
    answered  the same way, in the order of the questions

The keys come with the first question, through the pipe, and are nowhere else; the process ends with
the pipe. What fails inside is answered with the kind of the error and nothing of its text.
"""

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from console.errors import ConsoleError, Mistaken
from console.findings import Signers
from console.own_grants import Reader
from console.seen import Memory
from console.shelf.opening import Trouble, open_page, open_words
from console.shelf.search import ONE_BYTE_THAI
from sealing import VerifyKey, age

LENGTH = 4
Message = tuple[Mapping[str, Any], bytes]


class Worker:
    """Answers one question after the other."""

    def __init__(self, reader: Reader, memory: Memory) -> None:
        self._reader = reader
        self._memory = memory
        self._signers = Signers({}, {}, {})

    @classmethod
    def begun(cls, keys: Mapping[str, str]) -> "Worker":
        """With the keys of the first question."""
        reader = Reader(keys["officer"], age.PQIdentity(bytes.fromhex(keys["seed"])))
        memory = Memory.under(Path(keys["memory"]), bytes.fromhex(keys["memory_key"]))
        return cls(reader, memory)

    def answer(self, head: Mapping[str, Any], body: bytes) -> Message:
        try:
            return self._does(head, body)
        except ConsoleError as error:
            return {"trouble": msgspec.to_builtins(Trouble.of(error))}, b""
        except Exception as error:
            # Ours, and no reason to show what was opened: the kind alone goes back.
            internal = Mistaken("app.internal", kind=type(error).__name__)
            return {"trouble": msgspec.to_builtins(Trouble.of(internal))}, b""

    def _does(self, head: Mapping[str, Any], body: bytes) -> Message:
        if head["do"] == "trust":
            current, former = (
                {officer: VerifyKey(bytes.fromhex(key)) for officer, key in head[which].items()}
                for which in ("current", "former")
            )
            self._signers = Signers(current, former, {})
            return {}, b""
        if head["do"] == "page":
            page = open_page(body, self._reader, self._signers, self._memory)
            return {}, msgspec.json.encode(page)
        words = open_words(body, self._reader)
        is_one_byte = isinstance(words.packed.folded, bytes)
        coding = ONE_BYTE_THAI if is_one_byte else "utf-8"
        folded = words.packed.folded
        data = folded if isinstance(folded, bytes) else folded.encode("utf-8", "surrogatepass")
        head = {"course": msgspec.to_builtins(words.course), "coding": coding, "folded": len(data)}
        return head, data + words.packed.written


def run(asked: BinaryIO, answered: BinaryIO) -> None:
    """Until *asked* ends."""
    head, _ = _read(asked)
    worker = Worker.begun(head)
    _write(answered, {}, b"")
    while True:
        try:
            head, body = _read(asked)
        except EOFError:
            return
        _write(answered, *worker.answer(head, body))


def framed(head: Mapping[str, Any], body: bytes) -> bytes:
    """*head* and *body* as they go through the pipe."""
    told = json.dumps({**head, "body": len(body)}).encode()
    return len(told).to_bytes(LENGTH, "big") + told + body


def _read(stream: BinaryIO) -> Message:
    head = json.loads(_exactly(stream, int.from_bytes(_exactly(stream, LENGTH), "big")))
    return head, _exactly(stream, head["body"])


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _write(stream: BinaryIO, head: Mapping[str, Any], body: bytes) -> None:
    stream.write(framed(head, body))
    stream.flush()


def main() -> None:
    """Quiet: a crash leaves no core and says nothing, since its words might be a tip's."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.excepthook = lambda *_: None
    with contextlib.suppress(OSError):
        os.nice(BEHIND_THE_PAGES)
    run(sys.stdin.buffer, sys.stdout.buffer)


BEHIND_THE_PAGES = 5
"""Niceness: whoever reads a page comes first."""


if __name__ == "__main__":
    main()
