"""What people in the demo send along, all made here: a photo, a page of a contract, a voice."""

import io
import math
import struct
from collections.abc import Callable, Mapping
from functools import cache

import pikepdf

from deploy.demo.person import File
from deploy.demo.photo import photo

RATE = 8000
SECONDS = 3
_CONTRACT = (
    "CONTRACT 12/2569 (sample)",
    "Concrete road behind the temple, Moo 7, Ban Tua Yang",
    "Width 4.00 m, length 320 m, thickness 0.15 m, price 812,000 baht",
)


@cache
def contract() -> File:
    """One page of a PDF with Latin text, for which a PDF needs no font of its own."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1)
    font.BaseFont = pikepdf.Name.Helvetica
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    lines = " ".join(f"({line}) Tj T*" for line in _CONTRACT)
    text = f"BT /F1 14 Tf 24 TL 60 760 Td {lines} ET".encode("ascii")
    page.Contents = document.make_stream(text)
    out = io.BytesIO()
    document.save(out)
    return File("สัญญาถนนหลังวัด.pdf", "application/pdf", out.getvalue())


@cache
def voice() -> File:
    """Three seconds of a voice that says nothing: a WAV of a tone that goes up and down."""
    samples = b"".join(
        struct.pack(
            "<h", int(6000 * math.sin(2 * math.pi * (220 + 60 * math.sin(n / 2000)) * n / RATE))
        )
        for n in range(RATE * SECONDS)
    )
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    body = b"WAVE" + form + b"data" + struct.pack("<I", len(samples)) + samples
    return File("บันทึกเสียง.wav", "audio/wav", b"RIFF" + struct.pack("<I", len(body)) + body)


EVIDENCE: Mapping[str, Callable[[], File]] = {
    "photo": photo,
    "contract": contract,
    "voice": voice,
}
