"""Questions and flows as data.

A flow is an order of questions. The next one is derived: the first that is not settled and whose
`when` holds. So nothing here is ever stored but keys, and a release may insert, remove or reorder
questions under open conversations.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from handlers.conversation import NOTHING, Answer, Conversation
from handlers.kinds.base import Kind

Told = str | int | tuple[str, ...] | None


class ToldView(Mapping[str, Told]):
    """What a `when` may read: a choice id or day, the ids of a checklist, the number of parts of a
    free answer, or None for what was skipped or not told. *read* collects the keys looked at."""

    def __init__(self, told: Mapping[str, Answer]) -> None:
        self._told = told
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Told:
        self.read.add(key)
        answer = self._told.get(key)
        if answer is None:
            return None
        return answer.value or answer.ids or len(answer.parts) or None

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


When = Callable[[Mapping[str, Told]], bool]


APPLICATION = "application"
"""The kind and the category of what registrars read, and nobody else: somebody wants to join."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its key (stored: never reuse one for another meaning), its kind, when it is
    asked at all, whether progress counts it. Settling it clears the answers of *clears*: that is
    how a menu comes round again; *when_done* is then said, if anything was told. *asks_contact*: a
    way to reach somebody is what it asks for, so the guard does not warn of one."""

    key: str
    kind: Kind
    when: When | None = None
    is_counted: bool = True
    clears: tuple[str, ...] = ()
    when_done: str | None = None
    asks_contact: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """An order of questions.

    *evidence* keeps files and pins that arrive where none were asked for; *story* keeps words of
    at least *story_from* graphemes (the book's limit if None) that answered nothing. *keeps_into*
    is the flow such things lead to, *keeps_after* the key that must be settled first, and
    *keeps_saying* what is said of evidence and of words that were kept. *coach* are
    the keys that make a tip usable, the most helpful first. *cancel* is "ask" (first confirm, when
    something was told), "leave" or None. *opening* are say-keys, said on entering; {channel} in
    one stands for the channel's name. *offers_web*: they send people to our web page, and where
    that is follows. *adds_to_filed*: what is told here lies in a filed tip at
    once, and leaving takes nothing of it back. *tip_kind* is the kind of what is filed from here,
    whatever the conversation's; *category* its category where none is asked, *province* the key
    of the province that it belongs to, *sent_saying* what is said once it is filed.
    """

    name: str
    questions: tuple[Question, ...]
    evidence: str | None = None
    story: str | None = None
    story_from: int | None = None
    keeps_into: str | None = None
    keeps_after: str | None = None
    keeps_saying: tuple[str, str] = ("kept_as_evidence", "kept_as_story")
    coach: tuple[str, ...] = ()
    is_editable: bool = False
    shows_progress: bool = False
    cancel: str | None = "leave"
    opening: tuple[str, ...] = ()
    offers_tor: bool = False
    offers_web: bool = False
    adds_to_filed: bool = False
    tip_kind: str | None = None
    category: str = "unsure"
    province: str = "province"
    sent_saying: str = "sent"

    def is_last(self, key: str | None) -> bool:
        """Whether *key* is asked last: in a flow with a review, that."""
        return key == self.questions[-1].key

    def find(self, key: str | None) -> Question | None:
        for question in self.questions:
            if question.key == key:
                return question
        return None


def holds(question: Question, told: Mapping[str, Answer]) -> bool:
    return question.when is None or bool(question.when(ToldView(told)))


def may_hold(question: Question, told: Mapping[str, Answer]) -> bool:
    """Whether *question* is still reachable: its `when` holds, or reads what is not settled yet."""
    if question.when is None:
        return True
    view = ToldView(told)
    return bool(question.when(view)) or any(
        key not in told or not told[key].is_settled for key in view.read
    )


def next_question(flow: Flow, conversation: Conversation) -> Question:
    """The first unsettled question whose `when` holds; the last one when all are settled, so that
    nobody is ever left without a screen."""
    told = conversation.told
    for question in flow.questions:
        if not told.get(question.key, NOTHING).is_settled and holds(question, told):
            return question
    return flow.questions[-1]


def question_before(flow: Flow, conversation: Conversation, key: str) -> Question | None:
    """The nearest settled question before *key*, skipping those that are not asked, and codes:
    a code that was good is not asked for again."""
    before: Question | None = None
    told = conversation.told
    for question in flow.questions:
        if question.key == key:
            return before
        is_settled = told.get(question.key, NOTHING).is_settled
        if is_settled and not question.kind.is_secret and holds(question, told):
            before = question
    return before


def progress(
    flow: Flow, conversation: Conversation, question: Question
) -> tuple[tuple[int, int] | None, int | None]:
    """(done, reachable) to show, and the total to remember: once shown, it never grows."""
    if not question.is_counted or not flow.shows_progress:
        return None, conversation.total
    told = conversation.told
    counted = [q for q in flow.questions if q.is_counted and may_hold(q, told)]
    total = min(len(counted), conversation.total or len(counted))
    others = [told.get(q.key, NOTHING) for q in counted if q is not question]
    settled = sum(answer.is_settled for answer in others)
    left = len(others) - settled
    done = max(1, min(settled + 1, total - left))
    return (done, total), total
