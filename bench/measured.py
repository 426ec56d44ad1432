"""The measured process of a bench that needs one: a line of words in, a line of JSON out."""

import asyncio
import json
import sys
from typing import Any, Self


class Measured:
    """Runs `python -m MODULE ARGUMENT…` as long as the block; *place* is what it printed first."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self.place: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe
        )
        self.place = await self.heard()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def ask(self, command: str) -> dict[str, Any]:
        """Send one command; its answer."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the measured process does not run")
        self._process.stdin.write(f"{command}\n".encode())
        return await self.heard()

    async def heard(self) -> dict[str, Any]:
        """The next answer."""
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the measured process does not run")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured process failed")
        heard: dict[str, Any] = json.loads(line)
        return heard
