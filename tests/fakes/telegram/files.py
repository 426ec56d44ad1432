"""Files that people sent, as the platform holds them: an id each, a link for an hour."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.rules import Rules, bad


@dataclass(frozen=True)
class Held:
    file_id: str
    data: bytes
    size: int

    @property
    def described(self) -> dict[str, Any]:
        unique = hashlib.sha256(self.file_id.encode()).hexdigest()[:16]
        return {"file_id": self.file_id, "file_unique_id": unique, "file_size": self.size}


@dataclass
class Files:
    rules: Rules
    _held: dict[str, Held] = field(default_factory=dict)
    _links: dict[str, tuple[str, float]] = field(default_factory=dict)

    def add(self, data: bytes, size: int | None = None) -> dict[str, Any]:
        """Hold *data*; *size* is what the platform says of it, if not its length."""
        file_id = f"AgACAgUAAxk-{len(self._held):04d}-{hashlib.sha256(data).hexdigest()[:24]}"
        made = self._held[file_id] = Held(file_id, data, len(data) if size is None else size)
        return made.described

    def forget(self, file_id: str) -> None:
        """The platform has it no more."""
        self._held.pop(file_id, None)

    def link(self, file_id: str, now_s: float) -> dict[str, Any]:
        """getFile. Raises Refused."""
        held = self._held.get(file_id)
        if held is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if self.rules.file_bytes is not None and held.size > self.rules.file_bytes:
            raise bad("file is too big")
        path = f"documents/file_{list(self._held).index(file_id)}.bin"
        self._links[path] = (file_id, now_s + self.rules.file_link_s)
        return held.described | {"file_path": path}

    def download(self, path: str, now_s: float) -> bytes | None:
        """The bytes behind a link; None when there is no such link, or no longer."""
        file_id, until_s = self._links.get(path, ("", 0.0))
        held = self._held.get(file_id)
        return None if held is None or now_s >= until_s else held.data
