"""Which agency a person means, and which centres must therefore never see the tip.

Owns agencies as data (a forest: each names the one it reports to) and the matching of typed words
to them. Refuses to decide: a match is a guess until the person confirms it. Laws: matching is
deterministic and bounded; it offers at most five; the agency itself is not for keeping, only the
ids of the centres it excludes.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.provinces import count_slips
from handlers.routing import Centre, below
from handlers.thai import fold, letters, sound

AT_MOST_OFFERED = 5
_READ_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency or a kind of agency ("อบต."); *parent* is the one it reports to."""

    id: str
    name_th: str
    name_en: str
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    _keys: tuple["_Key", ...] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        keys = dict.fromkeys(map(_key, (self.name_th, self.name_en, *self.aliases)))
        object.__setattr__(self, "_keys", tuple(key for key in keys if key.flat))

    def name(self, language: str) -> str:
        """The name: Thai for "th", English for every other language."""
        return self.name_th if language == "th" else self.name_en


class FoundBy(StrEnum):
    """How an agency was found in what somebody typed."""

    WRITTEN = "written"  # its name or an alias stands there
    HEARD = "heard"  # spelt by ear
    NEAR = "near"  # with a slip or two


@dataclass(frozen=True, slots=True)
class AgencyMatch:
    """At most five agencies that the words may mean, likeliest first; the person confirms one."""

    agencies: tuple[Agency, ...] = ()
    by: FoundBy | None = None


def parse_agencies(toml_text: str) -> tuple[Agency, ...]:
    """Read `[[agency]]` tables: id, th, en, and optionally parent and aliases.

    Raises ValueError for an id used twice, an unknown parent or a circle: the data is at fault.
    """
    rows = tomllib.loads(toml_text).get("agency", [])
    try:
        agencies = tuple(
            Agency(
                row["id"], row["th"], row["en"], tuple(row.get("aliases", ())), row.get("parent")
            )
            for row in rows
        )
    except KeyError as missing:
        raise ValueError(f"an agency lacks {missing}") from missing
    parents = {agency.id: agency.parent for agency in agencies}
    if len(parents) != len(agencies):
        raise ValueError("an agency id appears twice")
    for agency in agencies:
        seen = {agency.id}
        above = agency.parent
        while above is not None:
            if above not in parents:
                raise ValueError(f"agency {agency.id!r} lies under {above!r}, which is unknown")
            if above in seen:
                raise ValueError(f"agency {agency.id!r} lies under itself")
            seen.add(above)
            above = parents[above]
    return agencies


# The line ----------------------------------------------------------------------------------------


def line_of(agency_id: str, agencies: Iterable[Agency]) -> frozenset[str]:
    """The agency, everything above it and everything below it. An unknown id is its own line."""
    parents = {agency.id: agency.parent for agency in agencies}
    line = set(_upwards(agency_id, parents))
    line.update(other for other in parents if agency_id in _upwards(other, parents))
    return frozenset(line)


def _upwards(agency_id: str, parents: dict[str, str | None]) -> Sequence[str]:
    path = [agency_id]
    while (above := parents.get(path[-1])) is not None and above not in path:
        path.append(above)
    return path


def excluded_centres(
    agency_id: str, agencies: Iterable[Agency], centres: Iterable[Centre]
) -> tuple[str, ...]:
    """The ids of the centres that must never see a tip about *agency_id*, sorted.

    These are the centres of its line, and every integrity centre that sits below one of them: its
    people answer to the same heads.
    """
    line = line_of(agency_id, agencies)
    centres = tuple(centres)
    inside = {centre.id for centre in centres if centre.agency in line}
    integrity = {centre.id for centre in centres if centre.agency is not None}
    return tuple(sorted(inside | (below(inside, centres) & integrity)))


# Matching ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Key:
    """A name as it is looked for: with its word breaks, without them, and as it sounds. *pattern*
    is there where a name could also stand inside another word; the others are simply looked for."""

    spaced: str
    flat: str
    heard: str
    pattern: re.Pattern[str] | None


