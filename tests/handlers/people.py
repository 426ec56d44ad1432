"""Random people for the engine: every kind of event, with canaries in every word they type."""

import json
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from hypothesis import strategies as st

from handlers import effects, events
from handlers.book import Book
from handlers.conversation import Conversation
from handlers.effects import INTENTS, Ask, Effect, Intent
from handlers.engine import start, step
from handlers.events import Event, FileRef, Original
from handlers.intent_json import from_json, to_json
from handlers.saying import label, plain
from tests.handlers.some_cards import LONGEST

TODAY = date(2026, 11, 23)
ENDED_CODE = "5930-1148-2207-3366-9051-7724"
"""The receipt of a tip that was ended."""
ENDINGS = {effects.Confirm: "confirmed", effects.Reopen: "reopened"}
CANARY = "ปลาหมึกแห้ง-canary-77"

WORDS = st.sampled_from(
    [
        "1", "๓", "11", "99", "ขอนแก่น", "สารคาม", "นคร", "อบต.", "โรงพยาบาล", "ใช่", "ไม่ใช่", "ข้าม",
        "ย้อนกลับ", "แก้ไข", "ยกเลิก", "เล่าจบแล้ว", "เสร็จ", "เมื่อวาน", "3 ส.ค. 69", "31 ก.พ.", "ส่ง",
        "จดแล้ว", "help", "ความปลอดภัย", "english", "แจ้งเบาะแส", "ติดตามเรื่อง", "มีรหัสเครือข่าย",
        "4821-0937-5518-2260-7314-9903", ENDED_CODE, "mkm7-k3m9-qxd4-ftb2-x",
        "😀", "", " ", "\u202e\x00\x07",
        "\ud800", "1, 2", "ใช้คำตอบเดิม", "ลบทั้งหมด", "หยุดแจ้งเตือน", "แจ้งฉันที่นี่เมื่อมีคำตอบ",
        "สมัครเครือข่าย", "สมัครหรือเสนอชื่อ",
        "ตรงตามนั้น", "ยังไม่จบ", "ไว้ก่อน", "ขอเปิดเรื่องอีกครั้ง", "ส่งครบแล้ว",
        "ความรู้", "ส่งความรู้ใหม่ให้ฉัน", "ประชาชน", "เครือข่าย", "อ่านเรื่องต่อไป", "เรื่องที่ 3",
    ]
)  # fmt: skip
TYPED = st.one_of(
    WORDS,
    st.text(max_size=30),
    st.text(max_size=8).map(lambda tail: CANARY + tail),
    st.just(f"{CANARY} เขาขู่ว่าจะทำร้ายถ้าเราพูดเรื่องนี้กับใครก็ตามในหมู่บ้าน"),
    st.just(CANARY * 600),
    st.just(f"{CANARY} โทร 081-234-5678"),
    st.just(f"{CANARY} เล่าให้ฟังยาว ๆ เลยนะ เขาให้โอนเข้าบัญชีกสิกร 123-4-56789-0 ทุกเดือน"),
)


@dataclass(frozen=True)
class Tap:
    """A tap on the nth button of the screen; an earlier screen if *is_stale*."""

    nth: int
    is_stale: bool = False


@dataclass(frozen=True)
class TakeBack:
    """Unsend, or edit if there are *words*, the nth part that was ever sealed."""

    nth: int
    words: str | None = None


def _file(media: str) -> events.Media:
    return events.Media(FileRef("b" * 32, 10, "a" * 64, media, "x/y", f"{CANARY}.jpg"))


def _cleaned(media: str) -> events.Media:
    sent = Original("c" * 32, 12, "a" * 64, b"s" * 32, ("place", "device"))
    file = FileRef("b" * 32, 10, "a" * 64, media, "x/y", f"{CANARY}.jpg", sent, "cleaned")
    return events.Media(file)


def _odd(media: str) -> events.Media:
    return events.Media(FileRef("b" * 32, 10, "a" * 64, media, "x/y", details="unremovable"))


HAPPENINGS = st.one_of(
    st.builds(Tap, st.integers(0, 14)),
    st.builds(Tap, st.integers(0, 14)),
    st.builds(Tap, st.integers(0, 14), st.just(True)),
    TYPED.map(events.Text),
    TYPED.map(events.Text),
    st.sampled_from(events.MEDIA).map(_file),
    st.sampled_from(events.MEDIA).map(_cleaned),
    st.sampled_from(events.MEDIA).map(_odd),
    st.just(events.Location(16.44, 102.83)),
    st.builds(
        events.Command,
        st.sampled_from(
            [
                "start",
                "help",
                "cancel",
                "back",
                "skip",
                "edit",
                "language",
                "safety",
                "real_bot",
                "learn",
                "report",
                "follow",
                "member",
                "apply",
                "receipt",
                "nonsense",
            ]
        ),
        TYPED,
    ),
    st.builds(TakeBack, st.integers(0, 9)),
    st.builds(TakeBack, st.integers(0, 9), TYPED),
    st.sampled_from(
        [
            events.Followed(),
            events.Blocked(),
            events.Unknown(),
            events.Filed(),
            events.Choice("", "send"),
            events.Choice("start", "report"),
            events.Unsent(None),
            *map(events.News, (False, True)),
            *map(events.ClosureAnswered, ("confirmed", "reopened", "late", "moved", "odd")),
            *map(events.MemberChecked, (True, False)),
            *map(events.Notified, ("on", "busy", "odd")),
            *map(events.Subscribed, ("on", "busy", "odd")),
            *map(events.NewCard, (LONGEST.id, "f" * 32)),
        ]
    ),
    st.builds(
        events.CodeChecked,
        st.sampled_from(["receipt", "member"]),
        st.sampled_from(["ok", "unknown", "busy", "odd"]),
    ),
)


