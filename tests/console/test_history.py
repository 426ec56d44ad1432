"""What memory keeps of a change: every field, so that none is altered later unseen."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.answers import Change
from console.history import change_digest

CHANGE = Change(version=2, kind="status", status="accepted", officer="a" * 32, day="2026-11-23")
OF_EVERY_KIND: dict[str, Any] = {
    "version": 3,
    "status": "declined",
    "officer": "b" * 32,
    "day": "2026-11-24",
    "part_id": "c" * 32,
    "signature": b"another",
}
OF_ONE_KIND: list[tuple[str, dict[str, Any]]] = [
    ("status", {"counts_hash": b"h" * 32}),
    ("status", {"counts_signature": b"s" * 64}),
    ("assign", {"to_officer": "d" * 32}),
    ("move", {"from_centre": "loei"}),
    ("move", {"to_centre": "loei"}),
    ("extend", {"until_day": "2026-12-24"}),
    ("escalate", {"from_centre": "loei"}),
    ("escalate", {"to_centre": "loei"}),
    ("rekey", {"to_officer": "d" * 32}),
    ("rekey", {"rekey": b"other keys"}),
]
KINDS = ("status", "claim", "release", "move", "rekey", "hold", "confirm", "reopen", "unknown")


@pytest.mark.parametrize("field", OF_EVERY_KIND)
@pytest.mark.parametrize("kind", KINDS)
def test_a_change_altered_in_one_field_is_another(kind: str, field: str) -> None:
    change = replace(CHANGE, kind=kind)
    altered = replace(change, **{field: OF_EVERY_KIND[field]})
    assert change_digest(altered) != change_digest(change)


@pytest.mark.parametrize(("kind", "altered"), OF_ONE_KIND)
def test_so_is_one_in_a_field_that_only_its_kind_has(kind: str, altered: dict[str, Any]) -> None:
    change = replace(CHANGE, kind=kind)
    assert change_digest(replace(change, **altered)) != change_digest(change)


def test_a_change_is_not_of_another_kind() -> None:
    claim, release = (replace(CHANGE, kind=kind) for kind in ("claim", "release"))
    assert change_digest(claim) != change_digest(release)
