"""Sample rosters for the tests of this room, and the files a deployment has."""

from functools import cache
from pathlib import Path

from bot.config_sections import RosterFile
from sealing.age import PQIdentity
from sealing.officers import OfficerKeys
from sealing.roster import Officer, Role, Roster, render, sign_roster
from sealing.signing import SigningKey

ADMIN = SigningKey.from_seed(b"\x07" * 32)
RECOVERY = PQIdentity.from_seed(b"\x09" * 32).recipient
CENTRES = ("region-4", "khon-kaen", "inside")


@cache
def keys() -> OfficerKeys:
    return OfficerKeys(PQIdentity.from_seed(b"\x01" * 32), SigningKey.from_seed(b"\x02" * 32), "ก")


def roster(
    version: int = 3,
    centres: tuple[str, ...] = CENTRES,
    day: str = "2026-11-01",
    expires: str = "2027-10-31",
) -> Roster:
    officer = Officer(
        keys().name, keys().age.recipient, keys().sign.verify_key, (Role.OFFICER,), centres
    )
    return Roster(version, day, expires, RECOVERY, (officer,))


def signed(which: Roster | None = None, admin: SigningKey = ADMIN) -> bytes:
    return sign_roster(render(which or roster()), admin)


def file_at(path: Path) -> RosterFile:
    return RosterFile(file=path, admin_key=ADMIN.verify_key)
