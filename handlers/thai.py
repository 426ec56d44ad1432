"""How Thai text is made safe to keep, folded for matching, and measured.

Owns the treatment of characters: what may be stored, what two spellings share, how long a text
looks. Refuses to know what the text means. Laws: every function is pure and total (any `str`,
lone surrogates included, never raises), works in time linear in what it reads, and a folded text is
only ever compared with another folded text: it is never stored, shown or sealed.
"""

import re
import unicodedata

# What `clean_words` looks for at all: most messages hold none of it.
_UNCLEAN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")

# What most messages are made of, and folding leaves alone: printable ASCII, Thai letters and marks.
_TO_FOLD = re.compile("[^ -~ก-ฺ฿-๎]")
_TO_WEIGH = re.compile("[^0-9A-Za-zก-ฺเ-๎]")
_TONES_AND_KILLER = "่้๊๋์"
_VOWEL_MARKS = "ัิ-ฺ็ํ๎"
_TONE_BEFORE_VOWEL = re.compile(f"([{_TONES_AND_KILLER}]+)([{_VOWEL_MARKS}]+)")
_REPEATED_VOWEL = re.compile(f"([{_VOWEL_MARKS}])\\1+")
_REPEATED_TONES = re.compile(f"([{_TONES_AND_KILLER}])[{_TONES_AND_KILLER}]+")
_SPLIT_SARA_AM = re.compile(f"ํ([{_TONES_AND_KILLER}]?)า")
_TONE_AFTER_SARA_AM = re.compile("ำ([่-๋])")
# Whatever one of the five above would change; most messages hold none, and one look is cheaper.
_TO_MEND = re.compile(
    f"[{_TONES_AND_KILLER}{_VOWEL_MARKS}ำ]"
    f"(?:(?<=[{_TONES_AND_KILLER}])[{_TONES_AND_KILLER}{_VOWEL_MARKS}]"
    f"|(?<=[{_VOWEL_MARKS}])[{_VOWEL_MARKS}]"
    f"|(?<=[ํำ])[{_TONES_AND_KILLER}า])"
)
_TONE_FREE = re.compile(f"[{_TONES_AND_KILLER}็ฺํ๎]")

_KILLED = re.compile("[ก-ฮ][ิ-ู]?์")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("ศษซ", "ส"),
        **dict.fromkeys("ณ", "น"),
        **dict.fromkeys("ฬร", "ล"),
        **dict.fromkeys("ธฒฑ", "ท"),
        **dict.fromkeys("ภผ", "พ"),
        **dict.fromkeys("คฆฃฅ", "ข"),
        **dict.fromkeys("ชฌ", "ฉ"),
        **dict.fromkeys("ฐ", "ถ"),
        **dict.fromkeys("ฎฏต", "ด"),
        **dict.fromkeys("ญ", "ย"),
        "ใ": "ไ",
        "ี": "ิ",
        "ู": "ุ",
        "ื": "ึ",
    }
)

# Spacing marks that UAX #29 does not join to the letter before them (Myanmar and Tai scripts).
_STANDALONE_MARKS = frozenset(
    "\u102b\u102c\u1038\u1062\u1063\u1064\u1067\u1068\u1069\u106a\u106b\u106c\u106d"
    "\u1083\u1087\u1088\u1089\u108a\u108b\u108c\u108f\u109a\u109b\u109c\uaa7b\uaa7d"
)
_ZWJ = "\u200d"
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_PICTURE = re.compile(f"[{_PICTURES}]")


def clean_words(raw_words: str) -> str:
    """Return *raw_words* safe to store and show; every letter a person typed stays as it was.

    Line endings become "\\n". Control characters other than newline and tab, byte-order marks and
    the bidi embeddings, overrides and isolates (they can make an officer read another order than
    was written) are dropped; a lone surrogate becomes U+FFFD, so that the result always encodes.
    Joiners, zero-width spaces and LRM/RLM stay: Khmer, Lao, Jawi and emoji need them.
    """
    if _UNCLEAN.search(raw_words) is None:
        return raw_words
    words = _LINE_BREAKS.sub("\n", raw_words)
    words = _UNSAFE.sub("", words)
    return _SURROGATES.sub("\ufffd", words)


