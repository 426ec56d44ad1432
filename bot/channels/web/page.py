"""A screen as a page: intents become bubbles, buttons and a box. Owns the look of each intent.

Refuses to know where intents come from. Everything is escaped by the template; officers' words
are marked as somebody else's and kept apart from the page's own direction of writing.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.web.chrome import Frame
from bot.channels.web.posting import Notice
from bot.screen import Screen
from handlers.book import Book
from handlers.cards import audiences_of
from handlers.effects import (
    Ask,
    Card,
    Day,
    Intent,
    OfficerWords,
    Option,
    Progress,
    Row,
    Say,
    SecretOnce,
)
from handlers.saying import label, say_row
from handlers.thai import count_graphemes

CLOSING = ("done", "none", "unknown", "start_over")
"""Answers that end an open question: they stand below the box, not above it."""
UPLOADS = ("done",)
MAIN = ("send", "noted")
"""Answers that the screen leads up to: shown as the one to press."""
NO_BOX = frozenset({"send", "stay"})
"""Answers of a screen before something that cannot be undone: nothing is typed there."""
STILL_OPEN = "ask.go_on"
"""Asked while an answer grows. A page shows one screen only, so the question stands there again."""
TEMPLATES = (
    "chat.html", "plain.html", "leaving.html", "bots.html", "learn.html", "figures.html",
    "quarter.html",
)  # fmt: skip
NUMBERED_FROM = 4
LONG_FROM = 22
"""Graphemes of a label that does not fit half a phone's width on two lines."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list when it has *items*; *code* is shown large."""

    text: str = ""
    items: tuple[str, ...] = ()
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing said. *look* is say, ask, notice, card, letter or receipt; a letter's words are
    its *quote*."""

    look: str
    blocks: tuple[Block, ...] = ()
    title: str = ""
    quote: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Button:
    """One choice. *number* counts it where numbers help; it *uploads* what the box holds."""

    id: str
    label: str
    number: int | None = None
    is_on: bool = False
    is_main: bool = False
    uploads: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """All that the chat's template shows."""

    bubbles: tuple[Bubble, ...]
    trail: tuple[str, ...]
    progress: tuple[int, int] | None
    answers: tuple[Button, ...]
    has_long_answers: bool
    closing: tuple[Button, ...]
    controls: tuple[Button, ...]
    screen: str
    has_box: bool
    asks_for_words: bool
    lines: int
    takes_files: bool
    takes_voice: bool


def page_of(screen: Screen, book: Book, frame: Frame, notices: Sequence[Notice] = ()) -> Page:
    """Lay *screen* out."""
    asks = [intent for intent in screen.intents if isinstance(intent, Ask)]
    ask = asks[-1] if asks else None
    shows_card = any(isinstance(intent, Card) for intent in screen.intents)
    shows_secret = any(isinstance(intent, SecretOnce) for intent in screen.intents)
    said = tuple(
        bubble for intent in screen.intents for bubble in _bubbles(intent, screen, book, frame)
    )
    warned = tuple(
        Bubble("notice", blocks(frame.text(screen.language, notice.key, notice.params)))
        for notice in notices
    )
    options = () if ask is None else ask.choices
    answers = [each for each in options if each.role == "answer"]
    above = [each for each in answers if each.id not in CLOSING]
    shown = _buttons(book, screen.language, above, numbered=len(above) >= NUMBERED_FROM)
    return Page(
        bubbles=(*warned, *said),
        trail=() if shows_card or shows_secret else _trail(screen, book),
        progress=None if ask is None else ask.progress,
        answers=shown,
        has_long_answers=any(count_graphemes(each.label) >= LONG_FROM for each in shown),
        closing=_buttons(book, screen.language, [a for a in answers if a.id in CLOSING]),
        controls=_buttons(book, screen.language, [o for o in options if o.role != "answer"]),
        screen="" if ask is None else ask.screen,
        has_box=not shows_secret and NO_BOX.isdisjoint(option.id for option in options),
        asks_for_words="text" in screen.accepts,
        lines=4 if screen.accepts & {"files", "voice"} else 1,
        takes_files="files" in screen.accepts,
        takes_voice="voice" in screen.accepts,
    )


def blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs and lists of a text: lines that begin with a bullet are items."""
    found: list[Block] = []
    for line in text.split("\n"):
        if line.startswith("• "):
            before = found.pop().items if found and found[-1].items else ()
            found.append(Block(items=(*before, line[2:])))
        elif line.strip():
            found.append(Block(line))
    return tuple(found)


def _bubbles(intent: Intent, screen: Screen, book: Book, frame: Frame) -> Iterator[Bubble]:
    words, language = book.words, screen.language
    match intent:
        case Say(said_in, key, params):
            yield Bubble("say", blocks(words.text(said_in, key, params)))
        case Ask(language=said_in, question=question, key=key, params=params):
            if key == STILL_OPEN:
                yield Bubble("say", blocks(words.text(said_in, f"ask.{question}")))
            yield Bubble("ask", blocks(words.text(said_in, key, params)))
        case Card(said_in, rows):
            items = tuple(say_row(words, said_in, row) for row in rows)
            yield Bubble("card", (Block(items=items),), words.text(said_in, "card.title"))
        case Progress(_, done, reachable):
            params = {"done": done, "total": reachable}
            yield Bubble("say", blocks(frame.text(language, "progress", params)))
        case SecretOnce(said_in) if screen.receipt is None:
            yield Bubble("notice", blocks(frame.text(said_in, "receipt_gone")))
        case SecretOnce(said_in):
            yield Bubble("receipt", _receipt(screen.receipt or "", book, said_in))
        case OfficerWords(said_in, part_id):
            letter = screen.letters.get(part_id)
            if letter is None:
                yield Bubble("notice", blocks(frame.text(said_in, "letter_gone")))
            else:
                day = words.text(said_in, "card.plain", {"value": Day(letter.day)})
                yield Bubble("letter", title=day, quote=letter.words)


def _receipt(receipt: str, book: Book, language: str) -> tuple[Block, ...]:
    text = book.words.text(language, "say.receipt_is", {"code": receipt})
    return tuple(
        Block(code=block.text) if block.text == receipt else block for block in blocks(text)
    )


def _trail(screen: Screen, book: Book) -> tuple[str, ...]:
    told: Iterable[Row] = (row for row in screen.trail if row.mark == "told")
    return tuple(say_row(book.words, screen.language, row) for row in told)


def _buttons(
    book: Book, language: str, options: Sequence[Option], *, numbered: bool = False
) -> tuple[Button, ...]:
    return tuple(
        Button(
            option.id,
            _label(book, language, option),
            number if numbered else None,
            option.is_on,
            option.id in MAIN,
            option.id in UPLOADS,
        )
        for number, option in enumerate(options, 1)
    )


def _label(book: Book, language: str, option: Option) -> str:
    """The full wording: a page has room for it."""
    if option.long is None:
        return label(book.words, language, option)
    return book.words.text(language, option.long)


class Pages:
    """Renders. One for the whole app."""

    def __init__(self, book: Callable[[], Book], frame: Frame, facts: "Facts") -> None:
        self._book = book
        self._frame = frame
        self._facts = facts
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        for name in TEMPLATES:
            self._templates.get_template(name)

    def t(self, language: str, key: str, **params: str | int) -> str:
        """A word of the frame."""
        return self._frame.text(language, key, params)

    def language(self, asked: str | None) -> str:
        """The language that an address asks for, or the first."""
        languages = self._book().languages
        return asked if asked in languages else languages[0]

    def chat(self, screen: Screen, notices: Sequence[Notice] = (), words: str = "") -> str:
        """The chat as *screen* has it; *words* go back into the box."""
        page = page_of(screen, self._book(), self._frame, notices)
        return self.render(
            "chat.html", screen.language, page=page, words=words, is_begun=screen.is_begun
        )

    def plain(
        self,
        language: str,
        says: str,
        *,
        words: str = "",
        form: str = "",
        screen: str = "",
    ) -> str:
        """A page that says one thing and leads back to the chat. With *words*, they can be sent
        again from here: under the same *form*, so that nothing is taken twice."""
        said = blocks(self._frame.text(language, says, {"most": self._facts.file_mib}))
        return self.render("plain.html", language, said=said, words=words, form=form, screen=screen)

    def learn(self, language: str) -> str:
        """Every card that anybody may read, by whom it is for."""
        book = self._book()
        audiences = audiences_of(book.cards, is_member=False)
        rooms = [
            (
                book.words.text(language, f"label.learn.{audience}"),
                [
                    (card.texts[language].title, blocks(card.texts[language].body))
                    for card in book.cards
                    if audience in card.audiences
                ],
            )
            for audience in audiences
        ]
        return self.render("learn.html", language, rooms=rooms)

    def leaving(self, language: str) -> str:
        """The page that is left at once for a neutral one."""
        return self.render("leaving.html", language)

    def render(self, template: str, language: str, **shown: object) -> str:
        """*template* in the frame that every page has."""

        def t(key: str, **params: str | int) -> str:
            return self._frame.text(language, key, params)

        help_ = blocks(self._book().words.text(language, "say.help"))
        return self._templates.get_template(template).render(
            t=t,
            language=language,
            other_language=self._other(language),
            facts=self._facts,
            new_form=lambda: secrets.token_urlsafe(18),
            help=help_,
            safety=self._safety(language),
            never=self._book().words.text(language, "say.real_bot_never"),
            **shown,
        )

    def _other(self, language: str) -> str:
        languages = self._book().languages
        return languages[(languages.index(language) + 1) % len(languages)]

    def _safety(self, language: str) -> tuple[Block, ...]:
        book = self._book()
        words = book.words
        heading = self._frame.text(language, "safety")
        said = [words.text(language, f"say.safety_{book.channel.name}").removeprefix(heading)]
        if book.channel.onion is not None:
            said.append(words.text(language, "say.tor", {"onion": book.channel.onion}))
        if book.key_holders:
            holders = "\n".join(book.key_holders)
            said.append(words.text(language, "say.key_holders", {"holders": holders}))
        return tuple(block for text in said for block in blocks(text))


@dataclass(frozen=True, slots=True)
class Facts:
    """What every page says about this deployment."""

    version: str
    source: str
    leave_to: str
    file_mib: int
    web: str
    has_figures: bool = False
