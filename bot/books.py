"""A book per channel, checked before anybody is served, and following roster and registry in use.

What a channel can honestly say differs (who reads along, whether the chat can be wiped), and so
does what is said of officers once the roster changes, and of the real bots once the registry does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.centres import Organisation
from bot.config import Config
from bot.registry import RegistryInUse, SignedRegistry
from bot.roster import RosterInUse
from handlers.book import Book, Channel, RealBots, load_book
from handlers.cards import KnowledgeCard
from handlers.checks import check
from sealing import BotChannel, MemberCode, Mistyped, Receipt, Registry, Role, Roster

_TITLES: Mapping[BotChannel, str] = {BotChannel.TELEGRAM: "Telegram", BotChannel.LINE: "LINE"}


class Books(Mapping[str, Book]):
    """A book per channel. What a book says of officers follows the roster in use, what it says of
    the real bots the registry, and its cards are those that were last shown to it."""

    def __init__(
        self,
        books: Iterable[Book],
        organisation: Organisation,
        roster: Callable[[], Roster],
        registry: Callable[[], SignedRegistry | None] = lambda: None,
    ) -> None:
        self._books = {each.channel.name: each for each in books}
        self._words = {name: each.words for name, each in self._books.items()}
        self._organisation = organisation
        self._roster = roster
        self._version = 0
        self._registry = registry
        self._listed: SignedRegistry | None = None

    def __getitem__(self, channel: str) -> Book:
        roster = self._roster()
        if roster.version != self._version:
            self._version = roster.version
            holders = _key_holders(self._organisation, roster)
            conflicts = conflicts_of(roster)
            has_registrars = _has_registrars(self._organisation, roster)
            self._books = {
                name: replace(
                    book, key_holders=holders, conflicts=conflicts, has_registrars=has_registrars
                )
                for name, book in self._books.items()
            }
        listed = self._registry()
        if listed is not self._listed:
            self._listed = listed
            real_bots = None if listed is None else _real_bots(listed.registry)
            self._books = {
                name: replace(book, real_bots=real_bots) for name, book in self._books.items()
            }
        return self._books[channel]

    def show_cards(self, cards: Iterable[KnowledgeCard]) -> None:
        """Offer *cards* from now on, and no other."""
        shown = tuple(cards)
        if all(book.cards == shown for book in self._books.values()):
            return
        self._books = {
            name: replace(book, words=self._words[name]).with_cards(shown)
            for name, book in self._books.items()
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._books)

    def __len__(self) -> int:
        return len(self._books)


def books_of(
    config: Config, organisation: Organisation, roster: RosterInUse, registry: RegistryInUse
) -> Books:
    """A book per channel, checked: a missing word stops the start, never a conversation."""
    page = config.web.public_url
    book = load_book(
        agencies=organisation.agencies,
        centres=organisation.centres.all,
        channel=Channel("web", onion=config.web.onion_url, web=page),
    )
    acknowledge_days = organisation.longest_acknowledge_days
    if acknowledge_days is not None:
        limits = replace(book.limits, acknowledge_days=acknowledge_days)
        book = replace(book, limits=limits)
    retention = config.retention
    book = replace(book, closed_days=retention.closed_days, is_code=is_code)
    pushed = Channel(
        can_push=True,
        web=page,
        notice_days=retention.notice_days,
        subscription_days=retention.subscription_days,
    )
    on_line = replace(pushed, name="line", unsend_hours=config.line.unsend_hours)
    on_telegram = replace(pushed, name="telegram", can_wipe=True)
    elsewhere = (book.for_channel(each) for each in (on_line, on_telegram))
    books = Books(
        (book, *elsewhere), organisation, lambda: roster.current, lambda: registry.current
    )
    for each in books.values():
        check(each)
    return books


def is_code(kind: str, code: str) -> bool:
    """Whether *code* is a receipt, or else a member's code, by its check character."""
    try:
        (Receipt if kind == "receipt" else MemberCode).parse(code)
    except Mistyped:
        return False
    return True


def _key_holders(organisation: Organisation, roster: Roster) -> tuple[str, ...]:
    """The centres that have an officer with a key, in both languages; people's names are theirs."""
    return tuple(
        f"• {centre.name_th} · {centre.name_en}"
        for centre in organisation.centres.all
        if roster.of_centre(centre.id)
    )


def _real_bots(registry: Registry) -> RealBots:
    """Every way to reach us, id first: that is what people compare."""
    lines = [f"• {_TITLES[bot.channel]}: {bot.id} {bot.link}" for bot in registry.bots]
    lines.append(f"• เว็บ · Web: {registry.web}")
    if registry.onion is not None:
        lines.append(f"• Tor: {registry.onion}")
    return RealBots(tuple(lines), f"{registry.web}/bots")


def _has_registrars(organisation: Organisation, roster: Roster) -> bool:
    """Whether there is a registrar outside the agencies: whoever applies reaches one then."""
    outside = (centre.id for centre in organisation.centres.all if centre.agency is None)
    return any(roster.of_centre(centre, Role.REGISTRAR) for centre in outside)


def conflicts_of(roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """Who declared a conflict with which agency."""
    agencies = {agency for officer in roster.officers for agency in officer.conflicts}
    return {
        agency: tuple(each.id for each in roster.officers if agency in each.conflicts)
        for agency in agencies
    }
