"""What a file hides is gone, and what it shows is there to the last bit."""

import zipfile
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageSequence

from cleaning.formats import Cannot, clean
from cleaning.orders import Limits
from cleaning.outcomes import DETAILS
from tests.cleaning import samples
from tests.cleaning.samples import CANARIES, MADE, PICTURES, in_any_spelling, inflated

LIMITS = Limits()


def frames(data: bytes) -> list[tuple[tuple[int, int], bytes]]:
    with Image.open(BytesIO(data)) as image:
        return [
            (frame.size, frame.convert("RGBA").tobytes()) for frame in ImageSequence.Iterator(image)
        ]


def canaries_in(data: bytes) -> set[bytes]:
    return {
        canary
        for piece in inflated(data)
        for canary in CANARIES
        if any(spelt in piece for spelt in in_any_spelling(canary))
    }


@pytest.mark.parametrize("kind", MADE)
def test_what_is_hidden_is_found_and_gone(kind: str) -> None:
    sample = MADE[kind]()
    assert canaries_in(sample.data), "a sample that hides nothing proves nothing"
    found, cleaned = clean(sample.data, LIMITS)
    assert sample.found <= found <= set(DETAILS)
    assert canaries_in(cleaned) == set()


@pytest.mark.parametrize("kind", MADE)
def test_a_cleaned_file_hides_nothing_more(kind: str) -> None:
    _, cleaned = clean(MADE[kind]().data, LIMITS)
    assert clean(cleaned, LIMITS) == (frozenset(), cleaned)


@pytest.mark.parametrize("kind", PICTURES)
def test_every_pixel_stays(kind: str) -> None:
    data = MADE[kind]().data
    _, cleaned = clean(data, LIMITS)
    assert frames(cleaned) == frames(data)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_a_picture_is_still_turned_the_right_way_round(kind: str) -> None:
    _, cleaned = clean(MADE[kind]().data, LIMITS)
    with Image.open(BytesIO(cleaned)) as image:
        told = dict(image.getexif())
    assert told[0x0112] == samples.ORIENTATION


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF"])
def test_a_picture_without_details_stays_as_it_is(kind: str) -> None:
    data = samples.plain(kind)
    assert clean(data, LIMITS) == (frozenset(), data)


def test_sound_without_details_stays_as_it_is() -> None:
    for data in (
        samples.mp3_sound(),
        samples.opus(),
        samples.m4a(with_details=False).data,
        samples.flac(with_details=False).data,
        samples.wav(with_details=False).data,
    ):
        assert clean(data, LIMITS) == (frozenset(), data)


def test_details_that_only_lost_their_place_in_the_list_are_found() -> None:
    """As some programs “remove” them: the list is empty, what it led to is still there."""
    for kind in ("JPEG", "PNG", "WEBP"):
        out, details = BytesIO(), samples.exif().tobytes()
        at = details.index(b"\x08\0\0\0" if details[6:8] == b"II" else b"\0\0\0\x08") + 4
        emptied = details[:at] + bytes(2) + details[at + 2 :]
        samples.picture().save(out, kind, exif=emptied)
        assert canaries_in(out.getvalue()), kind
        found, cleaned = clean(out.getvalue(), LIMITS)
        assert found == {"comment"}, kind
        assert canaries_in(cleaned) == set(), kind


def test_exif_that_says_nothing_of_anybody_stays() -> None:
    details, out = Image.Exif(), BytesIO()
    details.update({0x0112: 6, 0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0213: 1})
    details.get_ifd(0x8769).update({0xA001: 1, 0xA002: 64, 0xA003: 48, 0x9000: b"0232"})
    samples.picture().save(out, "JPEG", exif=details)
    assert clean(out.getvalue(), LIMITS) == (frozenset(), out.getvalue())


def test_a_colour_profile_of_everybody_stays_and_one_of_a_screen_goes() -> None:
    from PIL import ImageCms

    common = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert b"sRGB" in common.replace(b"\0", b"")
    own = common.replace("sRGB".encode("utf-16-be"), "Cana".encode("utf-16-be"))
    for profile, stays in ((common, True), (own, False)):
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            out = BytesIO()
            samples.picture().save(out, kind, icc_profile=profile, exif=samples.exif())
            _, cleaned = clean(out.getvalue(), LIMITS)
            with Image.open(BytesIO(cleaned)) as image:
                assert (image.info.get("icc_profile") == profile) is stays, kind


