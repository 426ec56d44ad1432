"""The book: every flow, word and fact the engine reads, put together once at start-up.

One book serves one channel (`for_channel` makes the others), because what can honestly be said
differs: who can read along, whether the chat can be wiped. Facts are data: categories, crisis
words, hotlines and limits ship in handlers/data and may be replaced by whoever wires the book.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from guard import KINDS, Guard, load_guard
from handlers.agencies import Agency, excluded_centres, line_of, parse_agencies
from handlers.cards import KnowledgeCard, texts_of
from handlers.flow import APPLICATION, Flow, Question
from handlers.flows import ASIDES, shipped_flows
from handlers.kinds.codes import Look, looks_like
from handlers.provinces import Provinces, parse_provinces
from handlers.routing import Centre
from handlers.shipped import shipped
from handlers.thai import count_graphemes, fold
from handlers.words import Words, shipped_words

LABEL_AT_MOST = 20
"""Graphemes on a button: LINE's bound, kept on every channel."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel can do. *onion* is the Tor address to offer, if one is configured;
    *web* the page to use when in doubt whether this is the real bot;
    *unsend_hours* how long a person can take a message back there, *notice_days* how long at most
    somebody who asked to be told is remembered, *subscription_days* how long one who asked for
    new knowledge cards is."""

    name: str = "web"
    can_push: bool = False
    can_wipe: bool = False
    onion: str | None = None
    web: str | None = None
    unsend_hours: int = 0
    notice_days: int = 180
    subscription_days: int = 365


@dataclass(frozen=True, slots=True)
class RealBots:
    """The ways to reach us that the admin signed: a line each, the same in every language, and the
    *page* that shows them with their signature."""

    lines: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one person can send, and the days the officers have."""

    words_at_most: int
    parts_at_most: int
    files_at_most: int
    messages_shown: int
    story_from: int
    acknowledge_days: int
    notices_at_most: int


