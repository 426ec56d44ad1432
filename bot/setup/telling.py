"""What a set-up says while it works: one line a step, at once; what it changed and what it left.

A step is looked at first and touched only when it differs, so a second run changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from tomllib import loads
from typing import Any

LANGUAGES = ("th", "en")
"""Thai first: it is what people see whose own language we do not speak."""


class Outcome(StrEnum):
    """How a step ended. Only FAILED makes `saisaat setup` exit 1."""

    CHANGED = "changed"
    SAME = "already so"
    LOOK = "look at"
    FAILED = "failed"


_SHOWN = {
    Outcome.CHANGED: "แก้แล้ว · changed",
    Outcome.SAME: "เดิมอยู่แล้ว · already so",
    Outcome.LOOK: "ควรดู · look at",
    Outcome.FAILED: "ไม่สำเร็จ · failed",
}


@dataclass(slots=True)
class Telling:
    """Says each step through *say* and counts how they ended."""

    say: Callable[[str], None]
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    def changed(self, step: str, says: str = "") -> None:
        """The platform had something else; now it has what it should."""
        self._tell(Outcome.CHANGED, step, says)

    def same(self, step: str, says: str = "") -> None:
        """Nothing was to be done."""
        self._tell(Outcome.SAME, step, says)

    def look(self, step: str, says: str, fix: str) -> None:
        """Something that only a person can put right; the bot can run."""
        self._tell(Outcome.LOOK, step, says)
        self.say(f"    วิธีแก้ · fix: {fix}")

    def failed(self, step: str, says: str, fix: str) -> None:
        """Something without which the channel does not work."""
        self._tell(Outcome.FAILED, step, says)
        self.say(f"    วิธีแก้ · fix: {fix}")

    def make_so(self, step: str, is_so: bool, change: Callable[[], object]) -> None:
        """Call *change* unless *is_so* already, and say which it was."""
        if is_so:
            self.same(step)
        else:
            change()
            self.changed(step)

    @property
    def is_fine(self) -> bool:
        """Whether no step failed."""
        return not self.counts[Outcome.FAILED]

    def close(self) -> None:
        """Say the sum."""
        changed, same = self.counts[Outcome.CHANGED], self.counts[Outcome.SAME]
        look, failed = self.counts[Outcome.LOOK], self.counts[Outcome.FAILED]
        self.say(
            f"แก้ {changed} เดิม {same} ควรดู {look} ไม่สำเร็จ {failed} · "
            f"{changed} changed, {same} already so, {look} to look at, {failed} failed."
        )

    def _tell(self, outcome: Outcome, step: str, says: str) -> None:
        self.counts[outcome] += 1
        self.say(f"[{_SHOWN[outcome]}] {step}" + (f": {says}" if says else ""))


def words(language: str) -> dict[str, Any]:
    """Return what is written to an account in *language*."""
    path = files("bot") / "setup" / "words" / f"{language}.toml"
    return loads(path.read_text(encoding="utf-8"))
