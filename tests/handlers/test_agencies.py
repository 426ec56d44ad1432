"""An agency is offered from what people type, and shuts out exactly the centres of its line."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.agencies import (
    AT_MOST_OFFERED,
    Agency,
    excluded_centres,
    line_of,
    match_agency,
    parse_agencies,
)
from handlers.routing import Centre
from handlers.shipped import shipped

SHIPPED = parse_agencies(shipped("agencies.toml"))

# พิมพ์ว่า -> เสนอให้ยืนยัน (ตัวแรกน่าจะใช่ที่สุด)
OFFERED = {
    "อบต.": ["sao"],
    "อบต. บ้านเป็ด": ["sao"],
    "อ.บ.ต.บ้านเป็ด": ["sao"],
    "นายกอบต.": ["sao"],
    "องค์การบริหารส่วนตำบลบ้านเป็ด": ["sao"],
    "อบจ": ["pao"],
    "เทศบาลตำบลบ้านค้อ": ["municipality"],
    "เทสบาลนครขอนแก่น": ["municipality"],
    "เทศบานเมือง": ["municipality"],
    "ทต.บ้านค้อ": ["municipality"],
    "สำนักงานที่ดิน": ["land-office"],
    "สำนักงาน ที่ดิน ขอนแก่น": ["land-office"],
    "สำนักงานทีดิน": ["land-office"],
    "สนง.ที่ดิน": ["land-office"],
    "กรมพัฒนาที่ดิน": ["land-development"],
    "ส.ป.ก.": ["land-reform"],
    "โรงเรียนบ้านหนองไผ่": ["school"],
    "รร.บ้านหนองไผ่": ["school"],
    "ผอ.โรงเรียน": ["school"],
    "โรงเรืยน": ["school"],
    "โรงพยาบาลขอนแก่น": ["hospital"],
    "รพ.ขอนแก่น": ["hospital"],
    "โรงพยบาล": ["hospital"],
    "โรงบาล": ["hospital"],
    "รพ.สต.บ้านโต้น": ["health-centre"],
    "โรงพยาบาลส่งเสริมสุขภาพตำบล": ["health-centre"],
    "อนามัย": ["health-centre"],
    "ตำรวจ": ["police"],
    "สภ.เมือง": ["police-station"],
    "โรงพัก": ["police-station"],
    "ตำรวจทางหลวง": ["highway-police"],
    "ที่ว่าการอำเภอชุมแพ": ["district-office"],
    "กำนัน": ["district-office"],
    "กรมการปกครอง": ["dopa"],
    "กรมทางหลวงชนบท": ["rural-roads"],
    "กรมทรัพย์สินทางปัญญา": ["intellectual-property"],
    "สพป.ขอนแก่น เขต 1": ["education-area"],
    "สพม. ร้อยเอ็ด": ["education-area"],
    "กรมส่งเสริมอุตสาหกรรม": ["industrial-promotion"],
    "กสอ.": ["industrial-promotion"],
    "อุตสาหกรรมจังหวัดเลย": ["industry-ministry"],
    "ศูนย์เด็กเล็ก อบต.": ["local-children", "sao"],
    "ธกส": ["agriculture-bank"],
    "กศน.": ["learning-promotion"],
    "ประกันสังคมจังหวัด": ["social-security"],
    "ป.ป.ท. เขต 4": ["pacc"],
    "การรถไฟ": ["railway"],
    "land office": ["land-office"],
    "the police station": ["police-station"],
    "เทศบาล กับ อบต": ["municipality", "sao"],
}

# คำที่ดูคล้าย แต่ไม่ใช่หน่วยงาน
NOT_AN_AGENCY = [
    "", " ", "...", "ไม่รู้", "รอบตัวผม", "กรรมการ", "อะไรสักอย่าง", "555", "😀", "ก", "บ้านเมือง",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "ids"), OFFERED.items())
def test_what_people_type_offers_the_agency_they_mean(typed: str, ids: list[str]) -> None:
    assert [agency.id for agency in match_agency(typed, SHIPPED).agencies] == ids


def test_the_shipped_agencies_are_enough_to_begin_with() -> None:
    assert len(SHIPPED) > 80
    assert {"sao", "municipality", "pao", "school", "education-area", "land-office"} <= {
        agency.id for agency in SHIPPED
    }


@pytest.mark.parametrize("typed", NOT_AN_AGENCY)
def test_other_words_offer_none(typed: str) -> None:
    assert match_agency(typed, SHIPPED).agencies == ()


def test_every_name_and_alias_offers_its_agency() -> None:
    for agency in SHIPPED:
        for name in (agency.name_th, agency.name_en, *agency.aliases):
            assert agency in match_agency(name, SHIPPED).agencies, name


NASTY = (
    st.text(st.sampled_from("อบต.เทศาลสภรโงียนdist \u202e\u200b\u0e49🙂\n\x00\ud800(๑")) | st.text()
)


@given(NASTY)
@settings(max_examples=100, deadline=None)
@example("อบต.โรงเรียนเทศบาลตำรวจอำเภอขนส่งป่าไม้สรรพากร")
def test_any_text_offers_at_most_five_different_agencies(text: str) -> None:
    found = match_agency(text, SHIPPED).agencies
    assert len(set(found)) == len(found) <= AT_MOST_OFFERED
    assert match_agency(text, SHIPPED).agencies == found


@pytest.mark.parametrize("flood", ["อบต", "\u0e49", "ก.", " ", "เทศบาน", "\ufdfa", "a.", "\u202e"])
def test_a_megabyte_line_is_bounded_work(flood: str) -> None:
    text = flood * (1_000_000 // len(flood))
    before = time.process_time()
    match_agency(text, SHIPPED)
    assert time.process_time() - before < 1, "a hundred times what it takes: not bounded"


# The line ----------------------------------------------------------------------------------------

#   ministry ── department ── province-office ── district-office
#           └── other-department                 school (no parent)
AGENCIES = (
    Agency("ministry", "กระทรวง", "Ministry"),
    Agency("department", "กรม", "Department", parent="ministry"),
    Agency("other-department", "กรมอื่น", "Other department", parent="ministry"),
    Agency("province-office", "สำนักงานจังหวัด", "Province office", parent="department"),
    Agency("district-office", "ที่ว่าการอำเภอ", "District office", parent="province-office"),
    Agency("school", "โรงเรียน", "School"),
)
CENTRES = (
    Centre("hq"),
    Centre("region", "hq"),
    Centre("khon-kaen", "region", ("TH-40",)),
    Centre("in-department", "hq", agency="department"),
    Centre("in-province-office", "in-department", agency="province-office"),
    Centre("in-other-department", "hq", agency="other-department"),
    Centre("in-school", "region", agency="school"),
)


def test_a_line_is_what_is_above_and_below_never_beside() -> None:
    assert line_of("department", AGENCIES) == {
        "ministry", "department", "province-office", "district-office",
    }  # fmt: skip
    assert line_of("district-office", AGENCIES) == line_of("department", AGENCIES)
    assert line_of("school", AGENCIES) == {"school"}
    assert line_of("unheard-of", AGENCIES) == {"unheard-of"}


@pytest.mark.parametrize(
    ("accused", "excluded"),
    [
        ("department", ("in-department", "in-province-office")),
        ("district-office", ("in-department", "in-province-office")),
        ("ministry", ("in-department", "in-other-department", "in-province-office")),
        ("other-department", ("in-other-department",)),
        ("school", ("in-school",)),
        ("unheard-of", ()),
    ],
)
def test_the_centres_of_the_line_are_excluded(accused: str, excluded: tuple[str, ...]) -> None:
    assert excluded_centres(accused, AGENCIES, CENTRES) == excluded


def test_a_centre_beneath_an_excluded_one_is_excluded_too() -> None:
    centres = (*CENTRES, Centre("guest", "in-department", agency="school"))
    assert "guest" in excluded_centres("department", AGENCIES, centres)


@given(st.data())
@settings(max_examples=100)
def test_lines_are_mutual_and_hold_the_agency_itself(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    agencies = tuple(
        Agency(
            f"a{n}",
            "ก",
            "x",
            parent=data.draw(st.sampled_from([None, *(f"a{m}" for m in range(n))])),
        )
        for n in range(count)
    )
    for one in agencies:
        assert one.id in line_of(one.id, agencies)
        for other in agencies:
            is_in = other.id in line_of(one.id, agencies)
            assert is_in == (one.id in line_of(other.id, agencies))


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ('[[agency]]\nid="a"\nth="ก"\nen="x"\n' * 2, "twice"),
        ('[[agency]]\nid="a"\nth="ก"\nen="x"\nparent="b"\n', "unknown"),
        ('[[agency]]\nid="a"\nth="ก"\nen="x"\nparent="a"\n', "under itself"),
        ('[[agency]]\nid="a"\nth="ก"\n', "lacks"),
        ("[[agency", "Expected"),
    ],
)
def test_broken_data_is_refused(toml: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_agencies(toml)
