"""Figures are parsed at the door: a desk that sends anything else is refused, and not repeated."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from console.answers import parse
from console.errors import Distrusted
from console.figure_answers import NetworkFigures

GOOD: dict[str, Any] = {
    "k": 5,
    "until": "2026-10",
    "centres": [
        {
            "centre": "khonkaen",
            "intake": [{"first": "2026-01", "last": "2026-02", "n": 7}],
            "ended": [
                {
                    "first": "2026-01",
                    "last": "2026-01",
                    "n": 12,
                    "not_counted": 1,
                    "tables": [
                        {
                            "measure": "category",
                            "cells": [
                                {"values": ["bribe"], "n": 6},
                                {"values": ["land", "duty"], "n": 5},
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}


def test_what_the_desk_says_is_read() -> None:
    found = parse(NetworkFigures, json.dumps(GOOD).encode())
    (period,) = found.centres[0].ended
    table = period.table("category")
    assert table is not None
    assert [(cell.values, cell.n) for cell in table.cells] == [
        (("bribe",), 6),
        (("land", "duty"), 5),
    ]
    assert period.table("result") is None


def at(*path: str | int, value: object) -> Callable[[Any], None]:
    def spoil(answer: Any) -> None:
        place = answer
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return spoil


ENDED = ("centres", 0, "ended", 0)
CELLS = (*ENDED, "tables", 0, "cells")


@pytest.mark.parametrize(
    "spoil",
    [
        at("until", value="2026-13"),
        at("until", value="๒๐๒๖-10"),
        at("centres", 0, "centre", value="<script>alert(1)</script>"),
        at("centres", 0, "intake", 0, "n", value=-1),
        at("centres", 0, "intake", 0, "n", value=2**60),
        at("centres", 0, "intake", 0, "first", value="2026-03"),
        at(*ENDED, "n", value="many"),
        at(*ENDED, "tables", 0, "measure", value="=cmd()"),
        at(*CELLS, 0, "values", value=[]),
        at(*CELLS, 0, "values", value=["land"]),
        at(*CELLS, 0, "values", value=["ประเภท"]),
        at(*CELLS, 0, "n", value=1.5),
        at(*CELLS, value=[{"values": ["a"], "n": 5}] * 500),
        at("centres", value=[GOOD["centres"][0]] * 3000),
    ],
)
def test_anything_else_is_refused(spoil: Callable[[Any], None]) -> None:
    answer = copy.deepcopy(GOOD)
    spoil(answer)
    with pytest.raises(Distrusted) as caught:
        parse(NetworkFigures, json.dumps(answer).encode())
    assert not [bad for bad in ("script", "cmd", "ประเภท") if bad in str(caught.value.params)]
