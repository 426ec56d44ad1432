"""The roster: whose keys count, signed by the admin's key on a machine that is never online.

One TOML file: its version and days, the recovery recipient and every officer's two public keys,
roles and centres, and the keys of bodies that a tip may be handed over to; the last line signs the
rest. Bot and consoles pin the admin's public key and the
highest version they have seen. Knows no clock: whether a roster has expired is the caller's
question, and never a reason to stop intake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sealing import toml
from sealing.age import PQRecipient
from sealing.bodies import BodyKey, body_from_table, body_to_table
from sealing.canonical import LARGEST_NUMBER, Fields, is_day, is_label, is_name
from sealing.errors import Malformed, RolledBack
from sealing.fingerprints import fingerprint
from sealing.grants import TipKind
from sealing.officers import officer_id, usable_recipient
from sealing.roles import Mix, Role, acts_as, mixes_of
from sealing.signed_text import open_text, sign_text
from sealing.signing import SigningKey, VerifyKey

SCHEMA = 1
SCHEMA_WITH_BODIES = 2
"""Older releases refuse it, and go on with the roster they have seen."""
AT_MOST_BYTES = 4 * 1024 * 1024
_SIGNED_AS = "roster"
_TITLE = (
    "Saisaat roster. Any change needs the admin's signature again: saisaat-console roster sign."
)


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer as the roster knows them.

    *conflicts*: ids of agencies whose tips they must not get.
    """

    name: str
    age: PQRecipient
    sign: VerifyKey
    roles: tuple[Role, ...]
    centres: tuple[str, ...]
    conflicts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError("a name is 1 to 80 printable characters")
        if len(set(self.roles)) != len(self.roles) or not self.roles:
            raise ValueError("an officer has at least one role, each once")
        for ids in (self.centres, self.conflicts):
            if len(set(ids)) != len(ids) or not all(map(is_label, ids)):
                raise ValueError("centres and agencies are ids, each once")

    @property
    def id(self) -> str:
        """32 hex digits out of the verify key: a new key is a new officer."""
        return officer_id(self.sign)

    def has(self, role: Role) -> bool:
        """Whether they may do what *role* does: a lead is an officer too."""
        return acts_as(self.roles, role)

    def leads(self, centre: str) -> bool:
        """Whether they are a lead of *centre* itself."""
        return Role.LEAD in self.roles and centre in self.centres

    @property
    def fingerprint(self) -> str:
        """Digits to read aloud, over both public keys; the same as on the enrolment card."""
        return fingerprint(self.sign.raw + self.age.raw)


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster, checked. *expires* is the last good day."""

    version: int
    day: str
    expires: str
    recovery: PQRecipient
    officers: tuple[Officer, ...]
    bodies: tuple[BodyKey, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.version <= LARGEST_NUMBER:
            raise ValueError("a roster's version is a whole number from 1")
        if not is_day(self.day) or not is_day(self.expires) or self.expires < self.day:
            raise ValueError("a roster has a day, and a last good day that is not before it")
        _check_distinct(officer.sign.raw for officer in self.officers)
        keys = [self.recovery.raw, *(officer.age.raw for officer in self.officers)]
        _check_distinct([*keys, *(body.age.raw for body in self.bodies)])
        if len({body.id for body in self.bodies}) != len(self.bodies):
            raise ValueError("a body is there once")

    def officer(self, id: str) -> Officer | None:
        """The officer of that id, or None."""
        return next((officer for officer in self.officers if officer.id == id), None)

    def body(self, id: str) -> BodyKey | None:
        """The body of that id, or None: it has no key here."""
        return next((body for body in self.bodies if body.id == id), None)

    def of_centre(self, centre: str, role: Role = Role.OFFICER) -> tuple[Officer, ...]:
        """Who may do what *role* does in *centre* itself (not in its ancestors): its leads are
        among its officers."""
        return tuple(
            officer for officer in self.officers if centre in officer.centres and officer.has(role)
        )


def reader_role(kind: TipKind) -> Role:
    """The role of those who read a tip of *kind*; whoever does not have it (`Officer.has`) may
    not."""
    return Role.REGISTRAR if kind is TipKind.APPLICATION else Role.OFFICER


def mixed(roster: Roster) -> tuple[tuple[Officer, Mix], ...]:
    """Who has two roles that one person should not have, and which."""
    return tuple((officer, mix) for officer in roster.officers for mix in mixes_of(officer.roles))


def days_left(roster: Roster, today: date) -> int:
    """How many more days the roster is good after *today*; negative when it has expired."""
    return (date.fromisoformat(roster.expires) - today).days


def render(roster: Roster) -> bytes:
    """*roster* as TOML, not yet signed."""
    head: dict[str, toml.Value] = {
        "schema": SCHEMA_WITH_BODIES if roster.bodies else SCHEMA,
        "version": roster.version,
        "day": roster.day,
        "expires": roster.expires,
        "recovery": str(roster.recovery),
    }
    tables = {"officer": [_to_table(officer) for officer in roster.officers]}
    if roster.bodies:
        tables["body"] = [body_to_table(body) for body in roster.bodies]
    return toml.write(_TITLE, head, tables)


def sign_roster(body: bytes, admin: SigningKey) -> bytes:
    """*body* (a roster in TOML) with the admin's signature line.

    Raises Malformed: nothing broken gets signed, nor roles that are never one person's.
    """
    if any(mix.is_refused for _, mix in mixed(parse_roster(body))):
        raise Malformed("somebody has two roles that are never one person's")
    return sign_text(_SIGNED_AS, body, admin)


def open_roster(data: bytes, admin: VerifyKey, at_least_version: int) -> Roster:
    """The roster in *data*, signed by *admin*, not older than *at_least_version* (highest seen).

    Raises Unsigned, Forged, RolledBack, Malformed. Nothing is read before the signature holds.
    """
    roster = parse_roster(open_text(_SIGNED_AS, data, admin, at_most_bytes=AT_MOST_BYTES))
    if roster.version < at_least_version:
        raise RolledBack("an older roster than one that was already in use")
    return roster


def parse_roster(body: bytes) -> Roster:
    """The roster in *body* with nothing verified: to look at a draft before signing.

    Raises Malformed.
    """
    # TOML has no way to write a list of no tables: it is just not there.
    table = {"officer": []} | toml.read(body, at_most_bytes=AT_MOST_BYTES)
    fields, has_bodies = Fields(table), "body" in table
    fields.schema(SCHEMA_WITH_BODIES if has_bodies else SCHEMA)
    try:
        roster = Roster(
            version=fields.number("version"),
            day=fields.day("day"),
            expires=fields.day("expires"),
            recovery=usable_recipient(fields.text("recovery")),
            officers=tuple(_from_table(table) for table in fields.objects("officer")),
            bodies=tuple(map(body_from_table, fields.objects("body") if has_bodies else ())),
        )
    except ValueError as error:
        raise Malformed(f"a roster that cannot be: {error}") from error
    fields.done()
    return roster


def _to_table(officer: Officer) -> Mapping[str, toml.Value]:
    return {
        "id": officer.id,
        "name": officer.name,
        "age": str(officer.age),
        "sign": str(officer.sign),
        "roles": officer.roles,
        "centres": officer.centres,
        "conflicts": officer.conflicts,
    }


def _from_table(table: Mapping[str, object]) -> Officer:
    fields = Fields(table)
    claimed_id = fields.id("id")
    officer = Officer(
        name=fields.text("name"),
        age=usable_recipient(fields.text("age")),
        sign=VerifyKey.parse(fields.text("sign")),
        roles=tuple(_role(text) for text in fields.texts("roles")),
        centres=fields.texts("centres"),
        conflicts=fields.texts("conflicts"),
    )
    fields.done()
    if officer.id != claimed_id:
        raise Malformed("an officer's id does not come from their verify key")
    return officer


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise Malformed("a role that this release does not know") from None


def _check_distinct(keys: Iterable[bytes]) -> None:
    listed = list(keys)
    if len(set(listed)) != len(listed):
        raise ValueError("no key belongs to two, and recovery's is nobody else's")
