"""Who told hides in more places than properties: in the words of programs that made a file, in what
they left behind in it, in paths on a machine. Each of these was once given away."""

import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageCms

from cleaning.formats import Cannot, clean
from cleaning.orders import Limits
from tests.cleaning import samples
from tests.cleaning.samples import in_any_spelling, inflated

LIMITS = Limits()
CANARY = b"CANARY-WHO"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def is_in(data: bytes) -> bool:
    return any(spelt in piece for piece in inflated(data) for spelt in in_any_spelling(CANARY))


def gone(data: bytes) -> frozenset[str]:
    """What was found in *data*; all of the canary is gone, and nothing is found a second time."""
    assert is_in(data), "a sample that hides nothing proves nothing"
    found, cleaned = clean(data, LIMITS)
    assert found
    assert not is_in(cleaned)
    assert clean(cleaned, LIMITS) == (frozenset(), cleaned)
    return found


def archive(members: dict[str, str | bytes]) -> bytes:
    """Members without a time or an extra field: nothing of the archive itself is found."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members.items():
            made.writestr(zipfile.ZipInfo(name, LONG_AGO), data)
    return out.getvalue()


def office(part: str, text: str, main: str = "xl/workbook.xml") -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", main: "<main/>", part: text})


def open_document(content: str, settings: str = "<s/>") -> bytes:
    kind = "application/vnd.oasis.opendocument.text"
    parts = {"META-INF/manifest.xml": "<m/>", "content.xml": content, "settings.xml": settings}
    return archive({"mimetype": kind, **parts})


def pdf(*more: bytes, head: bytes = b"", between: bytes = b"", tail: bytes = b"") -> bytes:
    """A PDF of one page with *more* objects that nothing leads to."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
        *more,
    )
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + head, []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + each + b"\nendobj\n" + between
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Root 1 0 R /Size %d >>\n" % (len(objects) + 1)
    return out + b"startxref\n%d\n%%%%EOF\n" % table + tail


def test_a_screens_own_colour_profile_is_found_though_nothing_else_is() -> None:
    common = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    own = common.replace(
        "sRGB built-in".encode("utf-16-be"), (b"CANARY-WHO at").decode().encode("utf-16-be")
    )
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        out = BytesIO()
        samples.picture().save(out, kind, icc_profile=own)
        found, cleaned = clean(out.getvalue(), LIMITS)
        assert found == {"device"}, kind
        with Image.open(BytesIO(cleaned)) as image:
            assert image.info.get("icc_profile") is None, kind


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("history", pdf(b"<< /Length 10 >>\nstream\nCANARY-WHO\nendstream")),
        ("history", pdf(b"(CANARY-WHO)")),
        ("history", pdf(b"[(CANARY-WHO)]")),
        ("device", pdf(head=b"%%Invocation: gs -o /home/CANARY-WHO/x.pdf\n")),
        ("comment", pdf(between=b"% CANARY-WHO\n")),
        ("comment", pdf(tail=b"CANARY-WHO")),
    ],
)
def test_what_no_page_of_a_pdf_needs_is_found_though_nothing_else_is(
    label: str, data: bytes
) -> None:
    assert label in gone(data)


@pytest.mark.parametrize("is_linear", [False, True])
@pytest.mark.parametrize("packing", list(pikepdf.ObjectStreamMode.__members__.values()))
def test_a_pdf_in_whatever_packing_stays_as_it_is(
    packing: pikepdf.ObjectStreamMode, is_linear: bool
) -> None:
    document, out = pikepdf.new(), BytesIO()
    page = document.add_blank_page()
    page.Contents = document.make_stream(b"q Q % a visible word")
    document.save(out, linearize=is_linear, object_stream_mode=packing)
    assert clean(out.getvalue(), LIMITS) == (frozenset(), out.getvalue())
    assert clean(pdf(), LIMITS) == (frozenset(), pdf())


