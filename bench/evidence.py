"""A tip's evidence, really sealed and on the disk: photographs, letters as large as an export looks
into, and recordings nobody draws.
"""

import hashlib
import io
import random
import zipfile
from collections.abc import AsyncIterator, Iterator

from PIL import Image

from console.previews.passing import ONE_BY_ONE
from sealing import Author, FileFacts, Kind, Media, Part, padme, seal_part, side_of
from sealing.age import Encryptor, PQRecipient
from storage.blobs import FolderBlobs
from storage.repositories.parts import PartRow

PHOTOS, PHOTO_PX = 6, (3000, 2250)
RECORDINGS = 10
LETTERS = 2
_LETTERS_REST = 64 * 1024
"""What of a letter is not its picture, at most."""
PIECE = 256 * 1024


async def filed(
    blobs: FolderBlobs, recipient: PQRecipient, behind: PartRow, size: int
) -> list[PartRow]:
    """Parts with *size* bytes of files in all, behind the part *behind*; their blobs are kept."""
    dice, rows = random.Random(11), [behind]
    async for facts in _files(blobs, recipient, dice, size):
        last = rows[-1]
        part = Part(
            tip_id=behind.tip_id,
            part_id=dice.randbytes(16).hex(),
            seq=last.seq + 1,
            previous=last.hash,
            author=Author.REPORTER,
            day=behind.day,
            kind=Kind.FILE,
            question="leads",
            file=facts,
        )
        sealed = seal_part(part, recipient)
        rows.append(
            PartRow(
                part_id=part.part_id,
                tip_id=part.tip_id,
                seq=part.seq,
                hash=sealed.hash,
                sealed=sealed.data,
                sealed_to=side_of(part.author, part.kind).value,
                author=part.author.value,
                kind=part.kind.value,
                day=part.day,
                size_class=padme(facts.size),
                blob_id=facts.blob_id,
            )
        )
    return rows[1:]


async def _files(
    blobs: FolderBlobs, recipient: PQRecipient, dice: random.Random, size: int
) -> AsyncIterator[FileFacts]:
    photo, letter = _photo(dice), _letter(dice)
    photos = min(PHOTOS, size // 2 // len(photo))
    letters = min(LETTERS, size // 4 // len(letter))
    for nth in range(photos):
        # Bytes behind the end of a JPEG change nothing in it: each file is another one.
        data = photo + dice.randbytes(16)
        yield await _kept(blobs, recipient, iter([data]), dice, f"ภาพ {nth}.jpg", Media.PHOTO)
    for nth in range(letters):
        yield await _kept(
            blobs, recipient, iter([letter]), dice, f"จดหมาย {nth}.docx", Media.DOCUMENT
        )
    each = (size - photos * len(photo) - letters * len(letter)) // RECORDINGS
    for nth in range(RECORDINGS):
        noise = _noise(dice, each)
        yield await _kept(blobs, recipient, noise, dice, f"เสียง {nth}.m4a", Media.VOICE)


async def _kept(
    blobs: FolderBlobs,
    recipient: PQRecipient,
    pieces: Iterator[bytes],
    dice: random.Random,
    name: str,
    media: Media,
) -> FileFacts:
    blob_id, sealing = dice.randbytes(16).hex(), Encryptor(recipient)
    digest, size = hashlib.sha256(), 0
    async with blobs.writing(blob_id) as out:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            await out.write(sealing.update(piece))
        await out.write(sealing.update(bytes(padme(size) - size)), sealing.finish())
        await out.keep()
    return FileFacts(blob_id, size, digest.hexdigest(), media, "application/octet-stream", name)


def _noise(dice: random.Random, size: int) -> Iterator[bytes]:
    while size > 0:
        yield dice.randbytes(min(size, PIECE))
        size -= PIECE


def _letter(dice: random.Random) -> bytes:
    """A Word document that is words and one large picture."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as letter:
        letter.writestr("[Content_Types].xml", "<Types/>")
        letter.writestr("word/document.xml", f"<document><p><t>{'เล่า ' * 2000}</t></p></document>")
        picture = dice.randbytes(ONE_BY_ONE.input_bytes - _LETTERS_REST)
        letter.writestr("word/media/image1.png", picture)
    return written.getvalue()


def _photo(dice: random.Random) -> bytes:
    """A JPEG of as many pixels as a telephone makes."""
    small = Image.frombytes("RGB", (300, 225), dice.randbytes(300 * 225 * 3))
    taken = io.BytesIO()
    small.resize(PHOTO_PX).save(taken, "JPEG", quality=85)
    return taken.getvalue()
