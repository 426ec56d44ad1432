"""The words of time, Thai and English: a text becomes a short line of tokens.

Owns the vocabulary only; what a line of tokens means is dates.py. Laws: total, linear in the text
it is given (callers cut it first); what is not a word of time becomes one "O" token per run.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handlers.thai import fold

# Codes, one letter each, so that grammar can be written as regular expressions over them:
# N number · M month in Thai · V month in English · W weekday · B days back · d w m y units
# A ago · < before · > after · ! too vague to count · L last · I this · E era (543 or 0) · # วันที่
# G fiscal year · / and - separators · T to · & and · S since · K between · Z now · F not yet
# O anything else

MONTHS_TH = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม",
    "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_MONTHS_TH_SHORT = (
    "มกรา", "กุมภา", "มีนา", "เมษา", "พฤษภา", "มิถุนา", "กรกฎา", "สิงหา", "กันยา", "ตุลา",
    "พฤศจิกา", "ธันวา",
)  # fmt: skip
_MONTHS_TH_SLIPS = {
    "มกรคม": 1,
    "กุมภาพันธุ์": 2,
    "กุมภาพัน": 2,
    "มีนาค": 3,
    "เมษยน": 4,
    "พฤกษภาคม": 5,
    "พฤษภคม": 5,
    "มิถุนายาน": 6,
    "กรกฏาคม": 7,
    "กรกฏา": 7,
    "กรกดาคม": 7,
    "สิงหาค": 8,
    "กันยายาน": 9,
    "พฤษจิกายน": 11,
    "พฤศจิกายาน": 11,
    "พฤศจิ": 11,
    "ธันวาคน": 12,
}
_MONTH_LETTERS = (
    "มค", "กพ", "มีค", "เมย", "พค", "มิย", "กค", "สค", "กย", "ตค", "พย", "ธค",
)  # fmt: skip
_MONTHS_EN_SHORT = {name[:3].lower(): month for month, name in enumerate(MONTHS_EN, 1)}

_WEEKDAYS_TH = (
    ("จันทร์", "จันท์"),
    ("อังคาร",),
    ("พุธ",),
    ("พฤหัสบดี", "พฤหัสฯ", "พฤหัส"),
    ("ศุกร์", "ศุก"),
    ("เสาร์",),
)
_WEEKDAYS_EN = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

_NUMBERS_TH = (
    "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า", "สิบ", "สิบเอ็ด",
    "สิบสอง",
)  # fmt: skip
_NUMBERS_EN = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip

_DAYS_BACK: Mapping[str, int] = {
    **dict.fromkeys(
        ("วันนี้", "เมื่อกี้", "เมื่อตะกี้", "เมื่อสักครู่", "เมื่อเช้า", "เช้านี้", "บ่ายนี้", "เย็นนี้", "today"), 0
    ),
    "this morning": 0,
    **dict.fromkeys(("เมื่อวาน", "เมื่อวานนี้", "วานนี้", "เมื่อคืน", "เมื่อคืนนี้", "yesterday"), 1),
    "last night": 1,
    **dict.fromkeys(("เมื่อวานซืน", "วานซืน", "เมื่อวานซืนนี้", "เมื่อวานก่อน"), 2),
    **dict.fromkeys(("the day before yesterday", "day before yesterday"), 2),
}

_THAI = "ก-\u0e4e"
_CLOCK = re.compile(
    r"(?:เวลา|ตอน|at)?\s*\d{1,2}[:.]\d{2}\s*(?:น\.?|นาฬิกา|am|pm|a\.m\.|p\.m\.)(?![ก-ฮa-z])"
    r"|(?:เวลา|at)\s*\d{1,2}[:.]\d{2}(?!\d)|(?<!\d)\d{1,2}:\d{2}(?!\d)"
    rf"|(?:(?<!\d)\d{{1,2}}|{'|'.join(_NUMBERS_TH)})?\s*(?:โมง|ทุ่ม)(?:เช้า|เย็น|ครึ่ง|กว่า)*"
    r"|บ่าย(?:สอง|สาม|สี่|\s?[1-4](?!\d))"
)


_SAY_NOTHING = """
    ครับผม ครับ คับ ค่ะ คะ จ้า นะ ประมาณ ราวๆ ราว น่าจะ เมื่อ เกิดขึ้น เกิด เหตุเกิด ขึ้น ใน ช่วง ตรงกับ ของ ที่
    ต้นๆ ต้น กลางๆ กลาง ปลายๆ ปลาย สิ้น ตอน เวลา เช้ามืด เช้า สาย เที่ยง บ่าย เย็น ค่ำ
    กลางคืน กลางวัน ดึก คืน เป็นต้นมา เรื่อยมา มา
    about around roughly on in of the at it was happened early mid late
    morning afternoon evening night onwards st nd rd th
"""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of time: its code (see above), its value, and how many digits a number had."""

    code: str
    value: int = 0
    digits: int = 0


def read_tokens(text: str) -> tuple[Token, ...]:
    """The tokens of *text*, clock times and filler words left out."""
    key = _CLOCK.sub(" ", fold(text, at_most=len(text)))
    tokens: list[Token] = []
    end = 0
    for found in _WORD.finditer(key):
        if key[end : found.start()].strip(_SILENT):
            tokens.append(Token("O"))
        end = found.end()
        token = _token(found)
        if token is not None:
            tokens.append(token)
    if key[end:].strip(_SILENT):
        tokens.append(Token("O"))
    return tuple(tokens)


_SILENT = " .,()[]\"'“”‘’:;!?~ๆฯ"