@dataclass
class Someone:
    """One conversation, and a turn that checks codes; every law of a step is asserted here."""

    book: Book
    conversation: Conversation = field(default_factory=lambda: start("th"))
    asked: list[Ask] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    seals: list[effects.Seal] = field(default_factory=list)
    code_works: bool = True
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def screen(self) -> Ask:
        return self.asked[-1]

    def meets(self, happening: Event | Tap | TakeBack) -> list[Effect]:
        """Let it happen; return what the step wanted."""
        wanted: list[Effect] = []
        waiting = [self.event(happening)]
        while waiting:
            made = step(
                self.book,
                self.conversation,
                waiting.pop(),
                today=TODAY,
                new_id=lambda: f"{next(self._ids):08x}" * 4,
            )
            self.conversation = round_trip(made.conversation)
            wanted.extend(made.effects)
            waiting.extend(verdict(e) for e in made.effects if isinstance(e, effects.CheckCode))
            looked = [e for e in made.effects if isinstance(e, effects.CheckMember)]
            waiting.extend(events.MemberChecked(self.code_works) for _ in looked)
            asked = sum(isinstance(e, effects.Notify) for e in made.effects)
            waiting.extend([events.Notified("on")] * asked)
            for said, verdict_of in ENDINGS.items():
                answered = events.ClosureAnswered(verdict_of)
                waiting.extend(answered for e in made.effects if isinstance(e, said))
            subscribed = sum(isinstance(e, effects.Subscribe) for e in made.effects)
            waiting.extend([events.Subscribed("on")] * subscribed)
        for effect in wanted:
            if isinstance(effect, effects.Seal):
                self.parts.append(effect.part_id)
                self.seals.append(effect)
            elif isinstance(effect, INTENTS):
                self._shown(effect)
        return wanted

    def event(self, happening: Event | Tap | TakeBack) -> Event:
        if isinstance(happening, TakeBack):
            part_id = self.parts[happening.nth % len(self.parts)] if self.parts else None
            if happening.words is None:
                return events.Unsent(part_id)
            return events.Edited(part_id, happening.words)
        if isinstance(happening, Tap):
            if not self.asked:
                return events.Choice("start", "report")
            ask = self.asked[happening.nth % len(self.asked)] if happening.is_stale else self.screen
            return events.Choice(ask.screen, ask.choices[happening.nth % len(ask.choices)].id)
        return happening

    def _shown(self, intent: Intent) -> None:
        body = json.dumps(to_json(intent), ensure_ascii=False)
        assert from_json(json.loads(body)) == intent
        assert "canary" not in body
        plain(self.book.words, intent)
        if isinstance(intent, Ask):
            assert intent.choices, "a screen that nobody can answer"
            answers = [o for o in intent.choices if o.id not in ("back", "cancel")]
            assert len(answers) <= 11
            for option in intent.choices:
                assert label(self.book.words, intent.language, option)
                if option.long is not None:
                    assert self.book.words.text(intent.language, option.long)
            if intent.progress is not None:
                assert 1 <= intent.progress[0] <= intent.progress[1]
            self.asked.append(intent)


def verdict(asked: effects.CheckCode) -> events.CodeChecked:
    """What a turn would say of a code."""
    if asked.code.startswith("4821-0937"):
        facts = {"status": "screening", "since": "2026-11-20", "messages": ["f" * 32], "new": 1}
        return events.CodeChecked("receipt", "ok", {**facts, "notice": "off"})
    if asked.code == ENDED_CODE:
        facts = {"status": "closed", "since": "2026-11-20", "closure": "open"}
        return events.CodeChecked("receipt", "ok", facts)
    if asked.code.startswith("mkm7-k3m9"):
        return events.CodeChecked("member", "ok", {"alias": "mkm7", "locator": "ab" * 32})
    return events.CodeChecked(asked.kind, "mistyped")


def still_undecided(before: frozenset[str], wanted: list[Effect]) -> frozenset[str]:
    """The parts whose original nobody decided about, after a step that wanted this."""
    left = set(before)
    for effect in wanted:
        match effect:
            case effects.Seal(part_id=part_id, file=file, found=found):
                if found or (file is not None and file.original is not None):
                    left.add(part_id)
            case effects.KeepOriginal(part_id=part_id) | effects.DropOriginal(part_id=part_id):
                assert part_id in left, "decided twice, or never found"
                left.discard(part_id)
            case effects.Remove(part_id=part_id):
                left.discard(part_id)
            case effects.File():
                assert not left, "filed before it was decided"
            case effects.Forget():
                left.clear()
    return frozenset(left)


def round_trip(conversation: Conversation) -> Conversation:
    """Through JSON and back, as a draft is kept; no word may be in it."""
    body = json.dumps(conversation.to_json(), ensure_ascii=False)
    assert "canary" not in body
    again = Conversation.from_json(json.loads(body))
    assert again == conversation
    return again
