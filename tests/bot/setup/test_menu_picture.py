"""The rich menu's picture: LINE takes it, and Thai marks stand where they belong."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bot.setup import fonts as font_room
from bot.setup.fonts import Fonts, NoFont, find, stacks_marks
from bot.setup.icons import ICONS, Ink
from bot.setup.menu import TILES, menus
from bot.setup.picture import _NAVY, _WHITE, AT_MOST_BYTES, HEIGHT, WIDTH, draw

NOTO = Path("/usr/share/fonts/truetype/noto")


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return find()


def test_the_picture_has_the_size_that_line_takes_and_is_small_enough(fonts: Fonts) -> None:
    for menu in menus(fonts):
        with Image.open(io.BytesIO(menu.picture)) as picture:
            assert (picture.format, picture.size) == ("PNG", (2500, 1686))
        assert len(menu.picture) <= AT_MOST_BYTES == 1024 * 1024


def test_the_tiles_cover_the_picture_without_gap_or_overlap(fonts: Fonts) -> None:
    for menu in menus(fonts):
        boxes = [area["bounds"] for area in menu.body["areas"]]
        assert len(boxes) == len(TILES) == 8
        assert sum(box["width"] * box["height"] for box in boxes) == WIDTH * HEIGHT
        corners = {(box["x"], box["y"]) for box in boxes}
        assert len(corners) == 8
        for box in boxes:
            right, bottom = box["x"] + box["width"], box["y"] + box["height"]
            assert right == WIDTH or (right, box["y"]) in corners
            assert bottom == HEIGHT or (box["x"], bottom) in corners


def test_a_menu_is_named_after_everything_it_is_made_of(fonts: Fonts) -> None:
    first = {menu.name for menu in menus(fonts)}
    assert first == {menu.name for menu in menus(fonts)}
    assert not first & {menu.name for menu in menus(Fonts(fonts.thai, fonts.thai))}


def test_a_tone_mark_stands_above_a_vowel_sign_and_not_on_it(fonts: Fonts) -> None:
    assert stacks_marks(fonts)
    for word in ("เรื่อง", "เพิ่ม", "น้ำ"):
        bare = word.replace("่", "").replace("้", "")
        top, bare_top = (fonts.of(word, 100).getbbox(each)[1] for each in (word, bare))
        assert top < bare_top, word


@pytest.mark.skipif(
    not (NOTO / "NotoLoopedThai-Bold.ttf").is_file(), reason="this machine has no such font"
)
def test_a_font_that_cannot_stack_marks_is_passed_over() -> None:
    looped = {"thai": str(NOTO / "NotoLoopedThai-Bold.ttf"), "package": "p"}
    with pytest.raises(NoFont):
        find([looped | {"latin": looped["thai"]}])


def test_without_a_font_the_package_to_install_is_named_in_one_line(tmp_path: Path) -> None:
    known = [{"thai": str(tmp_path / "x.ttf"), "latin": "y.ttf", "package": "fonts-noto-core"}]
    with pytest.raises(NoFont) as caught:
        find(known)
    assert "apt-get install fonts-noto-core" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_shaping_engine_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_room.features, "check", lambda name: name != "fribidi")
    with pytest.raises(NoFont, match="libfribidi0"):
        find()


def test_words_that_do_not_fit_are_our_mistake_and_stop_the_drawing(fonts: Fonts) -> None:
    with pytest.raises(AssertionError, match="too long"):
        draw([("report", "แจ้งเบาะแส" * 10)], fonts)


def test_every_icon_has_a_shape_of_its_own_without_colour() -> None:
    seen = set[bytes]()
    for icon in ICONS.values():
        canvas = Image.new("L", (100, 100), 255)
        icon(ImageDraw.Draw(canvas), Ink("black", "white", "gray"), 1)
        seen.add(canvas.tobytes())
    assert len(seen) == len(ICONS) == len(TILES)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2, section 1.4.3)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_and_ground_differ_in_brightness_not_only_in_colour() -> None:
    assert (luminance(_WHITE) + 0.05) / (luminance(_NAVY) + 0.05) >= 7
