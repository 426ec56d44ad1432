"""A registrar at work: every deed on members, in an order that survives a crash.

For a fresh code: it is handed out (shown or printed), then noted in the book, then sent to the
desk, then noted as confirmed. Killed before it was noted, it never works; killed later, the same
order is sent again and the desk adds nothing twice. For every other deed: noted, sent, noted as
confirmed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from console.acting import new_id
from console.desk_client import NotAllCodes
from console.desk_wire import b64
from console.errors import Distrusted, Mistaken, Refused, Unreachable
from console.members.book import (
    Batch,
    Book,
    Code,
    CodeState,
    Deed,
    DeedKind,
    Member,
    Order,
    OrderKind,
    Terms,
    in_parts,
    is_reason,
)
from console.members.keeping import BookFile, open_book, seal_book
from console.members.links import Links
from console.members.making import Made, draw_alias, make_codes
from console.members.merging import Merged, merge
from console.office import Office
from sealing import Cost, Officer, Role, members_statement
from sealing.canonical import is_name

AT_ONCE = 50
BATCH_AT_MOST = 1_000
GOOD_FOR_AT_MOST_DAYS = 3_650

Hand = Callable[[Sequence[Made]], None]
"""Shows or prints codes. When it raises, their owners cannot have them and they never work."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Called as a long work goes on: after each code made, and after each code confirmed."""

    made: Callable[[], None] = lambda: None
    confirmed: Callable[[int], None] = lambda _: None


NO_STEPS = Steps()


@dataclass(frozen=True, slots=True)
class Wish:
    """What new codes are to be like."""

    centre: str
    since_year: int
    days_good: int


