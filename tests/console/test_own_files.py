"""An officer's own small files: unreadable and unchangeable without their key; saved views."""

from collections.abc import Callable
from pathlib import Path

import pytest

from console.errors import Distrusted, Mistaken
from console.folder import Folder
from console.own_files import open_own, seal_own
from console.pages.preferences import Preferences, keep_preferences, read_preferences
from console.saved_views import NAME_AT_MOST, VIEWS, VIEWS_AT_MOST, SavedView, SavedViews
from sealing import OfficerKeys

SEED = b"\7" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_what_was_sealed_comes_back_and_its_length_says_little() -> None:
    sealed = seal_own(SEED, "views", "นายกแดง".encode())
    assert open_own(SEED, "views", sealed, "views.damaged") == "นายกแดง".encode()
    assert len(sealed) == len(seal_own(SEED, "views", b""))
    assert sealed != seal_own(SEED, "views", "นายกแดง".encode())


@pytest.mark.parametrize(
    ("seed", "purpose", "change"),
    [
        (b"\1" * 32, "views", lambda data: data),
        (SEED, "other", lambda data: data),
        (SEED, "views", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        (SEED, "views", lambda data: b"\2" + data[1:]),
        (SEED, "views", lambda data: data[:10]),
        (SEED, "views", lambda data: b""),
    ],
)
def test_another_key_purpose_or_byte_opens_nothing(
    seed: bytes, purpose: str, change: Callable[[bytes], bytes]
) -> None:
    sealed = seal_own(SEED, "views", b"x")
    with pytest.raises(Distrusted):
        open_own(seed, purpose, change(sealed), "views.damaged")


def test_views_are_kept_sealed_replaced_by_name_and_removed(folder: Folder) -> None:
    keys = OfficerKeys.generate("somchai")
    views = SavedViews(folder, keys)
    assert views.all() == ()
    views.save(SavedView("ด่วน", {"urgent": "1"}, "นายกแดง"))
    views.save(SavedView(" ของฉัน  ", {"mine": "1"}))
    views.save(SavedView("ด่วน", {"urgent": "1", "tab": "received"}, "นายกดำ"))
    assert [(v.name, v.words) for v in SavedViews(folder, keys).all()] == [
        ("ของฉัน", ""),
        ("ด่วน", "นายกดำ"),
    ]
    raw = folder.read(VIEWS)
    assert raw is not None
    assert "นายก".encode() not in raw
    assert "นายก" not in repr(views.all())
    views.remove("ด่วน")
    assert [v.name for v in views.all()] == ["ของฉัน"]
    with pytest.raises(Distrusted):
        SavedViews(folder, OfficerKeys.generate("malee")).all()


def test_a_view_has_a_short_name_and_there_are_not_too_many(folder: Folder) -> None:
    views = SavedViews(folder, OfficerKeys.generate("somchai"))
    for name in ("", "   ", "x" * (NAME_AT_MOST + 1), "a\u202eb"):
        with pytest.raises(Mistaken):
            views.save(SavedView(name, {}))
    for number in range(VIEWS_AT_MOST):
        views.save(SavedView(str(number), {}))
    with pytest.raises(Mistaken):
        views.save(SavedView("one more", {}))


def test_what_was_chosen_is_read_again_and_nonsense_counts_as_not_chosen(folder: Folder) -> None:
    assert read_preferences(folder) == Preferences()
    chosen = Preferences("en", "dark", 5, 60)
    keep_preferences(folder, chosen)
    assert read_preferences(folder) == chosen
    folder.write("pages.toml", b'language = "xx"\ncolours = 3\nidle_minutes = 0\npage_size = "a"\n')
    assert read_preferences(folder) == Preferences()
    folder.write("pages.toml", b"\xff not toml")
    assert read_preferences(folder) == Preferences()
