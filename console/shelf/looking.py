"""Asking the desk: the whole queue once, then a little again and again.

At first whole pages come, one after the other, while earlier ones are opened. Later the desk says
only where tips stand (`Desk.standings`); grants come for pages that hold one not opened yet. New
tips stand on the first page, so that is looked at often, and the whole seldom.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from console.answers import PageEnd, StandingTip, TipStanding, parse
from console.errors import ConsoleError, Distrusted, Refused
from console.office import WHOLE_PAGE, Office
from console.shelf.index import Index
from console.shelf.opening import OpenedPage
from console.shelf.workers import Workers

NEW_S = 20.0
WHOLE_S = 300.0
AFTER_TROUBLE_S = 15.0
PAGES_AT_MOST = 5000
"""A desk whose pages never end is not followed for ever: one million tips."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the desk is asked where tips stand: for new ones, and for all."""

    new_s: float = NEW_S
    whole_s: float = WHOLE_S
    after_trouble_s: float = AFTER_TROUBLE_S


class Looker:
    """Keeps *index* up to date until cancelled."""

    def __init__(self, office: Office, workers: Workers, index: Index, rhythm: Rhythm) -> None:
        self._office = office
        self._workers = workers
        self._index = index
        self._rhythm = rhythm
        self._asked = asyncio.Event()
        self.has_begun = asyncio.Event()
        """Set when there is something to show: the first page, or why there is none."""

    def look_again(self) -> None:
        """Look at the whole queue now."""
        self._asked.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        looked_at = loop.time()
        while True:
            is_due = self._asked.is_set() or loop.time() - looked_at >= self._rhythm.whole_s
            self._asked.clear()
            try:
                self._index.rules = await self._office.rules()
                if not self._index.is_whole:
                    await self.first_look()
                elif is_due:
                    await self.look_at_all()
                    looked_at = loop.time()
                else:
                    await self.look_for_new()
                self._index.trouble = None
            except ConsoleError as error:
                self._index.trouble = error
            self.has_begun.set()
            wait_s = (
                self._rhythm.new_s if self._index.trouble is None else self._rhythm.after_trouble_s
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._asked.wait()

    async def first_look(self) -> None:
        """Every page with its grants; the next is fetched while the last ones are opened."""
        seen: set[str] = set()
        room = asyncio.Semaphore(2 * self._workers.count)
        try:
            async with asyncio.TaskGroup() as opening:
                after, pages = None, 0
                while pages == 0 or after is not None:
                    pages = _next_page(pages)
                    await room.acquire()
                    raw = await self._office.desk.tips_raw(after, WHOLE_PAGE)
                    after = parse(PageEnd, raw).next
                    opening.create_task(self._open(raw, seen, room))
        except ExceptionGroup as several:
            raise _first(several) from None
        self._index.keep_only(seen)
        self._index.is_whole = True

    async def look_at_all(self) -> None:
        """Where every tip stands; what is no longer there is forgotten."""
        seen: set[str] = set()
        after, pages = None, 0
        while pages == 0 or after is not None:
            pages = _next_page(pages)
            page, after = await self._standings(after)
            seen.update(tip.tip_id for tip in page)
        self._index.keep_only(seen)

    async def look_for_new(self) -> None:
        """The newest pages, as long as they hold something new."""
        after, pages = None, 0
        while pages == 0 or after is not None:
            pages = _next_page(pages)
            before = self._index.progress.listed
            _, after = await self._standings(after)
            if self._index.progress.listed == before:
                return

    async def _standings(self, after: str | None) -> tuple[Sequence[TipStanding], str | None]:
        try:
            page = await self._office.desk.standings(after=after, limit=WHOLE_PAGE)
        except Refused:
            return await self._whole_page(after)  # an older desk
        if not all(map(self._is_known, page.tips)):
            return await self._whole_page(after)
        for tip in page.tips:
            self._index.stand(_bare(tip))
        return page.tips, page.next

    async def _whole_page(self, after: str | None) -> tuple[Sequence[TipStanding], str | None]:
        raw = await self._office.desk.tips_raw(after, WHOLE_PAGE)
        signers = (await self._office.trust()).signers
        page = await self._workers.open_page(raw, signers)
        self._index.add(one for one in page.tips if not self._knows(one.standing, one.grant_id))
        for one in page.tips:
            self._index.stand(one.standing)
        return [one.standing for one in page.tips], parse(PageEnd, raw).next

    async def _open(self, raw: bytes, seen: set[str], room: asyncio.Semaphore) -> None:
        try:
            page: OpenedPage = await self._workers.open_page(
                raw, (await self._office.trust()).signers
            )
        finally:
            room.release()
        self._index.add(page.tips)
        seen.update(one.standing.tip_id for one in page.tips)
        self.has_begun.set()

    def _is_known(self, tip: StandingTip) -> bool:
        return self._knows(tip, tip.grant_id)

    def _knows(self, tip: TipStanding, grant_id: str) -> bool:
        return self._index.knows(tip.tip_id, grant_id)


def _bare(tip: StandingTip) -> TipStanding:
    return TipStanding(**{name: getattr(tip, name) for name in TipStanding.__struct_fields__})


def _next_page(pages: int) -> int:
    if pages >= PAGES_AT_MOST:
        raise Distrusted("desk.malformed", place="next")
    return pages + 1


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first plain sentence among them; what is none of ours goes on as it is."""
    for error in several.exceptions:
        if isinstance(error, ConsoleError):
            return error
    return several
