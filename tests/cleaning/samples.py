"""Files as devices and office programs make them, each with canaries where details hide."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from PIL import Image, PngImagePlugin

PLACE = "16.4419N-Canary"
DEVICE = "CanaryPhone X9"
AUTHOR = "Somying Canary"
COMMENT = "canary in a remark"
DAY = "2026:05:17 08:09:10"
CANARIES = tuple(
    each.encode() for each in (PLACE, DEVICE, AUTHOR, COMMENT, DAY, "Canary", "canary")
)
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF><rdf:Description exif:GPSLatitude="{PLACE}" tiff:Make="{DEVICE}" '
    f'xmp:CreateDate="{DAY}"><dc:creator>{AUTHOR}</dc:creator></rdf:Description></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
).encode()
ORIENTATION = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """A file and what is hidden in it, at least."""

    data: bytes
    found: frozenset[str]


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    return Image.effect_noise((width, height), 60).convert(mode)


def exif(*, orientation: int = ORIENTATION) -> Image.Exif:
    details = Image.Exif()
    details[0x0112] = orientation
    details[0x010F] = DEVICE
    details[0x0132] = DAY
    details[0x013B] = AUTHOR
    details[0x010E] = COMMENT
    details.get_ifd(0x8769)[0x9003] = DAY
    details.get_ifd(0x8769)[0x927C] = b"Canary maker's own note"
    details.get_ifd(0x8825).update({1: "N", 2: (16.0, 26.0, 30.0), 29: PLACE})
    return details


EXIF_FOUND = frozenset({"place", "time", "device", "author", "comment"})


def jpeg() -> Sample:
    out = BytesIO()
    picture().save(out, "JPEG", exif=exif(), comment=COMMENT.encode(), xmp=XMP, quality=90)
    iptc = b"\xff\xed" + struct.pack(">H", 2 + 40) + f"Photoshop 3.0\0{AUTHOR}".encode().ljust(40)
    film = b"\0\0\0\x18ftypmp42" + COMMENT.encode()
    data = out.getvalue()
    return Sample(data[:2] + iptc + data[2:] + film, EXIF_FOUND | {"thumbnail"})


def progressive_jpeg() -> Sample:
    out = BytesIO()
    picture().save(out, "JPEG", exif=exif(), progressive=True)
    return Sample(out.getvalue(), EXIF_FOUND)


def jpeg_with_a_preview() -> Sample:
    """JFIF's own preview, of one pixel by four."""
    out = BytesIO()
    picture().save(out, "JPEG")
    data = out.getvalue()
    pixels = b"canary-pixel"
    head = b"\xff\xe0" + struct.pack(">H", 16 + len(pixels)) + data[6:18] + b"\x01\x04" + pixels
    return Sample(data[:2] + head + data[20:], frozenset({"thumbnail"}))


def png() -> Sample:
    notes, out = PngImagePlugin.PngInfo(), BytesIO()
    notes.add_text("Author", AUTHOR)
    notes.add_text("Comment", COMMENT, zip=True)
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    picture(mode="RGBA").save(out, "PNG", pnginfo=notes, exif=exif())
    return Sample(out.getvalue() + COMMENT.encode(), EXIF_FOUND)


def gif() -> Sample:
    out, frames = BytesIO(), [picture(mode="P") for _ in range(3)]
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], comment=COMMENT.encode(), loop=0
    )
    xmp = b"!\xff\x0bXMP DataXMP" + XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    data = out.getvalue()
    at = data.index(b"!\xff\x0bNETSCAPE2.0")
    return Sample(data[:at] + xmp + data[at:], frozenset({"comment", "place"}))


def webp() -> Sample:
    out = BytesIO()
    picture().save(out, "WEBP", exif=exif(), xmp=XMP, lossless=True)
    return Sample(out.getvalue() + COMMENT.encode(), EXIF_FOUND)


def moving_webp() -> Sample:
    out = BytesIO()
    picture().save(
        out, "WEBP", save_all=True, append_images=[picture(), picture()], exif=exif(), duration=90
    )
    return Sample(out.getvalue(), EXIF_FOUND)


def tiff() -> Sample:
    details, out = exif(), BytesIO()
    details[0x8825] = {1: "N", 29: PLACE}
    details[0x8769] = {0x9003: DAY}
    picture().save(
        out, "TIFF", exif=details, save_all=True, append_images=[picture()], compression="raw"
    )
    return Sample(out.getvalue(), EXIF_FOUND)


def avif() -> Sample:
    out = BytesIO()
    picture().save(out, "AVIF", exif=exif(), xmp=XMP)
    return Sample(out.getvalue(), EXIF_FOUND)


def heic() -> Sample:
    """Phones' HEIC and AVIF are one container; only what is inside the picture differs."""
    made = avif()
    return Sample(made.data[:8] + b"heic" + made.data[12:], made.found)


