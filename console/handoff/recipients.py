"""To whom a tip can be handed over: the bodies of the signed roster, and those that the program
knows by name but has no key of. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from console.bodies import outside
from console.errors import Mistaken
from sealing import BodyKey, Roster


@dataclass(frozen=True, slots=True)
class Recipient:
    """A body; *key* None: what it gets cannot be sealed to it."""

    id: str
    th: str
    en: str
    key: BodyKey | None = None

    def name(self, language: str) -> str:
        return self.th if language == "th" else self.en


def recipients(roster: Roster) -> tuple[Recipient, ...]:
    """Every body, those with a key first."""
    return tuple(_recipients(roster))


def find_recipient(roster: Roster, named: str) -> Recipient:
    """The body that *named* (an id, or a name in either language) means. Raises Mistaken."""
    wanted, known = named.strip().casefold(), recipients(roster)
    for each in known:
        if wanted in (each.id.casefold(), each.th.casefold(), each.en.casefold()):
            return each
    raise Mistaken("handover.no_such_body", known=", ".join(each.id for each in known))


def _recipients(roster: Roster) -> Iterator[Recipient]:
    for body in roster.bodies:
        yield Recipient(body.id, body.th, body.en, body)
    for known in outside():
        if roster.body(known.id) is None:
            yield Recipient(known.id, known.th, known.en)