_SETTINGS = '<w:settings xmlns:w="w">{}</w:settings>'


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (
            "xl/pivotCache/pivotCacheDefinition1.xml",
            '<pivotCacheDefinition refreshedBy="CANARY-WHO" refreshedDate="44000.1"/>',
        ),
        (
            "xl/worksheets/sheet1.xml",
            '<worksheet><scenarios><scenario name="a" user="CANARY-WHO" '
            'comment="Created by CANARY-WHO on 1/1/2026"/></scenarios></worksheet>',
        ),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><customSheetViews><customSheetView "
            'guid="CANARY-WHO"/></customSheetViews></worksheet>',
        ),
        (
            "xl/worksheets/sheet3.xml",
            '<worksheet><protectedRange securityDescriptor="O:CANARY-WHO"/></worksheet>',
        ),
        (
            "xl/connections.xml",
            '<connections><connection odcFile="C:\\Users\\CANARY-WHO\\x.odc">'
            '<dbPr connection="Data Source=srv;User ID=CANARY-WHO"/>'
            '<textPr sourceFile="/Users/CANARY-WHO/a.csv"/></connection></connections>',
        ),
        (
            "xl/externalLinks/externalLink1.xml",
            '<e><x:alternateUrls xmlns:x="x" driveId="CANARY-WHO"/></e>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Type="x" TargetMode="External" '
            'Target="../../../Users/CANARY-WHO/a.xlsx"/></Relationships>',
        ),
        (
            "word/settings.xml",
            _SETTINGS.format('<w:mailMerge><w:query w:val="CANARY-WHO"/></w:mailMerge>'),
        ),
        (
            "word/settings.xml",
            _SETTINGS.format('<w:docVars><w:docVar w:name="a" w:val="CANARY-WHO"/></w:docVars>'),
        ),
        (
            "word/header1.xml",
            '<w:p xmlns:w="w"><v:shape xmlns:v="v" alt="C:\\Users\\CANARY-WHO\\a.jpg"/></w:p>',
        ),
        (
            "ppt/tags/tag1.xml",
            '<p:tagLst xmlns:p="p"><p:tag name="AUTHOR" val="CANARY-WHO"/></p:tagLst>',
        ),
        (
            "word/footer1.xml",
            '<w:p xmlns:w="w"><w:instrText> INCLUDEPICTURE "C:\\\\Users\\\\CANARY-WHO\\\\a.png" '
            "\\* MERGEFORMAT </w:instrText></w:p>",
        ),
        (
            "word/footer2.xml",
            '<w:p xmlns:w="w"><w:fldSimple w:instr="INCLUDETEXT /home/CANARY-WHO/a.docx"/></w:p>',
        ),
        ("DocProps/Core.xml", "<cp:c xmlns:cp='c'><cp:creator>CANARY-WHO</cp:creator></cp:c>"),
        ("CustomXML/item1.xml", "<who>CANARY-WHO</who>"),
    ],
)
def test_an_office_documents_other_names_and_paths_go(part: str, text: str) -> None:
    main = {"word": "word/document.xml", "ppt/": "ppt/presentation.xml"}.get(part[:4])
    gone(office(part, text, main or "xl/workbook.xml"))


def test_a_shared_workbooks_views_are_named_after_people() -> None:
    views = '<customWorkbookViews><customWorkbookView name="CANARY-WHO - Personal View"/>'
    gone(office("xl/workbook.xml", f"<workbook>{views}</customWorkbookViews></workbook>"))


def test_what_a_field_says_of_no_machine_stays() -> None:
    field = ' HYPERLINK "https://a.visible.link/home/x" \\o "C: a tip" \\* MERGEFORMAT '
    text = f'<w:p xmlns:w="w"><w:instrText>{field}</w:instrText></w:p>'
    data = office("word/footer1.xml", text, "word/document.xml")
    assert clean(data, LIMITS) == (frozenset(), data)
    path = text.replace("https://a.visible.link", "file:///C:/Users")
    _, cleaned = clean(office("word/footer1.xml", path, "word/document.xml"), LIMITS)
    with zipfile.ZipFile(BytesIO(cleaned)) as archive:
        left = archive.read("word/footer1.xml").decode()
    assert ' HYPERLINK "x" \\o "C: a tip" \\* MERGEFORMAT ' in left


def test_a_content_controls_tag_stays() -> None:
    text = '<w:sdtPr xmlns:w="w"><w:tag w:val="a visible control"/></w:sdtPr>'
    data = office("word/header1.xml", text, "word/document.xml")
    assert clean(data, LIMITS) == (frozenset(), data)


_NAMES = 'xmlns:x="x" xmlns:office="o" xmlns:meta="m" xmlns:xlink="l"'


@pytest.mark.parametrize(
    "content",
    [
        f'<d {_NAMES}><x:image xlink:href="file:///home/CANARY-WHO/a.jpg"/></d>',
        f'<d {_NAMES}><x:image xlink:href="../../../home/CANARY-WHO/a.jpg"/></d>',
        f"<d {_NAMES} x:formula=\"of:=['file:///home/CANARY-WHO/a.ods'#$Sheet1.A1]\"/>",
        f"<d {_NAMES}><meta:date-string>CANARY-WHO</meta:date-string></d>",
        f'<d {_NAMES}><office:change-info office:chg-author="CANARY-WHO"/></d>',
    ],
)
def test_an_open_documents_other_names_and_paths_go(content: str) -> None:
    gone(open_document(content))


@pytest.mark.parametrize("name", ["PrintFaxName", "CurrentDatabaseCommand", "EmbeddedDatabaseName"])
@pytest.mark.parametrize("prefix", ["config", "c"])
def test_an_open_documents_settings_name_no_machine(name: str, prefix: str) -> None:
    item = f'<{prefix}:config-item {prefix}:name="{name}">CANARY-WHO</{prefix}:config-item>'
    gone(open_document("<d/>", f'<s xmlns:{prefix}="c">{item}</s>'))


def test_a_link_inside_an_open_document_stays() -> None:
    text = f'<d {_NAMES}><x:a xlink:href="https://a.visible.link/home/page"/>'
    data = open_document(text + '<x:image xlink:href="Pictures/1.png"/></d>')
    assert clean(data, LIMITS)[0] == frozenset()


