"""Documents that are ZIP archives: opened within limits, written anew without times and extras.

A member is inflated only after its declared size was counted, and never beyond it.
"""

import struct
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Self

from cleaning.formats import gif, jpeg, png, tiff, webp
from cleaning.formats.base import Cannot, Found, Limits

ZIP = b"PK\x03\x04"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PICTURES = (jpeg, png, gif, webp, tiff)
_IS_ENCRYPTED, _HAS_DESCRIPTOR = 0x1, 0x8
_DESCRIPTOR_AT_MOST = 24
_LOCAL = struct.Struct("<4s2xH2xHH12xHH")
"""What stands before each member: flags, time, day, how long its name and its extra fields are."""
_END = struct.Struct("<4s8xIIH")
_1980_01_01 = 0x21


class Members:
    """The members of a document, by name, in their order."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._data = data
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError):
            raise Cannot("damaged") from None
        infos = self._zip.infolist()
        self.by_name = {info.filename: info for info in infos}
        if len(infos) > limits.entries or sum(i.file_size for i in infos) > limits.inflated_bytes:
            raise Cannot("too_large")
        if len(self.by_name) != len(infos):
            raise Cannot("damaged")
        if any(info.flag_bits & _IS_ENCRYPTED for info in infos):
            raise Cannot("encrypted")

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    @property
    def names(self) -> list[str]:
        """Of files, not of folders."""
        return [name for name in self.by_name if not name.endswith("/")]

    @property
    def found(self) -> Found:
        """What the archive itself tells: times, comments, extra fields."""
        infos = self.by_name.values()
        found = set()
        if any(info.date_time[:3] > (1980, 1, 1) for info in infos):
            found.add("time")
        if self._zip.comment or any(info.comment or info.extra for info in infos):
            found.add("comment")
        return frozenset(found | self._told_beside_members())

    def _told_beside_members(self) -> set[str]:
        """What the list of members does not say: their own heads, and bytes that are in none."""
        found, at, spare = set[str](), 0, 0
        for info in sorted(self.by_name.values(), key=lambda each: each.header_offset):
            start = info.header_offset
            if not at <= start <= at + spare:
                found.add("history")
            try:
                _, _, hour, day, name, extra = _LOCAL.unpack_from(self._data, start)
            except struct.error:
                raise Cannot("damaged") from None
            found |= {"time"} if day > _1980_01_01 or hour else set()
            found |= {"comment"} if extra else set()
            at = start + _LOCAL.size + name + extra + info.compress_size
            spare = _DESCRIPTOR_AT_MOST if info.flag_bits & _HAS_DESCRIPTOR else 0
        end = self._data.rfind(b"PK\5\6")
        _, size, start, comment = _END.unpack_from(self._data, end)
        if not at <= start <= at + spare or start + size != end:
            found.add("history")
        if end + _END.size + comment != len(self._data):
            found.add("comment")
        return found

    def read(self, name: str) -> bytes:
        """Raises Cannot when there is more than was declared, or less."""
        info = self.by_name[name]
        try:
            with self._zip.open(info) as member:
                data = member.read(info.file_size + 1)
        except (zipfile.BadZipFile, NotImplementedError, EOFError):
            # zipfile says the second of a compression or an encryption that it does not know.
            raise Cannot("damaged") from None
        if len(data) != info.file_size:
            raise Cannot("damaged")
        return data


class Writing:
    """A new archive: every member with the same time, nobody's system and no extra field."""

    def __init__(self) -> None:
        self._out = BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, data: bytes, *, is_stored: bool = False) -> None:
        info = zipfile.ZipInfo(name, _EARLIEST)
        info.create_system = 0
        info.external_attr = 0
        info.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
        self._zip.writestr(info, data)

    def written(self) -> bytes:
        self._zip.close()
        return self._out.getvalue()


def picture(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """A picture inside a document, cleaned as one of its own. Raises Cannot("attachments")."""
    for each in _PICTURES:
        if each.matches(data):
            found, cleaned = each.clean(data, limits)
            each.check(cleaned if found else data, limits)
            return found, cleaned if found else data
    raise Cannot("attachments")


def check_members(members: Members, empty: Iterable[str], words: Iterable[bytes]) -> None:
    """An independent look: what should be *empty* holds none of *words*; no member tells a time.
    Raises Cannot."""
    if members.found:
        raise Cannot("unsure")
    for name in empty:
        if name in members and any(word in members.read(name) for word in words):
            raise Cannot("unsure")
