"""The search for canaries finds them: whatever is planted, in each spelling, is seen."""

import base64
import hashlib
import html
import json
import os
import sqlite3
import struct
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.whole.canaries import Canaries, spellings

THAI = "ปูนซีเมนต์ลับ"
LATIN = "canary-Zx9/qT+7"
LOOKED_FOR = Canaries.of({"thai": THAI, "latin": LATIN, "raw": b"\x00\xff\x10canary\x80\x81"})

WRITERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda word: word.encode(),
    "utf-16 little": lambda word: word.encode("utf-16-le"),
    "utf-16 big": lambda word: word.encode("utf-16-be"),
    "tis-620": lambda word: word.encode("tis-620"),
    "hex": lambda word: word.encode().hex().encode(),
    "HEX": lambda word: word.encode().hex().upper().encode(),
    "json": lambda word: json.dumps({"said": word}).encode(),
    "json with upper-case digits": lambda word: b"".join(
        b"\\u%04X" % ord(each) if ord(each) > 127 else each.encode() for each in word
    ),
    "url": lambda word: quote(word, safe="").encode(),
    "url in lower case": lambda word: quote(word, safe="").lower().encode(),
    "form": lambda word: quote_plus(word).encode(),
    "html": lambda word: html.escape(word).encode("ascii", "xmlcharrefreplace"),
    "a repr of bytes": lambda word: repr(word.encode()).encode(),
    "json in json": lambda word: json.dumps(json.dumps(word)).encode(),
    "a digest": lambda word: hashlib.sha256(word.encode()).hexdigest().encode(),
}
AROUND = [(b"", b""), (b"a", b"z"), (b"ab", b"yz"), (b"abc", b"xyz"), (b"abcd", b"w")]


def names(hits: object) -> set[str]:
    return {hit.canary for hit in hits}  # type: ignore[attr-defined]  # hits, whoever gives them


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(("name", "word"), [("thai", THAI), ("latin", LATIN)])
def test_a_planted_canary_is_found_in_each_spelling(
    tmp_path: Path, writer: str, name: str, word: str
) -> None:
    if writer == "url in lower case" and name == "latin":
        word = word.lower()  # letters keep their case in a URL; only its escapes may be either
        looked_for = Canaries.of({name: word})
    else:
        looked_for = LOOKED_FOR
    (tmp_path / "a file").write_bytes(b"\x00\x01before" + WRITERS[writer](word) + b"after\xff")
    assert names(looked_for.in_folder(tmp_path)) == {name}


@pytest.mark.parametrize(("before", "after"), AROUND)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "word"), [("thai", THAI), ("latin", LATIN)])
def test_base64_hides_nothing_at_any_alignment(
    before: bytes,
    after: bytes,
    encode: Callable[[bytes], bytes],
    encoding: str,
    name: str,
    word: str,
) -> None:
    text = encode(before + word.encode(encoding) + after)
    assert names(LOOKED_FOR.in_bytes(text, "here")) == {name}


def test_bytes_that_are_no_text_are_found_too() -> None:
    raw = b"\x00\xff\x10canary\x80\x81"
    for text in (raw, raw.hex().encode(), base64.b64encode(b"x" + raw)):
        assert names(LOOKED_FOR.in_bytes(b"--" + text + b"--", "here")) == {"raw"}


def test_names_of_files_are_searched_too(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / f"{quote(THAI)}.half").write_bytes(b"")
    assert names(LOOKED_FOR.in_folder(tmp_path)) == {"thai"}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux: /proc/…/fd")
def test_a_file_without_a_name_is_found_while_it_is_open(tmp_path: Path) -> None:
    with tempfile.TemporaryFile(dir=tmp_path) as nameless:
        nameless.write(b"spooled: " + THAI.encode())
        nameless.flush()
        assert LOOKED_FOR.in_folder(tmp_path) == []
        assert names(LOOKED_FOR.in_open_files(os.getpid(), beside=())) == {"thai"}


ACCOUNT, EVENT, PLACE = 5_550_000_001, "U0123456789abcdef0123456789abcdef", 102.828113
KEPT: dict[str, bytes] = {
    "digits": str(ACCOUNT).encode(),
    "hashed": hashlib.sha256(str(ACCOUNT).encode()).digest(),
    "little": struct.pack("<q", ACCOUNT),
    "big": struct.pack(">Q", ACCOUNT),
    "event": EVENT.encode(),
    "event in bytes": bytes.fromhex(EVENT[1:]),
    "place": struct.pack(">d", PLACE),
}


@pytest.mark.parametrize("kept", KEPT)
def test_ids_and_numbers_are_found_as_a_machine_keeps_them(kept: str) -> None:
    looked_for = Canaries.of({}, ids=[str(ACCOUNT), EVENT], numbers=[ACCOUNT, PLACE])
    assert names(looked_for.in_bytes(b"--" + KEPT[kept] + b"--", "here"))


def test_a_number_is_found_in_a_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE kept (account INTEGER)")
        database.execute("INSERT INTO kept VALUES (?)", (ACCOUNT,))
        database.commit()
    assert names(Canaries.of({}, numbers=[ACCOUNT]).in_folder(tmp_path)) == {"a number"}


def test_one_folder_may_be_left_out(tmp_path: Path) -> None:
    for name in ("secrets", "data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a file").write_bytes(THAI.encode())
    places = {hit.place for hit in LOOKED_FOR.in_folder(tmp_path, but=tmp_path / "secrets")}
    assert places == {str(tmp_path / "data" / "a file")}


def test_random_bytes_hold_no_canary() -> None:
    assert list(LOOKED_FOR.in_bytes(os.urandom(1 << 20), "here")) == []


def test_a_folder_that_is_not_there_is_not_searched_in_silence(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        LOOKED_FOR.in_folder(tmp_path / "elsewhere")


def test_a_canary_too_short_to_mean_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Canaries.of({"short": "abc"})
    with pytest.raises(ValueError, match="too short"):
        Canaries.of({}, ids=["105"])
    with pytest.raises(ValueError, match="too short"):
        Canaries.of({}, numbers=[105])


def test_every_spelling_of_a_thai_word_is_another() -> None:
    found = spellings(THAI)
    assert len(found) == len(set(found.values())) > 30
