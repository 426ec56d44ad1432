"""The frame's words are complete, and its colours can be read."""

import re
from pathlib import Path

import pytest

import bot.channels.web as web
from bot.channels.web.chrome import BadFrame, Frame
from bot.channels.web.page import blocks
from sealing import BotChannel

FOLDER = Path(web.__file__).parent
CSS = (FOLDER / "static" / "web.css").read_text()


def test_both_languages_say_everything() -> None:
    frame = Frame.shipped(("th", "en"))
    assert frame.text("th", "progress", {"done": 3, "total": 9}) == "ข้อ 3 จาก 9"


def test_a_missing_word_is_found_when_the_app_is_made() -> None:
    with pytest.raises(BadFrame, match=r"words/en.toml lacks 'b'"):
        Frame({"th": {"a": "1", "b": "2"}, "en": {"a": "1"}})


def test_a_missing_param_is_found_when_the_app_is_made() -> None:
    with pytest.raises(BadFrame, match="'a' has other params in en"):
        Frame({"th": {"a": "{most} MB"}, "en": {"a": "big"}})


def test_a_missing_language_is_found_when_the_app_is_made() -> None:
    with pytest.raises(BadFrame, match=r"words/xx.toml is missing"):
        Frame.shipped(("th", "xx"))


def test_every_word_that_a_template_or_a_refusal_names_is_there() -> None:
    frame = Frame.shipped(("th", "en"))
    named = set[str]()
    for template in (FOLDER / "templates").glob("*.html"):
        named |= set(re.findall(r"""\bt\(["'](\w+)["']""", template.read_text()))
    for module in FOLDER.glob("*.py"):
        text = module.read_text()
        named |= set(re.findall(r'(?:Turned\(\d+, |Notice\(|_turned\(request, \d+, )"(\w+)"', text))
    named |= {
        "file_not_now",
        "file_busy",
        "file_empty",
        "file_too_big",
        "files_enough",
        "files_too_much",
    }
    named |= {f"bots_{place}" for place in (*BotChannel, "web", "onion")}
    assert len(named) > 40
    said = ("most", "nth", "done", "total", "version", "web", "day", "expires", "id", "file")
    of_figures = ("k", "n", "count", "number", "year", "first", "last")
    params = dict.fromkeys((*said, *of_figures), 1)
    for language in frame.languages:
        for key in named:
            assert frame.text(language, key, params)


def test_bullets_become_one_list() -> None:
    found = blocks("a\n• b\n• c\n\nd")
    assert [(block.text, block.items) for block in found] == [
        ("a", ()),
        ("", ("b", "c")),
        ("d", ()),
    ]


# --- contrast ------------------------------------------------------------------------------------

READ_ON = [  # colour, ground: text, at least 4.5 to 1
    ("ink", "ground"), ("ink", "paper"), ("quiet", "ground"), ("quiet", "paper"),
    ("main", "ground"), ("main", "paper"), ("on-main", "main"), ("on-tint", "tint"),
    ("on-warn", "warn"), ("leave", "ground"),
]  # fmt: skip
SEEN_ON = [  # borders of what can be pressed or typed in, and the focus ring: at least 3 to 1
    ("edge", "ground"), ("edge", "paper"), ("focus", "ground"), ("focus", "paper"),
    ("main", "line"),
]  # fmt: skip


def schemes() -> dict[str, dict[str, str]]:
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{([^}]*)\}", CSS)
    )
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_can_be_told_apart(scheme: str) -> None:
    colours = schemes()[scheme]
    weak = {
        (fore, ground): round(contrast(colours[fore], colours[ground]), 2)
        for pairs, least in ((READ_ON, 4.5), (SEEN_ON, 3.0))
        for fore, ground in pairs
        if contrast(colours[fore], colours[ground]) < least
    }
    assert not weak


def test_every_colour_has_a_light_and_a_dark_side() -> None:
    light, dark = (
        set(re.findall(r"--([\w-]+):", block)) for block in re.findall(r":root \{([^}]*)\}", CSS)
    )
    assert light == dark


def test_the_style_asks_for_nothing_from_anywhere() -> None:
    assert not re.search(r"url\(|@import|@font-face|https?:", CSS)
