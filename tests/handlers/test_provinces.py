"""The province a person means is found, confirmed, or asked for: never guessed."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.provinces import (
    AT_MOST_SEVERAL,
    MatchedBy,
    MatchKind,
    Provinces,
    count_slips,
    match_province,
    parse_provinces,
)
from handlers.shipped import shipped


@pytest.fixture(scope="module")
def provinces() -> Provinces:
    return parse_provinces(
        shipped("provinces.csv"), shipped("regions.csv"), shipped("districts.csv")
    )


def names(text: str, provinces: Provinces) -> list[str]:
    return [province.name_th for province in match_province(text, provinces).provinces]


# พิมพ์ชื่อถูก: รับเลย ไม่ต้องถามซ้ำ
TAKEN_AT_ONCE = {
    "ขอนแก่น": "ขอนแก่น",
    " ขอน แก่น ": "ขอนแก่น",
    "ขอนเเก่น": "ขอนแก่น",
    "จ.ขอนแก่น": "ขอนแก่น",
    "จ. ขอนแก่น": "ขอนแก่น",
    "จ ขอนแก่น": "ขอนแก่น",
    "จว.ขอนแก่น": "ขอนแก่น",
    "จังหวัดขอนแก่น": "ขอนแก่น",
    "จังหวัด ขอนแก่น": "ขอนแก่น",
    "อยู่จังหวัดขอนแก่นครับ": "ขอนแก่น",
    "ที่ขอนแก่นค่ะ": "ขอนแก่น",
    "ขก": "ขอนแก่น",
    "ขก.": "ขอนแก่น",
    "ข.ก.": "ขอนแก่น",
    "KKN": "ขอนแก่น",
    "kkn": "ขอนแก่น",
    "Khon Kaen": "ขอนแก่น",
    "khonkaen": "ขอนแก่น",
    "KHON-KAEN province": "ขอนแก่น",
    "กทม": "กรุงเทพมหานคร",
    "กทม.": "กรุงเทพมหานคร",
    "bangkok": "กรุงเทพมหานคร",
    "เลย": "เลย",
    "จังหวัดเลย": "เลย",
    "เลยครับ": "เลย",
    "ตาก": "ตาก",
    "น่าน": "น่าน",
    "กําแพงเพชร": "กำแพงเพชร",
    "บึงกาฬ": "บึงกาฬ",
    "Roi-Et": "ร้อยเอ็ด",
    "\u202eอุดรธานี\u202c": "อุดรธานี",
    "อุดร\u200bธานี": "อุดรธานี",
}

# ชื่อเล่น: รู้ว่าหมายถึงที่ไหน แต่ถาม "ใช่ไหม" ก่อน
NICKNAMES = {
    "สารคาม": "มหาสารคาม",
    "โคราช": "นครราชสีมา",
    "korat": "นครราชสีมา",
    "อุบล": "อุบลราชธานี",
    "อุดร": "อุดรธานี",
    "udorn": "อุดรธานี",
    "กรุงเทพ": "กรุงเทพมหานคร",
    "กรุงเทพฯ": "กรุงเทพมหานคร",
    "บางกอก": "กรุงเทพมหานคร",
    "แปดริ้ว": "ฉะเชิงเทรา",
    "เมืองเลย": "เลย",
    "เมืองขอนแก่น": "ขอนแก่น",
    "หนองบัว": "หนองบัวลำภู",
    "นครศรี": "นครศรีธรรมราช",
    "อยุธยา": "พระนครศรีอยุธยา",
    "สุราษฎร์": "สุราษฎร์ธานี",
    "ประจวบ": "ประจวบคีรีขันธ์",
    "ปากน้ำ": "สมุทรปราการ",
    "ปากน้ำโพ": "นครสวรรค์",
    "มหาชัย": "สมุทรสาคร",
    "แม่กลอง": "สมุทรสงคราม",
    "เมืองคอน": "นครศรีธรรมราช",
    "เมืองชล": "ชลบุรี",
    "หาดใหญ่": "สงขลา",
    "ร้อยเอด": "ร้อยเอ็ด",
    "มุก": "มุกดาหาร",
    "๑๐๑": "ร้อยเอ็ด",
}

# สะกดผิด หรืออยู่ในประโยค: ถาม "ใช่ไหม" ก่อน
NEAR = {
    "ขอนแกน": "ขอนแก่น",
    "ขอแก่น": "ขอนแก่น",
    "ขอนแก่นน": "ขอนแก่น",
    "ขแนแก่น": "ขอนแก่น",
    "อุดอนธานี": "อุดรธานี",
    "บึงกาน": "บึงกาฬ",
    "สกลนคอน": "สกลนคร",
    "พิดสนุโลก": "พิษณุโลก",
    "สุลาษธานี": "สุราษฎร์ธานี",
    "หนองบัวลัมภู": "หนองบัวลำภู",
    "มหาสาราคาม": "มหาสารคาม",
    "ร้อยเอ็จ": "ร้อยเอ็ด",
    "นครพนน": "นครพนม",
    "mukdahaan": "มุกดาหาร",
    "sakonnakorn": "สกลนคร",
    "อ.เมือง จ.ขอนแก่น": "ขอนแก่น",
    "อ.พล จ.ขอนแก่น": "ขอนแก่น",
    "อบต.บ้านเป็ด ขอนแก่น": "ขอนแก่น",
    "เกิดที่อำเภอชุมแพ จังหวัดขอนแก่น ครับ": "ขอนแก่น",
    "แถวๆ โคราช นี่แหละ": "นครราชสีมา",
    "อำเภอวังสะพุง จังหวัดเลย": "เลย",
    "นครพ": "นครพนม",
    "แพ": "แพร่",
}

# ไม่แน่ว่าที่ไหน: ให้เลือก
SEVERAL = {
    "นคร": ["นครนายก", "นครราชสีมา", "นครพนม", "นครสวรรค์", "นครปฐม", "นครศรีธรรมราช"],
    "ป": ["ปทุมธานี", "ปราจีนบุรี", "ประจวบคีรีขันธ์", "ปัตตานี"],
    "เพชร": ["เพชรบูรณ์", "เพชรบุรี"],
    "เชียง": ["เชียงใหม่", "เชียงราย"],
    "สมุทร": ["สมุทรปราการ", "สมุทรสาคร", "สมุทรสงคราม"],
    "หนอง": ["หนองบัวลำภู", "หนองคาย"],
    "ลพ": ["ลำพูน", "ลพบุรี"],
    "นน": ["น่าน", "นนทบุรี"],
    "ตร": ["ตราด", "ตรัง"],
    "ตรัด": ["ตราด", "ตรัง"],
    "หนองบัวลำพูน": ["หนองบัวลำภู", "ลำพูน"],
    "ขอนแก่นหรืออุดรธานี": ["ขอนแก่น", "อุดรธานี"],
}

# ไม่ใช่จังหวัด
NONE = [
    "", " ", "...", "x", "ส", "555", "12", "😀", "ไม่รู้", "ไม่แน่ใจ", "ไม่รู้เลย", "แจ้งเลย", "เผยแพร่",
    "ที่บ้านผมเองครับ", "แม่สอด", "asdf", "ใช้อำนาจหน้าที่", "ครับ", "จังหวัด", "จ.", "hello",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "meant"), TAKEN_AT_ONCE.items())
def test_a_name_or_abbreviation_is_taken_at_once(
    typed: str, meant: str, provinces: Provinces
) -> None:
    match = match_province(typed, provinces)
    assert (match.kind, names(typed, provinces)) == (MatchKind.EXACT, [meant])
    assert match.by in (MatchedBy.NAME, MatchedBy.ABBREVIATION)
    assert not match.asks_to_confirm


@pytest.mark.parametrize(("typed", "meant"), NICKNAMES.items())
def test_a_nickname_is_known_and_confirmed(typed: str, meant: str, provinces: Provinces) -> None:
    match = match_province(typed, provinces)
    assert (match.kind, names(typed, provinces)) == (MatchKind.EXACT, [meant])
    assert match.by is MatchedBy.NICKNAME
    assert match.asks_to_confirm


DISTRICTS = {
    "บ้านไผ่": "ขอนแก่น",
    "อ.บ้านไผ่ครับ": "ขอนแก่น",
    "อำเภอชุมแพ": "ขอนแก่น",
    "เมืองพล": "ขอนแก่น",
    "เกิดที่ อ.ธาตุพนม ตำบลพระกลางทุ่ง": "นครพนม",
    "ด่านซ้าย": "เลย",
}


@pytest.mark.parametrize(("typed", "meant"), DISTRICTS.items())
def test_a_district_leads_to_its_province_and_is_confirmed(
    typed: str, meant: str, provinces: Provinces
) -> None:
    match = match_province(typed, provinces)
    assert names(typed, provinces) == [meant]
    assert match.asks_to_confirm


def test_a_province_that_is_named_beside_a_district_decides(provinces: Provinces) -> None:
    assert names("อ.สุวรรณภูมิ จ.สมุทรปราการ", provinces) == ["สมุทรปราการ"]


def test_no_district_is_a_name_or_a_nickname_of_another_province(provinces: Provinces) -> None:
    others = provinces._names.keys() | provinces._nicknames.keys() | provinces._abbreviations.keys()
    assert provinces._districts.keys() & others == set()
    assert all(len(meant) == 1 for meant in provinces._districts.values())


@pytest.mark.parametrize(("typed", "meant"), NEAR.items())
def test_a_near_miss_is_confirmed(typed: str, meant: str, provinces: Provinces) -> None:
    match = match_province(typed, provinces)
    assert names(typed, provinces) == [meant]
    assert match.asks_to_confirm


@pytest.mark.parametrize(("typed", "meant"), SEVERAL.items())
def test_what_may_be_several_is_offered(typed: str, meant: list[str], provinces: Provinces) -> None:
    assert match_province(typed, provinces).kind is MatchKind.SEVERAL
    assert names(typed, provinces) == meant


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_province_matches_none(typed: str, provinces: Provinces) -> None:
    assert match_province(typed, provinces).kind is MatchKind.NONE


def test_every_name_and_abbreviation_of_every_province_finds_it(provinces: Provinces) -> None:
    for province in provinces.all:
        for name in (province.name_th, province.name_en, f"จ.{province.name_th}"):
            match = match_province(name, provinces)
            assert (match.kind, match.provinces) == (MatchKind.EXACT, (province,)), name
        for short in (province.abbreviation_th, province.abbreviation_en, *province.aliases):
            assert match_province(short, provinces).provinces[:1] == (province,), short


def test_one_letter_left_out_of_a_long_name_never_picks_another_province_unasked(
    provinces: Provinces,
) -> None:
    for province in provinces.all:
        for place in range(len(province.name_th)):
            typed = province.name_th[:place] + province.name_th[place + 1 :]
            match = match_province(typed, provinces)
            if match.kind is MatchKind.EXACT and not match.asks_to_confirm:
                assert match.provinces == (province,), typed
            if len(province.name_th) >= 7 and match.kind is not MatchKind.NONE:
                assert province in match.provinces, typed


def test_there_are_77_provinces_in_ten_regions_each_in_one(provinces: Provinces) -> None:
    assert len(provinces.all) == 77
    assert len(provinces.regions) == 10
    grouped = [province for region in provinces.regions for province in region.provinces]
    assert sorted(p.id for p in grouped) == sorted(p.id for p in provinces.all)
    fourth = next(region for region in provinces.regions if region.id == "zone-4")
    assert {p.name_th for p in fourth.provinces} == {
        "ขอนแก่น", "อุดรธานี", "เลย", "หนองคาย", "หนองบัวลำภู", "บึงกาฬ",
        "สกลนคร", "นครพนม", "มุกดาหาร", "มหาสารคาม", "ร้อยเอ็ด", "กาฬสินธุ์",
    }  # fmt: skip


def test_provinces_are_looked_up_by_code(provinces: Provinces) -> None:
    assert provinces["TH-40"].name("th") == "ขอนแก่น"
    assert provinces["TH-40"].name("en") == provinces["TH-40"].name("km") == "Khon Kaen"
    assert provinces.get("unsure") is None


def test_broken_data_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks a column"):
        parse_provinces("iso3166_2,name_th\nTH-40,ขอนแก่น\n")
    twice = shipped("provinces.csv") + shipped("provinces.csv").splitlines()[-1] + "\n"
    with pytest.raises(ValueError, match="twice"):
        parse_provinces(twice)
    with pytest.raises(ValueError, match="districts"):
        parse_provinces(shipped("provinces.csv"), "", "iso3166_2,districts\nTH-99,ก|ข\n")
    with pytest.raises(ValueError, match="zone"):
        parse_provinces(shipped("provinces.csv"), "zone,name_th,name_en\n99,ก,x\n")


NASTY = st.text(st.sampled_from("ขอนแก่จ.งหวัดเลยpk \u202e\u200b\u0e49🙂\n\x00\ud800(๑")) | st.text()


@given(NASTY)
@settings(max_examples=150, deadline=None)
@example("จ." * 200)
@example("เมือง" * 100)
@example("นครนครนครนคร")
def test_any_text_gets_a_well_formed_answer(text: str) -> None:
    match = match_province(text, ALL)
    assert match == match_province(text, ALL)
    sizes = {MatchKind.EXACT: 1, MatchKind.CLOSE: 1, MatchKind.NONE: 0}
    if match.kind is MatchKind.SEVERAL:
        assert 2 <= len(set(match.provinces)) == len(match.provinces) <= AT_MOST_SEVERAL
    else:
        assert len(match.provinces) == sizes[match.kind]
    assert (match.by is not None) == (match.kind is MatchKind.EXACT)


ALL = parse_provinces(shipped("provinces.csv"), shipped("regions.csv"), shipped("districts.csv"))


@pytest.mark.parametrize(
    "flood",
    [
        "ก",
        "\u0e49",
        "จ.",
        "จังหวัด",
        "เมือง",
        "ขอนแก่น",
        "\ufdfa",
        "ที่ ",
        "ครับ",
        " ",
        "a",
        "\u202e",
        "نص",
    ],
)
def test_a_megabyte_line_is_bounded_work(flood: str, provinces: Provinces) -> None:
    text = flood * (1_000_000 // len(flood))
    before = time.process_time()
    match_province(text, provinces)
    assert time.process_time() - before < 1, "a hundred times what it takes: not bounded"


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("กข", "กข", 0),
        ("กข", "ขก", 1),
        ("กขค", "กค", 1),
        ("กขค", "ขคก", 2),
        ("ก", "ขคง", 3),
    ],
)
def test_slips_are_letters_missed_added_changed_or_swapped(
    one: str, other: str, slips: int
) -> None:
    assert count_slips(one, other, 5) == count_slips(other, one, 5) == slips
    if slips:
        assert count_slips(one, other, slips - 1) == slips
