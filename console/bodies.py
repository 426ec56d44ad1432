"""Bodies that a tip may be for, out of data/bodies.toml: their names and public hotlines."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sealing.canonical import is_label

_HOTLINE = re.compile(r"[0-9][0-9 -]{1,18}")


@dataclass(frozen=True, slots=True)
class Body:
    """Somebody who may be responsible. *is_checked*: somebody asked them whether the *hotline* is
    right. *is_outside*: a tip can be referred to them; we ourselves are one too."""

    id: str
    th: str
    en: str
    hotline: str | None = None
    is_checked: bool = True
    is_outside: bool = True

    def name(self, language: str) -> str:
        return self.th if language == "th" else self.en

    def called(self, language: str) -> str:
        """For officers: the name, and the number to call where there is one."""
        if self.hotline is None:
            return self.name(language)
        doubt = "" if self.is_checked else " [?]"
        return f"{self.name(language)} ({self.hotline}{doubt})"

    @property
    def number(self) -> str | None:
        """The number that a reporter may be told."""
        return self.hotline if self.is_checked else None


def parse_bodies(toml_text: str) -> Mapping[str, Body]:
    """Read `[[body]]` tables, by id. Raises ValueError: the data is at fault."""
    found: dict[str, Body] = {}
    for row in tomllib.loads(toml_text).get("body", []):
        try:
            body = Body(
                row["id"],
                row["th"],
                row["en"],
                row.get("hotline"),
                row.get("is_checked", True),
                row.get("is_outside", True),
            )
        except KeyError as missing:
            raise ValueError(f"a body lacks {missing}") from None
        if not is_label(body.id) or body.id in found or not (body.th and body.en):
            raise ValueError("a body's id is no label or there twice, or it has no name")
        if body.hotline is not None and not _HOTLINE.fullmatch(body.hotline):
            raise ValueError(f"the hotline of {body.id!r} is no number")
        found[body.id] = body
    return found


@cache
def shipped_bodies() -> Mapping[str, Body]:
    """The bodies that come with the program, in their order."""
    text = files("console").joinpath("data/bodies.toml").read_text(encoding="utf-8")
    return parse_bodies(text)


def outside() -> tuple[Body, ...]:
    """Those that a tip can be referred to."""
    return tuple(body for body in shipped_bodies().values() if body.is_outside)