_LETTER_RUN = re.compile(r"(?<![ก-๎a-z])(?:[ก-ฮa-z]\.\s?){2,}")
_TITLES = (
    "นายก|ปลัด|รอง|สมาชิก|ประธาน|ผู้บริหาร|ผู้อำนวยการ|ผอ|ผู้กำกับ|เจ้าหน้าที่|พนักงาน|ของ|ที่|ใน|กับ|จาก|คน|สนง"
)


def _words_of(text: str) -> str:
    """*text* folded, "อ.บ.ต." joined to "อบต", every other sign a word break."""
    key = fold(text, _READ_AT_MOST)
    key = _LETTER_RUN.sub(lambda run: re.sub(r"[.\s]", "", run[0]) + " ", key)
    return " ".join(filter(None, map(letters, re.split(r"[\s.,/()\"'“”\-]+", key))))


def _key(name: str) -> _Key:
    spaced = _words_of(name)
    flat = spaced.replace(" ", "")
    return _Key(spaced, flat, sound(flat), _pattern(spaced, flat))


def _pattern(spaced: str, flat: str) -> re.Pattern[str] | None:
    """(Hundreds of names are read at each start: none is compiled that nobody searches with.)"""
    if len(flat) > 5 and not flat.isascii():
        return None
    escaped = re.escape(spaced).replace(r"\ ", r"\s?")
    if spaced.isascii():
        return re.compile(rf"(?<![a-z]){escaped}(?![a-z])")
    if len(flat) <= 2:
        return re.compile(rf"(?:(?<![ก-๎])|(?:{_TITLES})){escaped}(?![ก-๎])")
    if len(flat) <= 4:
        return re.compile(rf"(?:(?<![ก-๎])|(?:{_TITLES})){escaped}")
    return re.compile(escaped)


def match_agency(text: str, agencies: Iterable[Agency]) -> AgencyMatch:
    """Offer the agencies that *text* may name, likeliest first.

    A longer name beats a shorter one inside it (โรงพยาบาลส่งเสริมสุขภาพตำบล is not โรงพยาบาล).
    Spelling by ear and one or two slips at the beginning are forgiven when nothing matches as
    written. Never raises; reads the first 300 characters.
    """
    words = _words_of(text)
    if not words:
        return AgencyMatch()
    keys = [(key, agency) for agency in agencies for key in agency._keys]
    written = [(k, a) for k, a in keys if _is_written(k, words)]
    if written:
        return AgencyMatch(_longest(written), FoundBy.WRITTEN)
    sounds = _heard(words)
    heard = [(k, a) for k, a in keys if len(k.heard) >= 4 and k.heard in sounds]
    if heard:
        return AgencyMatch(_longest(heard), FoundBy.HEARD)
    near = _nearest(keys, words)
    return AgencyMatch(near, FoundBy.NEAR) if near else AgencyMatch()


def _is_written(key: _Key, words: str) -> bool:
    if key.pattern is None:
        return key.flat in words.replace(" ", "")
    return key.pattern.search(words) is not None


def _heard(words: str) -> str:
    return sound(words.replace(" ", ""))


def _longest(found: Sequence[tuple[_Key, Agency]]) -> tuple[Agency, ...]:
    outermost = [
        (key, agency)
        for key, agency in found
        if not any(key.flat != other.flat and key.flat in other.flat for other, _ in found)
    ]
    ranked = sorted(outermost, key=lambda pair: -len(pair[0].flat))
    return tuple({agency.id: agency for _, agency in ranked}.values())[:AT_MOST_OFFERED]


def _nearest(keys: Sequence[tuple[_Key, Agency]], words: str) -> tuple[Agency, ...]:
    heard = _heard(words)[:40]
    ranked: list[tuple[int, int, Agency]] = []
    for key, agency in keys:
        length = len(key.heard)
        if length < 4 or key.heard[0] != heard[:1] or abs(len(heard) - length) > 12:
            continue
        allowed = 1 if length < 8 else 2
        slips = min(
            count_slips(heard[: length + drift], key.heard, allowed) for drift in (-1, 0, 1)
        )
        if slips <= allowed:
            ranked.append((slips, -length, agency))
    ranked.sort(key=lambda row: row[:2])
    return tuple({agency.id: agency for _, _, agency in ranked}.values())[:AT_MOST_OFFERED]
