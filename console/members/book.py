"""The registrar's book: members, the halves of their codes, what was done, and what is under way.

Pure values; every change is a new book. The book never holds a code. What is sent to the desk is
noted first as an *order* and taken off when the desk has confirmed it, so that a crash between the
two leaves something to go on from and nothing to do twice. A code comes into the book only once it
was handed out (shown or printed): one that nobody has seen is nowhere, and never works.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from console.errors import Mistaken
from sealing import Cost, Mistyped
from sealing.canonical import is_day, is_id, is_label, is_name
from sealing.member_codes import parse_alias

REASON_AT_MOST = 1_000
HALF_BYTES = 32
ID_PREFIX_AT_LEAST = 6
_BESIDE_PRINTABLE = frozenset("\n\t\u200b\u200c\u200d")


class CodeState(StrEnum):
    """What the desk has confirmed of a code."""

    WAITING = "waiting"  # not confirmed yet
    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"


class Standing(StrEnum):
    """How a member stands, by their codes."""

    ACTIVE = "active"
    WAITING = "waiting"
    PAUSED = "paused"
    EXPIRED = "expired"
    WITHOUT = "without"  # no code in force
    RETIRED = "retired"


class DeedKind(StrEnum):
    """What was done."""

    ISSUE = "issue"
    ROTATE = "rotate"
    PAUSE = "pause"
    RESUME = "resume"
    REVOKE = "revoke"
    RETIRE = "retire"
    DURESS = "duress"
    TAKE_OVER = "take_over"


class OrderKind(StrEnum):
    """What the desk is told to do with codes."""

    ISSUE = "issue"
    PAUSE = "pause"
    RESUME = "resume"
    REVOKE = "revoke"


_CONFIRMS = {
    OrderKind.ISSUE: CodeState.ACTIVE,
    OrderKind.PAUSE: CodeState.PAUSED,
    OrderKind.RESUME: CodeState.ACTIVE,
    OrderKind.REVOKE: CodeState.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What codes of the deployment are stretched with; the same for ever."""

    salt: bytes = field(repr=False)
    cost: Cost


@dataclass(frozen=True, slots=True)
class Code:
    """One code by its half."""

    half: bytes = field(repr=False)
    is_duress: bool
    state: CodeState
    expires_day: str

    def __post_init__(self) -> None:
        if len(self.half) != HALF_BYTES or not is_day(self.expires_day):
            raise ValueError("a code has a half and a last day")

    @property
    def is_live(self) -> bool:
        """Whether it works, rests, or is about to."""
        return self.state is not CodeState.REVOKED


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to a member, when and why."""

    deed_id: str
    day: str
    by: str
    by_name: str
    kind: DeedKind
    reason: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_id(self.deed_id) or not is_id(self.by) or not is_day(self.day):
            raise ValueError("a deed has an id, a doer and a day")
        if not is_name(self.by_name) or not is_reason(self.reason):
            raise ValueError("a deed has a doer's name and a reason of bounded length")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the network. Their alias stays theirs for ever, also after they retired."""

    member_id: str
    alias: str
    name: str = field(repr=False)
    centre: str
    since_year: int
    is_retired: bool = False
    codes: tuple[Code, ...] = ()
    history: tuple[Deed, ...] = ()

    def __post_init__(self) -> None:
        if not is_id(self.member_id) or not is_alias(self.alias):
            raise ValueError("a member has an id and an alias")
        if not is_name(self.name) or not is_label(self.centre):
            raise ValueError("a member has a name and a centre")
        if not 1900 <= self.since_year <= 9999:
            raise ValueError("a member has been one since some year")

    @property
    def code(self) -> Code | None:
        """The ordinary code that is in force, resting or on its way."""
        return next((c for c in reversed(self.codes) if c.is_live and not c.is_duress), None)

    @property
    def duress(self) -> Code | None:
        """The duress code, likewise."""
        return next((c for c in reversed(self.codes) if c.is_live and c.is_duress), None)

    @property
    def live(self) -> tuple[Code, ...]:
        return tuple(code for code in self.codes if code.is_live)

    def standing(self, today: str) -> Standing:
        code = self.code
        if self.is_retired:
            return Standing.RETIRED
        if code is None:
            return Standing.WITHOUT
        if code.state is CodeState.WAITING:
            return Standing.WAITING
        if code.expires_day < today:
            return Standing.EXPIRED
        return Standing.PAUSED if code.state is CodeState.PAUSED else Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Order:
    """Codes of one centre and one kind that the desk is to be told of; *record_id* makes it the
    same order however often it is sent. *behind*: another order that must have gone through.
    """

    record_id: str
    kind: OrderKind
    centre: str
    is_duress: bool
    halves: tuple[bytes, ...] = field(repr=False)
    behind: str | None = None

    def __post_init__(self) -> None:
        if not is_id(self.record_id) or not is_label(self.centre) or not self.halves:
            raise ValueError("an order has an id, a centre and codes")
        if self.behind is not None and not is_id(self.behind):
            raise ValueError("an order waits for another by its id")
        if any(len(half) != HALF_BYTES for half in self.halves):
            raise ValueError("a code has a half")


