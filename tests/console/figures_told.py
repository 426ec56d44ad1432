"""What a desk tells of its network, as the real one would."""

from typing import Any

from tests.console.fake_world import Answer


def months(first: str, last: str, n: int, **more: Any) -> Answer:
    return {"first": first, "last": last, "n": n, **more}


def table(measure: str, *cells: tuple[int, str]) -> Answer:
    return {
        "measure": measure,
        "cells": [{"values": values.split(), "n": n} for n, values in cells],
    }


def told() -> Answer:
    """Two centres: one busy, one of whose months are told together; and one with too few."""
    ended = (
        table("category", (14, "procurement"), (11, "bribe"), (7, "land wealth ethics")),
        table("teller", (12, "member"), (20, "citizen")),
        table("result", (15, "substantiated"), (17, "partly unsubstantiated not_enough")),
        table("acknowledged", (22, "7"), (10, "15 30 90 more")),
        table("ended", (12, "90"), (20, "more")),
        table("of_tomorrow", (32, "this that")),
    )
    kkn = {
        "centre": "kkn",
        "intake": [
            months("2026-04", "2026-04", 17),
            months("2026-05", "2026-05", 23),
            months("2026-06", "2026-06", 1234),
            months("2026-07", "2026-07", 19),
        ],
        "ended": [months("2026-04", "2026-06", 36, not_counted=4, tables=list(ended))],
    }
    udn = {"centre": "udn", "intake": [months("2026-01", "2026-05", 11)], "ended": []}
    return {
        "k": 5,
        "until": "2026-10",
        "centres": [kkn, udn, {"centre": "inside", "intake": [], "ended": []}],
    }
