"""What an officer may see. Each look asks for the grant in the same query as the tip."""

from collections.abc import Callable, Iterable

from bot.desk import moving, shapes
from bot.desk.errors import BadShape, Forbidden, Gone, NotFound, Shredded
from bot.entitled import entitled
from sealing import RECOVERY, Kind, Officer, Role, Roster
from sealing.age import PQRecipient
from sealing.canonical import is_day, is_id
from storage.port import Database, Transaction
from storage.repositories import grants, partings, parts, queue, shredding, tips
from storage.repositories.handovers import HANDOVERS
from storage.repositories.openings import OPENINGS
from storage.repositories.queue import Cursor, Listing
from storage.repositories.tips import ChangeKind, Status


class Views:
    """Reads for the desk's routes."""

    def __init__(self, database: Database, roster: Callable[[], Roster]) -> None:
        self._database = database
        self._roster = roster

    async def queue(
        self, officer: Officer, after: str | None, limit: int, statuses: str | None
    ) -> shapes.PageAnswer:
        """One page of the officer's queue. Raises BadShape for a cursor or status that is none."""

        def look(t: Transaction) -> shapes.PageAnswer:
            mine, following = _page(t, officer, after, limit, statuses)
            return shapes.PageAnswer(
                tips=tuple(
                    shapes.TipAnswer.of(listing, self._name(listing.claimed_by)) for listing in mine
                ),
                next=following,
            )

        return await self._database.read(look)

    async def standings(
        self, officer: Officer, after: str | None, limit: int
    ) -> shapes.StandingsAnswer:
        """The same page of the same queue, without what is sealed."""

        def look(t: Transaction) -> shapes.StandingsAnswer:
            mine, following = _page(t, officer, after, limit, None)
            return shapes.StandingsAnswer(
                tips=tuple(
                    shapes.StandingAnswer.of(listing, self._name(listing.claimed_by))
                    for listing in mine
                ),
                next=following,
            )

        return await self._database.read(look)

    async def tip(self, officer: Officer, tip_id: str) -> shapes.WholeTip:
        """The whole tip. Raises NotFound alike for unknown, foreign and withheld ones, Gone for one
        that was the officer's until another centre took it up or they were withdrawn, and Shredded
        for one that was destroyed."""

        def look(t: Transaction) -> shapes.WholeTip:
            gone = moving.away(t, officer, tip_id) or partings.by_withdrawal(t, tip_id, officer.id)
            if gone is not None:
                raise Gone(**shapes.ChangeAnswer.of(gone).model_dump(mode="json"))
            _check_not_shredded(t, tip_id)
            listing = listing_for(t, officer, tip_id)
            tip = tips.get(t, tip_id)
            if tip is None:
                raise NotFound
            return shapes.WholeTip(
                **shapes.TipAnswer.of(listing, self._name(listing.claimed_by)).facts(),
                case_recipient=str(PQRecipient.from_raw(tip.case_recipient)),
                reply_recipient=str(PQRecipient.from_raw(tip.reply_recipient)),
                receipt_recipient=(
                    None
                    if tip.receipt_recipient is None
                    else str(PQRecipient.from_raw(tip.receipt_recipient))
                ),
                earlier=_earlier(t, tip_id, officer.id),
                parts=tuple(shapes.PartAnswer.of(part) for part in parts.chain(t, tip_id)),
                changes=tuple(shapes.ChangeAnswer.of(change) for change in tips.changes(t, tip_id)),
                grants=tuple(
                    shapes.OtherGrantAnswer.of(grant) for grant in grants.of_tip(t, tip_id)
                ),
                openings=tuple(map(shapes.OpeningAnswer.of, OPENINGS.of_tip(t, tip_id))),
                handovers=tuple(map(shapes.HandoverAnswer.of, HANDOVERS.of_tip(t, tip_id))),
            )

        return await self._database.read(look)

    async def recovery(
        self, officer: Officer, after: str | None, limit: int
    ) -> shapes.RecoveryPage:
        """Grants to recovery. They open with the recovery key only, which no server has."""
        if not officer.has(Role.ADMIN):
            raise Forbidden("not_admin", "Only an admin may list the grants to recovery.")
        cursor = _cursor(after)

        def look(t: Transaction) -> shapes.RecoveryPage:
            page = queue.page(t, RECOVERY, after=cursor, limit=limit)
            return shapes.RecoveryPage(
                tips=tuple(_for_recovery(t, listing) for listing in page.listings),
                next=_written(page.next),
            )

        return await self._database.read(look)

    def _name(self, officer: str | None) -> str | None:
        known = None if officer is None else self._roster().officer(officer)
        return None if known is None else known.name


