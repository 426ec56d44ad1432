"""What is blacked out is gone in every spelling, and the bar says nothing of it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.errors import Mistaken
from console.handoff.blackout import BAR, Blackout, blackout_of, tight
from console.handoff.choices import PHRASES_AT_MOST, read_phrases
from sealing import MemberCode, Receipt

NAME = "สมชาย ใจดี"
LETTERS = "กขคงจฉชซนมรลวสหอะาิีุูเแโใไ่้ำabcdefgABCXYZéß0123456789๐๑๒๓๔๕๖๗๘๙"
words = st.text(alphabet=LETTERS, min_size=3, max_size=12).filter(
    lambda word: word[0] not in "ะาิีุู่้ำ" and len(tight(word)) >= 2
)
around = st.text(alphabet=LETTERS + " \n-.,()", max_size=30)


def of(*phrases: str, alias: str | None = None, names: tuple[str, ...] = ()) -> Blackout:
    return blackout_of(phrases, alias=alias, names=names, ids=())


@pytest.mark.parametrize(
    "told",
    [
        "นายสมชาย ใจดี เป็นคนเห็น",
        "นายสมชายใจดี เป็นคนเห็น",
        "นายสมชาย   ใจดี เป็นคนเห็น",
        "นายสมชาย\nใจดี เป็นคนเห็น",
        "นายสมชาย\u200bใจดี เป็นคนเห็น",
        "นายส-ม-ช-า-ย ใจดี เป็นคนเห็น",
    ],
)
def test_a_name_is_found_however_it_is_spaced(told: str) -> None:
    assert of(NAME).black(told) == f"นาย{BAR} เป็นคนเห็น"


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("บ้านเลขที่ 99/7", "บ้านเลขที่ ๙๙/๗"),
        ("Nong Khai", "NONGKHAI"),
        ("Nong Khai", "ｎｏｎｇ ｋｈａｉ"),
        ("น้ำพุ", "น้ํา พุ"),
        ("น้ำพุ", "นํ้าพุ"),
        ("แม่แดง", "เเม่เเดง"),
    ],
)
def test_case_digits_and_ways_of_typing_do_not_save_a_word(phrase: str, told: str) -> None:
    assert of(phrase).black(f"({told})") == f"({BAR})"


@pytest.mark.parametrize(
    "hidden",
    [
        *(
            "\ufe0f",
            "\U000e0100",
            "\u034f",
            "\u3164",
            "\u115f",
            "\u1160",
            "\uffa0",
            "\u17b5",
            "\u180b",
        ),
        *("\u061c", "\u2064", "\u206a", "\ufff9", "\U0001d173", "\U000e0041", "\u2800", "\x00"),
        *("\u20dd", "\u1dc0", "\u0336", "\ufe20", "\u0489", "\u0e4e", "\u0e3a"),
    ],
)
def test_what_hides_between_letters_saves_no_word(hidden: str) -> None:
    assert of(NAME).black(f"(สม{hidden}ชายใจ{hidden}ดี)") == f"({BAR})"
    assert of("Somchai").black(f"(Som{hidden}chai)") == f"({BAR})"


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("Somchai", "Ѕоmсhаі"),
        ("Somchai", "ꜱᴏᴍᴄʜᴀɪ"),
        ("Somchai", "🅢🅞🅜🅒🅗🅐🅘"),
        ("Somchai", "Sömçhâi"),
        ("José", "Jose"),
        ("José", "Jose\u0301"),
        ("สมชาย", "สมชๅย"),
        ("ลึก", "ล\u0e34\u0e4dก"),
        ("แม่แดง", "แม่่แดง"),
        ("บ้าน 17", "บ้าน ❶⑦"),
    ],
)
def test_letters_that_look_alike_save_no_word(phrase: str, told: str) -> None:
    assert of(phrase).black(f"({told})") == f"({BAR})"
    assert of(told).black(f"({phrase})") == f"({BAR})"


@pytest.mark.parametrize(
    "told",
    [
        "0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
        "⓪⑧①②③④⑤⑥⑦⑧",
        "⁰⁸¹²³⁴⁵⁶⁷⁸",
        "081-234\n5678",
        "081\t234\t5678",
        "081\ufe0f2345678",
        "som\u00adchai@exam\u200bple.com",
        "ꜱᴏᴍchai@example.com",
        "@somchai_j",
        "https://t.me/somchai_j",
        "line.me/ti/p/~somchai",
        "line://ti/p/~somchai",
        "https://vt.tiktok.com/ZSabcdef/",
    ],
)
def test_what_leads_to_somebody_is_found_as_it_is_seen(told: str) -> None:
    assert of().black(f"(ติดต่อ {told} )") == f"(ติดต่อ {BAR} )"


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("https://youtu.be/dQw4w9?si=Ab-c_9&t=90", f"https://youtu.be/dQw4w9?{BAR}&t=90"),
        ("www.instagram.com/p/Cx1/?igsh=MzRlODBi ตรงนี้", f"www.instagram.com/p/Cx1/?{BAR} ตรงนี้"),
        ("https://example.go.th/a?id=7&fbclid=IwAR0", f"https://example.go.th/a?id=7&{BAR}"),
    ],
)
def test_what_an_app_puts_behind_a_shared_link_goes_and_the_link_stays(
    told: str, left: str
) -> None:
    """It says to the app, and often to whoever opens it, who shared the link."""
    assert of().black(told) == left
    assert set(of().kinds_in(told)) == {"contact"}


def test_what_leads_to_nobody_stays() -> None:
    for told in (
        "วันที่ 12/08/2569 เวลา 09.30 น.\nจ่าย 2,500,000 บาท",
        "ดู https://www.example.go.th/a@b และราคา @ 500",
        "https://www.youtube.com/watch?v=dQw4w9&t=90 และ https://example.go.th/?size=2&basis=3",
        "หนังสือที่ นร 0801/ว 123\n2569",
    ):
        assert of().black(told) == told


@pytest.mark.parametrize("typed", ["MKO1", "mk-oi", "Mk0L", "мк01"])
def test_an_alias_is_found_as_its_owner_may_type_it(typed: str) -> None:
    assert of(alias="mk01").black(f"ผม {typed} เอง") == f"ผม {BAR} เอง"


def test_what_is_parted_over_messages_is_found() -> None:
    told = ("ผมชื่อสมชาย", "ใจดี โทร 081", "234 5678 เห็นเอง")
    assert of(NAME).black_all(told) == (f"ผมชื่อ{BAR}", f"{BAR} โทร {BAR}", f"{BAR} เห็นเอง")
    assert of().black_all(()) == ()
    assert of(NAME).black_all(("", "ไม่มีอะไร", "")) == ("", "ไม่มีอะไร", "")


@given(words, st.data(), st.lists(around, min_size=2, max_size=4))
def test_nothing_of_a_parted_phrase_is_left(
    phrase: str, data: st.DataObject, others: list[str]
) -> None:
    at = data.draw(st.integers(1, len(phrase) - 1))
    told = [*others[:-1], phrase[:at], phrase[at:], others[-1]]
    blackout = of(phrase)
    black = blackout.black_all(told)
    assert len(black) == len(told)
    assert not blackout.kinds_in("\n".join(black))


@pytest.mark.parametrize(
    "told",
    [
        "โทร ๐๘๑-๒๓๔-๕๖๗๘",
        "0812345678",
        "อีเมล somchai.j@example.com",
        "ไลน์ไอดี somchai_99",
        "เลขบัตรประชาชน 1-1017-00230-70-8",
    ],
)
def test_what_the_guard_finds_is_blacked_out(told: str) -> None:
    blackout = of()
    assert blackout.kinds_in(told) == ("contact",)
    black = blackout.black(told)
    assert BAR in black
    assert not any(digit in black for digit in ("2345", "๒๓๔", "1017"))
    assert "somchai" not in black


def test_codes_are_blacked_out_in_any_spelling() -> None:
    receipt, code = Receipt.generate(), MemberCode.generate("mkm7")
    for told in (receipt.digits, receipt.grouped, code.grouped, code.grouped.upper(), code.letters):
        black = of().black(f"รหัสของผม {told} ครับ")
        assert black == f"รหัสของผม {BAR} ครับ"


def test_an_alias_and_a_files_own_name_are_blacked_out() -> None:
    blackout = of(alias="mkm7", names=("บ้านสมหญิง ซอย 4.jpg", "a.b"))
    assert blackout.black("ผม MKM-7 ส่งบ้านสมหญิงซอย๔.JPG ไป a.b") == f"ผม {BAR} ส่ง{BAR} ไป a.b"


def test_bars_side_by_side_do_not_count_what_they_hide() -> None:
    assert of("สมชาย", "สมหญิง", "สมศรี").black("สมชาย, สมหญิง - สมศรี มา") == f"{BAR} มา"
    assert of("สมชาย", "ใจดี").black("สมชายใจดี มา") == f"{BAR} มา"


@given(words, around, around)
def test_nothing_of_a_phrase_is_left(phrase: str, before: str, after: str) -> None:
    blackout = of(phrase)
    black = blackout.black(f"{before} {phrase} {after}")
    assert BAR in black
    assert not any(tight(phrase) in tight(piece) for piece in black.split(BAR))
    assert not blackout.kinds_in(black)
    assert blackout.black(black) == black


@given(words, words, around)
def test_the_length_of_a_phrase_tells_nothing(one: str, other: str, after: str) -> None:
    """Digits behind a phrase of digits may be a telephone number together, and go with it."""
    assume(not any(map(str.isdigit, after)))
    before, both = "— (", of(one, other)
    told = both.black(f"{before}{one}) {after}"), both.black(f"{before}{other}) {after}")
    assert told[0] == told[1]


@given(st.text(max_size=200))
def test_anything_at_all_comes_to_an_end_and_is_clean(text: str) -> None:
    blackout = of("สมชาย", BAR + "ab", alias="mkm7")
    assert not blackout.kinds_in(blackout.black(text))


def test_a_phrase_of_one_letter_or_of_none_is_refused() -> None:
    for typed in ("ก", "-", "…", "สมชาย\n( )", BAR):
        with pytest.raises(Mistaken):
            read_phrases(typed)
    assert read_phrases(" สมชาย \n\nสมชาย\nNong") == ("สมชาย", "Nong")


def test_too_many_phrases_are_refused() -> None:
    with pytest.raises(Mistaken):
        read_phrases("\n".join(f"ชื่อที่ {n}" for n in range(PHRASES_AT_MOST + 1)))
    with pytest.raises(Mistaken):
        read_phrases("ก" * 201)
