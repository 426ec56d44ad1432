"""Publishing: each quarter that is over, once, in order, signed by the server; then never again.

What is published is what lies in the database from then on: counters, k, centres and categories may
change, an old page does not. A page is made and stored in one commit; killed at any moment, the
quarter has its page or will get it, and never a second one. Which quarter is the first depends on
the day it was switched on, not on what was counted: a page tells nothing by being there. A server
that came out of a backup does not know whether a quarter was published after that; one that was
over on the day of the restore has the page that the backup holds, or none for ever.

The key is derived from the server key. Whoever has that can sign another page; but every page names
the hash of the one before, so an altered one contradicts each later page that anybody kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot import restored
from bot.clock import Clock, today
from bot.errors import AlteredQuarter
from bot.figures.book import FigureBook
from bot.figures.making import make_page
from bot.figures.page import NO_PAGE_BEFORE, QuarterPage, hash_page, read_page
from bot.figures.quarters import Quarter, newest_due
from bot.figures.tables import Counted, Tables
from bot.logs import logger
from bot.server_key import Purpose, ServerKey
from sealing import SealingError, SigningKey, VerifyKey, quarter_statement
from storage.port import Database, Transaction
from storage.repositories import public_quarters
from storage.repositories.figures import Basis
from storage.repositories.public_quarters import PublishedRow

LEAST_K = 10


@dataclass(frozen=True, slots=True)
class FigureRules:
    """When and how quarters are published; all of it comes from the configuration. Raises
    ValueError for a k under 10: no configuration may go below it."""

    is_public: bool = False
    after_days: int = 30
    k: int = LEAST_K

    def __post_init__(self) -> None:
        if self.k < LEAST_K or self.after_days < 1:
            raise ValueError(f"k is at least {LEAST_K}, and a quarter must be over")


@dataclass(frozen=True, slots=True)
class Published:
    """A page that the server signed, and what proves it."""

    page: QuarterPage
    data: bytes
    hash: bytes
    signature: bytes


class Publishing:
    """Publishes the quarters of one deployment."""

    def __init__(
        self,
        database: Database,
        server_key: ServerKey,
        clock: Clock,
        tables: Tables,
        rules: FigureRules,
    ) -> None:
        self._database = database
        self._key = quarters_key(server_key)
        self._clock = clock
        self._book = FigureBook(server_key)
        self._tables = tables
        self._rules = rules

    async def publish_due(self) -> None:
        """Publish what is due. Safe at any time; nothing happens unless figures are public."""
        if not self._rules.is_public:
            return
        day, count = today(self._clock), 0
        while await self._database.read(lambda t: next_due(t, day, self._rules)) is not None:
            count += await self._database.commit(lambda t: self._publish_one(t, day))
        if count:
            logger().info("quarters_published", count=count)

    def _publish_one(self, t: Transaction, day: date) -> int:
        """How many were published: 0 where another process was first."""
        quarter = next_due(t, day, self._rules)
        if quarter is None:
            return 0
        page = upcoming(t, quarter, self._book, self._tables, self._rules.k)
        signature = self._key.sign(quarter_statement(quarter=str(quarter), page=page.hash))
        public_quarters.add(t, PublishedRow(str(quarter), page.data, page.hash, signature))
        return 1


class PublicQuarters:
    """What was published, for whoever shows it."""

    def __init__(self, database: Database, key: VerifyKey) -> None:
        self._database = database
        self.key = key

    async def quarters(self) -> tuple[Quarter, ...]:
        """The newest first."""
        found = await self._database.read(public_quarters.quarters)
        return tuple(Quarter.parse(each) for each in found)

    async def get(self, quarter: Quarter) -> Published | None:
        """The page of *quarter*. Raises AlteredQuarter: it must not be shown."""
        row = await self._database.read(lambda t: public_quarters.get(t, str(quarter)))
        return None if row is None else checked(row, self.key)


def quarters_key(server_key: ServerKey) -> SigningKey:
    """The key that signs what is published of a quarter."""
    return SigningKey.from_seed(server_key.derive(Purpose.PUBLIC_QUARTERS))


def next_due(t: Transaction, day: date, rules: FigureRules) -> Quarter | None:
    """The quarter to publish next, if it is due on *day*: the one after the newest that was
    published; the first time, the newest that is due. None that was over when the server was
    restored."""
    due, newest = newest_due(day, rules.after_days), public_quarters.newest(t)
    following = due if newest is None else Quarter.parse(newest.quarter).next
    first = first_since_restore(t)
    if first is not None:
        following = max(following, first)
    return following if following <= due else None


def first_since_restore(t: Transaction) -> Quarter | None:
    """The first quarter that may be published of a restored server; None where none was."""
    found = restored.last(t)
    return None if found is None else Quarter.of(date.fromisoformat(found.day))


def upcoming(
    t: Transaction, quarter: Quarter, book: FigureBook, tables: Tables, k: int
) -> QuarterPage:
    """The page that would be published of *quarter* now."""
    newest = public_quarters.newest(t)
    previous = NO_PAGE_BEFORE if newest is None else newest.hash
    return make_page(quarter, _counted(t, quarter, book), tables, k=k, previous=previous)


def checked(row: PublishedRow, key: VerifyKey) -> Published:
    """The page in *row*. Raises AlteredQuarter unless it is the one that *key* signed."""
    try:
        key.verify(quarter_statement(quarter=row.quarter, page=hash_page(row.page)), row.signature)
        page = read_page(row.page)
    except SealingError:
        raise AlteredQuarter("a published quarter was altered") from None
    if str(page.quarter) != row.quarter:
        raise AlteredQuarter("a published quarter lies in another's place")
    return Published(page, row.page, page.hash, row.signature)


def _counted(t: Transaction, quarter: Quarter, book: FigureBook) -> Iterator[Counted]:
    first, _, last = quarter.months
    for each in book.read(t, Basis.ENDED, first, last):
        yield Counted(each.centre, each.measure, each.value, each.n)
