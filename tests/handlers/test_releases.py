"""A release under open conversations: questions come, go, move and change, and nothing is misfiled.

Somebody answers while the flow is edited at random between any two of their messages. Everything
they type or tap names the question that stood on their screen, so an answer that lands elsewhere
shows itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import effects, events
from handlers.flow import Flow, Question, Told, holds
from handlers.kinds.agency import Agency
from handlers.kinds.checklist import Checklist
from handlers.kinds.choice import Choice
from handlers.kinds.free_text import Files, FreeText
from handlers.kinds.province import Province
from handlers.kinds.review import Review
from handlers.kinds.when import When
from handlers.words import Words
from tests.handlers.people import Someone, still_undecided
from tests.stories.engine_room import shared_book

LEAVING = ("cancel", "drop", "member", "follow", "safety", "language")
KEYS = tuple(f"q{n}" for n in range(8))


class Echo(Mapping[str, str]):
    """Every word there is: its own key."""

    def __getitem__(self, key: str) -> str:
        return key

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


START = replace(shared_book().flows["start"], evidence=None, story=None)
BOOK = replace(shared_book(), words=Words({"th": Echo(), "en": Echo()}, {}), flows={"start": START})


def only_if_b(told: Mapping[str, Told]) -> bool:
    return told["q0"] != "q0.a"


@st.composite
def questions(draw: st.DrawFn, key: str) -> Question:
    """A question under *key*, of any kind; every choice of it carries the key."""
    choices = (f"{key}.a", f"{key}.b", f"{key}.c")
    kind = draw(
        st.sampled_from(
            (
                Choice(choices),
                Choice(choices[:2], skippable=True),
                FreeText(skippable=True),
                FreeText(voice=True),
                Files(at_most=3, words=True),
                Checklist(choices, skippable=True),
                When(skippable=True),
                Province(),
                Agency(),
            )
        )
    )
    when = draw(st.sampled_from((None, None, only_if_b))) if key != "q0" else None
    return Question(key, kind, when)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A release's report: some of the keys in some order, the review last."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6))
    asked = tuple(draw(questions(key)) for key in keys)
    return Flow(
        "report",
        (*asked, Question("send", Review())),
        coach=tuple(draw(st.sampled_from(((), tuple(keys[:2]))))),
        is_editable=True,
        shows_progress=True,
        cancel="ask",
    )


@dataclass(frozen=True)
class Release:
    """The next message meets this flow."""

    flow: Flow


MOVES = st.one_of(
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from(["type", "type", "send", "edit", "back", "voice", "phone", "marked"]),
    st.sampled_from(["1", "2", "นคร", "สารคาม", "อบต.", "เมื่อวาน"]),
    flows().map(Release),
)


class Reporter(Someone):
    """Somebody who always answers the question they see."""

    nth = 0
    undecided: frozenset[str] = frozenset()

    def under(self, flow: Flow) -> None:
        self.book = replace(BOOK, flows={**shared_book().flows, **BOOK.flows, "report": flow})

    def moves(self, move: int | str) -> list[effects.Effect]:
        """Make one move and assert that nothing landed under another key than was seen."""
        seen, before = self.screen.question, self.conversation
        self.nth += 1
        wanted = self.meets(self._event(move, seen))
        for effect in wanted:
            if isinstance(effect, effects.Seal):
                assert effect.question == seen
        self.undecided = still_undecided(self.undecided, wanted)
        assert self.undecided == {each.part_id for each in self.conversation.findings}
        for key, answer in self.conversation.told.items():
            for value in (answer.value, *answer.ids):
                assert value is None or value[:1] != "q" or value.startswith(f"{key}.")
            was = before.answer(key)
            assert key == seen or answer in (was, was.reopened()), "another answer was changed"
        return wanted

    def _event(self, move: int | str, seen: str) -> events.Event:
        if move == "type":
            return events.Text(f"answer {self.nth} to {seen}")
        if move == "phone":
            return events.Text(f"answer {self.nth} to {seen}, โทร 081-234-5678")
        if move == "marked":
            sent = events.Original("c" * 32, 1, "a" * 64, b"s" * 32, ("place",))
            file = events.FileRef(
                "b" * 32, 1, "a" * 64, "voice", "audio/ogg", None, sent, "cleaned"
            )
            return events.Media(file)
        if move == "voice":
            return events.Media(events.FileRef("b" * 32, 1, "a" * 64, "voice", "audio/ogg"))
        if (isinstance(move, str) and not move.isascii()) or move in ("1", "2"):
            return events.Text(str(move))
        if isinstance(move, str):
            offered = [o.id for o in self.screen.choices if o.id in (move,)]
            return events.Choice(self.screen.screen, offered[0] if offered else "nothing")
        options = [o for o in self.screen.choices if o.id not in LEAVING]
        chosen = options[move % len(options)].id if options else "nothing"
        return events.Choice(self.screen.screen, chosen)


@given(flows(), st.lists(MOVES, max_size=30), flows())
@settings(max_examples=200, deadline=None)
def test_a_release_misfiles_nothing_skips_nothing_and_leaves_nobody_stuck(
    first: Flow, moves: list[int | str | Release], last: Flow
) -> None:
    reporter = Reporter(BOOK)
    reporter.under(first)
    reporter.meets(events.Choice("start", "report"))
    for move in moves:
        if isinstance(move, Release):
            reporter.under(move.flow)
        elif file_of(reporter, move):
            return
    reporter.under(last)
    for _ in range(4 * len(KEYS) + 8):
        if file_of(reporter, onwards(reporter)):
            return
    raise AssertionError("never got to send")


def onwards(reporter: Reporter) -> int | str:
    """The move of somebody who wants to be done."""
    offered = [option.id for option in reporter.screen.choices]
    for choice in ("send", "keep", "done", "none", "stay", "skip"):
        if choice in offered:
            return offered.index(choice) if choice != "send" else "send"
    return 0


def file_of(reporter: Reporter, move: int | str) -> effects.File | None:
    """Make *move*; if it files the tip, assert that nothing was skipped or lost, and return it."""
    before = reporter.conversation
    flow = reporter.book.flows["report"]
    for effect in reporter.moves(move):
        if isinstance(effect, effects.File):
            for question in flow.questions[:-1]:
                if holds(question, before.told):
                    assert before.answer(question.key).is_settled, "a question was skipped"
            answers = effect.form["answers"]
            assert isinstance(answers, dict)
            assert set(answers) == set(before.told), "an answer was lost"
            assert reporter.undecided == set(), "an original was left behind"
            return effect
    return None


def report(*asked: Question) -> Flow:
    """A report of just these questions and the review."""
    return Flow("report", (*asked, Question("send", Review())), is_editable=True, cancel="ask")


def test_a_voice_note_for_a_question_that_is_gone_answers_no_other() -> None:
    reporter = Reporter(BOOK)
    gone, stays = (Question(key, FreeText(voice=True)) for key in ("q1", "q2"))
    reporter.under(report(gone, stays))
    reporter.meets(events.Choice("start", "report"))
    reporter.under(report(stays))
    reporter.moves("voice")
    assert reporter.screen.question == "q2"
    assert not reporter.conversation.told


def test_a_guess_to_be_confirmed_is_not_shown_under_a_question_that_came_before_it() -> None:
    reporter = Reporter(BOOK)
    old, new = (Question(key, Province()) for key in ("q1", "q2"))
    reporter.under(report(old))
    reporter.meets(events.Choice("start", "report"))
    reporter.under(report(new, old))
    reporter.meets(events.Text("สารคาม"))
    assert reporter.screen.question == "q2"
    assert reporter.screen.key == "ask.q2"
    assert reporter.conversation.pending == ()
