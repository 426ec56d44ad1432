"""Manifests: one spelling for one folder, and no path that leads out of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import (
    ListedFile,
    Malformed,
    Manifest,
    NewerFormat,
    make_manifest,
    read_manifest,
    write_manifest,
)

TIP, OFFICER, REASON = "1" * 32, "2" * 32, "3" * 32
DAY = "2026-11-26"
HASH = "a" * 64
OUTWARD = (
    "",
    "/etc/passwd",
    "../up",
    "files/../../up",
    "files//a",
    "files/./a",
    "files/",
    ".",
    "a\\b",
    "a\nb",
    "a\u202eb",
    "a\x1b[2J",
    "a" * 1025,
)
pieces = st.text(
    st.characters(categories=("L", "N"), include_characters="._- ()"), min_size=1, max_size=9
).filter(lambda piece: piece not in (".", "..") and piece.isprintable())
paths = st.lists(pieces, min_size=1, max_size=3).map("/".join)
listed = st.builds(
    ListedFile,
    path=paths,
    size=st.integers(0, 2**40),
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
)


def a_manifest(*files: ListedFile, **fields: Any) -> Manifest:
    named = {"tip_id": TIP, "day": DAY, "officer": OFFICER, "reason_part_id": REASON} | fields
    return make_manifest(**named, files=files)


def as_json(**changed: Any) -> bytes:
    value = json.loads(write_manifest(a_manifest(ListedFile("files/a.jpg", 3, HASH)))) | changed
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


@given(st.lists(listed, max_size=6, unique_by=lambda each: each.path))
def test_what_is_written_is_read_in_the_order_of_paths(files: list[ListedFile]) -> None:
    written = write_manifest(a_manifest(*files))
    assert read_manifest(written) == a_manifest(*reversed(files))
    assert write_manifest(read_manifest(written)) == written


@pytest.mark.parametrize("path", OUTWARD)
def test_a_path_that_leads_out_or_hides_is_none(path: str) -> None:
    with pytest.raises(ValueError, match="a path stays inside"):
        ListedFile(path, 1, HASH)
    with pytest.raises(Malformed):
        read_manifest(as_json(files=[{"path": path, "size": 1, "sha256": HASH}]))


@pytest.mark.parametrize(
    "changed",
    [
        {"tip_id": "x"},
        {"day": "2026-13-40"},
        {"officer": None},
        {"reason_part_id": None},
        {"officer": "me"},
        {"more": 1},
        {"files": [{"path": "a", "size": -1, "sha256": HASH}]},
        {"files": [{"path": "a", "size": 1, "sha256": HASH.upper()}]},
        {"files": [{"path": "a", "size": 1, "sha256": HASH, "more": 1}]},
        {
            "files": [
                {"path": "b", "size": 1, "sha256": HASH},
                {"path": "a", "size": 1, "sha256": HASH},
            ]
        },
        {"files": [{"path": "a", "size": 1, "sha256": HASH}] * 2},
    ],
)
def test_anything_else_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_manifest(as_json(**changed))


def test_a_newer_manifest_is_named_so() -> None:
    with pytest.raises(NewerFormat):
        read_manifest(as_json(schema=2))


def test_a_path_comes_once() -> None:
    one = ListedFile("a", 1, HASH)
    with pytest.raises(ValueError, match="each path once"):
        a_manifest(one, one)


def test_nobody_signs_what_recovery_opened() -> None:
    unsigned = a_manifest(officer=None, reason_part_id=None)
    assert read_manifest(write_manifest(unsigned)).officer is None


def test_a_tip_of_ten_thousand_parts_has_a_manifest() -> None:
    files = [ListedFile(f"sealed/{n:05}-{'b' * 32}.age", 2048, HASH) for n in range(10_000)]
    assert len(read_manifest(write_manifest(a_manifest(*files))).files) == 10_000


def test_no_path_is_in_a_repr() -> None:
    assert "สมชาย" not in repr(a_manifest(ListedFile("files/สมชาย.jpg", 1, HASH)))
