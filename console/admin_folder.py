"""The admin's folder: the key that signs rosters, the roster signed last, the draft of the
next.

Lives on a machine without a network. A draft is only ever made from the roster signed last, so
nothing that was signed gets lost on the way; its version is the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from console.errors import Distrusted, Mistaken
from console.folder import ADMIN_KEYS, Folder
from console.trust import admin_key, open_signed
from sealing import (
    Card,
    Officer,
    Role,
    Roster,
    SealingError,
    SigningKey,
    VerifyKey,
    age,
    parse_card,
    parse_roster,
    render,
    sign_roster,
)

PUBLIC = "admin.pub"
SIGNED = "roster.toml"
DRAFT = "roster-draft.toml"
GOOD_FOR_DAYS = 365


@dataclass(frozen=True, slots=True)
class AdminFolder:
    folder: Folder

    @property
    def keys_path(self) -> Path:
        return self.folder.path / ADMIN_KEYS

    @property
    def draft_path(self) -> Path:
        return self.folder.path / DRAFT

    @property
    def signed_path(self) -> Path:
        return self.folder.path / SIGNED

    def public_key(self) -> VerifyKey:
        raw = self.folder.read(PUBLIC)
        if raw is None:
            raise Mistaken("roster.admin_missing", path=self.keys_path)
        return admin_key(raw.decode("ascii", "replace"))

    def signed(self) -> Roster | None:
        """The roster signed last, checked; None before the first."""
        raw = self.folder.read(SIGNED)
        return None if raw is None else open_signed(raw, self.public_key(), 0)

    def draft(self) -> Roster | None:
        raw = self.folder.read(DRAFT)
        return None if raw is None else read_draft(raw, self.draft_path)

    def begin(self, recovery: age.PQRecipient | None, today: date) -> Roster:
        """The draft to go on with: the one there is, or the signed roster's next, or the first."""
        draft, signed = self.draft(), self.signed()
        base = draft or signed
        version = signed.version + 1 if signed else 1
        day = today.isoformat()
        if base is not None:
            return replace(
                base, version=version, day=day, expires=day, recovery=recovery or base.recovery
            )
        if recovery is None:
            raise Mistaken("roster.no_recovery")
        return Roster(version, day, day, recovery, ())

    def keep_draft(self, roster: Roster) -> None:
        self.folder.write(DRAFT, render(roster))

    def sign(self, key: SigningKey, today: date, good_for_days: int = GOOD_FOR_DAYS) -> Roster:
        """Sign the draft (or, without one, the present roster again); the draft is then gone."""
        roster = self.begin(None, today)
        expires = (today + timedelta(days=good_for_days)).isoformat()
        roster = replace(roster, day=today.isoformat(), expires=expires)
        signed = sign_roster(render(roster), key)
        open_signed(signed, self.public_key(), roster.version)
        self.folder.write(SIGNED, signed)
        self.draft_path.unlink(missing_ok=True)
        return roster


def with_officer(
    roster: Roster,
    card: Card,
    roles: Sequence[str],
    centres: Sequence[str],
    conflicts: Sequence[str],
) -> Roster:
    """*roster* with the officer of *card*. Raises Mistaken."""
    if roster.officer(card.id) is not None:
        raise Mistaken("roster.already")
    try:
        officer = Officer(
            name=card.name,
            age=card.age,
            sign=card.sign,
            roles=tuple(Role(role) for role in roles),
            centres=tuple(centres),
            conflicts=tuple(conflicts),
        )
        return replace(roster, officers=(*roster.officers, officer))
    except ValueError as error:
        raise Mistaken("roster.bad_value", why=error) from None


def read_card(path: Path) -> Card:
    """The enrolment card at *path*. Raises Mistaken, also for one that its own key did not sign."""
    try:
        return parse_card(path.read_bytes())
    except (OSError, SealingError):
        raise Mistaken("roster.bad_card", path=path) from None


def read_draft(raw: bytes, path: Path) -> Roster:
    try:
        return parse_roster(raw)
    except SealingError:
        raise Distrusted("roster.bad_file", path=path) from None
