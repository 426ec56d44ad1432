"""Which province a person means, from what they typed.

Owns the 77 provinces, their names, abbreviations, nicknames and usual misspellings, districts that
people name in their stead, and the regions that choice pages group them by. Refuses to know who
routes by province. Laws: matching is deterministic and bounded whatever the input; a match that
could be wrong says so (`asks_to_confirm`) instead of guessing; nothing here reads a file.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from handlers.thai import fold, letters, sound, tone_free

AT_MOST_SEVERAL = 10
"""More candidates than this are no help: the answer is then `MatchKind.NONE`."""

_READ_AT_MOST = 300
_NAME_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Province:
    """One province; `id` is its ISO 3166-2 code ("TH-40"), which is what gets stored."""

    id: str
    name_th: str
    name_en: str
    abbreviation_th: str
    abbreviation_en: str
    zone: int | None
    aliases: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The full name: Thai for "th", English for every other language."""
        return self.name_th if language == "th" else self.name_en


@dataclass(frozen=True, slots=True)
class Region:
    """A page of provinces: a PACC zone (unverified), or Bangkok, which belongs to none."""

    id: str
    name_th: str
    name_en: str
    provinces: tuple[Province, ...]

    def name(self, language: str) -> str:
        """The label: Thai for "th", English for every other language."""
        return self.name_th if language == "th" else self.name_en


class MatchKind(StrEnum):
    """How sure a match is."""

    EXACT = "exact"
    CLOSE = "close"
    SEVERAL = "several"
    NONE = "none"


class MatchedBy(StrEnum):
    """What an exact match rests on."""

    NAME = "name"
    ABBREVIATION = "abbreviation"
    NICKNAME = "nickname"


@dataclass(frozen=True, slots=True)
class ProvinceMatch:
    """EXACT and CLOSE carry one province, SEVERAL two to ten (likeliest first), NONE none."""

    kind: MatchKind
    provinces: tuple[Province, ...] = ()
    by: MatchedBy | None = None

    @property
    def asks_to_confirm(self) -> bool:
        """Whether to ask "… ใช่ไหม" first: near misses and nicknames, not names."""
        return self.kind is MatchKind.CLOSE or self.by is MatchedBy.NICKNAME


NO_MATCH = ProvinceMatch(MatchKind.NONE)


@dataclass(frozen=True, slots=True)
class _Spelling:
    key: str
    heard: str
    characters: int
    province: Province


@dataclass(frozen=True, slots=True)
class Provinces:
    """All provinces in the order of their codes, with what matching looks up; made once."""

    all: tuple[Province, ...]
    regions: tuple[Region, ...]
    _by_id: Mapping[str, Province]
    _names: Mapping[str, tuple[Province, ...]]
    _abbreviations: Mapping[str, tuple[Province, ...]]
    _nicknames: Mapping[str, tuple[Province, ...]]
    _districts: Mapping[str, tuple[Province, ...]]
    _spellings: tuple[_Spelling, ...]

    def __getitem__(self, province_id: str) -> Province:
        """The province with this code; KeyError for any other text."""
        return self._by_id[province_id]

    def get(self, province_id: str) -> Province | None:
        """The province with this code, or None."""
        return self._by_id.get(province_id)


