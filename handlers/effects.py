"""What a step wants done: deeds for the turn, and intents (things to show) for the outbox.

Intents carry word keys and params, never a person's words, and render in their own language even
after the conversation is gone. They have a JSON form because the outbox stores them; deeds are
carried out inside the turn and have none. A Card, and a confirming Ask, name choices that were
made (a category, a province): whoever stores them keeps them sealed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handlers.events import FileRef

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Word:
    """A param that is itself a word key: a province, a category, a status."""

    key: str


@dataclass(frozen=True, slots=True)
class Day:
    """A param that is an ISO day, a month or a range of days; said as people write it."""

    iso: str


@dataclass(frozen=True, slots=True)
class Counts:
    """A param that says how many parts of each media were told: "2 photos, 1 recording"."""

    of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A param that is several word keys, said in one line: "a phone number, an e-mail address"."""

    keys: tuple[str, ...]


Param = str | int | Word | Day | Counts | Listed | tuple[Word, ...]
Params = Mapping[str, Param]


# --- deeds -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seal:
    """Seal *words* or *file* (exactly one) as part *part_id*, told under *question*, now.

    *redacted* is *words* without what was *found* in them: seal that, and the words as they were
    sent under a key of their own. A file with an original brings its own two versions.
    """

    part_id: str
    question: str
    words: str | None = field(default=None, repr=False)
    file: FileRef | None = None
    redacted: str | None = field(default=None, repr=False)
    found: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.words is None) == (self.file is None):
            raise ValueError("a part is words or a file, one of them")
        if (self.redacted is not None) != bool(self.found):
            raise ValueError("words are redacted because something was found in them")


@dataclass(frozen=True, slots=True)
class Remove:
    """Destroy part *part_id* and leave a tombstone in its place."""

    part_id: str


@dataclass(frozen=True, slots=True)
class KeepOriginal:
    """Give the original of *part_id* to the officers; *is_answered*: because the person said so,
    not because they never answered."""

    part_id: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class DropOriginal:
    """Destroy the original of *part_id*, and its key."""

    part_id: str


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Check a claimed code and call `step` again with `CodeChecked`."""

    kind: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckMember:
    """Look again whether the member's code found by *locator* (hex) works, and call `step` again
    with `MemberChecked`."""

    locator: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """File the draft as a tip, exactly once, and destroy the draft's key: the step's conversation
    starts afresh under a new one.

    *form* holds every answer that is a choice or a day, by question key. *summary* has the fields
    of a grant's summary. Routing takes the rest: *province* (None: the person is unsure),
    *excluded*, the centres and officers that must never see it, and *is_agency_confirmed*, without
    which no integrity centre may. *locator* is that of the member's code which the tip stands on:
    filed only if the code still works at that very moment.
    """

    form: Mapping[str, Json] = field(repr=False)
    summary: Mapping[str, Json] = field(repr=False)
    province: str | None = field(default=None, repr=False)
    excluded: tuple[str, ...] = field(default=(), repr=False)
    is_agency_confirmed: bool = False
    locator: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Forget:
    """Destroy the conversation's key, its draft and every part that was not filed. What the step
    leaves behind is new; a blank one (`Conversation.is_blank`) need not be stored at all."""


@dataclass(frozen=True, slots=True)
class Noted:
    """The receipt was written down: destroy it."""


@dataclass(frozen=True, slots=True)
class StopContact:
    """The person following a tip wants no more messages about it."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """The person following a closed tip agrees that it is closed. The turn calls `step` again with
    `ClosureAnswered`."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """They do not: the tip goes on. *part_id* is the first part of why, sealed already. The turn
    calls `step` again with `ClosureAnswered`."""

    part_id: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell this person in this chat when there is news of the tip they follow or just filed, and
    call `step` again with `Notified`."""


@dataclass(frozen=True, slots=True)
class StopNotify:
    """Tell this person no more, whatever the tip, and send them no cards: their account goes from
    all of it."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Send this person new knowledge cards of *audience* in this chat, and call `step` again with
    `Subscribed`."""

    audience: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch a file that a platform still holds; `Fetched` or `Lost` with the same id follows. The
    id is the job's and no part's, so that no row of the one leads to the other."""

    fetch_id: str
    question: str
    media: str
    handle: str = field(repr=False)
    name: str | None = field(default=None, repr=False)


# --- intents ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """One plain message."""

    language: str
    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One button: *label* is a word key (≤ 20 graphemes said), *long* the full wording if the
    label had to be cut. *is_on* is a ticked box. *role* is "answer", or "control" for skip, back,
    cancel and their like. A typed number counts the answers only, from 1, in this order."""

    id: str
    label: str
    long: str | None = None
    role: str = "answer"
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with its buttons. *accepts* names what else answers it: text, files, voice."""

    language: str
    question: str
    key: str
    params: Params
    choices: tuple[Option, ...]
    screen: str
    accepts: frozenset[str] = frozenset()
    progress: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of "so far": a question's *label* (word key) and its *mark*.

    mark is "told", "skipped" or "open"; *values* are word keys or days, shown for choices only;
    *counts* says how many parts of each media lie sealed under it ("words", "photo", …).
    """

    question: str
    label: str
    mark: str
    values: tuple[Word | Day, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """The answers so far: choices by name, words and files by count."""

    language: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Something long is under way: *done* of *reachable*."""

    language: str
    done: int
    reachable: int


@dataclass(frozen=True, slots=True)
class SecretOnce:
    """Show the secret of *kind* ("receipt"), which the turn holds sealed until it is noted."""

    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class OfficerWords:
    """An officer's message, opened in memory when it is delivered."""

    language: str
    part_id: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file the bot ships (a leaflet, a card), by its name in the book."""

    language: str
    name: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Wipe what the platform lets us wipe of this chat: *what* is "all" (both sides), "receipt"
    (what shows it) or "said" (a message of the person that held a code). Which *message* that was
    the turn fills in: by the time it is wiped they may have sent another."""

    language: str
    what: str = "all"
    message: str | None = field(default=None, repr=False)


Intent = Say | Ask | Card | Progress | SecretOnce | OfficerWords | Document | Erase
Deed = (
    Seal
    | Remove
    | KeepOriginal
    | DropOriginal
    | CheckCode
    | CheckMember
    | File
    | Forget
    | Noted
    | StopContact
    | Confirm
    | Reopen
    | Notify
    | StopNotify
    | Subscribe
    | Fetch
)
Effect = Deed | Intent

PASSING = frozenset(
    f"say.{key}"
    for key in (
        "not_understood", "not_understood_menu", "not_understood_province", "not_understood_home",
        "not_readable", "question_gone", "stale", "stale_start", "hollow", "at_first",
        "nothing_to_edit", "midway", "still_fetching", "other_language",
    )
)  # fmt: skip
"""What is said of the message before a question and means nothing once another was asked."""

INTENTS = (Say, Ask, Card, Progress, SecretOnce, OfficerWords, Document, Erase)
