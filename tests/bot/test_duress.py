"""A member forced to report: the phone gets byte for byte what it gets with the ordinary code, and
what is stored takes as much room and as many commits.

The same person does the same things to two bots that are alike but for which of the member's codes
is typed. Random bytes differ between any two conversations, so screens' nonces, form tokens, retry
keys and the receipt stand as their length; everything else is compared as it was sent.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from sealing import MemberCode, Receipt, stretch_member_code
from storage.repositories import codes
from storage.repositories.codes import MemberCodeRow, State
from tests.bot.test_member_turns import Counting
from tests.bot.turn_house import CHEAP, House
from tests.bot.web_house import serving_web
from tests.stories.engine_room import CODES
from tests.stories.expecting import expecting
from tests.stories.line_room import LineRoom
from tests.stories.player import Story, person
from tests.stories.stage import AT_MOST_S, Stage
from tests.stories.telegram_room import TelegramRoom
from tests.stories.web_room import WebRoom
from tests.whole.test_stored_sizes import stored

KINDS = {
    "case": (
        "[แจ้งเบาะแส]", "[ยักยอก]", "เลย", "[ไม่ทราบ]", "[มีคนเล่าให้ฟัง]", "[เสร็จแล้ว]",
        "เห็นเขาเอาปูนไป", "[เล่าจบแล้ว]", "[ข้าม]", "[วันนี้]", "[ไม่มี]",
    ),
    "information": (
        "[แจ้งข้อมูลข่าวสาร]", "เลย", "ได้ยินว่าจะมีประมูล", "[เล่าจบแล้ว]", "[ไม่มี]",
    ),
}  # fmt: skip
LINES = ("(เพิ่มเพื่อน)", "[มีรหัสเครือข่าย]", "mkm7", "{code}")
SPINNER = "answerCallbackQuery"
ANIMATION = "/v2/bot/chat/loading/start"
STOP = "(ศูนย์หยุดรหัส)"
CHANNELS = ("web", "telegram", "line")

_RANDOM = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{8,64})"
    r"(?![0-9a-f])"
)
_TOKEN = re.compile(r"""(?<=set-cookie: )[^;]+|(?<=name="form" value=")[^"]+""")
_RECEIPT = re.compile(r"(?:\d{4}-){5}\d{4}|(?<=<span>)(?:\d{4}-){2}\d{4}(?=</span>)")


def without_chance(sent: str) -> str:
    """*sent*, with what is drawn at random for every conversation replaced by as many x."""
    for drawn in (_TOKEN, _RECEIPT, _RANDOM):
        sent = drawn.sub(lambda m: "x" * len(m[0]), sent)
    return sent


@asynccontextmanager
async def a_phone(
    folder: Path, channel: str, story: Story
) -> AsyncIterator[tuple[Stage, TelegramRoom | LineRoom | WebRoom, Callable[[], list[str]]]]:
    """A bot of its own, somebody on *channel*, and what was sent to their phone so far, raw."""
    folder.mkdir()  # noqa: ASYNC240  # before anything runs
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(Stage.opened(folder))
        if channel == "telegram":
            yield stage, TelegramRoom(stage, story, CODES), lambda: to_telegram(stage)
        elif channel == "line":
            stage.line.answer_within_s = AT_MOST_S  # what is sent is compared here, not how soon
            yield stage, LineRoom(stage, story, CODES), lambda: to_line(stage)
        else:
            web = await stack.enter_async_context(serving_web(stage.house))
            browser = await stack.enter_async_context(web.visitor())
            pages: list[str] = []

            async def note(answer: object) -> None:
                await answer.aread()  # type: ignore[attr-defined]  # httpx gives its response
                headers = [f"{k}: {v}" for k, v in answer.headers.items() if k != "date"]  # type: ignore[attr-defined]  # the same
                pages.append("\n".join((*headers, answer.text)))  # type: ignore[attr-defined]  # the same

            browser.http.event_hooks["response"].append(note)
            yield stage, WebRoom(stage, story, CODES, browser), lambda: pages


def to_telegram(stage: Stage) -> list[str]:
    """What changed the chat, in order; and what stopped a button's spinner, each such answer once:
    it is sent beside the rest, and again when the platform was slow to take it."""
    calls = [each for each in stage.telegram.calls if each.method != "getUpdates"]
    spinners = {json.dumps(each.params) for each in calls if each.method == SPINNER}
    changes = [each for each in calls if each.method != SPINNER]
    written = [json.dumps([each.method, each.params], ensure_ascii=False) for each in changes]
    return [*written, *sorted({without_chance(each) for each in spinners})]


def to_line(stage: Stage) -> list[str]:
    """What LINE was given to show; not that something takes long, which a busy machine decides."""
    return [
        json.dumps([each.method, each.path, each.body], ensure_ascii=False)
        for each in stage.line.calls
        if each.path != ANIMATION
    ]


async def sent_to(folder: Path, channel: str, lines: tuple[str, ...]) -> list[str]:
    """Everything that the phone gets while *lines* are said and tapped, in order."""
    story = Story("forced", {}, [])
    engine = expecting(story, channel)
    async with a_phone(folder, channel, story) as (stage, room, sent):
        stage.reads_from(engine.engine.book)
        await room.enter()
        for line in lines:
            if line == STOP:
                await stage.stops_codes()
                engine.engine.hear(person(line))
                continue
            does = engine.does(person(line))
            assert does is not None
            heard = await room.hear(does, engine.ask)
            wanted = engine.hear(does)
            assert heard.text == wanted.text, line
        return [without_chance(each) for each in sent()]


async def with_either(
    folder: Path, channel: str, lines: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """What the phone gets with the ordinary code, and with the duress code."""

    async def sent(name: str) -> list[str]:
        said = tuple(line.replace("{code}", f"{{{name}}}") for line in lines)
        return await sent_to(folder / name, channel, said)

    return await sent("member"), await sent("duress")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_forced_members_phone_gets_the_same_bytes(
    kind: str, channel: str, tmp_path: Path
) -> None:
    lines = (*LINES, *KINDS[kind], "[ส่ง]", "[จดแล้ว]")
    free, forced = await with_either(tmp_path, channel, lines)
    assert len(free) >= len(lines)
    assert free == forced


STOPPED_AT_THE_END = (*LINES, *KINDS["case"], STOP, "[ส่ง]", "[ส่ง]", "[จดแล้ว]")
STOPPED_AT_ONCE = (*LINES[:2], STOP, "{code}", "[แจ้งโดยไม่ใช้รหัส]")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("lines", [STOPPED_AT_THE_END, STOPPED_AT_ONCE], ids=["sending", "at once"])
async def test_a_duress_code_that_was_stopped_reads_as_any_other(
    lines: tuple[str, ...], channel: str, tmp_path: Path
) -> None:
    free, forced = await with_either(tmp_path, channel, lines)
    assert free == forced


async def test_a_line_that_tells_the_two_apart_would_be_seen(tmp_path: Path) -> None:
    """The comparison above is worth something."""
    said = [
        await sent_to(tmp_path / name, "line", (*LINES[:3], code))
        for name, code in (("right", "{member}"), ("wrong", "mkm7-aaaa-bbbb-cccc-x"))
    ]
    assert said[0] != said[1]
    assert without_chance(Receipt.generate().grouped) == without_chance(Receipt.generate().grouped)


# --- what is stored -----------------------------------------------------------------------------


async def traces(folder: Path, *, is_duress: bool) -> list[object]:
    """Sizes, rows and commits after every step of a member's report, to the noted receipt."""
    folder.mkdir()  # noqa: ASYNC240  # before anything runs
    house = await House(folder, wrap=Counting).open()
    assert isinstance(house.db, Counting)
    try:
        key, code = house.server_key, MemberCode.generate("mkm7")
        locator = stretch_member_code(code, salt=key.salt, pepper=key.pepper, cost=CHEAP)
        row = MemberCodeRow(locator, "kkn", is_duress, "2027-01-01", 2020, State.ACTIVE)
        await house.db.commit(lambda t: codes.add(t, row))
        leader = house.person("leader")
        steps = (
            lambda: leader.press("member"),
            lambda: leader.say(code.grouped),
            lambda: leader.press("case"),
            lambda: leader.tell_on("เห็นเขาเอาปูนไป"),
            lambda: leader.press("send"),
            lambda: leader.press("noted"),
        )
        found: list[object] = []
        for step in steps:
            await step()
            asked = (house.db.reads, house.db.commits, house.stretches.stretches_done)
            found += [asked, await stored(house), await house.tables(), len(house.forget.ids())]
        await house.db.truncate_log()
        found.append((folder / "db.sqlite").stat().st_size)
        return found
    finally:
        await house.close()


async def test_what_is_stored_of_a_forced_report_is_as_many_and_as_long(tmp_path: Path) -> None:
    free = await traces(tmp_path / "free", is_duress=False)
    forced = await traces(tmp_path / "forced", is_duress=True)
    assert free == forced