def fold(words: str, at_most: int = 400) -> str:
    """Return the first *at_most* characters of *words* as a key: equal keys, same reading.

    Digits of any script become 0-9, width and letter case go, control, format and private
    characters go, white space becomes one space, and common slips of Thai typing are mended: เเ for
    แ, ํ+า for ำ, ๅ for า, marks doubled or in the wrong order. NFKC rather than NFC, because phones
    also send full-width letters. The key can be longer than *at_most* by a constant factor.
    """
    key = unicodedata.normalize("NFKC", words[:at_most]).casefold()
    key = _TO_FOLD.sub(_folded, key)
    key = key.replace("เเ", "แ").replace("ๅ", "า")
    if _TO_MEND.search(key) is not None:
        key = _mended(key)
    return " ".join(key.split())


def _mended(key: str) -> str:
    key = _TONE_BEFORE_VOWEL.sub(r"\2\1", key)
    key = _REPEATED_VOWEL.sub(r"\1", key)
    key = _REPEATED_TONES.sub(r"\1", key)
    key = _SPLIT_SARA_AM.sub(r"\1ำ", key)
    return _TONE_AFTER_SARA_AM.sub(r"\1ำ", key)


def _folded(found: re.Match[str]) -> str:
    character = found[0]
    if character < " ":
        return " " if character in "\n\t\r\v\f" else ""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] == "Z":
        return " "
    return "" if category[0] == "C" else character


def letters(key: str) -> str:
    """Return *key* with only its letters, marks and digits: no spaces, dots or other signs."""
    return _TO_WEIGH.sub(_weighed, key)


def _weighed(found: re.Match[str]) -> str:
    character = found[0]
    is_letter = character.isalnum() or unicodedata.category(character)[0] == "M"
    return character if is_letter else ""


def tone_free(key: str) -> str:
    """Return a folded *key* without tone marks, ไม้ไต่คู้ and การันต์: แพร่ and แพร meet."""
    return _TONE_FREE.sub("", key)


def sound(key: str) -> str:
    """Return roughly how a folded *key* sounds, so that spellings by ear meet: กาลสิน, กาฬสินธุ์.

    Silenced letters go, letters of one sound become one letter, vowel length and tones go. It is
    for ranking near misses only: ร and ล, for instance, are one sound here.
    """
    key = _KILLED.sub("", key).replace("รร", "ั").replace("ำ", "ัม")
    return tone_free(key).translate(_ALIKE)


def count_graphemes(text: str) -> int:
    """Count what a reader calls characters: น้ำ is 1, a flag is 1, a family emoji is 1.

    UAX #29 by general category instead of its tables. Known limits: Hangul syllables typed as
    separate jamo count each, Indic conjuncts (GB9c) and prepended marks are not joined. Thai, Lao,
    Khmer, Myanmar, Latin, Arabic letters and emoji count as UAX #29 says.
    """
    count = 0
    before = ""
    flag_letters = 0
    is_picture = False
    for character in text:
        is_flag_letter = "\U0001f1e6" <= character <= "\U0001f1ff"
        joins = (
            (_extends(character) and before not in ("", "\n", "\r"))
            or (before == "\r" and character == "\n")
            or (is_flag_letter and flag_letters % 2 == 1)
            or (before == _ZWJ and is_picture and _PICTURE.match(character) is not None)
        )
        count += not joins
        flag_letters = flag_letters + 1 if is_flag_letter else 0
        if not joins or not _extends(character):
            is_picture = _PICTURE.match(character) is not None
        before = character
    return count


def _extends(character: str) -> bool:
    if character < "\u0300":
        return False
    category = unicodedata.category(character)
    if category == "Mc":
        return character not in _STANDALONE_MARKS
    return (
        category in ("Mn", "Me")
        or character in "ำຳ\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def utf16_units(text: str) -> int:
    """The length of *text* as LINE and Telegram count it: in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)
