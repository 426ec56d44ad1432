"""A book per channel, checked before anybody is served, and following the roster in use.

What a channel can honestly say differs (who reads along, whether the chat can be wiped), and so
does what is said of officers once the roster changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.centres import Organisation
from bot.config import Config
from bot.roster import RosterInUse
from handlers.book import Book, Channel, load_book
from handlers.checks import check
from sealing import Roster


class Books(Mapping[str, Book]):
    """A book per channel. What a book says of officers follows the roster in use."""

    def __init__(
        self, books: Iterable[Book], organisation: Organisation, roster: Callable[[], Roster]
    ) -> None:
        self._books = {each.channel.name: each for each in books}
        self._organisation = organisation
        self._roster = roster
        self._version = 0

    def __getitem__(self, channel: str) -> Book:
        roster = self._roster()
        if roster.version != self._version:
            self._version = roster.version
            holders = _key_holders(self._organisation, roster)
            conflicts = conflicts_of(roster)
            self._books = {
                name: replace(book, key_holders=holders, conflicts=conflicts)
                for name, book in self._books.items()
            }
        return self._books[channel]

    def __iter__(self) -> Iterator[str]:
        return iter(self._books)

    def __len__(self) -> int:
        return len(self._books)


def books_of(config: Config, organisation: Organisation, roster: RosterInUse) -> Books:
    """A book per channel, checked: a missing word stops the start, never a conversation."""
    book = load_book(
        agencies=organisation.agencies,
        centres=organisation.centres.all,
        channel=Channel("web", onion=config.web.onion_url),
    )
    page, days = config.web.public_url, config.retention.notice_days
    hours = config.line.unsend_hours
    on_line = Channel("line", can_push=True, unsend_hours=hours, web=page, notice_days=days)
    on_telegram = Channel("telegram", can_push=True, can_wipe=True, web=page, notice_days=days)
    elsewhere = (book.for_channel(each) for each in (on_line, on_telegram))
    books = Books((book, *elsewhere), organisation, lambda: roster.current)
    for each in books.values():
        check(each)
    return books


def _key_holders(organisation: Organisation, roster: Roster) -> tuple[str, ...]:
    """The centres that have an officer with a key, in both languages; people's names are theirs."""
    return tuple(
        f"• {centre.name_th} · {centre.name_en}"
        for centre in organisation.centres.all
        if roster.of_centre(centre.id)
    )


def conflicts_of(roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """Who declared a conflict with which agency."""
    agencies = {agency for officer in roster.officers for agency in officer.conflicts}
    return {
        agency: tuple(each.id for each in roster.officers if agency in each.conflicts)
        for agency in agencies
    }