def _page(
    t: Transaction, officer: Officer, after: str | None, limit: int, statuses: str | None
) -> tuple[Iterable[Listing], str | None]:
    """A page of what *officer* may see, and where the next one begins. Tips that are theirs no more
    neither shorten a page nor show in its end."""
    start, wanted, at_once = _cursor(after), _statuses(statuses), limit + 1
    mine: list[Listing] = []
    while True:
        page = queue.page(t, officer.id, after=start, limit=at_once, statuses=wanted)
        mine += (listing for listing in page.listings if entitled(officer, listing.grant))
        if len(mine) > limit or page.next is None:
            break
        start, at_once = page.next, shapes.PAGE_AT_MOST
    shown = mine[:limit]
    is_all = len(mine) <= limit
    return shown, None if is_all else _written(Cursor(shown[-1].filed_day, shown[-1].tip_id))


def listing_for(t: Transaction, officer: Officer, tip_id: str) -> Listing:
    """The tip as *officer* may see it. Raises NotFound alike for every reason."""
    # The query runs for an id of any form: a malformed one must not answer faster.
    listing = queue.seen_by(t, tip_id, officer.id)
    if listing is None or not entitled(officer, listing.grant):
        raise NotFound
    return listing


def _check_not_shredded(t: Transaction, tip_id: str) -> None:
    shredded = shredding.get(t, tip_id)
    if shredded is not None:
        signed = [shapes.ChangeAnswer.of(each) for each in shredded.changes]
        raise Shredded(shredded.day, [each.model_dump(mode="json") for each in signed])


def _earlier(t: Transaction, tip_id: str, reader: str) -> tuple[shapes.EarlierGrantAnswer, ...]:
    return tuple(map(shapes.EarlierGrantAnswer.of, grants.earlier(t, tip_id, reader)))


def _for_recovery(t: Transaction, listing: Listing) -> shapes.RecoveryTip:
    rekeys = [c for c in tips.changes(t, listing.tip_id) if c.kind is ChangeKind.REKEY]
    return shapes.RecoveryTip(
        tip_id=listing.tip_id,
        centre=listing.centre,
        filed_day=listing.filed_day,
        grant=shapes.GrantAnswer.of(listing.grant),
        grants=tuple(
            shapes.OtherGrantAnswer.of(grant) for grant in grants.of_tip(t, listing.tip_id)
        ),
        forms=tuple(
            shapes.PartAnswer.of(part) for part in parts.of_kind(t, listing.tip_id, Kind.FORM.value)
        ),
        rekeys=tuple(change.rekey for change in rekeys if change.rekey is not None),
        earlier=_earlier(t, listing.tip_id, RECOVERY),
        withdrawn=tuple({change.to_officer or "": None for change in rekeys}),
    )


def _cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    day, _, tip_id = text.partition(".")
    if not is_day(day) or not is_id(tip_id):
        raise BadShape("bad_shape", "This is no place in the queue.", field="after")
    return Cursor(day, tip_id)


def _written(cursor: Cursor | None) -> str | None:
    return None if cursor is None else f"{cursor.filed_day}.{cursor.tip_id}"


def _statuses(text: str | None) -> Iterable[Status]:
    if text is None:
        return tuple(Status)
    try:
        return tuple(Status(name) for name in text.split(","))
    except ValueError:
        raise BadShape("bad_shape", "There is no such status.", field="status") from None