def _token(found: re.Match[str]) -> Token | None:
    if found["number"]:
        digits = len(found["number"])
        return Token("N", int(found["number"]), digits) if digits <= 8 else Token("O")
    if found["letters"]:
        return Token("M", _MONTH_LETTERS.index(re.sub(r"[.\s]", "", found["letters"])) + 1)
    return _VOCABULARY[found["word"]]


def _vocabulary() -> Iterable[tuple[str, Token | None]]:
    """Every word with its token; None for words that say nothing about the time."""
    for word in _SAY_NOTHING.split():
        yield word, None
    for month in range(1, 13):
        yield MONTHS_TH[month - 1], Token("M", month)
        yield _MONTHS_TH_SHORT[month - 1], Token("M", month)
        yield MONTHS_EN[month - 1].lower(), Token("V", month)
    for word, month in _MONTHS_TH_SLIPS.items():
        yield word, Token("M", month)
    for word, month in (*_MONTHS_EN_SHORT.items(), ("sept", 9)):
        yield word, Token("V", month)
    for day, names in enumerate(_WEEKDAYS_TH):
        for name in names:
            yield name, Token("W", day)
            yield f"วัน{name}", Token("W", day)
    yield "วันอาทิตย์", Token("W", 6)  # อาทิตย์ by itself is a week
    for day, name in enumerate(_WEEKDAYS_EN):
        yield name, Token("W", day)
        yield name[:3], Token("W", day)
    for number, word in enumerate(_NUMBERS_TH, 1):
        yield word, Token("N", number)
    for number, word in enumerate(_NUMBERS_EN, 1):
        yield word, Token("N", number)
    for word in ("a", "an"):
        yield word, Token("N", 1)
    for word, back in _DAYS_BACK.items():
        yield word, Token("B", back)
    yield "เงินเดือน", Token("O")  # a salary, not a month
    for code, value, words in _PLAIN_WORDS:
        for word in words.split("|"):
            yield word, Token(code, value)


_PLAIN_WORDS = (
    ("d", 0, "วัน|days|day"),
    ("w", 0, "อาทิตย์|สัปดาห์|weeks|week"),
    ("m", 0, "เดือน|months|month"),
    ("y", 0, "ปี|years|year"),
    ("A", 0, "ที่แล้ว|ทีแล้ว|ที่ผ่านมา|ที่ผ่านมานี้|มาแล้ว|ก่อนหน้านี้|แล้ว|ago"),
    ("<", 0, "ก่อน|ก่อนหน้า|ก่อนวันที่|ก่อนถึง|ไม่เกิน|before|by"),
    (">", 0, "หลัง|หลังจาก|หลังวันที่|after"),
    ("!", 0, "หลาย|ทุก|ไม่กี่|กี่|ครึ่ง|นาน|ไม่ใช่|ไม่|หรือ|every|many|several|few|some|not|or|maybe"),
    ("L", 0, "last|past|previous"),
    ("I", 0, "นี้|this"),
    ("E", 543, "พ.ศ.|พ.ศ|พศ.|พศ|b.e.|be"),
    ("E", 0, "ค.ศ.|ค.ศ|คศ.|คศ|a.d.|ad|ce|c.e."),
    ("#", 0, "วันที่|เมื่อวันที่"),
    ("/", 0, "/|."),
    ("-", 0, "-|–|—"),
    ("T", 0, "จนถึง|ถึง|จน|to|until|till|through"),
    ("&", 0, "และ|กับ|and"),
    ("S", 0, "ตั้งแต่|นับตั้งแต่|จาก|เริ่มจาก|เริ่มตั้งแต่|เริ่ม|since|from|starting"),
    ("K", 0, "ระหว่าง|between"),
    ("Z", 0, "ปัจจุบันนี้|ปัจจุบัน|ตอนนี้|ทุกวันนี้|เดี๋ยวนี้|now|present"),
    ("F", 0, "พรุ่งนี้|มะรืนนี้|มะรืน|อาทิตย์หน้า|สัปดาห์หน้า|เดือนหน้า|ปีหน้า"),
    ("F", 0, "tomorrow|next week|next month|next year"),
    ("G", 0, "ปีงบประมาณ|ปีงบ|งบประมาณปี|งบปี|งบประมาณ|fiscal year"),
)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    alternatives = []
    for word in sorted(words, key=len, reverse=True):
        escaped = re.escape(word)
        if word.endswith("วันที่"):
            escaped = rf"{escaped}(?!แล้ว|ผ่านมา)"  # "3 วันที่แล้ว" is 3 วัน + ที่แล้ว
        elif word == ".":
            escaped = r"(?<=\d)\.(?=\d)"
        elif word in ("be", "ce", "ad"):  # "2569 BE"; elsewhere it is a verb
            escaped = rf"(?:(?<=\d)|(?<=\d\s)){escaped}(?![a-z])"
        elif word.isascii() and word[0].isalpha():
            escaped = rf"(?<![a-z]){escaped}(?![a-z])"
        elif len(word) <= 3 and word[0] in "พค" and "ศ" in word:
            escaped = rf"(?<![ก-ฮ]){escaped}(?![{_THAI}])"
        alternatives.append(escaped)
    dotted = "|".join(
        r"\.\s?".join(letters if len(letters) == 2 else (letters[:2], letters[2])) + r"\.?"
        for letters in _MONTH_LETTERS
    )
    joined = "|".join(rf"(?<![{_THAI}]){letters}\.?(?![{_THAI}])" for letters in _MONTH_LETTERS)
    return re.compile(
        rf"(?P<number>\d+)|(?P<letters>{dotted}|{joined})|(?P<word>{'|'.join(alternatives)})"
    )


_VOCABULARY = {fold(word): token for word, token in _vocabulary()}
_WORD = _pattern(_VOCABULARY)
