"""What this machine has seen of the desk's tips and rosters, so that a desk cannot take it back.

Kept: hashes by number, versions, and officers' public keys; no words, no tip id (names of tips,
grants and a tip's recipients are keyed hashes), no time. The file is authenticated under a key
that comes from the officer's own, so a change by anybody else is noticed. What was seen first
stays: an altered part keeps being reported.
"""

import copy
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from console.errors import Distrusted
from console.folder import locked, replace_whole
from console.watching import SeenTrail

VERSION = 1


@dataclass(frozen=True, slots=True)
class SeenTip:
    """What was seen of one tip: part number → hash, change version → hash, names of grants; which
    parts the case key opened here; what its newest keys are called (`recipients_name`), "" until
    one look proved them, and the version that made them (0 at filing); and the name of the centre
    that it was filed to, "" until one look found all well.
    *looked*: the newest part that a person was shown, None when nobody ever looked (or with an
    older release only).
    *expires* and *is_held*: on which day it was to be destroyed ("": on none) and whether it was on
    hold when it was last found well, at version *stood_at*.
    """

    parts: Mapping[int, bytes] = field(default_factory=dict)
    version: int = 0
    changes: Mapping[int, bytes] = field(default_factory=dict)
    grants: frozenset[str] = frozenset()
    opened: frozenset[int] = frozenset()
    recipients: str = ""
    centre: str = ""
    recipients_at: int = 0
    looked: int | None = None
    expires: str = ""
    is_held: bool = False
    stood_at: int = 0

    @property
    def is_known(self) -> bool:
        return bool(self.parts or self.grants)


_NOTHING = SeenTip()


@dataclass(frozen=True, slots=True)
class SeenRoster:
    """The newest roster verified here, and every officer's key that any verified roster held."""

    version: int = 0
    digest: bytes = b""
    keys: Mapping[str, bytes] = field(default_factory=dict)


class Memory:
    """The memory in one file. Several programs of one officer may share it: each change re-reads
    under a lock.
    """

    def __init__(self, path: Path, secret: bytes) -> None:
        """*secret* is the officer's signing seed; only a key derived from it is kept here."""
        self.path = path
        self._read: tuple[tuple[int, int, int], dict[str, Any]] | None = None
        self._key = HKDF(hashes.SHA256(), 32, None, b"saisaat console memory v1").derive(secret)

    @classmethod
    def under(cls, path: Path, key: bytes) -> "Memory":
        """The memory of whoever has *key* (`reveal`) and not the seed that it comes from."""
        memory = cls(path, key)
        memory._key = key
        return memory

    def reveal(self) -> bytes:
        """The key that this memory is authenticated under, for a process that shares it."""
        return self._key

    def __repr__(self) -> str:
        return "Memory(…)"

    def name(self, identifier: str) -> str:
        """How *identifier* (a tip's or grant's id, a hash of recipients) is written here: without
        the key it tells nothing.
        """
        return hmac.digest(self._key, b"name" + identifier.encode(), hashlib.sha256)[:16].hex()

    def tip(self, tip_id: str) -> SeenTip:
        found = self._load()["tips"].get(self.name(tip_id))
        return _NOTHING if found is None else _tip_from_json(found)

    def roster(self) -> SeenRoster:
        return _roster_from_json(self._load()["roster"])

    def remember_tip(self, tip_id: str, now: SeenTip) -> None:
        """Add what is new in *now*; what was seen before is never overwritten. Of a tip's keys the
        newest are kept, whichever program saw them."""

        def change(table: dict[str, Any]) -> None:
            name = self.name(tip_id)
            old = _tip_from_json(table["tips"].get(name, {}))
            has_newer = now.recipients and now.recipients_at > old.recipients_at
            keys = now if has_newer or not old.recipients else old
            stood = now if now.stood_at >= old.stood_at else old
            table["tips"][name] = _tip_to_json(
                SeenTip(
                    parts={**now.parts, **old.parts},
                    version=max(now.version, old.version),
                    changes={**now.changes, **old.changes},
                    grants=old.grants | now.grants,
                    opened=old.opened | now.opened,
                    recipients=keys.recipients,
                    centre=old.centre or now.centre,
                    looked=max(filter(None, (old.looked, now.looked)), default=None),
                    recipients_at=keys.recipients_at,
                    expires=stood.expires,
                    is_held=stood.is_held,
                    stood_at=stood.stood_at,
                )
            )

        self._change(change)

    def forget_tip(self, tip_id: str) -> None:
        """Forget what was seen of a tip that is no more."""
        self._change(lambda table: table["tips"].pop(self.name(tip_id), None))

    def trail(self) -> SeenTrail:
        return _trail_from_json(self._load().get("audit", {}))

    def remember_trail(self, now: SeenTrail) -> None:
        """Add what is new in *now*; the server's key, and what was seen before, stay."""

        def change(table: dict[str, Any]) -> None:
            old = _trail_from_json(table.get("audit", {}))
            key, hashes = old.server_key or now.server_key, {**now.hashes, **old.hashes}
            table["audit"] = _trail_to_json(SeenTrail(key, hashes))

        self._change(change)

    def forget_trail_from(self, seq: int) -> None:
        """Forget what was seen of entry *seq* and those behind it: they were lost, and a person
        accepted that."""

        def change(table: dict[str, Any]) -> None:
            old = _trail_from_json(table.get("audit", {}))
            kept = {n: digest for n, digest in old.hashes.items() if n < seq}
            table["audit"] = _trail_to_json(SeenTrail(old.server_key, kept))

        self._change(change)

    def remember_roster(self, now: SeenRoster) -> None:
        """Keep the newer roster, and the keys of both."""

        def change(table: dict[str, Any]) -> None:
            old = _roster_from_json(table["roster"])
            newest = now if now.version > old.version else old
            keys = {**now.keys, **old.keys}
            table["roster"] = _roster_to_json(SeenRoster(newest.version, newest.digest, keys))

        self._change(change)

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        with locked(self.path):
            before = self._load()
            table = copy.deepcopy(before)
            change(table)
            if table != before or not self.path.exists():
                replace_whole(self.path, self._sealed(table))

    def _load(self) -> dict[str, Any]:
        """The table as it is on the disk; read again only when the file is another one by now."""
        try:
            found = self.path.stat()
            as_read = (found.st_ino, found.st_mtime_ns, found.st_size)
            if self._read is not None and self._read[0] == as_read:
                return self._read[1]
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return {"version": VERSION, "roster": {}, "tips": {}}
        self._read = (as_read, self._opened(raw))
        return self._read[1]

    def _opened(self, raw: bytes) -> dict[str, Any]:
        try:
            whole = json.loads(raw)
            table, mac = whole["seen"], bytes.fromhex(whole["mac"])
            is_ours = hmac.compare_digest(mac, self._mac(table)) and table["version"] == VERSION
        except (ValueError, KeyError, TypeError):
            is_ours = False
        if not is_ours:
            raise Distrusted("seen.damaged", path=self.path)
        return dict(table)

    def _sealed(self, table: Mapping[str, Any]) -> bytes:
        return json.dumps({"seen": table, "mac": self._mac(table).hex()}).encode()

    def _mac(self, table: Mapping[str, Any]) -> bytes:
        text = json.dumps(table, sort_keys=True, separators=(",", ":")).encode()
        return hmac.digest(self._key, b"file" + text, hashlib.sha256)