def pdf() -> Sample:
    """Written twice: the first version is still in it, as word processors leave it."""
    document, out = pikepdf.new(), BytesIO()
    page = document.add_blank_page(page_size=(200, 200))
    photo = document.make_stream(
        jpeg().data,
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    packed = document.make_stream(
        zlib.compress(jpeg().data),
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode]),
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=photo, Q=packed))
    page.Contents = document.make_stream(b"q 64 0 0 48 0 0 cm /P Do Q (a visible word) Tj")
    page.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9],
                Contents="a visible remark", T=AUTHOR, M="D:20260517080910", NM="canary-id",
            )
        ]
    )  # fmt: skip
    page.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=COMMENT))
    document.docinfo["/Author"] = AUTHOR
    document.docinfo["/Producer"] = DEVICE
    document.docinfo["/CreationDate"] = "D:20260517080910"
    document.Root.Metadata = document.make_stream(
        XMP, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
    )
    document.trailer["/DocChecksum"] = pikepdf.Name("/CanaryChecksum")
    document.save(out, compress_streams=False)
    first = out.getvalue()
    return Sample(_updated(first), frozenset({"author", "device", "time", "comment", "history"}))


def _updated(first: bytes) -> bytes:
    """An incremental update behind *first*, which changes nothing and keeps all of it."""
    tail = first.rindex(b"startxref")
    table = int(first[tail:].split()[1])
    trailer = first[first.rindex(b"trailer") : tail].replace(b"<<", b"<< /Prev %d" % table, 1)
    start = len(first)
    return first + b"xref\n0 0\n" + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def zipped(members: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2026, 5, 17, 8, 9, 10))
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CORE = (
    '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc" xmlns:dcterms="urn:t">'
    f"<dc:creator>{AUTHOR}</dc:creator><cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy>"
    f"<dcterms:created>{DAY}</dcterms:created><cp:revision>7</cp:revision>"
    f"<dc:description>{COMMENT}</dc:description></cp:coreProperties>"
)
_APP = f"<Properties><Application>{DEVICE}</Application><Company>{AUTHOR}</Company></Properties>"


def _relations(*more: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="r{nth}" Type="{_RELATION}{kind}" Target="{target}"/>'
        for nth, (kind, target) in enumerate(more)
    )
    return f"<Relationships>{lines}</Relationships>"


def _package(main: str, members: dict[str, bytes | str]) -> bytes:
    types = (
        '<Types><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/thumbnail.jpeg" ContentType="image/jpeg"/></Types>'
    )
    always: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": _relations(
            ("/officeDocument", main), ("/thumbnail", "docProps/thumbnail.jpeg")
        ),
        "docProps/core.xml": _CORE,
        "docProps/app.xml": _APP,
        "docProps/thumbnail.jpeg": jpeg().data,
    }
    return zipped({**always, **members})


OFFICE_FOUND = frozenset({"author", "time", "device", "history", "comment", "thumbnail", "place"})


def docx() -> Sample:
    body = (
        '<w:document xmlns:w="urn:w" xmlns:wp="urn:wp" xmlns:pic="urn:pic" '
        'xmlns:mc="urn:mc" mc:Ignorable="wp"><w:body><w:p w:rsidR="00C4A4A7">'
        f'<w:ins w:id="1" w:author="{AUTHOR}" w:date="2026-05-17T08:09:10Z">'
        '<w:r><w:t xml:space="preserve">a visible word &amp; another </w:t></w:r></w:ins>'
        '<pic:cNvPr id="2" name="C:\\Users\\Canary\\photo.jpg"/></w:p></w:body></w:document>'
    )
    remarks = (
        f'<w:comments xmlns:w="urn:w"><w:comment w:id="1" w:author="{AUTHOR}" '
        'w:initials="Canary" w:date="2026-05-17T08:09:10Z"><w:t>a visible remark</w:t>'
        "</w:comment></w:comments>"
    )
    settings = (
        '<w:settings xmlns:w="urn:w" xmlns:r="urn:r"><w:attachedTemplate r:id="r0"/>'
        '<w:rsids><w:rsid w:val="00C4A4A7"/></w:rsids><w:zoom w:percent="100"/></w:settings>'
    )
    members: dict[str, bytes | str] = {
        "word/document.xml": body,
        "word/comments.xml": remarks,
        "word/settings.xml": settings,
        "word/_rels/settings.xml.rels": _relations(
            ("/attachedTemplate", "file:///C:\\Users\\Canary\\Normal.dotm"),
            ("/hyperlink", "https://a.visible.link/"),
        ),
        "word/media/image1.jpeg": jpeg().data,
        "customXml/item1.xml": f"<who>{AUTHOR}</who>",
    }
    return Sample(_package("word/document.xml", members), OFFICE_FOUND)