def parse_provinces(
    csv_text: str, regions_csv_text: str = "", districts_csv_text: str = ""
) -> Provinces:
    """Read the provinces (and, in the order to be shown, the regions; and districts of some of
    them) from their CSV texts.

    Raises ValueError for a missing column, a repeated code, a region of an unknown zone or the
    districts of an unknown province: the data ships with the program, so the fault is ours.
    """
    provinces = tuple(_read_province(row) for row in csv.DictReader(csv_text.splitlines()))
    by_id = {province.id: province for province in provinces}
    if len(by_id) != len(provinces):
        raise ValueError("a province code appears twice")
    names: dict[str, tuple[Province, ...]] = {}
    abbreviations: dict[str, tuple[Province, ...]] = {}
    nicknames: dict[str, tuple[Province, ...]] = {}
    for province in provinces:
        _note(names, (province.name_th, province.name_en), province)
        _note(abbreviations, (province.abbreviation_th, province.abbreviation_en), province)
        _note(nicknames, province.aliases, province)
    spellings = tuple(
        _Spelling(key, sound(_latin_ear(key)), _character_set(sound(_latin_ear(key))), province)
        for table in (names, nicknames)
        for key, meant in table.items()
        for province in meant
        if len(key) >= 3
    )
    return Provinces(
        provinces,
        tuple(_read_regions(regions_csv_text, provinces)),
        by_id,
        names,
        abbreviations,
        nicknames,
        _read_districts(districts_csv_text, by_id),
        spellings,
    )


def _read_province(row: Mapping[str, str]) -> Province:
    try:
        return Province(
            id=row["iso3166_2"],
            name_th=row["name_th"],
            name_en=row["name_en"],
            abbreviation_th=row["abbr_th"],
            abbreviation_en=row["abbr_en"],
            zone=int(row["pacc_zone_unverified"]) if row["pacc_zone_unverified"] else None,
            aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
        )
    except (KeyError, AttributeError) as missing:
        raise ValueError("a row of the provinces lacks a column") from missing


def _read_regions(csv_text: str, provinces: Iterable[Province]) -> Iterable[Region]:
    members: dict[int | None, list[Province]] = {}
    for province in provinces:
        members.setdefault(province.zone, []).append(province)
    for row in csv.DictReader(csv_text.splitlines()):
        zone = int(row["zone"]) if row["zone"] else None
        if zone not in members:
            raise ValueError("a region names a zone that no province is in")
        yield Region(
            f"zone-{zone}" if zone is not None else "bangkok",
            row["name_th"],
            row["name_en"],
            tuple(members[zone]),
        )


def _read_districts(
    csv_text: str, by_id: Mapping[str, Province]
) -> Mapping[str, tuple[Province, ...]]:
    districts: dict[str, tuple[Province, ...]] = {}
    for row in csv.DictReader(csv_text.splitlines()):
        province = by_id.get(row["iso3166_2"])
        if province is None:
            raise ValueError("districts name a province that is none")
        _note(districts, row["districts"].split("|"), province)
    return districts


def _note(
    table: dict[str, tuple[Province, ...]], spellings: Iterable[str], province: Province
) -> None:
    for spelling in spellings:
        key = letters(fold(spelling))
        if province not in table.get(key, ()):
            table[key] = (*table.get(key, ()), province)


# Matching ----------------------------------------------------------------------------------------

_BEFORE = re.compile(
    r"^(?:(?:อยู่|เกิด|ที่|ใน|แถว|แถวๆ|ตรง|คือ|i am in|in|at|from)\s*)*"
    r"(?:จังหวัด|จว\.?|จ\.ว\.?|จ\.|จ\s|changwat|province of)?\s*"
)
_AFTER = re.compile(r"\s*(?:ครับผม|ครับ|คับ|ค่ะ|คะ|จ้า|จ้ะ|นะ|ฮะ|province|changwat|thailand|[.!?ๆฯ])+$")
_CAPITAL = re.compile(r"^(?:อำเภอเมือง|อ\.?\s?เมือง|ตัวเมือง|เมือง|mueang|muang|amphoe mueang)\s*")
_MARKED = re.compile(r"(?:จังหวัด|จว\.|(?<![ก-ฮ])จ\.|(?<![ก-ฮ])จ )\s*([ก-๎]{2,20})")
_DISTRICT = re.compile(r"^(?:อำเภอ|อ\.|อ |amphoe|district)\s*")
_MARKED_DISTRICT = re.compile(r"(?:อำเภอ|(?<![ก-ฮ])อ\.|(?<![ก-ฮ])อ )\s*([ก-๎]{2,20})")
_SENTENCE_WORD = re.compile(r"[^\s,/()]+")
_TOO_COMMON = frozenset(
    ("เลย", "ตาก", "อำนาจ", "กำแพง", "ชล", "มุก", "นรา", "สิงห์", "สาคร", "หนองบัว")
)


