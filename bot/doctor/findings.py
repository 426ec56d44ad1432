"""What the doctor says about one thing: fine, worth a look, or to be put right; and how."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """How bad it is. Only a problem makes `saisaat doctor` fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: *check* names it, *says* is a plain sentence, *fix* what to do."""

    check: str
    state: State
    says: str
    fix: str = ""

    @classmethod
    def ok(cls, check: str, says: str) -> Self:
        return cls(check, State.OK, says)

    @classmethod
    def warning(cls, check: str, says: str, fix: str) -> Self:
        return cls(check, State.WARNING, says, fix)

    @classmethod
    def problem(cls, check: str, says: str, fix: str) -> Self:
        return cls(check, State.PROBLEM, says, fix)
