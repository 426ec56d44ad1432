"""What must hold of a book before anyone is served; each breach is an error that names the thing.

Run once at start-up. It finds a word that a language lacks, a param that nobody fills, a label too
long for a button, a `when` that reads a question asked later, too many choices for one screen.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from guard import KINDS
from handlers.book import LABEL_AT_MOST, Book
from handlers.conversation import Answer
from handlers.events import HIDDEN, MEDIA
from handlers.findings import CHOICES
from handlers.flow import Flow, Question, ToldView
from handlers.kinds.choice import Menu
from handlers.kinds.review import Review
from handlers.probe import probed
from handlers.screens import CHOICES_AT_MOST, CONTROLS
from handlers.thai import count_graphemes

TICK_AT_MOST = 2
"""Graphemes that a tick puts before the label of a checklist."""


class BadBook(Exception):
    """The book cannot be served from; the message names what is wrong with it, one line each."""


def check(book: Book) -> None:
    """Raise BadBook unless every conversation can be held with *book*."""
    wrong = [*_words(book), *_flows(book), *_questions(book), *_facts(book)]
    if wrong:
        raise BadBook("\n".join(dict.fromkeys(wrong)))


# --- words ---------------------------------------------------------------------------------------


def _words(book: Book) -> Iterator[str]:
    texts = book.words.texts
    first = book.languages[0]
    for language in book.languages:
        for key in sorted(texts[first].keys() - texts[language].keys()):
            yield f"words/{language}.toml lacks {key!r}, which words/{first}.toml has"
        for key in sorted(texts[language].keys() - texts[first].keys()):
            yield f"words/{first}.toml lacks {key!r}, which words/{language}.toml has"
        for key in sorted(texts[first].keys() & texts[language].keys()):
            yield from _same_params(book, first, language, key)
        for key, text in texts[language].items():
            yield from _label(language, key, text)
    for key in sorted(_needed(book)):
        if key not in book.words:
            missing = [language for language in book.languages if key not in texts[language]]
            yield f"words lack {key!r} in {', '.join(missing)}"


def _same_params(book: Book, first: str, language: str, key: str) -> Iterator[str]:
    here, there = book.words.params(language, key), book.words.params(first, key)
    known = PARAMS.get(key, PARAMS_OF.get(key.split(".")[0], frozenset()))
    for name in sorted(here - known):
        yield f"{key!r} in {language} names {{{name}}}, which nobody fills in"
    for name in sorted(there - here):
        yield f"{key!r} in {language} lacks {{{name}}}, which {first} says"


def _label(language: str, key: str, text: str) -> Iterator[str]:
    if not text:
        yield f"{key!r} in {language} says nothing"
    if key.startswith(("label.", "row.", "region.")):
        length = count_graphemes(text)
        if length > LABEL_AT_MOST:
            yield f"{key!r} in {language} has {length} characters; a button has {LABEL_AT_MOST}"


PARAMS: Mapping[str, frozenset[str]] = {
    key: frozenset(params.split())
    for key, params in {
        "ask.province_is": "province",
        "ask.agency_is": "agency",
        "ask.go_on": "counts done",
        "say.told_before": "counts",
        "say.found": "kinds",
        "say.found_nth": "kinds nth",
        "say.found_elsewhere": "kinds nth where",
        "say.details_one": "kinds media nth",
        "say.details_many": "counts kinds",
        "say.kept_as_evidence": "counts",
        "say.kept_as_story": "counts",
        "say.words_too_long": "most",
        "say.parts_enough": "most",
        "say.files_enough": "most",
        "say.tor": "onion",
        "say.real_bot": "web",
        "say.real_bots_line": "bots page",
        "say.real_bots_telegram": "bots page",
        "say.real_bots_web": "bots page",
        "say.key_holders": "holders",
        "say.sent": "days",
        "say.sent_application": "days",
        "ask.notify": "days",
        "ask.learn_card": "audience",
        "ask.learn_read": "title body",
        "ask.subscribe": "audience days",
        "say.card_new": "title body",
        "say.receipt_is": "code",
        "say.crisis": "numbers",
        "say.crisis_now": "numbers",
        "say.human": "numbers",
        "say.web_is": "web",
        "say.status": "status since",
        "say.status_only": "status",
        "say.due": "due",
        "say.due_over": "due",
        **{
            f"say.lost_{reason}": "media most"
            for reason in (
                "failed",
                "gone",
                "too_big",
                "too_big_telegram",
                "too_much",
                "enough",
                "empty",
                "not_now",
            )
        },
        "say.receipt_unknown_days": "days",
        "say.receipt_unknown_years": "years",
        "say.receipt_locked": "minutes",
        "say.receipt_locked_long": "hours",
        "say.member_locked": "minutes",
        "say.member_locked_long": "hours",
        "say.code_unsend_line": "hours",
        "say.code_unsend_telegram": "hours",
        "say.code_unsend_web": "hours",
        "card.told": "label",
        "card.skipped": "label",
        "card.open": "label",
        "card.value": "label value",
        "card.plain": "value",
    }.items()
}
"""Every param that the code fills in, by key; a text that names another would fail when said."""

PARAMS_OF: Mapping[str, frozenset[str]] = {"count": frozenset({"n"})}


def _needed(book: Book) -> set[str]:
    needed = {*PARAMS, *(f"label.{control}" for control in ("back", "skip", "keep", "cancel"))}
    needed -= {f"say.code_unsend_{name}" for name in ("line", "telegram", "web")}
    needed.update(f"say.{key}" for key in SAID)
    needed.update(f"{name}_{book.channel.name}" for name in SAID_BY_CHANNEL)
    needed.update(f"seems.{kind}" for kind in KINDS)
    needed.update(f"hidden.{detail}" for detail in HIDDEN)
    needed.update(f"one.{media}" for media in MEDIA)
    needed.update(f"label.{verb}" for verbs in CHOICES.values() for verb in verbs)
    for flow in book.flows.values():
        needed.update(f"say.{key.format(channel=book.channel.name)}" for key in flow.opening)
        needed.update(f"say.coach.{key}" for key in flow.coach)
        needed.update(f"label.tell.{key}" for key in flow.coach)
        if flow.is_editable:
            needed.update(
                f"row.{question.key}"
                for question in flow.questions[:-1]
                if not question.kind.is_secret
            )
        needed.update(f"say.{key}" for key in (*flow.keeps_saying, flow.sent_saying))
    for question in _all_questions(book):
        needed.update(question.kind.needs(question.key))
        if question.when_done is not None:
            needed.add(f"say.{question.when_done}")
    return needed


SAID = (
    "help", "not_understood", "not_readable", "question_gone", "stale", "hollow", "file_not_now",
    "at_first", "nothing_to_edit", "midway", "unsent_done", "edited_done", "edited_unknown",
    "one_more", "no_messages", "officer_says", "member_ok", "code_wiped", "still_fetching",
    "sending_waits", "goodbye_kept", "found_hidden", "found_left", "found_cleaned", "found_whole",
    "details_unremovable", "found_hidden_all", "news", "news_last", "code_among_words",
    "code_in_answer",
    "real_bot_never", "stale_start", "lost_code", "other_language",
)  # fmt: skip
"""What is said without params, whatever the flows are."""

SAID_BY_CHANNEL = ("say.goodbye", "say.safety", "say.real_bots")
"""What each channel says in its own way, its name behind the key."""


# --- flows ---------------------------------------------------------------------------------------


def _flows(book: Book) -> Iterator[str]:
    if "start" not in book.flows:
        yield "there is no flow 'start'"
    seen: dict[str, tuple[str, Question]] = {
        key: ("an aside", question) for key, question in book.asides.items()
    }
    for flow in book.flows.values():
        if not flow.questions:
            yield f"flow {flow.name!r} has no question"
        own: set[str] = set()
        for question in flow.questions:
            where, other = seen.get(question.key, ("", question))
            if question.key in own or type(question.kind) is not type(other.kind):
                where = where or f"flow {flow.name!r}"
                yield f"question {question.key!r} of {flow.name!r} is also one of {where}"
            own.add(question.key)
            seen[question.key] = (f"flow {flow.name!r}", question)
        yield from _whens(flow)
        yield from _references(book, flow)
        for question, _ in pairwise(flow.questions):
            if isinstance(question.kind, Review):
                yield f"question {question.key!r} of {flow.name!r} reviews, so it must be the last"
        shown = [question for question in flow.questions[:-1] if not question.kind.is_secret]
        if flow.is_editable and len(shown) > CHOICES_AT_MOST:
            yield f"flow {flow.name!r} has more questions than fit on one screen to edit"


def _whens(flow: Flow) -> Iterator[str]:
    """A `when` may only read what was asked before its own question."""
    earlier: set[str] = set()
    for question in flow.questions:
        if question.when is not None:
            for key in sorted(probed(question.when) - earlier):
                yield (
                    f"the when of question {question.key!r} in flow {flow.name!r} reads {key!r}, "
                    "which is not asked before it"
                )
            try:
                question.when(ToldView({}))
                question.when(ToldView({key: Answer() for key in earlier}))
            except Exception as wrong:
                yield (
                    f"the when of question {question.key!r} in flow {flow.name!r} fails on an "
                    f"answer that is missing: {type(wrong).__name__}"
                )
        earlier.add(question.key)


def _references(book: Book, flow: Flow) -> Iterator[str]:
    home = book.flows.get(flow.keeps_into or flow.name, flow)
    for role, key in (("evidence", flow.evidence), ("story", flow.story)):
        is_somewhere = any(f.find(key) is not None for f in (home, *book.flows.values()))
        if key is not None and not is_somewhere:
            yield f"flow {flow.name!r} keeps {role} under {key!r}, which no flow asks"
    for key in flow.coach:
        if flow.find(key) is None:
            yield f"flow {flow.name!r} coaches for {key!r}, which it does not ask"
    for question in flow.questions:
        for key in question.clears:
            if flow.find(key) is None:
                yield f"question {question.key!r} clears {key!r}, which {flow.name!r} does not ask"
        if isinstance(question.kind, Menu):
            for gone in question.kind.goes.values():
                if gone not in book.flows:
                    yield f"question {question.key!r} leads to flow {gone!r}, which is not there"


# --- questions and facts -------------------------------------------------------------------------


def _questions(book: Book) -> Iterator[str]:
    for question in _all_questions(book):
        if question.kind.most_choices() > CHOICES_AT_MOST:
            yield (
                f"question {question.key!r} has {question.kind.most_choices()} choices; "
                f"one screen has {CHOICES_AT_MOST} beside back and cancel"
            )
        choices = getattr(question.kind, "choices", ())
        for choice in (*choices, *getattr(question.kind, "goes", ())):
            if choice in CONTROLS:
                yield f"choice {choice!r} of question {question.key!r} is the name of a control"
        if len(set(choices)) != len(choices):
            yield f"question {question.key!r} offers a choice twice"
        for item in getattr(question.kind, "items", ()):
            for language in book.languages:
                text = book.words.texts[language].get(f"label.{question.key}.{item}", "")
                if count_graphemes(text) > LABEL_AT_MOST - TICK_AT_MOST:
                    yield (
                        f"'label.{question.key}.{item}' in {language} leaves no room for a tick "
                        f"({LABEL_AT_MOST - TICK_AT_MOST} characters at most)"
                    )


def _facts(book: Book) -> Iterator[str]:
    for province in book.likely_provinces:
        if book.provinces.get(province) is None:
            yield f"likely province {province!r} is not a province"
    for number in book.hotlines:
        if f"hotline.{number}" not in book.words:
            yield f"hotline {number} lacks its words"
    for name, value in ((n, getattr(book.limits, n)) for n in book.limits.__slots__):
        if not isinstance(value, int) or value < 1:
            yield f"limit {name!r} must be a whole number of at least 1"


def _all_questions(book: Book) -> Iterator[Question]:
    yield from (question for flow in book.flows.values() for question in flow.questions)
    yield from book.asides.values()