def _any_code(kind: str, code: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Telling:
    """What tells a wrong from a greeting at the door: *phrases*, and those of *asking* that undo
    them, in words of *at_least* so many graphemes."""

    at_least: int
    phrases: tuple[str, ...]
    asking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything `step` reads. *asides* are questions that may interrupt any flow. *crisis* are the
    phrases of a cry for help, *danger* those among them of harm that is about to come."""

    words: Words
    flows: Mapping[str, Flow]
    asides: Mapping[str, Question]
    provinces: Provinces
    likely_provinces: tuple[str, ...]
    limits: Limits
    hotlines: tuple[str, ...]
    crisis: tuple[str, ...]
    danger: tuple[str, ...]
    telling: Telling
    guard: Guard
    agencies: tuple[Agency, ...] = ()
    centres: tuple[Centre, ...] = ()
    channel: Channel = field(default_factory=Channel)
    key_holders: tuple[str, ...] = ()
    real_bots: RealBots | None = None
    has_registrars: bool = False
    """Whether anybody could read an application to join the network."""
    conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Officers (ids) who must not get a tip about an agency, by agency: their own declaration."""
    cards: tuple[KnowledgeCard, ...] = ()
    """In the order they are offered."""
    closed_days: int = 0
    """Ended tips are destroyed so many days later; 0: nobody said when."""
    is_code: Callable[[str, str], bool] = field(default=_any_code, repr=False, compare=False)
    """Whether what looks like a code of some kind ("receipt" or "member") is one by its check
    letter, which whoever wires the book knows: a vehicle's number has as many letters."""

    @property
    def languages(self) -> tuple[str, ...]:
        return self.words.languages

    @property
    def agencies_by_id(self) -> Mapping[str, Agency]:
        return {agency.id: agency for agency in self.agencies}

    def barred(self, agency_id: str) -> tuple[str, ...]:
        """Who must not see a tip about *agency_id*: the centres inside it and its line, and the
        officers who declared a conflict with any of them. Ids; none says which agency it was."""
        line = line_of(agency_id, self.agencies)
        officers = {each for agency in line for each in self.conflicts.get(agency, ())}
        return (*excluded_centres(agency_id, self.agencies, self.centres), *sorted(officers))

    def offers(self, flow: str) -> bool:
        """Whether *flow* may be begun now. One that was begun goes on, whatever this says."""
        return self.flows[flow].tip_kind != APPLICATION or self.has_registrars

    def asks_contact(self, key: str) -> bool:
        """Whether the question *key*, of whatever flow, asks for a way to reach somebody."""
        asked = (flow.find(key) for flow in self.flows.values())
        return any(question.asks_contact for question in asked if question is not None)

    def code_in(self, words: str) -> Look | None:
        """The code that *words* hold; None when there is none, or it only looks like one."""
        look = looks_like(words)
        return look if look is not None and self.is_code(look.kind, look.code) else None

    def sounds_like_crisis(self, words: str) -> bool:
        """Whether *words* speak of threats or harm. Read as they pass; only the answer is kept."""
        key = _folded(words)
        return any(map(key.__contains__, self.crisis))

    def sounds_like_danger(self, words: str) -> bool:
        """Whether *words* speak of harm that is about to come, to whoever writes them."""
        key = _folded(words)
        return any(map(key.__contains__, self.danger))

    def sounds_like_telling(self, words: str) -> bool:
        """Whether *words*, however few, tell of a wrong, and ask nothing."""
        if count_graphemes(words) < self.telling.at_least:
            return False
        key = _folded(words)
        is_asking = any(phrase in key for phrase in self.telling.asking)
        return not is_asking and any(phrase in key for phrase in self.telling.phrases)

    def with_cards(self, cards: Iterable[KnowledgeCard]) -> "Book":
        """This book, which has no cards, with *cards*."""
        shown = tuple(cards)
        texts = {language: dict(texts_of(shown, language)) for language in self.languages}
        return replace(self, cards=shown, words=self.words.with_texts(texts))

    def for_channel(self, channel: Channel) -> "Book":
        return replace(self, channel=channel)


def load_book(
    *,
    flows: Iterable[Flow] | None = None,
    agencies: Iterable[Agency] | None = None,
    centres: Iterable[Centre] = (),
    likely_provinces: Iterable[str] = (),
    channel: Channel | None = None,
    key_holders: Iterable[str] = (),
) -> Book:
    """Put the shipped book together. *likely_provinces* are offered first, in that order."""
    facts = tomllib.loads(shipped("facts.toml"))
    categories = tomllib.loads(shipped("categories.toml"))["category"]
    provinces = parse_provinces(
        shipped("provinces.csv"), shipped("regions.csv"), shipped("districts.csv")
    )
    limits = Limits(**facts["limits"])
    known = parse_agencies(shipped("agencies.toml")) if agencies is None else tuple(agencies)
    words = shipped_words()
    crisis, telling = tomllib.loads(shipped("crisis.toml")), tomllib.loads(shipped("telling.toml"))
    return Book(
        words=words.with_texts(
            {
                language: dict(
                    _data_words(language, categories, facts["hotline"], provinces, known)
                )
                for language in words.languages
            }
        ),
        flows={
            flow.name: flow
            for flow in (
                flows if flows is not None else shipped_flows(categories, limits.files_at_most)
            )
        },
        asides={question.key: question for question in ASIDES},
        provinces=provinces,
        likely_provinces=tuple(likely_provinces) or tuple(facts["likely_provinces"]),
        limits=limits,
        hotlines=tuple(hotline["number"] for hotline in facts["hotline"]),
        crisis=tuple(map(_folded, (*crisis["phrases"], *crisis["now"]))),
        danger=tuple(map(_folded, crisis["now"])),
        telling=Telling(
            telling["at_least"],
            tuple(map(_folded, telling["phrases"])),
            tuple(map(_folded, telling["asking"])),
        ),
        guard=load_guard(
            {
                language: {kind: words.text(language, f"taken_out.{kind}") for kind in KINDS}
                for language in words.languages
            }
        ),
        agencies=known,
        centres=tuple(centres),
        channel=channel or Channel(),
        key_holders=tuple(key_holders),
    )


def _folded(words: str) -> str:
    return fold(words, len(words)).replace(" ", "")


def _data_words(
    language: str,
    categories: Iterable[Mapping[str, str]],
    hotlines: Iterable[Mapping[str, str]],
    provinces: Provinces,
    agencies: Iterable[Agency],
) -> Iterable[tuple[str, str]]:
    for category in categories:
        yield f"label.category.{category['id']}", category[f"label_{language}"]
        yield f"long.category.{category['id']}", category[f"long_{language}"]
    for hotline in hotlines:
        yield f"hotline.{hotline['number']}", hotline[language]
    for province in provinces.all:
        yield f"province.{province.id}", province.name(language)
    for region in provinces.regions:
        yield f"region.{region.id}", region.name(language)
    for agency in agencies:
        yield f"agency.{agency.id}", agency.name(language)
        yield f"label.agency_name.{agency.id}", cut_graphemes(agency.name(language), LABEL_AT_MOST)


def cut_graphemes(text: str, at_most: int) -> str:
    """*text*, or its beginning and an ellipsis, in at most *at_most* graphemes."""
    if count_graphemes(text) <= at_most:
        return text
    end = len(text)
    while count_graphemes(text[:end]) >= at_most:
        end -= 1
    return text[:end].rstrip() + "…"
