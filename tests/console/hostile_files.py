"""Files that somebody made to do harm, made here, mostly byte by byte."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pikepdf
from PIL import Image


def zipped(members: Mapping[str, str | bytes], *, stored: str = "") -> bytes:
    """A ZIP archive; the member *stored* is not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            how = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, data, how)
    return out.getvalue()


def docx(body: str | bytes = "", **more: str | bytes) -> bytes:
    """A Word document; what *more* names are members, `__` for a slash."""
    text = body.encode() if isinstance(body, str) else body
    start = b"<w:document xmlns:w='w'><w:body>"
    members = {"[Content_Types].xml": b"<Types/>", "word/document.xml": start + text + _DOCX_END}
    for name, data in more.items():
        members[name.replace("__", "/").replace("_dot_", ".")] = _bytes(data)
    return zipped(members)


_DOCX_END = b"</w:body></w:document>"


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def xlsx(sheet: str, strings: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """An Excel workbook with one sheet of *sheet*'s rows."""
    members = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": "<workbook/>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
    }
    return zipped({**members, **(more or {})})


def open_document(kind: str, content: str, styles: str = "<s/>") -> bytes:
    """An OpenDocument file of *kind* (text, spreadsheet, presentation)."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "styles.xml": styles,
            "content.xml": f"<office:document-content xmlns:office='o' xmlns:text='t' "
            f"xmlns:table='b' xmlns:draw='d' xmlns:xlink='x'>{content}</office:document-content>",
        },
        stored="mimetype",
    )


def zip_bomb(gigabytes: float = 1.0) -> bytes:
    """A Word document whose one member says and has gigabytes."""
    return docx(b"<w:p><w:t>" + bytes(int(gigabytes * 2**30)) + b"</w:t></w:p>")


def lying_zip(real: int, said: int) -> bytes:
    """A Word document whose member unpacks to more than the archive says."""
    true = docx("<w:p><w:t>" + "A" * real + "</w:t></w:p>")
    with zipfile.ZipFile(io.BytesIO(true)) as archive:
        size = struct.pack("<I", archive.getinfo("word/document.xml").file_size)
    return true.replace(size, struct.pack("<I", said))


def nested_zip(deep: int) -> bytes:
    """Archives in archives."""
    inside = zipped({"0": bytes(10_000_000)})
    for n in range(deep):
        inside = zipped({f"{n}-{copy}.zip": inside for copy in range(4)})
    return inside


def entity_bomb() -> str:
    """The billion laughs."""
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE d [<!ENTITY l0 "lol">{layers}]><d>&l9;</d>'


def gif_of(frames: int) -> bytes:
    """A GIF of many pictures."""
    first = Image.new("L", (8, 8))
    out = io.BytesIO()
    shades = [Image.new("L", (8, 8), n % 250) for n in range(1, frames)]
    first.save(out, "GIF", save_all=True, append_images=shades)
    return out.getvalue()


def tiff_of(pages: int) -> bytes:
    first, *others = [Image.new("L", (60, 40), 20 * n) for n in range(pages)]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=others)
    return out.getvalue()


def looping_tiff() -> bytes:
    """A TIFF whose second page says that the first comes next."""
    data = bytearray(tiff_of(2))
    first = struct.unpack("<I", data[4:8])[0]
    at = first
    while True:
        count = struct.unpack("<H", data[at : at + 2])[0]
        link = at + 2 + 12 * count
        following = struct.unpack("<I", data[link : link + 4])[0]
        if not following:
            data[link : link + 4] = struct.pack("<I", first)
            return bytes(data)
        at = following


def objects_pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    """A PDF of *objects* as they are written."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    return bytes(
        out + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, root, start)
    )


def stream(told: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (told, len(data), data)


def looping_pdf() -> bytes:
    """A PDF whose tree of pages bites its own tail."""
    return objects_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1000000/Parent 3 0 R>>",
            3: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1000000/Parent 2 0 R>>",
        }
    )


def picture_pdf(image: bytes, told: bytes) -> bytes:
    """A PDF of one page with one picture in it."""
    return objects_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
            b"/Resources<</XObject<</I 5 0 R>>>>>>",
            4: stream(b"", b"300 0 0 300 0 0 cm /I Do"),
            5: stream(b"/Type/XObject/Subtype/Image" + told, image),
        }
    )


def huge_picture_pdf() -> bytes:
    """A picture of 60,000 × 60,000, three bytes each, in a few kilobytes."""
    told = b"/Width 60000/Height 60000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    return picture_pdf(zlib.compress(bytes(50_000_000), 9), told)


def broken_jbig2_pdf() -> bytes:
    """A picture in the format whose decoders were broken into most, out of noise."""
    noise = bytes((n * 73 + n // 7) % 256 for n in range(4000))
    told = b"/Width 20000/Height 20000/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode"
    return picture_pdf(noise, told)


def endless_pdf() -> bytes:
    """A page without words that takes hours to draw: a shading that is a long program, for each
    of its points, many times."""
    page = b"/S sh " * 200
    return objects_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 3000 3000]/Contents 4 0 R"
            b"/Resources<</Shading<</S 5 0 R>>>>>>",
            4: stream(b"", page),
            5: b"<</ShadingType 1/ColorSpace/DeviceRGB/Matrix[3000 0 0 3000 0 0]/Function 6 0 R>>",
            6: stream(
                b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]",
                b"{" + b" sin cos " * 300 + b" dup 0 exch }",
            ),
        }
    )


def acting_pdf(action: bytes, catalog: bytes = b"") -> bytes:
    """A PDF that does something when it is opened; *action* is an action's dictionary."""
    opens = b"/OpenAction 5 0 R" if action else b""
    return objects_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R" + opens + catalog + b">>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<>>>>",
            4: stream(b"", b"0 0 m 9 9 l S"),
            5: action or b"null",
        }
    )


def owned_pdf(action: bytes) -> bytes:
    """The same, its action packed and sealed with an empty password: every reader opens it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(acting_pdf(action))) as book:
        book.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            encryption=pikepdf.Encryption(owner="o", user=""),
        )
    return out.getvalue()


def hidden_in_object_stream(action: bytes) -> bytes:
    """The same, its action packed where no search of the file's bytes finds it."""
    inside = b"5 0 " + action
    packed = zlib.compress(inside)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<<>>>>",
        4: stream(b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode", packed),
    }
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    rows = [(0, 0, 65535), *((1, places[n], 0) for n in (1, 2, 3, 4)), (2, 4, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    out += b"6 0 obj\n%s\nendobj\n" % stream(b"/Type/XRef/Size 7/W[1 4 2]/Root 1 0 R", table)
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)


def ogg(*, is_broken: bool = False) -> bytes:
    """The first pages of a voice note, or what only begins like one."""
    head = b"OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
    page = b"OggS\0\x02" + bytes(8) + b"\1\0\0\0" + bytes(4) + bytes(4) + b"\1" + bytes([len(head)])
    return page + head + (b"OggS" + b"\xff" * 4000 if is_broken else b"")


def mp4(brand: bytes) -> bytes:
    """Boxes that lie about their length."""
    ftyp = b"\0\0\0\x18ftyp" + brand + bytes(4) + brand + b"isom"
    return ftyp + b"\xff\xff\xff\xffmoov" + b"\0\0\0\x01mdat\xff" * 300


def wav() -> bytes:
    return b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x7f" + b"\xff" * 3000


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