@dataclass(frozen=True, slots=True)
class Batch:
    """A list of names on its way to cards. *digest* tells the same list again."""

    digest: str
    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the registrar knows and the desk must not. *finished*: digests of lists that are
    done, so that none is done again by somebody who was not told so."""

    members: tuple[Member, ...] = ()
    orders: tuple[Order, ...] = ()
    terms: Terms | None = None
    batch: Batch | None = None
    finished: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ids = [member.member_id for member in self.members]
        halves = [code.half for member in self.members for code in member.codes]
        if len(set(ids)) != len(ids) or len(set(halves)) != len(halves):
            raise ValueError("a member and a code are in the book once")

    # --- looking

    @property
    def aliases(self) -> frozenset[str]:
        return frozenset(member.alias for member in self.members)

    def by_id(self, member_id: str) -> Member:
        return next(member for member in self.members if member.member_id == member_id)

    def find(self, typed: str) -> Member:
        """The member of the alias that a person *typed* (or whose id begins so). Raises
        Mistaken."""
        text = typed.strip().lower()
        found = [m for m in self.members if m.alias == _alias_of(typed)]
        if len(text) >= ID_PREFIX_AT_LEAST:
            found += [m for m in self.members if m.member_id.startswith(text)]
        if not found:
            raise Mistaken("members.no_such_alias")
        if len(found) > 1:
            raise Mistaken("members.alias_twice")
        return found[0]

    def owner_of(self, half: bytes) -> Member:
        return next(m for m in self.members if any(code.half == half for code in m.codes))

    def code_of(self, half: bytes) -> Code:
        return next(code for code in self.owner_of(half).codes if code.half == half)

    def ending_within(self, today: str, last: str) -> tuple[tuple[Member, Code], ...]:
        """Codes of members who are not retired that end from *today* to *last*, soonest first;
        those that ended already too."""
        found = [
            (member, code)
            for member in self.members
            if not member.is_retired
            for code in member.live
            if code.expires_day <= last
        ]
        return tuple(sorted(found, key=lambda pair: (pair[1].expires_day, pair[0].alias)))

    # --- changing

    def with_terms(self, terms: Terms) -> "Book":
        return replace(self, terms=terms)

    def with_member(self, member: Member) -> "Book":
        """A new member, or a known one as they are now."""
        others = [m for m in self.members if m.member_id != member.member_id]
        place = next((i for i, m in enumerate(self.members) if m.member_id == member.member_id), -1)
        if place < 0:
            return replace(self, members=(*self.members, member))
        others.insert(place, member)
        return replace(self, members=tuple(others))

    def with_deed(self, member_id: str, deed: Deed) -> "Book":
        member = self.by_id(member_id)
        return self.with_member(replace(member, history=(*member.history, deed)))

    def with_code(self, member_id: str, code: Code) -> "Book":
        member = self.by_id(member_id)
        return self.with_member(replace(member, codes=(*member.codes, code)))

    def ordered(self, *orders: Order) -> "Book":
        return replace(self, orders=(*self.orders, *orders))

    def confirmed(self, order: Order) -> "Book":
        """The desk has done *order*."""
        state = _CONFIRMS[order.kind]
        book = self._with_codes(
            order.halves,
            lambda code: code if code.state is CodeState.REVOKED else replace(code, state=state),
        )
        return book._without_orders({order.record_id})

    def given_up(self, order: Order) -> "Book":
        """*order* cannot be done any more, nor what waits behind it; its codes do not work at the
        desk, so not here."""
        book = self._with_codes(order.halves, lambda c: replace(c, state=CodeState.REVOKED))
        behind = {each.record_id for each in book.orders if each.behind == order.record_id}
        return book._without_orders({order.record_id, *behind})

    def _with_codes(self, halves: Iterable[bytes], change: Callable[[Code], Code]) -> "Book":
        wanted = set(halves)
        members = []
        for member in self.members:
            if any(code.half in wanted for code in member.codes):
                codes = tuple(change(c) if c.half in wanted else c for c in member.codes)
                member = replace(member, codes=codes)
            members.append(member)
        return replace(self, members=tuple(members))

    def _without_orders(self, record_ids: set[str]) -> "Book":
        kept = tuple(order for order in self.orders if order.record_id not in record_ids)
        return replace(self, orders=kept)


def is_reason(text: str) -> bool:
    """Whether *text* may stand as a reason: bounded, and nothing that moves a terminal's cursor."""
    return len(text) <= REASON_AT_MOST and all(
        c.isprintable() or c in _BESIDE_PRINTABLE for c in text
    )


def is_alias(text: str) -> bool:
    """Whether *text* is an alias as the book writes it."""
    return _alias_of(text) == text


def in_parts(halves: Iterable[bytes], at_most: int) -> Iterator[tuple[bytes, ...]]:
    """*halves* in runs of *at_most*."""
    run: list[bytes] = []
    for half in halves:
        run.append(half)
        if len(run) == at_most:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _alias_of(typed: str) -> str | None:
    try:
        return parse_alias(typed).lower()
    except Mistyped:
        return None