def xlsx() -> Sample:
    members: dict[str, bytes | str] = {
        "xl/workbook.xml": (
            '<workbook xmlns:x15ac="urn:x"><fileVersion appName="xl" rupBuild="Canary"/>'
            '<x15ac:absPath url="C:\\Users\\Canary\\"/><sheets><sheet name="a visible sheet"/>'
            "</sheets></workbook>"
        ),
        "xl/worksheets/sheet1.xml": (
            '<worksheet xmlns:r="urn:r"><sheetData><v>42</v></sheetData>'
            '<pageSetup orientation="portrait" r:id="rId1"/></worksheet>'
        ),
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(
            ("/printerSettings", "../printerSettings/printerSettings1.bin")
        ),
        "xl/printerSettings/printerSettings1.bin": "Canary printer".encode("utf-16-le"),
        "xl/comments1.xml": (
            f"<comments><authors><author>{AUTHOR}</author></authors>"
            "<commentList><t>a visible remark</t></commentList></comments>"
        ),
        "xl/persons/person.xml": (
            f'<personList><person displayName="{AUTHOR}" userId="S::canary" providerId="AD"/>'
            "</personList>"
        ),
        "xl/tables/table1.xml": '<table displayName="Table1" name="Table1"/>',
    }
    return Sample(_package("xl/workbook.xml", members), OFFICE_FOUND - {"place"})


def pptx() -> Sample:
    members: dict[str, bytes | str] = {
        "ppt/presentation.xml": "<p:presentation xmlns:p='urn:p'/>",
        "ppt/commentAuthors.xml": (
            f'<p:cmAuthorLst xmlns:p="urn:p"><p:cmAuthor id="0" name="{AUTHOR}" '
            'initials="Canary"/></p:cmAuthorLst>'
        ),
        "ppt/comments/comment1.xml": (
            '<p:cmLst xmlns:p="urn:p"><p:cm authorId="0" dt="2026-05-17T08:09:10">'
            "<p:text>a visible remark</p:text></p:cm></p:cmLst>"
        ),
        "ppt/changesInfos/changesInfo1.xml": f'<chg name="{AUTHOR}" userId="canary"/>',
        "ppt/media/image1.png": png().data,
    }
    return Sample(_package("ppt/presentation.xml", members), OFFICE_FOUND)


def odt() -> Sample:
    members: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": (
            '<manifest:manifest xmlns:manifest="urn:m"><manifest:file-entry '
            'manifest:full-path="content.xml"/><manifest:file-entry '
            'manifest:full-path="Thumbnails/thumbnail.png"/></manifest:manifest>'
        ),
        "meta.xml": (
            '<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta>'
            f"<meta:initial-creator>{AUTHOR}</meta:initial-creator><dc:date>{DAY}</dc:date>"
            f"<meta:generator>{DEVICE}</meta:generator></office:meta></office:document-meta>"
        ),
        "content.xml": (
            '<office:document-content xmlns:office="o" xmlns:dc="d" xmlns:text="t">'
            f"<office:annotation><dc:creator>{AUTHOR}</dc:creator><dc:date>{DAY}</dc:date>"
            "<text:p>a visible remark</text:p></office:annotation><text:p>a visible word</text:p>"
            "</office:document-content>"
        ),
        "settings.xml": (
            '<s xmlns:config="c"><config:config-item config:name="PrinterName">Canary printer'
            "</config:config-item></s>"
        ),
        "Thumbnails/thumbnail.png": png().data,
        "Pictures/1.jpg": jpeg().data,
    }
    return Sample(zipped(members, stored=("mimetype",)), OFFICE_FOUND - {"history"})


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def m4a(*, handler: bytes = b"soun", with_details: bool = True) -> Sample:
    times = struct.pack(">II", 3_862_000_000, 3_862_000_000) if with_details else bytes(8)
    name = DEVICE.encode() if with_details else b""
    heard = box(b"hdlr", bytes(8) + handler + bytes(12) + name + b"\0" * bool(name))
    track = box(
        b"trak",
        box(b"tkhd", bytes(4) + times + bytes(72))
        + box(b"mdia", box(b"mdhd", bytes(4) + times + bytes(12)) + heard),
    )
    tags = box(b"udta", box(b"\xa9xyz", PLACE.encode()) + box(b"\xa9ART", AUTHOR.encode()))
    film = box(b"mvhd", bytes(4) + times + bytes(88)) + track + (tags if with_details else b"")
    sound = box(b"mdat", bytes(range(256)) * 8)
    spare = box(b"uuid", COMMENT.encode()) if with_details else box(b"free", bytes(64))
    data = box(b"ftyp", b"M4A \0\0\0\0M4A mp42") + box(b"moov", film) + spare + sound
    return Sample(data, frozenset({"place", "time", "device", "author", "comment"}))