def test_what_an_archives_list_does_not_name_is_found() -> None:
    plain = office("xl/other.xml", "<o/>")
    assert clean(plain, LIMITS) == (frozenset(), plain)
    start = plain.index(b"PK\1\2")
    end = plain.rindex(b"PK\5\6")
    moved = struct.pack("<I", start + len(CANARY))
    between = plain[:start] + CANARY + plain[start : end + 16] + moved + plain[end + 20 :]
    assert gone(between) == {"history"}
    assert gone(plain + CANARY) == {"comment"}


def test_the_time_and_extra_field_before_a_member_are_found() -> None:
    plain = bytearray(office("xl/other.xml", "<o/>"))
    plain[10:14] = struct.pack("<HH", 0x1234, 0x5678)
    found, cleaned = clean(bytes(plain), LIMITS)
    assert found == {"time"}
    assert cleaned[10:14] == struct.pack("<HH", 0, 0x21)


@pytest.mark.parametrize("handler", [b"gps ", b"data", b"hint", b"priv", b"text"])
def test_a_track_of_anything_but_sound_is_not_cleaned(handler: bytes) -> None:
    with pytest.raises(Cannot):
        clean(samples.m4a(handler=handler, with_details=False).data, LIMITS)


def test_a_path_to_where_the_sound_lies_goes() -> None:
    place = samples.box(b"alis", bytes(4) + CANARY)
    places = samples.box(b"dref", bytes(4) + struct.pack(">I", 1) + place)
    plain = samples.m4a(with_details=False).data
    film = plain.index(b"moov") - 4
    (length,) = struct.unpack_from(">I", plain, film)
    added = samples.box(
        b"trak", samples.box(b"mdia", samples.box(b"minf", samples.box(b"dinf", places)))
    )
    data = (
        plain[:film]
        + struct.pack(">I", length + len(added))
        + plain[film + 4 : film + length]
        + added
        + plain[film + length :]
    )
    assert gone(data) == {"author"}
    assert clean(plain, LIMITS) == (frozenset(), plain)


def photo_in_pdf(**how: object) -> bytes:
    """A page that shows the sample's photo, which is packed once more around its own packing."""
    document, out = pikepdf.new(), BytesIO()
    page = document.add_blank_page()
    photo = document.make_stream(
        zlib.compress(samples.jpeg().data),
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode]), **how,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=photo))
    document.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.mark.parametrize("how", [{}, {"DecodeParms": pikepdf.Array([None, None])}])
def test_a_photo_that_a_pdf_packs_twice_loses_its_details(how: dict[str, object]) -> None:
    """As a shut-in worker does it, too: the sample of a PDF holds one."""
    found, cleaned = clean(photo_in_pdf(**how), LIMITS)
    assert samples.jpeg().found <= found
    with pikepdf.open(BytesIO(cleaned)) as document:
        photo = document.pages[0].Resources.XObject.P
        with Image.open(BytesIO(photo.read_raw_bytes())) as left:
            assert dict(left.getexif()) == {0x0112: samples.ORIENTATION}
            assert left.size == (64, 48)
    assert clean(cleaned, LIMITS) == (frozenset(), cleaned)


def test_a_photo_in_a_packing_that_cannot_be_opened_is_not_called_clean() -> None:
    predicted = pikepdf.Array([pikepdf.Dictionary(Predictor=12), None])
    with pytest.raises(Cannot, match="attachments"):
        clean(photo_in_pdf(DecodeParms=predicted), LIMITS)


@pytest.mark.parametrize(
    "made",
    [
        {"A": pikepdf.Dictionary(S=pikepdf.Name.URI, URI="file:///C:/Users/CANARY-WHO/a.pdf")},
        {"A": pikepdf.Dictionary(S=pikepdf.Name.GoToR, F="/C/Users/CANARY-WHO/a.pdf")},
        {
            "A": pikepdf.Dictionary(
                S=pikepdf.Name.GoToR, F=pikepdf.Dictionary(UF="\\\\srv\\CANARY-WHO\\a.pdf")
            )
        },
        {"Alt": "C:\\Users\\CANARY-WHO\\a.jpg"},
    ],
)
def test_a_pdfs_links_and_pictures_name_no_folder(made: dict[str, object]) -> None:
    document, out = pikepdf.new(), BytesIO()
    page = document.add_blank_page()
    page.Annots = pikepdf.Array(
        [pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], F=4, **made)]
    )
    document.save(out)
    assert gone(out.getvalue()) == {"author"}


def test_a_pdfs_other_links_stay() -> None:
    document, out = pikepdf.new(), BytesIO()
    page = document.add_blank_page()
    link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://a.visible.link/home/x")
    page.Annots = pikepdf.Array(
        [pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], F=4, A=link, Alt="C: x")]
    )
    document.save(out)
    assert clean(out.getvalue(), LIMITS) == (frozenset(), out.getvalue())