class Registrar:
    """Make it with `Registrar.at_work`; the book is held meanwhile."""

    def __init__(self, office: Office, file: BookFile, officer: Officer, links: Links) -> None:
        self._office = office
        self._file = file
        self._officer = officer
        self.links = links
        self.today = office.today().isoformat()

    @classmethod
    async def at_work(cls, office: Office, file: BookFile) -> "Registrar":
        """The registrar, the deployment's terms pinned, what an earlier run left finished."""
        trust = await office.trust()
        officer = trust.roster.officer(office.keys.id)
        if officer is None or not officer.has(Role.REGISTRAR):
            raise Mistaken("members.no_registrar")
        told = await office.desk.member_terms()
        terms = Terms(told.salt, Cost(told.memory_kib, told.time, told.lanes))
        if file.book.terms is None:
            file.keep(file.book.with_terms(terms))
        elif file.book.terms != terms:
            raise Distrusted("members.terms_changed")
        try:
            links = office.settings.links.or_else(Links(web=told.links.web, onion=told.links.onion))
        except ValueError:
            raise Distrusted("desk.malformed", place="links") from None
        registrar = cls(office, file, officer, links)
        await registrar._send(NO_STEPS)
        return registrar

    def __repr__(self) -> str:
        return "Registrar(…)"

    @property
    def book(self) -> Book:
        return self._file.book

    @property
    def office(self) -> Office:
        return self._office

    def centre(self, named: str | None) -> str:
        """The registrar's centre that was *named*, or the only one. Raises Mistaken."""
        if named is None and len(self._officer.centres) == 1:
            return self._officer.centres[0]
        if named not in self._officer.centres:
            raise Mistaken("members.which_centre", known=", ".join(self._officer.centres) or "–")
        return named

    # --- codes that are new

    async def add(self, name: str, wish: Wish, reason: str, hand: Hand) -> Member:
        """A new member with a code."""
        member = self._new_member(name, wish, self.book)
        self._keep(self.book.with_member(member))
        await self._issue([member], wish.days_good, DeedKind.ISSUE, reason, hand, NO_STEPS)
        return self.book.by_id(member.member_id)

    async def batch(
        self, names: Sequence[str], wish: Wish, reason: str, hand: Hand, steps: Steps = NO_STEPS
    ) -> int:
        """New members for *names*, or the rest of them when the same list was cut off; how many
        codes were made. Raises Mistaken while another list is unfinished."""
        digest = _digest(names, wish)
        if digest in self.book.finished:
            return 0
        if self.book.batch is None:
            self._keep(self._begun(names, wish, digest))
        batch = self.book.batch
        if batch is None or batch.digest != digest:
            raise Mistaken("members.batch_open")
        left = [m for m in map(self.book.by_id, batch.member_ids) if not m.codes]
        if left:
            await self._issue(left, wish.days_good, DeedKind.ISSUE, reason, hand, steps)
        finished = (*self.book.finished, digest)
        self._keep(replace(self.book, batch=None, finished=finished))
        return len(left)

    def abandon_batch(self) -> tuple[Member, ...]:
        """Leave an unfinished list as it is; its members who have no code."""
        batch = self.book.batch
        if batch is None:
            raise Mistaken("members.no_batch")
        self._keep(replace(self.book, batch=None))
        return tuple(m for m in map(self.book.by_id, batch.member_ids) if m.code is None)

    async def rotate(self, typed: str, days_good: int, reason: str, hand: Hand) -> Member:
        """A new code for a member; the old one is revoked once the new one works."""
        member = self._active(typed)
        if member.code is not None and member.code.state is CodeState.PAUSED:
            raise Mistaken("members.resume_first")
        await self._issue([member], days_good, DeedKind.ROTATE, _needed(reason), hand, NO_STEPS)
        return self.book.by_id(member.member_id)

    async def duress(self, typed: str, hand: Hand) -> Member:
        """A second code for a day when the member is forced; it ends with the ordinary one."""
        member = self._active(typed)
        code = member.code
        if code is None or code.state is not CodeState.ACTIVE:
            raise Mistaken("members.needs_code_first")
        made = await make_codes(
            [(member.member_id, member.alias)],
            self._terms,
            is_duress=True,
            expires_day=code.expires_day,
        )
        await self._hand_out(made, [(member, member.duress)], DeedKind.DURESS, "", hand, NO_STEPS)
        return self.book.by_id(member.member_id)

    # --- codes that are there

    async def pause(self, typed: str, reason: str) -> Member:
        """Let a member's codes rest."""
        return await self._change(
            self._active(typed), OrderKind.PAUSE, DeedKind.PAUSE, _needed(reason)
        )

    async def resume(self, typed: str, reason: str) -> Member:
        """Let them work again."""
        return await self._change(self._active(typed), OrderKind.RESUME, DeedKind.RESUME, reason)

    async def revoke(self, typed: str, reason: str) -> Member:
        """Stop a member's codes for good; a new one can be made with `rotate`."""
        return await self._change(
            self._active(typed), OrderKind.REVOKE, DeedKind.REVOKE, _needed(reason)
        )

    async def retire(self, typed: str, reason: str) -> Member:
        """Stop a member's codes for good, and keep their alias taken for ever."""
        return await self._change(
            replace(self._active(typed), is_retired=True),
            OrderKind.REVOKE,
            DeedKind.RETIRE,
            _needed(reason),
        )

    # --- the book itself

    async def hand_over(self, who: str, centre: str | None) -> tuple[bytes, Officer, int]:
        """The book, sealed for another registrar of the roster: only members of centres that are
        theirs too (or of *centre* alone). The file's bytes, for whom, and how many members."""
        if self.book.orders or self.book.batch:
            raise Mistaken("members.unfinished")
        other = (await self._office.trust()).find(who)
        if not other.has(Role.REGISTRAR) or other.id == self._officer.id:
            raise Mistaken("members.not_a_registrar", name=other.name)
        shared = set(other.centres) & set(self._officer.centres)
        if centre is not None:
            shared &= {centre}
        members = tuple(m for m in self.book.members if m.centre in shared)
        if not members:
            raise Mistaken("members.nothing_to_hand", name=other.name)
        part = Book(members=members, terms=self.book.terms)
        sealed = seal_book(part, self._office.keys, other.id, other.age, self.today)
        return sealed, other, len(members)

    async def take_over(self, sealed: bytes) -> Merged:
        """Merge in a book that another registrar handed over. Raises Distrusted unless one of the
        roster signed it."""
        theirs, writer = open_book(sealed, self._office.keys)
        giver = (await self._office.trust()).roster.officer(writer.id)
        if giver is None or not giver.has(Role.REGISTRAR):
            raise Distrusted("members.giver_unknown")
        writer.verify(giver.sign)
        if theirs.terms != self.book.terms:
            raise Distrusted("members.terms_changed")
        deed = self._deed(DeedKind.TAKE_OVER, giver.name)
        shared = set(giver.centres) & set(self._officer.centres)
        book, merged = merge(self.book, theirs, shared, deed, new_id)
        self._keep(book)
        return merged

    # --- how

    @property
    def _terms(self) -> Terms:
        if self.book.terms is None:
            raise AssertionError("the terms are pinned before any work")
        return self.book.terms

    def _keep(self, book: Book) -> None:
        self._file.keep(book)

    def _active(self, typed: str) -> Member:
        member = self.book.find(typed)
        if member.is_retired:
            raise Mistaken("members.is_retired")
        self.centre(member.centre)
        return member

    def _new_member(self, name: str, wish: Wish, book: Book) -> Member:
        clean = " ".join(name.split())
        if not is_name(clean):
            raise Mistaken("members.bad_name")
        if not 1 <= wish.days_good <= GOOD_FOR_AT_MOST_DAYS:
            raise Mistaken("members.bad_days", n=GOOD_FOR_AT_MOST_DAYS)
        if not 1900 <= wish.since_year <= int(self.today[:4]):
            raise Mistaken("members.bad_year")
        alias = draw_alias(book.aliases)
        return Member(new_id(), alias, clean, self.centre(wish.centre), wish.since_year)

    def _begun(self, names: Sequence[str], wish: Wish, digest: str) -> Book:
        if not 1 <= len(names) <= BATCH_AT_MOST:
            raise Mistaken("members.batch_size", n=BATCH_AT_MOST)
        book, ids = self.book, []
        for name in names:
            member = self._new_member(name, wish, book)
            book = book.with_member(member)
            ids.append(member.member_id)
        return replace(book, batch=Batch(digest, tuple(ids)))

    async def _issue(
        self,
        members: Sequence[Member],
        days_good: int,
        kind: DeedKind,
        reason: str,
        hand: Hand,
        steps: Steps,
    ) -> None:
        _checked(reason)
        if not 1 <= days_good <= GOOD_FOR_AT_MOST_DAYS:
            raise Mistaken("members.bad_days", n=GOOD_FOR_AT_MOST_DAYS)
        made = await make_codes(
            [(member.member_id, member.alias) for member in members],
            self._terms,
            is_duress=False,
            expires_day=(self._office.today() + timedelta(days=days_good)).isoformat(),
            on_made=steps.made,
        )
        instead = [(member, member.code) for member in members]
        await self._hand_out(made, instead, kind, reason, hand, steps)

    async def _hand_out(
        self,
        made: Sequence[Made],
        instead: Sequence[tuple[Member, Code | None]],
        kind: DeedKind,
        reason: str,
        hand: Hand,
        steps: Steps,
    ) -> None:
        """The order of the module's docstring. *instead*: whose they are, and what they replace."""
        hand(made)
        book = self.book
        for each in made:
            code = Code(each.half, each.is_duress, CodeState.WAITING, each.expires_day)
            book = book.with_code(each.member_id, code)
            book = book.with_deed(each.member_id, self._deed(kind, reason))
        self._keep(book.ordered(*self._orders(made, instead)))
        try:
            await self._send(steps)
        except Unreachable:
            raise Unreachable("members.not_in_force_yet") from None

    def _orders(
        self, made: Sequence[Made], instead: Sequence[tuple[Member, Code | None]]
    ) -> Iterable[Order]:
        centre_of = {member.member_id: member.centre for member, _ in instead}
        issued_by: dict[str, str] = {}
        orders = []
        for centre in dict.fromkeys(centre_of.values()):
            here = [each for each in made if centre_of[each.member_id] == centre]
            owner = {each.half: each.member_id for each in here}
            for run in in_parts(owner, AT_ONCE):
                order = Order(new_id(), OrderKind.ISSUE, centre, made[0].is_duress, run)
                issued_by |= {owner[half]: order.record_id for half in run}
                orders.append(order)
        for member, old in instead:
            if old is not None:
                behind = issued_by[member.member_id]
                orders.append(_order(OrderKind.REVOKE, member, old, behind))
        return orders

    async def _change(
        self,
        member: Member,
        order: OrderKind,
        kind: DeedKind,
        reason: str,
    ) -> Member:
        """Note *member* as they are now, and have the desk do *order* to each of their codes that
        it changes something for."""
        _checked(reason)
        codes = [code for code in member.live if _changes(order, code)]
        if not codes and not member.is_retired:
            raise Mistaken("members.nothing_to_do")
        book = self.book.with_member(member)
        book = book.with_deed(member.member_id, self._deed(kind, reason))
        self._keep(book.ordered(*(_order(order, member, code) for code in codes)))
        await self._send(NO_STEPS)
        return self.book.by_id(member.member_id)

    async def _send(self, steps: Steps) -> None:
        """Send every order of the registrar's own centres, first noted first."""
        for order in self.book.orders:
            if order.centre not in self._officer.centres:
                continue
            if order.kind is OrderKind.ISSUE and self._has_ended(order):
                self._keep(self.book.given_up(order))
                continue
            try:
                await self._send_one(order)
            except NotAllCodes as error:
                self._resolve(order, error)
            else:
                self._keep(self.book.confirmed(order))
            steps.confirmed(len(order.halves))

    async def _send_one(self, order: Order) -> None:
        statement = members_statement(
            record_id=order.record_id,
            centre=order.centre,
            deed=order.kind,
            which="duress" if order.is_duress else "ordinary",
            count=len(order.halves),
            day=self.today,
            officer=self._officer.id,
        )
        body: dict[str, object] = {
            "record_id": order.record_id,
            "centre": order.centre,
            "is_duress": order.is_duress,
            "day": self.today,
            "signature": b64(self._office.keys.sign.sign(statement)),
        }
        if order.kind is OrderKind.ISSUE:
            body["codes"] = [self._new_code(half) for half in order.halves]
            await self._office.desk.change_codes("codes", body, len(order.halves))
            return
        body["state"] = _STATES[order.kind]
        body["halves"] = [b64(half) for half in order.halves]
        await self._office.desk.change_codes("states", body, len(order.halves))

    def _resolve(self, order: Order, refused: NotAllCodes) -> None:
        """What a whole no of the desk means for the book. Raises Refused where a person must
        know; what cannot be done any more is not tried for ever."""
        if order.kind is OrderKind.REVOKE and set(refused.outcomes) == {"unknown"}:
            self._keep(self.book.confirmed(order))  # what is not there is not in force
            return
        if not refused.outcomes and order.kind is not OrderKind.ISSUE:
            raise refused
        self._keep(self.book.given_up(order))
        raise Refused("members.gone_at_desk", alias=self.book.owner_of(order.halves[0]).alias)

    def _has_ended(self, order: Order) -> bool:
        return all(self.book.code_of(half).expires_day < self.today for half in order.halves)

    def _new_code(self, half: bytes) -> dict[str, object]:
        return {
            "half": b64(half),
            "expires_day": self.book.code_of(half).expires_day,
            "since_year": self.book.owner_of(half).since_year,
        }

    def _deed(self, kind: DeedKind, reason: str) -> Deed:
        me = self._officer
        return Deed(new_id(), self.today, me.id, me.name, kind, reason)


_STATES = {OrderKind.PAUSE: "paused", OrderKind.RESUME: "active", OrderKind.REVOKE: "revoked"}


def _order(kind: OrderKind, member: Member, code: Code, behind: str | None = None) -> Order:
    return Order(new_id(), kind, member.centre, code.is_duress, (code.half,), behind)


def _changes(order: OrderKind, code: Code) -> bool:
    if order is OrderKind.RESUME:
        return code.state is CodeState.PAUSED
    if order is OrderKind.PAUSE:
        return code.state is not CodeState.PAUSED
    return True


def _needed(reason: str) -> str:
    clean = reason.strip()
    if not clean:
        raise Mistaken("members.needs_reason")
    return _checked(clean)


def _checked(reason: str) -> str:
    if not is_reason(reason):
        raise Mistaken("members.bad_reason")
    return reason


def _digest(names: Sequence[str], wish: Wish) -> str:
    said = json.dumps([wish.centre, wish.since_year, *names], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()
