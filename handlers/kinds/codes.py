"""The two codes. What is typed here goes to the turn to be checked, and nowhere else: not sealed,
not kept, not echoed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from handlers import events
from handlers.conversation import Answer, Conversation, Member
from handlers.effects import CheckCode, Day, Effect, Erase, OfficerWords, Say, Word
from handlers.events import Event
from handlers.kinds.base import TEXT, Heard, Here, Screen
from handlers.kinds.closing import ENDED, closure_in, stands
from handlers.openings import opening
from handlers.thai import fold, letters

_FLOW_OF_CODE = {"receipt": ("follow", "receipt"), "member": ("member", "code")}
REFUSALS = ("mistyped", "unknown", "locked", "locked_long", "busy")

_APART = r"(?:[^\w]|_)"
_ANY_DIGIT = re.compile(r"\d")
_DIGIT = r"[\doil]"
"""A digit, or what a hand that copies one writes for it."""
_RECEIPT_ALONE = re.compile(rf"{_APART}*(?:{_DIGIT}{_APART}*){{24}}")
_RECEIPT_AMONG = re.compile(
    rf"(?<!{_DIGIT}){_DIGIT}{{4}}(?:{_APART}{{1,3}}{_DIGIT}{{4}}){{5}}(?!{_DIGIT})"
)
_MISREAD_AT_MOST = 8
"""Letters among the digits of a receipt; a text of more is words."""
_MEMBER = re.compile(rf"(?<![0-9a-z])(?:[0-9a-z]{{4}}{_APART}{{0,3}}){{4}}[0-9a-z](?![0-9a-z])")
_MIXED = re.compile(r"(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{4}")


@dataclass(frozen=True, slots=True)
class Look:
    """A code as it is printed, seen among words: "receipt" or "member", how many letters and
    digits are around it, and itself."""

    kind: str
    around: int
    code: str = field(default="", repr=False, compare=False)


def looks_like(words: str) -> Look | None:
    """The code that *words* seem to hold, typed where no code was asked for; None for all else.

    Whether it is one, its check letter tells those who know it. A member's has a digit beside a
    letter in some group of four: "they paid 5000 baht a month" has none.
    """
    if _ANY_DIGIT.search(words) is None:
        return None  # as in most messages
    key = fold(words, len(words))
    if _RECEIPT_ALONE.fullmatch(key) and _is_in_digits(key):
        return Look("receipt", 0, key)
    if (found := _RECEIPT_AMONG.search(key)) and _is_in_digits(found[0]):
        return Look("receipt", _letters_around(key, found), found[0])
    if (found := _MEMBER.search(key)) and _is_mixed(found[0]):
        return Look("member", _letters_around(key, found), found[0])
    return None


def _is_in_digits(code: str) -> bool:
    return sum(map(str.isalpha, code)) <= _MISREAD_AT_MOST


def _is_mixed(code: str) -> bool:
    joined = letters(code)
    return any(_MIXED.fullmatch(joined[at : at + 4]) for at in range(0, 16, 4))


def _letters_around(key: str, found: re.Match[str]) -> int:
    return len(letters(key[: found.start()])) + len(letters(key[found.end() :]))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The code that leads back to a tip. Once it is right: its status and what officers wrote."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = True

    def screen(self, here: Here) -> Screen:
        more = frozenset({"lost_code"})
        return Screen(f"ask.{here.key}", accepts=TEXT, takes_numbers=False, more=more)

    def hear(self, here: Here, event: Event) -> Heard | None:
        return _hear_code(here, event, "receipt", self._welcome)

    def _welcome(self, here: Here, facts: Mapping[str, object]) -> Heard:
        status, since = str(facts.get("status", "received")), str(facts.get("since", ""))
        if f"status.{status}" not in here.book.words:
            status = "received"
        messages = facts.get("messages")
        ids = tuple(str(m) for m in messages) if isinstance(messages, list | tuple) else ()
        closure = closure_in(facts)
        settled = here.settle(Answer(ENDED if closure == "open" else "ok"))
        return replace(
            settled,
            conversation=replace(
                settled.conversation,
                status=status,
                since=since,
                notice=_notice(here, facts),
                closure=closure,
            ),
            effects=(
                here.say("status", status=Word(f"status.{status}"), since=Day(since))
                if since
                else here.say("status_only", status=Word(f"status.{status}")),
                *_due(here, facts),
                *_officers_words(here, ids),
                *hidden(here),
                *stands(here, closure),
            ),
        )

    def needs(self, key: str) -> Iterable[str]:
        dues = ("say.due", "say.due_over", "say.due_climbed")
        refusals = (*REFUSALS, "unknown_days", "unknown_years")
        lost = ("label.lost_code", "say.lost_code")
        return (f"ask.{key}", *dues, *lost, *(f"say.receipt_{verdict}" for verdict in refusals))

    def most_choices(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class MemberCode:
    """The code that stands for a network member's name. A duress code reads the same in every
    word: what it means goes into the tip's summary and nowhere near the screen. Who has
    no code that works may go on to the flow *without* one, and who wants one to the flow *joins*,
    if there is one."""

    without: str
    joins: str | None = None
    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = True

    def screen(self, here: Here) -> Screen:
        choices = ("without_code", "join") if self._may_join(here) else ("without_code",)
        ways = tuple(map(here.button, choices))
        return Screen(f"ask.{here.key}", ways, accepts=TEXT, takes_numbers=False)

    def hear(self, here: Here, event: Event) -> Heard | None:
        if isinstance(event, events.Choice) and event.choice == "without_code":
            return Heard(replace(here.conversation, flow=self.without, asked=None))
        if isinstance(event, events.Choice) and event.choice == "join" and self._may_join(here):
            joining = replace(here.conversation, flow=self.joins or self.without, asked=None)
            return Heard(joining, opening(here.book, joining))
        return _hear_code(here, event, "member", self._welcome)

    def _may_join(self, here: Here) -> bool:
        """Not with something told already: it was meant for officers, and registrars read this."""
        told = here.conversation.told or here.conversation.coming
        return self.joins is not None and here.book.offers(self.joins) and not told

    def _welcome(self, here: Here, facts: Mapping[str, object]) -> Heard:
        centre, since = facts.get("centre"), facts.get("since")
        locator = facts.get("locator")
        member = Member(
            str(facts.get("alias", "")),
            bool(facts.get("is_duress", False)),
            centre if isinstance(centre, str) else None,
            since if isinstance(since, int) else None,
            locator if isinstance(locator, str) else None,
        )
        settled = here.settle(Answer("ok"))
        return replace(
            settled,
            conversation=replace(settled.conversation, member=member),
            effects=(here.say("member_ok"), *hidden(here)),
        )

    def needs(self, key: str) -> Iterable[str]:
        refusals = (f"say.member_{verdict}" for verdict in REFUSALS)
        joins = () if self.joins is None else ("label.join",)
        return (f"ask.{key}", "label.without_code", f"say.lost_code_{key}", *joins, *refusals)

    def most_choices(self) -> int:
        return 1 if self.joins is None else 2


def _notice(here: Here, facts: Mapping[str, object]) -> str | None:
    """Whether news of the tip is told here, or may be asked for, or neither."""
    notice = str(facts.get("notice"))
    return notice if here.book.channel.can_push and notice in ("on", "off") else None


def hidden(here: Here) -> tuple[Effect, ...]:
    """A code that was good is taken out of the chat where that can be done, and it is said; else
    how to take it back oneself."""
    channel, language = here.book.channel, here.conversation.language
    if channel.can_wipe:
        return (Erase(language, "said"), here.say("code_wiped"))
    how = f"code_unsend_{channel.name}"
    is_known = f"say.{how}" in here.book.words
    return (here.say(how, hours=channel.unsend_hours),) if is_known else ()


def entered(here: Here, code: str, words: str) -> Heard:
    """Where a *code* ("receipt" or "member") is asked for, with *words* on their way to the check:
    whoever typed it at another door meant this one."""
    flow, question = _FLOW_OF_CODE[code]
    there = Conversation(flow, here.conversation.language, asked=question)
    return Heard(there, (CheckCode(code, words),), is_waiting=True)


Welcome = Callable[[Here, Mapping[str, object]], Heard]


def _hear_code(here: Here, event: Event, kind: str, welcome: Welcome) -> Heard | None:
    match event:
        case events.Text(words) if words.strip():
            look = looks_like(words)
            told = here.conversation.told or here.conversation.coming
            if look is not None and look.kind != kind and not told:
                return entered(here, look.kind, words)
            return Heard(here.conversation, (CheckCode(kind, words),), is_waiting=True)
        case events.CodeChecked(kind=checked, verdict="ok", facts=facts) if checked == kind:
            return welcome(here, facts)
        case events.CodeChecked(kind=checked, verdict=verdict) if checked == kind:
            return Heard(here.conversation, (_refusal(here, kind, verdict, event.facts),))
    return None


def _refusal(here: Here, kind: str, verdict: str, facts: Mapping[str, object]) -> Say:
    closed_days = here.book.closed_days
    if (kind, verdict) == ("receipt", "unknown") and closed_days:
        return _unknown_or_gone(here, closed_days)
    if verdict != "locked":
        return here.say(f"{kind}_{verdict if verdict in REFUSALS else 'busy'}")
    minutes = facts.get("minutes")
    wait = minutes if isinstance(minutes, int) else 60
    if wait > 60:
        return here.say(f"{kind}_locked_long", hours=-(-wait // 60))
    return here.say(f"{kind}_locked", minutes=wait)


def _unknown_or_gone(here: Here, closed_days: int) -> Say:
    """The tip may have been there: whoever comes back late is not to look for a mistake of theirs
    for ever."""
    years, days = divmod(closed_days, 365)
    if years and not days:
        return here.say("receipt_unknown_years", years=years)
    return here.say("receipt_unknown_days", days=closed_days)


def _due(here: Here, facts: Mapping[str, object]) -> Iterable[Effect]:
    """By when they hear, or that it is late, and who may read it since then."""
    due = str(facts.get("due") or "")
    if not due:
        return
    yield here.say("due_over" if facts.get("is_overdue") else "due", due=Day(due))
    if facts.get("has_climbed"):
        yield here.say("due_climbed")


def _officers_words(here: Here, ids: tuple[str, ...]) -> tuple[Effect, ...]:
    if not ids:
        return (here.say("no_messages"),)
    shown = ids[-here.book.limits.messages_shown :]
    language = here.conversation.language
    return (here.say("officer_says"), *(OfficerWords(language, part_id) for part_id in shown))