def test_sound_keeps_every_byte() -> None:
    _, cleaned = clean(samples.mp3().data, LIMITS)
    assert cleaned == samples.mp3_sound()
    before, after = samples.ogg().data, clean(samples.ogg().data, LIMITS)[1]
    pages, cleaned_pages = list(samples.ogg_pages(before)), list(samples.ogg_pages(after))
    assert len(after) == len(before)
    assert [pages[0], *pages[-2:]] == [cleaned_pages[0], *cleaned_pages[-2:]]
    for page in cleaned_pages:
        said, bare = page[22:26], page[:22] + bytes(4) + page[26:]
        assert int.from_bytes(said, "little") == samples.ogg_checksum(bare)
    data = samples.m4a().data
    _, cleaned = clean(data, LIMITS)
    assert len(cleaned) == len(data)
    assert cleaned[cleaned.index(b"mdat") :] == data[data.index(b"mdat") :]


def test_a_documents_words_stay() -> None:
    for kind, part, words in (
        ("docx", "word/document.xml", "a visible word &amp; another "),
        ("docx", "word/comments.xml", "a visible remark"),
        ("docx", "word/settings.xml", "w:zoom"),
        ("docx", "word/_rels/settings.xml.rels", "https://a.visible.link/"),
        ("xlsx", "xl/workbook.xml", "a visible sheet"),
        ("xlsx", "xl/comments1.xml", "a visible remark"),
        ("xlsx", "xl/tables/table1.xml", 'displayName="Table1"'),
        ("pptx", "ppt/comments/comment1.xml", "a visible remark"),
        ("odt", "content.xml", "a visible remark"),
        ("odt", "content.xml", "a visible word"),
    ):
        _, cleaned = clean(MADE[kind]().data, LIMITS)
        with zipfile.ZipFile(BytesIO(cleaned)) as archive:
            assert words in archive.read(part).decode(), (kind, part)


def test_a_document_points_at_nothing_that_is_gone() -> None:
    for kind in ("docx", "xlsx", "pptx"):
        _, cleaned = clean(MADE[kind]().data, LIMITS)
        with zipfile.ZipFile(BytesIO(cleaned)) as archive:
            everything = b"".join(map(archive.read, archive.namelist()))
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"thumbnail" not in everything
        assert b"printerSettings" not in everything
    _, cleaned = clean(samples.odt().data, LIMITS)
    with zipfile.ZipFile(BytesIO(cleaned)) as archive:
        assert b"Thumbnails" not in archive.read("META-INF/manifest.xml")
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_a_pdf_shows_what_it_showed() -> None:
    sample = samples.pdf().data
    _, cleaned = clean(sample, LIMITS)
    with pikepdf.open(BytesIO(sample)) as document:
        before = document.pages[0].Resources.XObject.P.read_raw_bytes()
    with pikepdf.open(BytesIO(cleaned)) as document:
        page = document.pages[0]
        assert b"a visible word" in page.Contents.read_bytes()
        assert str(page.Annots[0].Contents) == "a visible remark"
        photo = page.Resources.XObject.P.read_raw_bytes()
    assert frames(photo) == frames(before)
    assert cleaned.count(b"%%EOF") == 1


def test_a_pdf_without_details_stays_as_it_is() -> None:
    out = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(out)
    assert clean(out.getvalue(), LIMITS) == (frozenset(), out.getvalue())


def test_a_sheet_inside_a_document_is_cleaned_too() -> None:
    outer = zipfile.ZipFile(BytesIO(samples.docx().data))
    members: dict[str, bytes | str] = {name: outer.read(name) for name in outer.namelist()}
    data = samples.zipped({**members, "word/embeddings/sheet.xlsx": samples.xlsx().data})
    _, cleaned = clean(data, LIMITS)
    with zipfile.ZipFile(BytesIO(cleaned)) as archive:
        assert canaries_in(archive.read("word/embeddings/sheet.xlsx")) == set()
    twice = samples.zipped({**members, "word/embeddings/a.docx": data})
    with pytest.raises(Cannot, match="attachments"):
        clean(twice, LIMITS)
