"""Hostile text shows harmless: on a terminal, in JSON, as a file name."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.calm import calm, calm_json, calm_line, safe_name

ANY_TEXT = st.text(st.characters(codec=None))


@settings(max_examples=100)
@given(ANY_TEXT)
def test_calm_text_holds_nothing_that_moves_the_cursor_or_turns_the_direction(text: str) -> None:
    shown = calm(text)
    allowed = {"\n", "\t", "\u200b", "\u200c", "\u200d"}
    assert all(
        c in allowed or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        for c in shown
    )


def test_escape_sequences_and_direction_marks_become_visible() -> None:
    assert calm("a\x1b[2Jb") == "a⟨U+001B⟩[2Jb"
    assert calm("gpj.\u202eexe") == "gpj.⟨U+202E⟩exe"
    assert calm("\x9b31m") == "⟨U+009B⟩31m"


def test_thai_and_joined_emoji_stay_as_they_are() -> None:
    assert calm("เอาปูนของ อบต. ไปทำถนน 👩‍👩‍👧") == "เอาปูนของ อบต. ไปทำถนน 👩‍👩‍👧"


def test_a_line_is_one_line_and_bounded() -> None:
    assert calm_line("a\n\n  b\r\nc") == "a b c"
    assert len(calm_line("x" * 1_000_000)) == 200


@settings(max_examples=100)
@given(st.text(st.characters(codec="utf-8")))
def test_calm_json_reads_back_unchanged(text: str) -> None:
    shown = calm_json({"words": text})
    assert json.loads(shown) == {"words": text}
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_calm_json_keeps_thai_readable() -> None:
    assert "สารคาม" in calm_json({"province": "สารคาม"})


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\evil.png", "evil.png"),
        ("ใบเสร็จ ๑.pdf", "ใบเสร็จ ๑.pdf"),
        ("invoice.pdf.exe", "invoice.pdf.exe.unsafe"),
        ("page.HTML", "page.HTML.unsafe"),
        ("a\x00b\nc\x1b.jpg", "a_b_c_.jpg"),
        (".bashrc", "bashrc"),
        ("", "photo"),
        (None, "photo"),
        ("....", "photo"),
        ("photo.\u202egpj.exe", "photo._gpj.exe.unsafe"),
        (f"letter.js{' ' * 40}x", "letter.js.unsafe"),
        (f"letter.vbs.{' ' * 40}x", "letter.vbs.unsafe"),
        ("letter.bat:stream.txt", "stream.txt"),
        ("far.rdp", "far.rdp.unsafe"),
        ("panel.SettingContent-MS", "panel.SettingContent-MS.unsafe"),
    ],
)
def test_a_strangers_file_name_stays_in_its_folder_and_does_not_run(
    name: str | None, kept: str
) -> None:
    assert safe_name(name, "photo") == kept


@settings(max_examples=100)
@given(ANY_TEXT)
def test_any_file_name_is_short_and_without_a_path(name: str) -> None:
    kept = safe_name(name, "file")
    assert kept.strip(". ")
    assert not set(kept) & set("/\\:\x00\n")
    assert kept == kept.rstrip(" .")
    assert len(kept.encode("utf-8", "surrogatepass")) <= 160
