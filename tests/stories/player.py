"""Reads a story and checks what is said back; knows nothing of the engine or of any channel.

A story is a transcript:

    # anything an officer should know            (a comment)
    ตั้งค่า> today = 2026-11-23                    (a setting: today, language, channel, …)
    ตั้งค่า> due = 2026-11-20 climbed               (by when they hear; whether it has climbed)
    ตั้งค่า> card = youth | button | title | text   (a knowledge card, in the order of the story)
    คน> สารคาม                                   (typed)
    คน> [ข้าม]                                   (a tap on the button that is labelled so)
    คน> [ข้าม] (ปุ่มเก่า)                          (a tap on a button of an earlier screen)
    คน> (รูป)  (เสียง)  (วิดีโอ)  (เอกสาร)          (a file)
    คน> (รูปมีข้อมูลแฝง)  (วิดีโอที่ลบข้อมูลแฝงไม่ได้)
    คน> (รูปกำลังมา)  (รูปมาถึง)  (รูปมาไม่ถึง)  (รูปมาช้า)   (a photo that the platform still holds)
    คน> (สติกเกอร์)  (ตำแหน่ง)  (เพิ่มเพื่อน)        (other things that happen)
    คน> (คำสั่ง) help                             (a platform command)
    คน> (เรียกคืนข้อความล่าสุด)                     (unsend the last thing that was kept)
    คน> (แก้ข้อความล่าสุด) ใหม่                     (edit it)
    คน> (มีข่าว)  (มีข่าวสุดท้าย)  (ปิดกั้นบอต)       (news of a tip, the last; the bot is blocked)
    คน> (ศูนย์หยุดรหัส)                            (their centre stops the member's code)
    คน> (ได้รับความรู้ใหม่) 2                         (the story's second knowledge card is sent)
    บอท> มหาสารคาม ใช่ไหม                         (said back; … stands for any text)
    ปุ่ม> ใช่ · ไม่ใช่ · ย้อนกลับ · ยกเลิก             (its buttons, all of them, in order)
    ระบบ> เก็บ what                              (a deed; a channel that cannot see them skips it)

Lines that begin with blanks continue the line above. {receipt}, {member} and {duress} stand for
codes that only the room where it is played knows. A room turns each `Person` line into a `Said`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent

_LINE = re.compile(r"(ตั้งค่า|คน|บอท|ปุ่ม|ระบบ)> ?(.*)")
_HAPPENING = re.compile(r"\(([^)]+)\)(?: (.*))?", re.DOTALL)
_TAP = re.compile(r"\[([^\]]+)\]( \(ปุ่มเก่า\))?")
_HAPPENINGS = {
    "รูป": "photo",
    "เสียง": "voice",
    "วิดีโอ": "video",
    "เอกสาร": "document",
    "รูปมีข้อมูลแฝง": "marked_photo",
    "วิดีโอที่ลบข้อมูลแฝงไม่ได้": "odd_video",
    "รูปกำลังมา": "held",
    "รูปมาถึง": "fetched",
    "รูปมาไม่ถึง": "lost",
    "รูปมาช้า": "slow",
    "สติกเกอร์": "unknown",
    "ตำแหน่ง": "location",
    "เพิ่มเพื่อน": "followed",
    "คำสั่ง": "command",
    "เรียกคืนข้อความล่าสุด": "unsent",
    "แก้ข้อความล่าสุด": "edited",
    "มีข่าว": "news",
    "มีข่าวสุดท้าย": "last_news",
    "ได้รับความรู้ใหม่": "card",
    "ปิดกั้นบอต": "blocked",
    "ศูนย์หยุดรหัส": "code_stopped",
}
BETWEEN_BUTTONS = " · "


@dataclass(frozen=True)
class Person:
    """One thing a person does: what ("text", "tap", "stale_tap", "photo", …) and with what."""

    what: str
    words: str
    written: str


@dataclass(frozen=True)
class Said:
    """What came back: messages, the buttons on the screen by label, and deeds if they are seen."""

    messages: tuple[str, ...]
    buttons: tuple[str, ...]
    deeds: tuple[str, ...] | None = None


@dataclass
class Exchange:
    """A person's line and what must come back."""

    person: Person
    line: int
    messages: list[str] = field(default_factory=list)
    buttons: tuple[str, ...] | None = None
    deeds: list[str] = field(default_factory=list)

    def check(self, said: Said) -> None:
        """Assert that *said* is what the story says, naming the line when it is not."""
        where = f"line {self.line}: {self.person.written}"
        assert len(said.messages) == len(self.messages), (where, said.messages)
        for wanted, got in zip(self.messages, said.messages, strict=True):
            assert is_like(wanted, got), f"{where}\nthe story says: {wanted}\nthe bot said: {got}"
        if self.buttons is not None:
            assert said.buttons == self.buttons, where
        if said.deeds is not None:
            assert said.deeds == tuple(self.deeds), where


@dataclass
class Story:
    """A parsed transcript."""

    name: str
    settings: dict[str, list[str]]
    exchanges: list[Exchange]

    def setting(self, name: str, default: str = "") -> str:
        return self.settings.get(name, [default])[-1]


def is_like(wanted: str, got: str) -> bool:
    """Whether *got* reads as *wanted*: spaces aside, with … for any text."""
    pattern = ".*".join(re.escape(_flat(piece)) for piece in wanted.split("…"))
    return re.fullmatch(pattern, _flat(got), re.DOTALL) is not None


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def story_files() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def parse(path: Path) -> Story:
    """Read one transcript; ValueError names the line that is none of the kinds above."""
    story = Story(path.stem, {}, [])
    for number, speaker, text in _lines(path.read_text(encoding="utf-8")):
        if speaker == "ตั้งค่า":
            name, _, value = text.partition("=")
            story.settings.setdefault(name.strip(), []).append(value.strip())
        elif speaker == "คน":
            story.exchanges.append(Exchange(person(text), number))
        elif not story.exchanges:
            raise ValueError(f"{path.name}:{number}: nobody has spoken yet")
        elif speaker == "บอท":
            story.exchanges[-1].messages.append(text)
        elif speaker == "ปุ่ม":
            story.exchanges[-1].buttons = tuple(text.split(BETWEEN_BUTTONS)) if text else ()
        else:
            story.exchanges[-1].deeds.append(text)
    return story


def _lines(text: str) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is not None:
            found.append((number, match[1], match[2]))
        elif line[0].isspace() and found:
            first, speaker, before = found[-1]
            found[-1] = (first, speaker, f"{before}\n{line.strip()}")
        else:
            raise ValueError(f"line {number} is no line of a story: {line}")
    return found


def person(written: str) -> Person:
    """Read one person line."""
    if tap := _TAP.fullmatch(written):
        return Person("stale_tap" if tap[2] else "tap", tap[1], written)
    if (happening := _HAPPENING.fullmatch(written)) and happening[1] in _HAPPENINGS:
        return Person(_HAPPENINGS[happening[1]], happening[2] or "", written)
    return Person("text", written, written)
