"""Nothing told on LINE or Telegram lies readable anywhere, nor anything that the platforms hand out
unasked: accounts, names, telephone numbers, ids of messages, events and files, tokens.

As test_leak.py does for the web chat: one long story on each platform, full of canaries, against
the real program with its log at DEBUG, searched at every moment from the first word to two days
later, also while a file is being fetched and after a kill in the middle of it. How each link to an
account dies is test_links.py's affair.
"""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.marks import Marks
from sealing import Receipt
from tests.fakes.telegram import Slow
from tests.whole.campaigns import publish, subscribe
from tests.whole.chat_tales import come_back
from tests.whole.chats import Chat, LineChat, TelegramChat
from tests.whole.nursery import running
from tests.whole.platforms import WEBHOOK_SECRET, World, platforms
from tests.whole.readings import files, readings, told
from tests.whole.scene import (
    DAY_S,
    Scene,
    check_logs,
    check_nothing_opens,
    officer_writes,
    quiet_temp,
)

AGENCY = "เทศบาลตำบลนกกระจิบธรรมดา"
WHO = "ปลัดนกขมิ้นเหลืองอ่อน"
WHAT = "นกกระจอกเทศขนปูนไปเทหน้าบ้านตัวเอง"
LATIN = "Canary-Warbler-in-the-Coalmine-7731"
WHERE = "หลังศาลาริมบึงนกเป็ดน้ำ"
BEFORE_EDIT = "นกฮูกที่พิมพ์ผิดไปตัวหนึ่ง"
AFTER_EDIT = "นกแสกที่แก้ให้ถูกแล้วตัวหนึ่ง"
UNSENT = "นกเงือกที่ถอนข้อความไปแล้ว"
CAPTION = "คำบรรยายใต้รูปนกกระเต็น"
FILE_NAME = "สัญญานกเอี้ยงสาลิกา.pdf"
IN_FILE = "นกแก้วในรูปถ่ายใบนี้"
DROPPED = "เรื่องนกเค้าแมวที่ทิ้งไปแล้ว"
QUESTION = "จำสีของกรงนกพิราบได้ไหม"
NOTE = "บันทึกภายในเรื่องนกยูง"
SENTENCE = "กำลังตรวจรังนกนางแอ่นอยู่"
ANSWER = "กรงนกพิราบสีฟ้าน้ำทะเล"
VENUE, DEEP_LINK = "ศาลาประชาคมบ้านนกกาเหว่า", "canary-deep-link-7731"
LATITUDE, LONGITUDE = 16.437215, 102.828113
PHOTO = b"\xff\xd8\xff\xe1 Exif " + IN_FILE.encode() * 3 + os.urandom(60_000) + IN_FILE.encode()
ALBUM = tuple(b"\xff\xd8\xff\xe0" + IN_FILE.encode() + os.urandom(20_000) for _ in range(2))
CONTRACT = b"%PDF-1.7 " + IN_FILE.encode() + os.urandom(20_000)
FILM = b"\0\0\0\x18ftypmp42" + (IN_FILE.encode() + os.urandom(600_000)) * 4
WORDS: Mapping[str, str | bytes] = {
    "agency": AGENCY,
    "who": WHO,
    "what": WHAT,
    "latin": LATIN,
    "where": WHERE,
    "before the edit": BEFORE_EDIT,
    "after the edit": AFTER_EDIT,
    "unsent": UNSENT,
    "caption": CAPTION,
    "file name": FILE_NAME,
    "in the file": IN_FILE,
    "photo": PHOTO,
    "album": ALBUM[1],
    "contract": CONTRACT,
    "dropped": DROPPED,
    "question": QUESTION,
    "note": NOTE,
    "sentence": SENTENCE,
    "answer": ANSWER,
    "venue": VENUE,
    "deep link": DEEP_LINK,
    "pin": f"{LATITUDE:.6f},{LONGITUDE:.6f}",
    "longitude": str(LONGITUDE),
}
FIRST_ID = 77_310_000_000
"""Telegram's ids begin here: long enough not to be found by chance."""