def mp3_sound() -> bytes:
    """MPEG 1, layer 3, 128 kbit/s, 44.1 kHz: frames of 417 bytes."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * 20


def mp3() -> Sample:
    note = b"TPE1" + struct.pack(">I", len(AUTHOR) + 1) + b"\0\0\0" + AUTHOR.encode()
    size = len(note)
    digits = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    old = b"TAG" + COMMENT.encode().ljust(125, b"\0")
    return Sample(
        b"ID3\x03\0\0" + digits + note + mp3_sound() + old, frozenset({"author", "comment"})
    )


def ogg_page(body: bytes, number: int, *, flags: int = 0) -> bytes:
    segments = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = b"OggS\0" + bytes((flags,)) + bytes(8) + struct.pack("<II", 7, number)
    page = head + bytes(4) + bytes((len(segments),)) + segments + body
    return page[:22] + struct.pack("<I", ogg_checksum(page)) + page[26:]


def ogg_checksum(page: bytes) -> int:
    """Bit by bit, as the format's own text says it."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def ogg_pages(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        count = data[at + 26]
        end = at + 27 + count + sum(data[at + 27 : at + 27 + count])
        yield data[at:end]
        at = end


def opus(*comments: str) -> bytes:
    head = b"OpusHead\x01\x01" + bytes(9)
    vendor = b"libopus"
    notes = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(comments))
    for each in comments:
        notes += struct.pack("<I", len(each.encode())) + each.encode()
    sound = [ogg_page(bytes(range(200)), number) for number in (2, 3)]
    return b"".join((ogg_page(head, 0, flags=2), ogg_page(notes, 1), *sound))


def ogg() -> Sample:
    long = f"COMMENT={COMMENT * 30}"
    return Sample(opus(f"ARTIST={AUTHOR}", f"LOCATION={PLACE}", long),
        frozenset({"author", "place", "comment"}))  # fmt: skip


def flac(*, with_details: bool = True) -> Sample:
    stream = bytes(34)
    note = f"ARTIST={AUTHOR}".encode()
    notes = struct.pack("<I", 4) + b"ffff" + struct.pack("<II", 1, len(note)) + note
    blocks = [(0, stream), (4, notes), (6, COMMENT.encode())] if with_details else [(0, stream)]
    written = b"".join(
        bytes((kind | (0x80 if nth == len(blocks) - 1 else 0),))
        + len(body).to_bytes(3, "big")
        + body
        for nth, (kind, body) in enumerate(blocks)
    )
    return Sample(b"fLaC" + written + b"\xff\xf8" + bytes(500), frozenset({"author", "thumbnail"}))


def wav(*, with_details: bool = True) -> Sample:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)

    whole = b"WAVE" + chunk(b"fmt ", bytes(16)) + chunk(b"data", bytes(range(250)))
    if with_details:
        whole += chunk(b"LIST", b"INFOIART" + AUTHOR.encode()) + chunk(b"bext", DEVICE.encode())
    return Sample(chunk(b"RIFF", whole), frozenset({"author", "device"}))


MADE = {
    each.__name__: each
    for each in (
        jpeg, progressive_jpeg, jpeg_with_a_preview, png, gif, webp, moving_webp, tiff, avif, heic,
        pdf, docx, xlsx, pptx, odt, m4a, mp3, ogg, flac, wav,
    )
}  # fmt: skip
PICTURES = ("jpeg", "progressive_jpeg", "jpeg_with_a_preview", "png", "gif", "webp", "moving_webp",
    "tiff", "avif")  # fmt: skip


def plain(kind: str) -> bytes:
    """A picture without a hidden detail."""
    out = BytesIO()
    picture().save(out, kind)
    return out.getvalue()


def inflated(data: bytes) -> Iterator[bytes]:
    """*data* and whatever is packed inside it."""
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    if data.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(data)) as document:
            for each in document.objects:
                yield each.unparse()
                if isinstance(each, pikepdf.Stream):
                    yield (raw := each.read_raw_bytes())
                    how = each.get("/Filter")
                    if isinstance(how, pikepdf.Array) and how[0] == pikepdf.Name.FlateDecode:
                        yield zlib.decompress(raw)
                    elif how != pikepdf.Name.DCTDecode:
                        yield each.read_bytes()
    if data.startswith(b"\x89PNG"):
        with Image.open(BytesIO(data)) as image:
            image.load()
            yield repr(image.info).encode()


def in_any_spelling(canary: bytes) -> tuple[bytes, ...]:
    return canary, canary.decode().encode("utf-16-le"), canary.decode().encode("utf-16-be")
