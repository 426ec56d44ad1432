"""Where one can go from every page, by what an officer may do."""

from collections.abc import Collection
from dataclasses import dataclass

from console.answers import READERS, Me
from console.figures.scopes import COUNTERS
from sealing import Role

WATCHERS = frozenset({Role.LEAD, Role.AUDITOR, Role.ADMIN})
"""Who may see the audit trail."""


@dataclass(frozen=True, slots=True)
class Section:
    """A page in the bar: its word is `section.NAME`, its key (after g) is *key*. *roles* see it; no
    role means everybody."""

    name: str
    path: str
    key: str
    roles: Collection[str] = ()


SECTIONS = (
    Section("queue", "/", "q", READERS),
    Section("members", "/members", "m", {Role.REGISTRAR}),
    Section("campaigns", "/campaigns", "c", {Role.REGISTRAR}),
    Section("figures", "/figures", "f", READERS | COUNTERS),
    Section("audit", "/audit", "a", WATCHERS),
    Section("settings", "/settings", "s"),
)


def sections_of(me: Me) -> tuple[Section, ...]:
    mine = set(me.roles)
    return tuple(each for each in SECTIONS if not each.roles or mine & set(each.roles))
