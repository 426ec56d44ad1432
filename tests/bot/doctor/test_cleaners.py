"""What the doctor says about cleaning files depends on what the kernel gives."""

import pytest

from bot.doctor.cleaners import cleaners, judged
from bot.doctor.findings import State
from cleaning import Capabilities, cleaner


@pytest.mark.parametrize(
    ("shut", "missing", "state", "word"),
    [
        ((), ("limits", "namespaces", "landlock", "seccomp"), State.PROBLEM, "no cleaner starts"),
        (("limits",), ("namespaces", "landlock", "seccomp"), State.WARNING, "hardly"),
        (
            ("limits", "landlock"),
            ("namespaces", "seccomp"),
            State.WARNING,
            "no namespaces, seccomp",
        ),
        (("limits", "seccomp"), ("namespaces", "landlock"), State.OK, "the rest is enough"),
        (("limits", "namespaces", "landlock"), ("seccomp",), State.OK, "the rest is enough"),
        (("limits", "namespaces", "landlock", "seccomp"), (), State.OK, "shut in."),
    ],
)
def test_what_a_cleaner_lacks_is_said(
    shut: tuple[str, ...], missing: tuple[str, ...], state: State, word: str
) -> None:
    finding = judged(Capabilities(shut, missing))
    assert finding.state is state
    assert word in finding.says
    assert bool(finding.fix) is (state is not State.OK)


def test_a_cleaner_that_does_not_start_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "_START", "raise SystemExit(1)")
    (finding,) = cleaners()
    assert finding.state is State.PROBLEM


def test_a_cleaner_is_started_and_asked() -> None:
    (finding,) = cleaners()
    assert finding.state in (State.OK, State.WARNING)