class Actor(ABC):
    """What is done in another way on each platform. *chat* tells, *other* drops a draft, *back*
    returns with the receipt."""

    channel: str
    told_after_all: str
    chat: Chat
    other: Chat
    back: Chat

    @abstractmethod
    def known(self, scene: Scene) -> None:
        """Whatever the platform has handed out so far is a canary."""

    @abstractmethod
    async def odd_things(self) -> None:
        """What the bot has no use for, or makes others keep."""

    @abstractmethod
    async def revise(self) -> None:
        """Write something and take it back, or change it."""

    @abstractmethod
    async def show_all(self) -> None:
        """A photo, an album, a document, a place."""

    @abstractmethod
    async def send_slowly(self) -> None:
        """A film that the platform gives out piece by piece."""

    @abstractmethod
    def hurry(self) -> None:
        """From now on the platform gives everything at once."""


class OnTelegram(Actor):
    channel, told_after_all = "telegram", AFTER_EDIT

    def __init__(self, world: World) -> None:
        self.fake = world.telegram
        self.fake.methods.messages.last_id = FIRST_ID
        self.fake.updates._last_id = 2 * FIRST_ID  # else its numbers are too short
        self.chat, self.other, self.back = (TelegramChat(world) for _ in range(3))

    def known(self, scene: Scene) -> None:
        fake, messages = self.fake, self.fake.methods.messages
        scene.secrets |= {"token": fake.token, "token's end": fake.token.partition(":")[2]}
        people = (self.chat.person, self.other.person, self.back.person)
        for nth, person in enumerate(people):
            scene.secrets |= {f"{each} of {nth}": each for each in person.canaries}
            scene.numbers.add(person.chat_id)
        scene.people[:] = [str(person.chat_id) for person in people]
        scene.messages[:] = [
            ("telegram", str(each.chat_id), f"{each.message_id}{part}")
            for each in messages.by_id.values()
            for part in ("", ":caption")
        ]
        scene.numbers |= {
            each for each in (*messages.by_id, *fake.updates.polls) if each > FIRST_ID
        }
        scene.ids |= {str(each) for each in messages.by_id} | set(fake.methods.queries)
        scene.ids |= {call.params["file_id"] for call in fake.called("getFile")}
        groups = (each.content.get("media_group_id") for each in messages.by_id.values())
        scene.ids |= {group for group in groups if group}

    async def odd_things(self) -> None:
        person = self.chat.person
        async with self.chat.answering():
            person.start(DEEP_LINK)
        for odd in (person.contact, person.sticker):
            async with self.chat.answering():
                odd()

    async def revise(self) -> None:
        message = await self.chat.say(BEFORE_EDIT)
        async with self.chat.answering():
            self.chat.person.edit(int(message), AFTER_EDIT)

    async def show_all(self) -> None:
        await self.chat.show(PHOTO, caption=CAPTION)
        await self.chat.show(*ALBUM)
        async with self.chat.answering():
            self.chat.person.file("document", CONTRACT, name=FILE_NAME, mime="application/pdf")
        async with self.chat.answering():
            self.chat.person.venue(LATITUDE, LONGITUDE, VENUE)

    async def send_slowly(self) -> None:
        self.fake.faults.next("file", Slow(0.6))
        self.chat.person.file("video", FILM, mime="video/mp4")

    def hurry(self) -> None:
        self.fake.faults.clear()


