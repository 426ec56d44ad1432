"""Plays a story on the pure engine, with a turn just big enough to check codes and show secrets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count

from handlers import effects, events
from handlers.book import Book, Channel, RealBots, load_book
from handlers.cards import KnowledgeCard
from handlers.checks import check
from handlers.conversation import Conversation
from handlers.effects import INTENTS, Ask, OfficerWords, SecretOnce
from handlers.engine import start, step
from handlers.events import Event, FileRef, Original
from handlers.routing import Centre
from handlers.saying import label, plain
from sealing import MemberCode, Mistyped, Receipt
from tests.handlers.some_cards import card
from tests.stories.player import Person, Said, Story

CODES = {
    "receipt": "4821-0937-5518-2260-7314-9903",
    "member": "mkm7-k3m9-qxd4-ftb2-a",
    "duress": "mkm7-9w2c-h6rt-0zpa-m",
}
WIPED = {
    "all": "(ล้างห้องแชต)",
    "receipt": "(ลบรหัสติดตามออกจากห้อง)",
    "said": "(ลบข้อความล่าสุดของคน)",
}
CENTRES = (
    Centre("hq"),
    Centre("region-4", "hq"),
    Centre("khon-kaen", "region-4", ("TH-40",)),
    Centre("dla-integrity", "hq", agency="local-administration"),
)


@cache
def shared_book() -> Book:
    """The shipped book with a few centres; reading it takes longer than a story."""
    return load_book(centres=CENTRES)


class EngineRoom:
    """One person and the engine, on the story's channel or on *channel*. *intents* is what was
    last said, *ask* the question that stands."""

    def __init__(self, story: Story, channel: str | None = None) -> None:
        name = channel or story.setting("channel", "line")
        plays_on = Channel(
            name,
            can_push=name != "web",
            can_wipe=name == "telegram",
            onion=story.setting("onion") or None,
            web=story.setting("web") or None,
            unsend_hours=1,
        )
        bots = tuple(story.settings.get("bot", ()))
        listed = RealBots(bots, f"{story.setting('web')}/bots") if bots else None
        has_registrars = story.setting("registrar", "no") == "yes"
        book = replace(shared_book(), real_bots=listed, has_registrars=has_registrars)
        self.book: Book = book.with_cards(_cards(story)).for_channel(plays_on)
        check(self.book)
        self.today = date.fromisoformat(story.setting("today", "2026-11-23"))
        self.conversation: Conversation = start(story.setting("language", "th"))
        self.letters = story.settings.get("officer", [])
        self.status = story.setting("status", "received").split()
        self.due = story.setting("due").split()
        self.wrong_tries = 0
        self.wishes = story.settings.get("notify", [])
        self.is_told = False
        self.is_confirmed = False
        self.is_lapsed = False
        self.parts: list[str] = []
        self.fetching: list[str] = []
        self.tip: effects.File | None = None
        self._ids = count(1)
        self.ask: Ask | None = None
        self.intents: list[effects.Intent] = []
        self.filed_now = False
        self._earlier: list[Ask] = []

    def hear(self, person: Person) -> Said:
        """Carry out one line of the story."""
        if person.what == "code_stopped":
            self.is_lapsed = True
            return Said((), self._buttons(), ())
        event = self._event(person)
        if self.ask is not None:
            self._earlier.append(self.ask)
        messages: list[str] = []
        self.intents, self.filed_now = [], False
        deeds: list[str] = []
        waiting = [event]
        while waiting:
            made = step(
                self.book,
                self.conversation,
                waiting.pop(0),
                today=self.today,
                new_id=lambda: f"{next(self._ids):08x}" * 4,
            )
            self.conversation = Conversation.from_json(made.conversation.to_json())
            for effect in made.effects:
                if isinstance(effect, effects.CheckCode):
                    waiting.append(self._checked(effect))
                elif isinstance(effect, effects.CheckMember):
                    waiting.append(events.MemberChecked(not self.is_lapsed))
                elif isinstance(effect, effects.Notify):
                    waiting.append(self._notified(deeds))
                elif isinstance(effect, effects.Confirm | effects.Reopen):
                    waiting.append(self._closure(effect, deeds))
                elif isinstance(effect, effects.Subscribe):
                    deeds.append("เก็บบัญชีไว้ส่งความรู้")
                    waiting.append(events.Subscribed("on"))
                elif isinstance(effect, INTENTS):
                    self.intents.append(effect)
                    messages.extend(filter(None, [self._said(effect)]))
                else:
                    deeds.append(self._done(effect))
        return Said(tuple(messages), self._buttons(), tuple(deeds))

    def _buttons(self) -> tuple[str, ...]:
        if self.ask is None:
            return ()
        ask = self.ask
        return tuple(label(self.book.words, ask.language, option) for option in ask.choices)

    def _event(self, person: Person) -> Event:
        match person.what:
            case "text":
                return events.Text(person.words.format_map(CODES))
            case "tap":
                assert self.ask is not None, "no screen to tap on"
                return self._tap((self.ask,), person.words)
            case "stale_tap":
                assert self.ask is not None, "no screen to tap on"
                others = [ask for ask in self._earlier if ask.screen != self.ask.screen]
                return self._tap(tuple(reversed(others)), person.words)
            case "photo" | "voice" | "video" | "document" | "marked_photo" | "odd_video":
                return events.Media(_file(person.what))
            case "held":
                return events.Held(person.words or "photo", "handle")
            case "fetched":
                return events.Fetched(self.fetching.pop(0), _file(person.words or "photo"))
            case "lost":
                return events.Lost(self.fetching.pop(0), person.words or "failed")
            case "slow":
                return events.Slow(self.fetching[0])
            case "location":
                return events.Location(16.4419, 102.8360)
            case "command":
                return events.Command(person.words)
            case "news":
                return events.News()
            case "last_news":
                return events.News(is_ending=True)
            case "card":
                return events.NewCard(card_id(person.words))
            case "blocked":
                return events.Blocked()
            case "followed":
                return events.Followed()
            case "unsent":
                return events.Unsent(self.parts.pop())
            case "edited":
                return events.Edited(self.parts.pop(), person.words)
        return events.Unknown()

    def _tap(self, asks: tuple[Ask, ...], words: str) -> events.Choice:
        for ask in asks:
            for option in ask.choices:
                if label(self.book.words, ask.language, option) == words:
                    return events.Choice(ask.screen, option.id)
        raise AssertionError(f"no button says {words}")

    def _checked(self, asked: effects.CheckCode) -> events.CodeChecked:
        """A turn's verdict: what is no code costs nothing, five unknown ones lock."""
        try:
            code = (Receipt if asked.kind == "receipt" else MemberCode).parse(asked.code).grouped
        except Mistyped:
            return events.CodeChecked(asked.kind, "mistyped")
        if self.wrong_tries >= 5:
            return events.CodeChecked(asked.kind, "locked", {"minutes": 15})
        facts: Mapping[str, object] | None = None
        if code == CODES["receipt"]:
            since = self.status[1] if len(self.status) > 1 else ""
            messages = [f"{place:032x}" for place in range(len(self.letters))]
            notice = "on" if self.is_told else "off"
            over = self.status[0] == "closed"
            closure = self._may_say()
            facts = {"status": self.status[0], "since": since, "messages": messages, "new": 0}
            facts = {**facts, "notice": None if over else notice, "closure": closure}
            if self.due:
                is_overdue = date.fromisoformat(self.due[0]) < self.today
                climbed = is_overdue and len(self.due) > 1
                facts |= {"due": self.due[0], "is_overdue": is_overdue, "has_climbed": climbed}
        if code in (CODES["member"], CODES["duress"]) and not self.is_lapsed:
            facts = {"alias": "mkm7", "is_duress": code == CODES["duress"], "locator": "ab" * 32}
        if facts is not None:
            return events.CodeChecked(asked.kind, "ok", facts)
        self.wrong_tries += 1
        return events.CodeChecked(asked.kind, "unknown")

    def _may_say(self) -> str | None:
        """What the turn would say of the story's status; "late" thirty days after it."""
        if self.status[0] not in ("closed", "declined"):
            return None
        ended = date.fromisoformat(self.status[-1])
        if (self.today - ended).days > 30:
            return "late"
        return "confirmed" if self.is_confirmed else "open"

    def _closure(
        self, said: effects.Confirm | effects.Reopen, deeds: list[str]
    ) -> events.ClosureAnswered:
        if self._may_say() in (None, "late"):
            return events.ClosureAnswered(self._may_say() or "moved")
        if isinstance(said, effects.Confirm):
            self.is_confirmed = True
            deeds.append("ยืนยันว่าจบ")
            return events.ClosureAnswered("confirmed")
        self.status = ["in_progress", self.today.isoformat()]
        deeds.append("เปิดเรื่องอีกครั้ง")
        can_push = self.book.channel.can_push
        return events.ClosureAnswered("reopened", "off" if can_push else None)

    def _notified(self, deeds: list[str]) -> events.Notified:
        """A turn's answer: what the story says, or "on"."""
        verdict = self.wishes.pop(0) if self.wishes else "on"
        if verdict == "on":
            self.is_told = True
            deeds.append("เก็บบัญชีไว้แจ้งข่าว")
        return events.Notified(verdict)

    def _said(self, intent: effects.Intent) -> str:
        if isinstance(intent, Ask):
            self.ask = intent
        if isinstance(intent, SecretOnce):
            code = {"code": CODES["receipt"]}
            return self.book.words.text(intent.language, "say.receipt_is", code)
        if isinstance(intent, OfficerWords):
            return f"“{self.letters[int(intent.part_id, 16)]}”"
        if isinstance(intent, effects.Erase):
            return WIPED[intent.what]
        return plain(self.book.words, intent)

    def _done(self, deed: effects.Deed) -> str:
        match deed:
            case effects.Seal(part_id=part_id, question=question, file=file, found=found):
                self.parts.append(part_id)
                kept = f"เก็บ {question}" + ("" if file is None else f" ({file.media})")
                has_original = bool(found) or (file is not None and file.original is not None)
                return kept + (" สองแบบ" if has_original else "")
            case effects.KeepOriginal(is_answered=is_answered):
                return "เก็บต้นฉบับ" if is_answered else "เก็บต้นฉบับ (ไม่ได้ตอบ)"
            case effects.DropOriginal():
                return "ทิ้งต้นฉบับ"
            case effects.Remove():
                return "ลบ"
            case effects.File():
                self.tip, self.filed_now = replace(deed), True
                return "ยื่นเรื่อง"
            case effects.Forget():
                return "ลืมร่าง"
            case effects.Noted():
                return "ทิ้งรหัส"
            case effects.StopContact():
                return "หยุดติดต่อ"
            case effects.StopNotify():
                self.is_told = False
                return "ลบบัญชีที่เก็บไว้แจ้งข่าว"
            case effects.Fetch(fetch_id=fetch_id, question=question):
                self.fetching.append(fetch_id)
                return f"ไปเอา {question}"
        return type(deed).__name__


def card_id(number: str) -> str:
    """The id of a story's nth card."""
    return f"{int(number):032x}"


def _cards(story: Story) -> list[KnowledgeCard]:
    """The knowledge cards that *story* says there are, with English that nobody reads."""
    made = []
    for number, setting in enumerate(story.settings.get("card", []), 1):
        audiences, *thai = (each.strip() for each in setting.split("|"))
        button, title, text = thai
        made.append(card(number, *audiences.split(","), thai=(button, title, text)))
    return made


def _file(what: str) -> FileRef:
    """The file of *what* happened, as the cleaner hands it on."""
    file = FileRef(
        "b" * 32, 1234, "a" * 64, what.removeprefix("marked_").removeprefix("odd_"), "x/y"
    )
    if what == "marked_photo":
        sent = Original("c" * 32, 1234, "a" * 64, b"s" * 32, ("place", "time", "device"))
        return replace(file, original=sent, details="cleaned")
    return replace(file, details="unremovable") if what == "odd_video" else file
