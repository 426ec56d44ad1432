"""What is wrong with a configuration, all of it at once: each problem names the key and the fix.

A value is never repeated, not even a harmless one: somebody pastes a token into the wrong line.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.errors import Misconfigured

_AT_MOST_KEY = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: where, what is wrong with it, what to write instead."""

    key: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem} {self.fix}"


class ConfigError(Misconfigured):
    """The configuration cannot be used; `problems` holds every reason found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def wrong(problem: str, fix: str) -> PydanticCustomError:
    """Make the error that a value's check raises; it becomes a Problem of its key."""
    return PydanticCustomError("saisaat", "wrong value", {"problem": problem, "fix": fix})


def explain(errors: Iterable[ErrorDetails], root: type[BaseModel]) -> list[Problem]:
    """Turn pydantic's *errors* about *root* into problems. Reads no input value."""
    return [_explain(error, root) for error in errors]


def name_of(where: Sequence[int | str]) -> str:
    """Write a place as the operator sees it: `[limits] file_mib`, `[[centre]] 2: id`."""
    if len(where) >= 2 and isinstance(where[1], int):
        table = f"[[{_shown(where[0])}]] {where[1] + 1}"
        return f"{table}: {_dotted(where[2:])}" if where[2:] else table
    if len(where) >= 3 and isinstance(where[2], int) and where[3:]:
        table = f"[[{_shown(where[0])}.{_shown(where[1])}]] {where[2] + 1}"
        return f"{table}: {_dotted(where[3:])}"
    if len(where) >= 2:
        return f"[{_shown(where[0])}] {_dotted(where[1:])}"
    return _shown(where[0]) if where else "the file"


def close_to(key: str, known: Iterable[str]) -> str | None:
    """Return the known name that *key* was probably meant to be."""
    found = difflib.get_close_matches(key.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _explain(error: ErrorDetails, root: type[BaseModel]) -> Problem:
    where, kind = error["loc"], error["type"]
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind == "saisaat":
        return Problem(name_of(where), str(context["problem"]), str(context["fix"]))
    if kind == "extra_forbidden":
        return _unknown(where, root)
    if kind == "missing":
        return Problem(name_of(where), "is missing.", "Add it; config.example.toml shows how.")
    expected = _EXPECTED.get(kind)
    if expected is None:
        return Problem(name_of(where), "has a wrong value.", "See config.example.toml for it.")
    return Problem(name_of(where), "is of the wrong kind.", f"Write {expected}.")


_EXPECTED = {
    "string_type": 'a text in quotes, like "this"',
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": 'a list, like ["one", "two"]',
    "list_type": 'a list, like ["one", "two"]',
    "model_type": "a section: its name in brackets on a line of its own",
    "dict_type": "a section: its name in brackets on a line of its own",
}


def _unknown(where: Sequence[int | str], root: type[BaseModel]) -> Problem:
    key = str(where[-1])
    section = model_at(root, where[:-1])
    near = close_to(key, section.model_fields) if section else None
    if near:
        return Problem(name_of(where), "is not a key of this program.", f"Did you mean {near}?")
    homes = [name for name, model in sections(root).items() if key.lower() in model.model_fields]
    if homes:
        return Problem(name_of(where), "does not belong here.", f"Move it to [{homes[0]}].")
    fix = "Remove it"
    if section:
        fix += f", or use one of: {', '.join(sorted(section.model_fields))}"
    return Problem(name_of(where), "is not a key of this program.", f"{fix}.")


def sections(root: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the models of *root*'s sections and lists of sections, by name."""
    found = {name: model_at(root, (name,)) for name in root.model_fields}
    return {name: model for name, model in found.items() if model is not None}


def model_at(root: type[BaseModel], where: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model that checks what stands at *where*, if a section stands there."""
    model: type[BaseModel] | None = root
    for step in where:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step) if model else None
        model = _model_in(field.annotation) if field else None
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [_model_in(each) for each in get_args(annotation) if each is not Ellipsis]
    return next((each for each in inner if each), None)


def _dotted(where: Sequence[int | str]) -> str:
    return ".".join(
        f"number {each + 1}" if isinstance(each, int) else _shown(each) for each in where
    )


def _shown(key: object) -> str:
    text = "".join(letter if letter.isprintable() else "?" for letter in str(key))
    return text if len(text) <= _AT_MOST_KEY else text[:_AT_MOST_KEY] + "…"