class OnLine(Actor):
    channel, told_after_all = "line", WHAT

    def __init__(self, world: World) -> None:
        self.world, self.fake = world, world.line
        self.chat, self.other, self.back = (LineChat(world) for _ in range(3))

    def known(self, scene: Scene) -> None:
        line = self.fake
        people = (self.chat.person, self.other.person, self.back.person)
        scene.secrets |= {"channel secret": line.channel_secret, "token": line.access_token}
        scene.secrets |= {f"account {nth}": each.user_id for nth, each in enumerate(people)}
        scene.secrets |= {"newest token": [*line.tokens][-1], "place": "canary address"}
        scene.people[:] = [person.user_id for person in people]
        scene.messages[:] = [
            ("line", person.user_id, bubble.message_id)
            for person in people
            for bubble in person.chat
        ]
        scene.ids |= line.secrets
        scene.numbers |= {int(message) for _, _, message in scene.messages}

    async def odd_things(self) -> None:
        person = self.chat.person
        async with self.chat.answering():
            await person.follows()
        async with self.chat.answering():
            await person.sends_sticker()
        async with self.chat.answering():
            await person.sends_linked_photo("https://canary.example/the-linked-photo.jpg")

    async def revise(self) -> None:
        message = await self.chat.say(UNSENT)
        (bubble,) = (each for each in self.chat.person.chat if each.message_id == message)
        await self.chat.person.unsends(bubble)
        # It brings no reply token: let its answer wait for the next message, not take that one's.
        await self.chat.until(lambda: self.world.is_idle)

    async def show_all(self) -> None:
        await self.chat.show(PHOTO)
        await self.chat.show(*ALBUM)
        async with self.chat.answering():
            await self.chat.document(FILE_NAME, CONTRACT)
        async with self.chat.answering():
            await self.chat.pin(LATITUDE, LONGITUDE)

    async def send_slowly(self) -> None:
        await self.chat.person.sends_video(FILM, is_ready=False)
        content = self.chat.person.content()
        content.chunk_bytes, content.pause_s = len(FILM) // 8, 0.6
        content.is_ready = True

    def hurry(self) -> None:
        self.chat.person.content().pause_s = 0.0


ACTORS: Mapping[str, type[OnTelegram] | type[OnLine]] = {"telegram": OnTelegram, "line": OnLine}


@asynccontextmanager
async def staged(
    channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[World, Scene, Actor]]:
    temp = quiet_temp(tmp_path, monkeypatch)
    is_polling = channel != "telegram by webhook"
    async with platforms(
        tmp_path / "deployment", is_polling=is_polling, has_registrar=True
    ) as world:
        scene = Scene(world.made, temp, tmp_path / "scratch", dict(WORDS))
        if not is_polling:
            scene.secrets["webhook secret"] = WEBHOOK_SECRET
        yield world, scene, ACTORS[channel.partition(" ")[0]](world)


