"""The roster on the server: read from its file, trusted only by the pinned admin key, never older.

The highest version ever used and the hash of its bytes are kept in the database. A roster that is
unsigned, forged, rolled back, broken, or another one of the same version is refused: at start the
bot does not serve, later the one in use stays. Expiry is an alarm and never stops intake. Which
officers may see what is the desk's affair.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from bot.config_sections import Centre, RosterFile
from bot.errors import RosterUnusable
from bot.signed_files import Advice, Seen, Unreadable, bytes_of, remember
from sealing.errors import SealingError
from sealing.roster import AT_MOST_BYTES, Roster, days_left, mixed, open_roster
from storage.port import Database
from storage.repositories import settings

KIND = "roster"


@dataclass(frozen=True, slots=True)
class Trusted:
    """A roster whose signature held, and the very bytes that were signed, for consoles."""

    roster: Roster
    signed: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the signed bytes, in hex."""
        return hashlib.sha256(self.signed).hexdigest()


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody must look after; `event` and `count` may be logged."""

    event: str
    count: int
    says: str
    fix: str
    is_problem: bool = False


class RosterInUse:
    """The roster that counts now; `refresh` takes a newer one from the file."""

    def __init__(self, file: RosterFile, database: Database, trusted: Trusted) -> None:
        self._file = file
        self._database = database
        self._trusted = trusted

    @classmethod
    async def open(cls, file: RosterFile, database: Database) -> Self:
        """Read the roster at start. Raises RosterUnusable: the bot must not serve."""
        trusted = await _newest(file, database)
        return cls(file, database, trusted)

    @property
    def current(self) -> Roster:
        """The roster that counts now."""
        return self._trusted.roster

    @property
    def signed(self) -> bytes:
        """Its bytes with the admin's signature, for consoles to check by themselves."""
        return self._trusted.signed

    async def refresh(self) -> bool:
        """Read the file again; say whether another roster counts now.

        Raises RosterUnusable: the one in use stays.
        """
        trusted = await _newest(self._file, self._database)
        is_new = trusted.signed != self._trusted.signed
        self._trusted = trusted
        return is_new


def read(file: RosterFile, seen: Seen) -> Trusted:
    """Read and check the roster file (blocking). Raises RosterUnusable with what to do."""
    if file.admin_key is None:
        raise RosterUnusable(
            "[roster] admin_key: is empty, so no roster can be trusted. "
            "Write the admin's public key there (64 hex digits)."
        )
    signed = _bytes_of(file.file)
    try:
        trusted = Trusted(open_roster(signed, file.admin_key, seen.version), signed)
    except SealingError as error:
        trusted, why = None, _ADVICE.about(error)
    if trusted is None:
        raise RosterUnusable(f"{file.file}: {why}")
    if seen.is_other(trusted.roster.version, trusted.hash):
        raise RosterUnusable(
            f"{file.file}: is not the roster of this version that was in use before. "
            "Ask the admin why there are two, and for one with a higher version."
        )
    return trusted


def alarms(
    roster: Roster, centres: Sequence[Centre], today: date, warn_days: int
) -> Iterator[Alarm]:
    """Say what about *roster* needs somebody's care; none of it stops intake."""
    yield from _expiry(days_left(roster, today), warn_days)
    for centre in without_officers(roster, centres):
        yield Alarm(
            "centre_without_officers", 1, f"nobody can read the tips of centre {centre.id}.",
            "Add an officer of this centre to the roster and have it signed again.", True,
        )  # fmt: skip
    known = {centre.id for centre in centres}
    strangers = {each for officer in roster.officers for each in officer.centres} - known
    if strangers:
        yield Alarm(
            "roster_names_unknown_centres", len(strangers),
            f"the roster names centres that are not configured: {', '.join(sorted(strangers))}.",
            "Add them as [[centre]], or correct the roster.",
        )  # fmt: skip
    yield from _mixes(roster)
    if today.isoformat() < roster.day:
        yield Alarm(
            "roster_from_the_future", 1, "the roster was signed on a day that is still to come.",
            "Set this machine's clock right, or the one where the roster was signed.",
        )  # fmt: skip


def without_officers(roster: Roster, centres: Sequence[Centre]) -> tuple[Centre, ...]:
    """Return the centres whose tips no officer of their own could open."""
    return tuple(centre for centre in centres if not roster.of_centre(centre.id))


_ADVICE = Advice(
    sign="saisaat-console roster sign",
    make_again="Ask the admin to make it again.",
    ask_again="Ask the admin for it again.",
)


async def _newest(file: RosterFile, database: Database) -> Trusted:
    seen = await database.read(lambda t: Seen.of(KIND, lambda name: settings.get(t, name)))
    trusted = await asyncio.to_thread(read, file, seen)
    version = trusted.roster.version
    await database.commit(lambda t: remember(t, KIND, version, trusted.hash))
    return trusted


def _bytes_of(path: Path) -> bytes:
    try:
        return bytes_of(path, AT_MOST_BYTES)
    except Unreadable as error:
        missing = "there is no roster of officers yet. Put the one the admin signed here."
        raise RosterUnusable(f"{path}: {missing if error.is_missing else error}") from None


def _mixes(roster: Roster) -> Iterator[Alarm]:
    """People are counted, not named: the admin's console says who."""
    found = Counter(mix for _, mix in mixed(roster))
    for mix, count in found.items():
        people = "1 person is" if count == 1 else f"{count} people are"
        says = f"{people} both {mix.one.value} and {mix.other.value}."
        if mix.is_refused:
            says += " They count as no auditor."
        fix = "Give one of the roles to somebody else, and have the roster signed again."
        yield Alarm("roster_mixes_roles", count, says, fix, mix.is_refused)


def _expiry(left: int, warn_days: int) -> Iterator[Alarm]:
    fix = "Ask the admin to sign a new one; intake goes on meanwhile."
    if left < 0:
        says = "the roster has expired: officers' consoles will warn."
        yield Alarm("roster_expired", -left, says, fix, True)
    elif left <= warn_days:
        yield Alarm("roster_expires_soon", left, f"the roster expires in {left} days.", fix)