def match_province(text: str, provinces: Provinces) -> ProvinceMatch:
    """Say which province *text* names: exactly, nearly, one of several, or none.

    Takes full and English names in any spacing, abbreviations (ขก, ข.ก., KKN), จ. and จังหวัด,
    nicknames, misspellings, a district of some provinces, and a sentence that holds a name. Never
    raises; reads the first 300 characters.
    """
    key = fold(text, _READ_AT_MOST)
    bare = _AFTER.sub("", _BEFORE.sub("", key, count=1), count=1)
    for candidate in (key, bare):
        if match := _match_whole(letters(candidate), provinces):
            return match
    capital = letters(_CAPITAL.sub("", bare))
    if meant := provinces._names.get(capital):
        return ProvinceMatch(MatchKind.EXACT, meant, MatchedBy.NICKNAME)
    name = letters(bare)
    if mentioned := _match_mentioned(key, provinces):
        # หนองบัวลำพูน holds ลำพูน, but is หนองบัวลำภู misspelt: show both.
        spelled = _match_spelling(name, provinces) or NO_MATCH
        both = (*spelled.provinces, *mentioned.provinces)
        return _choose(both, MatchKind.CLOSE) or mentioned
    return (
        _match_district(key, bare, provinces)
        or _match_beginning(name, provinces)
        or _match_spelling(name, provinces)
        or NO_MATCH
    )


def _match_whole(name: str, provinces: Provinces) -> ProvinceMatch | None:
    if not name or len(name) > _NAME_AT_MOST:
        return None
    if meant := provinces._names.get(name):
        return _choose(meant, MatchKind.EXACT, MatchedBy.NAME)
    if meant := provinces._abbreviations.get(name):
        # ลพ is ลำพูน, but whoever types it may have begun to write ลพบุรี.
        return _choose(
            (*meant, *_beginning(name, provinces)), MatchKind.EXACT, MatchedBy.ABBREVIATION
        )
    if meant := provinces._nicknames.get(name):
        return _choose(meant, MatchKind.EXACT, MatchedBy.NICKNAME)
    return None


def _match_mentioned(key: str, provinces: Provinces) -> ProvinceMatch | None:
    """Names inside a sentence: after จ. or จังหวัด first, then full names, then nicknames."""
    marked = [_longest_start(found, provinces) for found in _MARKED.findall(key)]
    if found := tuple(dict.fromkeys(p for meant in marked for p in meant)):
        return _choose(found, MatchKind.CLOSE)
    flat = letters(key)
    inside = [name for name in provinces._names if len(name) >= 5 and name in flat]
    longest = [n for n in inside if not any(n != other and n in other for other in inside)]
    if found := tuple(dict.fromkeys(p for n in longest for p in provinces._names[n])):
        return _choose(found, MatchKind.CLOSE)
    words = [word for word in map(letters, _SENTENCE_WORD.findall(key)) if word not in _TOO_COMMON]
    spoken = (provinces._names.get(w) or provinces._nicknames.get(w, ()) for w in words)
    if len(words) > 1 and (found := tuple(dict.fromkeys(p for meant in spoken for p in meant))):
        return _choose(found, MatchKind.CLOSE)
    return None


def _match_district(key: str, bare: str, provinces: Provinces) -> ProvinceMatch | None:
    """The province of a district that stands alone, or behind อ. or อำเภอ in a sentence."""
    districts = provinces._districts
    if meant := districts.get(letters(_DISTRICT.sub("", bare))):
        return _choose(meant, MatchKind.CLOSE)
    marked = [
        districts.get(found[:end], ())
        for found in _MARKED_DISTRICT.findall(key)
        for end in range(len(found), 1, -1)
    ]
    return _choose(tuple(p for meant in marked for p in meant), MatchKind.CLOSE)


