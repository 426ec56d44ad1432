"""Cards: Thai set right, nothing outside its card, the code once, and links without one."""

import base64
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from console.errors import Mistaken
from console.members import cards
from console.members.cards import CARDS_ON_A_PAGE, CardText, Printer, check_can_print, write_cards
from console.members.links import Links
from console.paper.orders import NotPrinted
from console.words import words_for
from sealing import MemberCode, generate_alias

LINKS = Links(
    "https://t.me/saisaat_khet4_network_bot",
    "https://line.me/R/ti/p/@saisaat4",
    "https://chat.saisaat-khet4.example.go.th",
    f"http://{'abcdefg234567' * 4}abcd.onion",
)
POINTS_PER_MM = 72 / 25.4
EDGE_MM, CARD_MM = 9, 139


def a_card() -> CardText:
    return CardText(MemberCode.generate(generate_alias()).grouped, "2027-11-26")


def text_of(pdf: Path, *options: str) -> str:
    done = subprocess.run(["pdftotext", *options, str(pdf), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def pages_of(pdf: Path) -> int:
    said = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, check=True).stdout.decode()
    found = re.search(r"Pages:\s+(\d+)", said)
    assert found
    return int(found.group(1))


def printed(folder: Path, count: int, **options: Any) -> tuple[Path, list[str]]:
    made = [a_card() for _ in range(count)]
    language = options.pop("language", "th")
    path = folder / "cards.pdf"
    write_cards(path, Printer(words_for(language), LINKS, **options).print(made))
    return path, [card.code for card in made]


def test_each_code_is_on_its_card_once(tmp_path: Path) -> None:
    path, codes = printed(tmp_path, 5)
    text = text_of(path)
    assert pages_of(path) == 2
    for code in codes:
        assert text.count(code) == 1
    assert text.count("t.me/") == len(codes)


def test_one_to_a_page_when_asked(tmp_path: Path) -> None:
    path, codes = printed(tmp_path, 3, is_wide=True)
    assert pages_of(path) == 3
    assert all(text_of(path).count(code) == 1 for code in codes)


@pytest.mark.parametrize("language", ["th", "en"])
def test_no_word_runs_out_of_its_card(tmp_path: Path, language: str) -> None:
    path, _ = printed(tmp_path, CARDS_ON_A_PAGE, language=language)
    assert pages_of(path) == 1
    boxes = text_of(path, "-bbox")
    words = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)<', boxes)
    cut_mm = EDGE_MM + CARD_MM
    rows = [
        (float(low) / POINTS_PER_MM, float(high) / POINTS_PER_MM, word) for low, high, word in words
    ]
    assert len(rows) > 100
    assert [row for row in rows if row[0] < cut_mm < row[1]] == []
    assert max(high for _, high, _ in rows) < EDGE_MM + 2 * CARD_MM
    halves = [sum(high < cut_mm for _, high, _ in rows), sum(low > cut_mm for low, _, _ in rows)]
    assert halves[0] == halves[1]


def test_thai_is_set_in_a_thai_font_and_its_words_are_whole(tmp_path: Path) -> None:
    path, _ = printed(tmp_path, 1)
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True).stdout
    assert b"Thai" in fonts
    # A long word of the dictionary is never cut: no line ends inside it.
    lines = text_of(path, "-layout").replace(" ", "").splitlines()
    for word in ("นายทะเบียน", "เครือข่าย", "เจ้าหน้าที่", "ช่องทาง"):
        assert any(word in line for line in lines), word


def test_the_qr_codes_lead_to_the_links_and_carry_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(cards, "_qr", lambda link: made.append(link) or "data:,")
    card = a_card()
    Printer(words_for("th"), LINKS)._html([card])
    assert made == [link for _, link in LINKS.named()]
    assert all(card.code not in link for link in made)


def test_a_qr_code_is_a_picture_inside_the_page() -> None:
    kind, _, data = cards._qr("https://t.me/bot").partition("base64,")
    assert kind == "data:image/png;"
    assert base64.b64decode(data).startswith(b"\x89PNG")


def test_without_links_the_card_says_whom_to_ask(tmp_path: Path) -> None:
    path = tmp_path / "cards.pdf"
    write_cards(path, Printer(words_for("en"), Links()).print([a_card()]))
    text = " ".join(text_of(path).split())
    assert "ask your registrar in person for the bot's address" in text
    assert "QR code" not in text.split("Before you type")[1]


def test_the_file_is_for_its_owner_only_and_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "cards.pdf"
    write_cards(path, b"first")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Mistaken, match=r"card\.exists"):
        write_cards(path, b"second")
    assert path.read_bytes() == b"first"


def test_printing_leaves_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    path, codes = printed(tmp_path, 1)
    left = b"".join(each.read_bytes() for each in scratch.rglob("*") if each.is_file())
    assert codes[0].encode() not in left
    assert {each.name for each in tmp_path.iterdir()} == {path.name, "scratch"}


REASONS = {
    "no_pango": "card.no_pango",
    "no_font": "card.no_font",
    "too_long": "card.not_printed",
    "died": "card.not_printed",
}


@pytest.mark.parametrize(("reason", "sentence"), REASONS.items())
def test_a_machine_that_cannot_print_hears_one_sentence_before_any_code_is_made(
    monkeypatch: pytest.MonkeyPatch, reason: str, sentence: str
) -> None:
    def broken(_: str) -> None:
        raise NotPrinted(reason)

    monkeypatch.setattr(cards, "printed", broken)
    with pytest.raises(Mistaken, match=f"^{re.escape(sentence)}$"):
        check_can_print(Printer(words_for("th"), LINKS))


def test_the_page_reads_nothing_from_the_disk_or_the_net(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>s3cret</text></svg>"
    )
    html = f"<p style='font-family: Noto Sans Thai'>ไทย<img src='{secret.as_uri()}'></p>"
    monkeypatch.setattr(Printer, "_html", lambda *_: html)
    path = tmp_path / "cards.pdf"
    path.write_bytes(Printer(words_for("th"), Links()).print([a_card()]))
    assert "s3cret" not in text_of(path)
    assert os.path.getsize(path) > 500