def _tip_from_json(value: Mapping[str, Any]) -> SeenTip:
    return SeenTip(
        parts={int(seq): bytes.fromhex(digest) for seq, digest in value.get("parts", {}).items()},
        version=int(value.get("version", 0)),
        changes={int(n): bytes.fromhex(digest) for n, digest in value.get("changes", {}).items()},
        grants=frozenset(value.get("grants", ())),
        opened=frozenset(int(seq) for seq in value.get("opened", ())),
        recipients=str(value.get("recipients", "")),
        centre=str(value.get("centre", "")),
        looked=None if value.get("looked") is None else int(value["looked"]),
        recipients_at=int(value.get("recipients_at", 0)),
        expires=str(value.get("expires", "")),
        is_held=bool(value.get("is_held", False)),
        stood_at=int(value.get("stood_at", 0)),
    )


def _tip_to_json(tip: SeenTip) -> dict[str, Any]:
    return {
        "parts": {str(seq): digest.hex() for seq, digest in tip.parts.items()},
        "version": tip.version,
        "changes": {str(version): digest.hex() for version, digest in tip.changes.items()},
        "grants": sorted(tip.grants),
        "opened": sorted(tip.opened),
        "recipients": tip.recipients,
        "centre": tip.centre,
        **({} if tip.looked is None else {"looked": tip.looked}),
        "recipients_at": tip.recipients_at,
        "expires": tip.expires,
        "is_held": tip.is_held,
        "stood_at": tip.stood_at,
    }


def _roster_from_json(value: Mapping[str, Any]) -> SeenRoster:
    return SeenRoster(
        version=int(value.get("version", 0)),
        digest=bytes.fromhex(value.get("digest", "")),
        keys={officer: bytes.fromhex(key) for officer, key in value.get("keys", {}).items()},
    )


def _roster_to_json(roster: SeenRoster) -> dict[str, Any]:
    return {
        "version": roster.version,
        "digest": roster.digest.hex(),
        "keys": {officer: key.hex() for officer, key in roster.keys.items()},
    }


def _trail_from_json(value: Mapping[str, Any]) -> SeenTrail:
    hashes = value.get("hashes", {})
    return SeenTrail(
        server_key=str(value.get("server_key", "")),
        hashes={int(seq): bytes.fromhex(digest) for seq, digest in hashes.items()},
    )


def _trail_to_json(trail: SeenTrail) -> dict[str, Any]:
    return {
        "server_key": trail.server_key,
        "hashes": {str(seq): digest.hex() for seq, digest in trail.hashes.items()},
    }
