"""Whose keys count: the roster, believed only with the pinned admin's signature and never going
back.
"""

import hashlib
from dataclasses import dataclass, replace

from console.errors import Distrusted, Mistaken
from console.findings import Signers
from console.seen import Memory, SeenRoster
from sealing import (
    Forged,
    Malformed,
    Officer,
    RolledBack,
    Roster,
    SealingError,
    Unsigned,
    VerifyKey,
    officer_id,
    open_roster,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """The roster in force and every key that may have signed."""

    roster: Roster
    signers: Signers

    @classmethod
    def of(cls, roster: Roster) -> "Trust":
        """*roster* alone, with nobody before it."""
        current = {officer.id: officer.sign for officer in roster.officers}
        names = {officer.id: officer.name for officer in roster.officers}
        roles = {o.id: frozenset(role.value for role in o.roles) for o in roster.officers}
        bodies = {body.id: body for body in roster.bodies}
        return cls(roster, Signers(current, {}, names, roles, bodies))

    def find(self, who: str) -> Officer:
        """The officer whom a person named by id, its beginning, or name. Raises Mistaken."""
        exact = [o for o in self.roster.officers if who in (o.id, o.name)]
        near = exact or [
            o
            for o in self.roster.officers
            if (len(who) >= 6 and o.id.startswith(who)) or o.name.casefold() == who.casefold()
        ]
        if not near:
            raise Mistaken("roster.no_such_officer", who=who)
        if len(near) > 1:
            raise Mistaken("roster.several_officers", who=who)
        return near[0]


def admin_key(text: str) -> VerifyKey:
    try:
        return VerifyKey.parse(text.strip().lower())
    except SealingError:
        raise Mistaken("init.admin_mistyped") from None


def trust_roster(raw: bytes, admin: VerifyKey, memory: Memory) -> Trust:
    """The roster in *raw*, checked against the admin's key and against memory, and remembered.

    Raises Distrusted when it is unsigned, forged, older than one seen, or another of the same
    version.
    """
    seen = memory.roster()
    roster = open_signed(raw, admin, seen.version)
    digest = hashlib.sha256(raw).digest()
    if roster.version == seen.version and digest != seen.digest:
        raise Distrusted("roster.two_faced", version=roster.version)
    keys = {officer.id: officer.sign.raw for officer in roster.officers}
    memory.remember_roster(SeenRoster(roster.version, digest, keys))
    trust = Trust.of(roster)
    current = trust.signers.current
    former = {
        officer: VerifyKey(key)
        for officer, key in seen.keys.items()
        if officer not in current and officer_id(VerifyKey(key)) == officer
    }
    return Trust(roster, replace(trust.signers, former=former))


def learn_roster(raw: bytes, admin: VerifyKey, memory: Memory) -> Roster:
    """Remember whose keys an earlier roster held, so that what these officers signed can be told
    from what a stranger did. It never becomes the roster in force. Raises Distrusted unless the
    admin signed it."""
    roster = open_signed(raw, admin, 0)
    keys = {officer.id: officer.sign.raw for officer in roster.officers}
    memory.remember_roster(SeenRoster(keys=keys))
    return roster


def open_signed(raw: bytes, admin: VerifyKey, at_least_version: int) -> Roster:
    """`sealing.open_roster`, its errors in plain words."""
    try:
        return open_roster(raw, admin, at_least_version)
    except Unsigned:
        raise Distrusted("roster.unsigned") from None
    except Forged:
        raise Distrusted("roster.forged") from None
    except RolledBack:
        raise Distrusted("roster.rolled_back", seen=at_least_version) from None
    except Malformed:
        raise Distrusted("roster.malformed") from None