@pytest.mark.parametrize("channel", ["telegram", "telegram by webhook", "line"])
async def test_nothing_told_on_a_platform_lies_readable_anywhere_until_two_days_later(
    channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(channel, tmp_path, monkeypatch) as (world, scene, actor):
        made = world.made
        code = (await made.member_code()).grouped
        scene.carry("member code", code)
        untouched = scene.temp.stat().st_mtime_ns
        with running(made, is_verbose=True) as bot:
            async with world.flying():
                await publish(made)
                await drop_a_draft(actor.other)
                await subscribe(actor.other)
                await actor.odd_things()
                await to_evidence(actor, code)
                await actor.send_slowly()
                await scene.receiving()
                actor.known(scene)
                scene.search_open_files(bot)
            bot.kill()
        assert list(made.blobs.glob("*.half"))  # it died in the middle of the file
        moment(scene, actor, "a draft")
        actor.hurry()

        with running(made, is_verbose=True) as bot:
            async with world.flying():
                receipt = await file(scene, actor)
                moment(scene, actor, "filed")
                await officer_writes(made, note=NOTE, sentence=SENTENCE, question=QUESTION)
                await return_with(scene, actor, receipt)
                await note_down(scene, actor)
                assert scene.holds("subscription")
                moment(scene, actor, "noted")
                await actor.other.say("หยุดแจ้งเตือน")
                assert not scene.holds("subscription")
            for later, keys_at_most in (("a day later", 99), ("two days later", AT_MOST_KEYS)):
                world.advance(DAY_S + 1800)
                await scene.forgotten(bot, keys_at_most=keys_at_most)
                moment(scene, actor, later)
            await officer_still_reads(scene, actor)
        scene.search()
        assert scene.temp.stat().st_mtime_ns == untouched  # nothing was there, even briefly
        check_logs(made)
        check_thief(scene, receipt)
        assert world.line.profile_calls == []
        assert world.beyond_limits == []


AT_MOST_KEYS = 2
"""Nobody is sent cards any more. Whoever dropped a draft and whoever came back stand at the
greeting; who noted has none."""


def moment(scene: Scene, actor: Actor, name: str) -> None:
    actor.known(scene)
    scene.remember(name)
    scene.search()


async def drop_a_draft(chat: Chat) -> None:
    await chat.start()
    for choice in ("report", "embezzlement", "TH-40", "unknown", "skip"):
        await chat.press(choice)
    await chat.say(f"{DROPPED} {LATIN}")
    for choice in ("cancel", "drop"):
        await chat.press(choice)


async def to_evidence(actor: Actor, code: str) -> None:
    """Everything told and shown, but for the film."""
    chat = actor.chat
    await chat.press("member")
    await chat.say(code)
    for choice in ("case", "embezzlement", "TH-40"):
        await chat.press(choice)
    await chat.say(AGENCY)
    while "skip" not in chat.choices:
        await chat.press("no" if "no" in chat.choices else "unknown")
    await chat.press("skip")
    await chat.say(f"{WHAT} " * 20)
    await chat.say(f"{LATIN} {WHAT}")
    await actor.revise()
    await chat.press("done")
    await chat.say(WHO)
    for choice in ("done", "yesterday"):
        await chat.press(choice)
    await chat.say(f"{WHERE} {LATIN}")
    await actor.show_all()


async def file(scene: Scene, actor: Actor) -> str:
    """The film arrives after all; filed; the receipt is shown and not noted."""
    chat = actor.chat
    await chat.until(lambda: not scene.holds("fetch"))
    async with chat.answering():  # a restart lost LINE's reply tokens: only who writes is answered
        await chat.command("help")
    await chat.until(lambda: "วิดีโอ 1 คลิป" in chat.heard[-1])
    for choice in ("done", "send"):
        await chat.press(choice)
    assert chat.receipt is not None, chat.heard[-3:]
    scene.carry("receipt", chat.receipt)
    return chat.receipt


async def return_with(scene: Scene, actor: Actor, receipt: str) -> None:
    """On another account: a wrong code, the right one, the question read and answered."""
    chat = actor.back
    mistyped = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    unknown = Receipt.generate().grouped
    scene.carry("mistyped receipt", mistyped)
    scene.carry("another receipt", unknown)
    await chat.start()
    await chat.press("follow")
    await chat.say(mistyped)
    await chat.say(unknown)
    await come_back(chat, receipt)
    assert any(QUESTION in text for text in chat.heard)
    moment(scene, actor, "being answered")
    await chat.press("answer")
    await chat.say(f"{ANSWER} {LATIN}")
    await chat.press("done")
    await chat.press("cancel")


async def note_down(scene: Scene, actor: Actor) -> None:
    """The receipt is noted and the chat wiped, where it can be; the conversation is gone."""
    chat = actor.chat
    await chat.press("noted_wipe" if "noted_wipe" in chat.choices else "noted")
    gone = Marks(scene.made.server_key).conversation(actor.channel, scene.people[0]).hex()
    await chat.until(lambda: not scene.holds("conversation", gone))


async def officer_still_reads(scene: Scene, actor: Actor) -> None:
    """All of it is there for whom it is meant: the search did not succeed by looking at nothing."""
    async with scene.made.office() as office:
        (tip,) = await readings(office)
        assert WHO in told(tip, "who")
        assert AGENCY in told(tip, "agency")
        assert any(actor.told_after_all in words for words in told(tip, "what"))
        assert not {BEFORE_EDIT, UNSENT, DROPPED} & {*told(tip)}
        assert any(ANSWER in words for words in told(tip, "reply"))
        assert any(re.search(r"16\.437215,102\.828113", words) for words in told(tip))
        sent = [PHOTO, *ALBUM, CONTRACT, FILM]  # an album's photos come side by side
        assert sorted(await files(office, tip)) == sorted(sent)


def check_thief(scene: Scene, receipt: str) -> None:
    """With every key of the server as it is at the end, no copy of any moment gives anything."""
    then = b"".join(loot.plain for loot in scene.loot_then("a draft"))
    assert WHAT.encode() in then  # the thief is able: at that moment this opened
    (tip_id,) = scene.tips("two days later")
    check_nothing_opens(scene, [tip_id, receipt], "two days later")