def _longest_start(found: str, provinces: Provinces) -> tuple[Province, ...]:
    for end in range(len(found), 1, -1):
        start = found[:end]
        if meant := provinces._names.get(start) or provinces._nicknames.get(start):
            return meant
    return provinces._abbreviations.get(found, ())


def _match_beginning(name: str, provinces: Provinces) -> ProvinceMatch | None:
    if not name or len(name) > _NAME_AT_MOST:
        return None
    if name.isascii() and len(name) < 2:
        return None
    return _choose(_beginning(name, provinces), MatchKind.CLOSE)


def _beginning(name: str, provinces: Provinces) -> tuple[Province, ...]:
    found = [p for full, meant in provinces._names.items() if full.startswith(name) for p in meant]
    if not found and len(name) >= 3:
        found = [p for full, meant in provinces._names.items() if name in full for p in meant]
    return tuple(dict.fromkeys(found))


def _match_spelling(name: str, provinces: Provinces) -> ProvinceMatch | None:
    """The provinces whose spelling is nearest by ear and by letters, if near enough."""
    heard = sound(_latin_ear(name))
    if not 2 <= len(heard) <= _NAME_AT_MOST:
        return None
    allowed = _slips_allowed(len(heard))
    characters = _character_set(heard)
    nearest: dict[Province, tuple[int, int]] = {}
    for spelling in provinces._spellings:
        if abs(len(spelling.heard) - len(heard)) > allowed:
            continue
        if (spelling.characters ^ characters).bit_count() > 2 * allowed:
            continue
        slips = count_slips(heard, spelling.heard, allowed)
        if slips > allowed:
            continue
        written = count_slips(tone_free(name), tone_free(spelling.key), 9)
        rank = (slips, written)
        if rank < nearest.get(spelling.province, (99, 99)):
            nearest[spelling.province] = rank
    if not nearest:
        return None
    best = min(nearest.values())
    ranked = sorted(nearest, key=lambda province: (nearest[province], province.id))
    return _choose(tuple(p for p in ranked if nearest[p][0] == best[0]), MatchKind.CLOSE)


def _slips_allowed(length: int) -> int:
    return 0 if length <= 2 else 1 if length <= 5 else 2 if length <= 9 else 3


def count_slips(one: str, other: str, at_most: int) -> int:
    """Letters to insert, drop, change or swap with a neighbour; *at_most* + 1 when there are more.

    Work is bounded by the product of the lengths; callers pass short names only.
    """
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    two_above: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, other_letter in enumerate(other, 1):
            cost = min(
                above[column] + 1,
                line[column - 1] + 1,
                above[column - 1] + (letter != other_letter),
            )
            is_swap = (
                row > 1
                and column > 1
                and letter == other[column - 2]
                and one[row - 2] == other_letter
            )
            line.append(min(cost, two_above[column - 2] + 1) if is_swap else cost)
        if min(line) > at_most:
            return at_most + 1
        two_above, above = above, line
    return min(above[-1], at_most + 1)


def _latin_ear(key: str) -> str:
    """Thai names in Latin letters vary in h, doubled letters and -orn/-on."""
    if not key.isascii():
        return key
    heard = key.replace("orn", "on").replace("h", "").replace("ou", "u").replace("oo", "u")
    return re.sub(r"([a-z])\1", r"\1", heard)


def _character_set(heard: str) -> int:
    bits = 0
    for character in heard:
        bits |= 1 << (ord(character) % 128)
    return bits


def _choose(
    found: tuple[Province, ...], kind: MatchKind, by: MatchedBy | None = None
) -> ProvinceMatch | None:
    meant = tuple(dict.fromkeys(found))
    if len(meant) == 1:
        return ProvinceMatch(kind, meant, by)
    if 1 < len(meant) <= AT_MOST_SEVERAL:
        return ProvinceMatch(MatchKind.SEVERAL, meant)
    return None
