"""The registry of the real bots on the server: shown to people only as the admin signed it.

Trusted by the pinned admin key, never older than the newest one that was in use: its version and
the hash of its bytes are kept in the database. One that is unsigned, forged, rolled back or broken
is refused and the bot serves without a list: intake never stops for it. While running, a refused
file leaves the list in use, and a file that was taken away withdraws it. Expiry is an alarm.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from bot.errors import NoRegistry, RegistryUnusable
from bot.logs import logger
from bot.roster import Alarm
from bot.signed_files import Advice, Seen, Unreadable, bytes_of, remember
from sealing import Registry, SealingError, VerifyKey, open_registry
from sealing.registry import AT_MOST_BYTES
from storage.port import Database
from storage.repositories import settings

KIND = "registry"


@dataclass(frozen=True, slots=True)
class SignedRegistry:
    """A registry whose signature held, the very bytes that were signed, and by whose key."""

    registry: Registry
    signed: bytes
    admin: VerifyKey

    @property
    def hash(self) -> str:
        """SHA-256 of the signed bytes, in hex."""
        return hashlib.sha256(self.signed).hexdigest()


class RegistryInUse:
    """The registry that is shown now, if any; `refresh` takes what the file has become."""

    def __init__(
        self,
        path: Path,
        admin: VerifyKey | None,
        database: Database,
        current: SignedRegistry | None = None,
    ) -> None:
        self._path = path
        self._admin = admin
        self._database = database
        self._current = current

    @classmethod
    async def open(cls, path: Path, admin: VerifyKey | None, database: Database) -> Self:
        """Read the registry at start. One that cannot be used is logged; the bot serves on."""
        opened = cls(path, admin, database)
        try:
            await opened.refresh()
        except RegistryUnusable as error:
            logger().error("registry_refused", error=type(error).__name__)
        return opened

    @property
    def current(self) -> SignedRegistry | None:
        """What may be shown; None: only the web address is known to be ours."""
        return self._current

    async def refresh(self) -> bool:
        """Read the file again; say whether something else is shown now.

        Raises RegistryUnusable: what is shown stays.
        """
        before = self._current
        try:
            self._current = await self._newest()
        except NoRegistry:
            self._current = None
        return self._current != before

    async def _newest(self) -> SignedRegistry:
        seen = await self._database.read(
            lambda t: Seen.of(KIND, lambda name: settings.get(t, name))
        )
        trusted = await asyncio.to_thread(read, self._path, self._admin, seen)
        if trusted != self._current:
            version = trusted.registry.version
            await self._database.commit(lambda t: remember(t, KIND, version, trusted.hash))
        return trusted


def read(path: Path, admin: VerifyKey | None, seen: Seen) -> SignedRegistry:
    """Read and check the registry file (blocking). Raises RegistryUnusable with what to do."""
    signed = _bytes_of(path)
    if admin is None:
        raise RegistryUnusable(
            "[roster] admin_key: is empty, so no registry can be trusted. "
            "Write the admin's public key there (64 hex digits)."
        )
    try:
        trusted = SignedRegistry(open_registry(signed, admin, seen.version), signed, admin)
    except SealingError as error:
        trusted, why = None, _ADVICE.about(error)
    if trusted is None:
        raise RegistryUnusable(f"{path}: {why}")
    if seen.is_other(trusted.registry.version, trusted.hash):
        raise RegistryUnusable(
            f"{path}: is not the registry of this version that was in use before. "
            "Ask the admin why there are two, and for one with a higher version."
        )
    return trusted


def alarms(registry: Registry, today: date, warn_days: int) -> Iterator[Alarm]:
    """Say what about *registry* needs somebody's care; none of it stops intake."""
    left = registry.days_left(today)
    fix = "Run saisaat registry draft, and have the admin sign it."
    if left < 0:
        says = "the registry of the real bots has expired: its page says so to everybody."
        yield Alarm("registry_expired", -left, says, fix)
    elif left <= warn_days:
        says = f"the registry of the real bots expires in {left} days."
        yield Alarm("registry_expires_soon", left, says, fix)
    if today.isoformat() < registry.day:
        yield Alarm(
            "registry_from_the_future", 1,
            "the registry of the real bots was signed on a day that is still to come.",
            "Set this machine's clock right, or the one where it was signed.",
        )  # fmt: skip


_ADVICE = Advice(
    sign="saisaat-console registry sign",
    make_again="Make it again: saisaat registry draft.",
    ask_again="Make it again: saisaat registry draft.",
)


def _bytes_of(path: Path) -> bytes:
    try:
        return bytes_of(path, AT_MOST_BYTES)
    except Unreadable as error:
        if not error.is_missing:
            raise RegistryUnusable(f"{path}: {error}") from None
        says = "there is no registry of the real bots yet. Make one: saisaat registry draft."
        raise NoRegistry(f"{path}: {says}") from None
