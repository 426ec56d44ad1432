"""What an officer may change: claim, release, add a part, status, centre, who else may read.

Every deed is checked against the officer's grant, the tip's version or newest part, and the
officer's own signature over exactly this deed, before anything is stored; then it is one commit.
The desk cannot read what is sealed, so whether a part says inside what it claims outside is for the
consoles to find.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.alerts.raising import Raising, Uncounted
from bot.clock import Clock
from bot.desk import holding, moving, shapes
from bot.desk.errors import BadShape, Forbidden, NotFound
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from bot.desk.withdrawing import withdrawn_from
from bot.desk.writing import append
from bot.entitled import entitled, has_role
from bot.figures.counting import TipCounting, Uncountable
from bot.notices import announce
from sealing import (
    Kind,
    Officer,
    Role,
    Roster,
    Statement,
    claim_statement,
    count_statement,
    grant_statement,
    move_statement,
    release_statement,
    status_statement,
)
from storage.port import Database, Transaction
from storage.repositories import grants, tips
from storage.repositories.grants import GrantRow
from storage.repositories.parts import PartRow
from storage.repositories.queue import Listing
from storage.repositories.tips import Status, TipMoved

T = TypeVar("T")


class Deeds:
    """Writes for the desk's routes."""

    def __init__(
        self,
        database: Database,
        roster: Callable[[], Roster],
        clock: Clock,
        counting: TipCounting,
        on_news: Callable[[], None] = lambda: None,
        above: Mapping[str, Sequence[str]] | None = None,
        raising: Raising | None = None,
    ) -> None:
        """*on_news* is called once it is durable that a reporter is to be told something; *above*
        are the centres over each centre there is; *raising* counts for officers' alerts, and
        *counting* tips that end."""
        self._counting = counting
        self._raising = raising or Uncounted()
        self._database = database
        self._roster = roster
        self._clock = clock
        self._on_news = on_news
        self._above = above or {}

    async def claim(self, officer: Officer, tip_id: str, held: shapes.Hold) -> shapes.HeldAnswer:
        """Raises Moved with the holder's name when somebody was first."""
        statement = claim_statement(
            tip_id=tip_id, version=held.version, officer=officer.id, day=held.day
        )
        self._check(officer, statement, held.signature, held.day)

        def work(t: Transaction) -> int:
            listing = listing_for(t, officer, tip_id)
            holding.check_not_left(t, listing)
            left = moving.left_centres(tips.changes(t, tip_id))
            if left and listing.centre not in officer.centres:
                says = "A tip that was moved is taken up by an officer of its new centre."
                raise Forbidden("guest", says)
            version = tips.claim(
                t,
                tip_id,
                officer.id,
                held.version,
                day=held.day,
                signature=held.signature,
                instead_of=holding.gone(t, self._roster(), listing),
            )
            moving.take_up(t, tip_id, left)
            return version

        version = await self._commit(work)
        return shapes.HeldAnswer(
            version=version, claimed_by=officer.id, claimed_by_name=officer.name
        )

    async def release(self, officer: Officer, tip_id: str, held: shapes.Hold) -> shapes.HeldAnswer:
        """Raises Moved when the tip is not this officer's to give back."""
        statement = release_statement(
            tip_id=tip_id, version=held.version, officer=officer.id, day=held.day
        )
        self._check(officer, statement, held.signature, held.day)

        def work(t: Transaction) -> int:
            listing_for(t, officer, tip_id)
            return tips.release(
                t, tip_id, officer.id, held.version, day=held.day, signature=held.signature
            )

        version = await self._commit(work)
        return shapes.HeldAnswer(version=version, claimed_by=None, claimed_by_name=None)

    async def add_part(
        self, officer: Officer, tip_id: str, new: shapes.NewPart
    ) -> shapes.AddedAnswer:
        """Add a message or note. Raises Moved with the newest part when the tip has grown."""
        check_day(new.day, self._clock)

        def work(t: Transaction) -> tuple[PartRow, bool]:
            listing = listing_for(t, officer, tip_id)
            if new.kind is not Kind.MESSAGE:
                return append(t, officer, tip_id, new), False
            self._check_may_speak(t, officer, listing)
            return append(t, officer, tip_id, new), announce(t, tip_id, new.part_id)

        added, is_news = await self._commit(work)
        if is_news:
            self._on_news()
        return shapes.AddedAnswer(seq=added.seq, hash=added.hash)

    async def set_status(
        self, officer: Officer, tip_id: str, new: shapes.NewStatus
    ) -> shapes.VersionAnswer:
        """Store the change, its sentence, and its reason if there is one, together, and count the
        tip if it ends. Raises Moved when the tip changed first."""
        sentence, reason = new.sentence, new.reason
        statement = status_statement(
            tip_id=tip_id,
            version=new.version,
            status=new.status,
            day=new.day,
            officer=officer.id,
            sentence_part_id=sentence.part_id,
        )
        self._check(officer, statement, new.signature, new.day)
        counted = _check_counts(officer, tip_id, new)
        for part in filter(None, (reason, sentence)):
            check_day(part.day, self._clock)

        def work(t: Transaction) -> tuple[int, bool]:
            listing = listing_for(t, officer, tip_id)
            self._check_holder(t, officer, listing)
            if new.status in (Status.RECEIVED, listing.status):
                raise BadShape("bad_shape", "The tip cannot go to that status.", field="status")
            if listing.version != new.version:  # else what to count could be refused for it
                raise TipMoved(listing.version, listing.claimed_by)
            self._count(t, listing, new)
            if reason is not None:
                append(t, officer, tip_id, reason)
            append(t, officer, tip_id, sentence)
            is_news = announce(t, tip_id, sentence.part_id, status=new.status)
            version = tips.set_status(
                t,
                tip_id,
                officer.id,
                new.version,
                status=new.status,
                day=new.day,
                part_id=sentence.part_id,
                signature=new.signature,
                counted=counted,
            )
            return version, is_news

        version, is_news = await self._commit(work)
        if is_news:
            self._on_news()
        return shapes.VersionAnswer(version=version)

    async def move(
        self, officer: Officer, tip_id: str, new: shapes.NewMove
    ) -> shapes.VersionAnswer:
        """Give the tip to another centre: reason, sentence, its officers' grants and the move, or
        nothing. Raises Moved when the tip changed first."""
        seen = await self._database.read(lambda t: listing_for(t, officer, tip_id))
        roster, role = self._roster(), Role(seen.grant.role)
        if new.to not in self._above:
            raise BadShape("bad_shape", "There is no such centre.", field="to")
        for part in (new.reason, new.sentence):
            check_day(part.day, self._clock)
        made = [self._moved_grant(officer, tip_id, new, each, roster, role) for each in new.grants]
        if len({row.officer for row in made}) != len(made):
            raise BadShape("bad_shape", "One grant for each officer.", field="grants")

        def work(t: Transaction) -> tuple[int, bool]:
            listing = listing_for(t, officer, tip_id)
            if listing.version != new.version:
                raise TipMoved(listing.version, listing.claimed_by)
            self._check_may_move(t, officer, listing)
            self._check(officer, _move_statement(officer, listing, new), new.signature, new.day)
            if new.to == listing.centre:
                raise BadShape("bad_shape", "The tip is at that centre already.", field="to")
            append(t, officer, tip_id, new.reason)
            append(t, officer, tip_id, new.sentence)
            is_news = announce(t, tip_id, new.sentence.part_id)
            version = tips.move(
                t,
                tip_id,
                officer.id,
                new.version,
                to_centre=new.to,
                day=new.day,
                part_id=new.sentence.part_id,
                signature=new.signature,
            )
            line = (new.to, *self._above[new.to])
            moving.leave_climbed(t, tip_id, tips.changes(t, tip_id), line)
            self._let_in(t, listing, new.to, made, roster)
            there = moving.readers_of(roster, new.to, role)
            self._raising.handed(t, tip_id, there, centre=new.to)
            return version, is_news

        version, is_news = await self._commit(work)
        if is_news:
            self._on_news()
        return shapes.VersionAnswer(version=version)

    def _count(self, t: Transaction, listing: Listing, new: shapes.NewStatus) -> None:
        told, before = new.counts, None if new.counts is None else new.counts.before
        try:
            self._counting.ending(
                t,
                listing,
                new.status,
                new.day,
                None if told is None else told.counts(),
                None if before is None else before.counts(),
            )
        except Uncountable as error:
            raise BadShape(error.code, error.says, field=error.field) from None

    def _moved_grant(
        self,
        officer: Officer,
        tip_id: str,
        new: shapes.NewMove,
        grant: shapes.NewGrant,
        roster: Roster,
        role: Role,
    ) -> GrantRow:
        """A grant of a move as its row: good at the new centre, withheld for a centre above it."""
        self._check_grant(officer, tip_id, grant)
        reader = roster.officer(grant.officer)
        path = (new.to, *self._above[new.to])
        centre = next((c for c in path if reader is not None and c in reader.centres), None)
        if centre is None or reader is None or not reader.has(role):
            problem = (
                "A grant is for nobody of that centre who reads such tips, nor of one above it."
            )
            raise BadShape("bad_shape", problem, field="grants")
        return GrantRow(
            grant_id=grant.grant_id,
            tip_id=tip_id,
            officer=reader.id,
            centre=centre,
            released=centre == new.to,
            filed_day="",
            sealed=grant.sealed,
            granted_by=officer.id,
            signature=grant.signature,
            role=role.value,
            day=grant.day,
        )

    def _let_in(
        self,
        t: Transaction,
        listing: Listing,
        centre: str,
        made: Sequence[GrantRow],
        roster: Roster,
    ) -> None:
        """Who has a grant keeps that one: it was checked by its reader, or made at filing."""
        there = moving.readers_of(roster, centre, Role(listing.grant.role))
        handed = grants.hand_to(t, listing.tip_id, centre, there)
        if not handed | ({row.officer for row in made} & there):
            problem = "Nobody of that centre could open the tip."
            raise BadShape("nobody_there", problem, field="grants")
        if withdrawn_from(tips.changes(t, listing.tip_id)) & {row.officer for row in made}:
            problem = "Who was withdrawn from the tip does not get it back by a move."
            raise BadShape("withdrawn", problem, field="grants")
        lacking = [
            replace(row, filed_day=listing.filed_day)
            for row in made
            if grants.held_by(t, listing.tip_id, row.officer) is None
        ]
        grants.insert(t, lacking, status=listing.status.value)

    async def add_grant(self, officer: Officer, tip_id: str, new: shapes.NewGrant) -> None:
        """Let *new.officer* in; also one whose grant has lapsed, for it goes with a centre that is
        theirs no more. An admin (who holds recovery) needs no grant of their own."""
        self._check_grant(officer, tip_id, new)
        colleague = self._roster().officer(new.officer)

        def work(t: Transaction) -> None:
            if not officer.has(Role.ADMIN):
                holding.check_not_left(t, listing_for(t, officer, tip_id))
            tip, role = tips.get(t, tip_id), grants.role_of(t, tip_id)
            if tip is None or role is None:
                raise NotFound
            if colleague is None or not has_role(colleague, role):
                raise BadShape("bad_shape", "The roster has no such officer.", field="officer")
            if new.rekeys not in (None, len(tips.rekeys(t, tip_id))):
                raise TipMoved(tip.version, tip.claimed_by)
            held = grants.held_by(t, tip_id, colleague.id)
            if held is not None and entitled(colleague, held):
                raise BadShape("reads_it", "They can read this tip already.", field="officer")
            grants.add(
                t,
                GrantRow(
                    grant_id=new.grant_id,
                    tip_id=tip_id,
                    officer=new.officer,
                    centre=tip.centre,
                    released=True,
                    filed_day=tip.filed_day,
                    sealed=new.sealed,
                    granted_by=officer.id,
                    signature=new.signature,
                    role=role,
                    is_personal=True,
                    day=new.day,
                ),
                has_lapsed=held is not None
                and not entitled(colleague, replace(held, released=True)),
            )

        await self._commit(work)

    def _check_grant(self, officer: Officer, tip_id: str, new: shapes.NewGrant) -> None:
        """Raises Forbidden or BadShape unless *officer* signed this grant today."""
        statement = grant_statement(
            grant_id=new.grant_id,
            tip_id=tip_id,
            to=new.officer,
            sealed=new.sealed,
            day=new.day,
            by=officer.id,
        )
        self._check(officer, statement, new.signature, new.day)

    def _check(self, officer: Officer, statement: Statement, signature: bytes, day: str) -> None:
        check_day(day, self._clock)
        check_signature(officer, statement, signature)

    def _check_may_speak(self, t: Transaction, officer: Officer, listing: Listing) -> None:
        self._check_holder(t, officer, listing)
        if listing.no_contact:
            raise Forbidden("no_contact", "The reporter asked for no more messages.")

    def _check_holder(self, t: Transaction, officer: Officer, listing: Listing) -> None:
        holding.check_holder(t, self._roster(), officer, listing)

    def _check_may_move(self, t: Transaction, officer: Officer, listing: Listing) -> None:
        """A guest reads; where the tip lies is for those whose centre it came to."""
        self._check_holder(t, officer, listing)
        if listing.grant.is_personal and listing.centre not in officer.centres:
            raise Forbidden("guest", "Only an officer of the tip's centre may move it.")

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        return await holding.commit(self._database, self._roster, work)


def _move_statement(officer: Officer, listing: Listing, new: shapes.NewMove) -> Statement:
    return move_statement(
        tip_id=listing.tip_id,
        version=new.version,
        from_centre=listing.centre,
        to_centre=new.to,
        day=new.day,
        officer=officer.id,
        sentence_part_id=new.sentence.part_id,
    )


def _check_counts(
    officer: Officer, tip_id: str, new: shapes.NewStatus
) -> tuple[bytes, bytes] | None:
    """The hash of what is to be counted, and the signature. Raises Forbidden unless *officer*
    signed it."""
    if new.counts is None:
        return None
    counts_hash = new.counts.counts().hash(tip_id)
    statement = count_statement(
        tip_id=tip_id,
        version=new.version,
        counts_hash=counts_hash,
        day=new.day,
        officer=officer.id,
    )
    check_signature(officer, statement, new.counts.signature)
    return counts_hash, new.counts.signature
