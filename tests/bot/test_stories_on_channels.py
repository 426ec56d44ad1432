"""Every story reads the same on Telegram, on LINE and on the web as the engine tells it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

from handlers.effects import Ask
from tests.bot.web_house import serving_web
from tests.stories.engine_room import CODES
from tests.stories.expecting import expecting
from tests.stories.line_room import LineRoom
from tests.stories.player import Person, Story, parse, person, story_files
from tests.stories.reading import CANNOT, CHANNELS, OTHERWISE, Reads
from tests.stories.stage import Stage
from tests.stories.telegram_room import TelegramRoom
from tests.stories.web_room import WebRoom

on_the_stage = pytest.mark.asyncio(loop_scope="module")


class Room(Protocol):
    codes: dict[str, str]

    async def enter(self) -> None: ...
    async def hear(self, person: Person, ask: Ask | None) -> Reads: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened(tmp_path_factory.mktemp("stage")) as opened:
        yield opened


@asynccontextmanager
async def a_room(stage: Stage, story: Story, channel: str) -> AsyncIterator[Room]:
    codes = CODES | {"receipt": await stage.receipt_for(story)}
    if channel == "telegram":
        yield TelegramRoom(stage, story, codes)
    elif channel == "line":
        yield LineRoom(stage, story, codes)
    else:
        async with serving_web(stage.house) as web, web.visitor() as visitor:
            yield WebRoom(stage, story, codes, visitor)


@on_the_stage
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("path", story_files(), ids=lambda path: path.stem)
async def test_a_story_reads_the_same_on_every_channel(
    path: Path, channel: str, stage: Stage
) -> None:
    story = parse(path)
    engine = expecting(story, channel)
    stage.reads_from(engine.engine.book)
    await stage.stops_codes(again=True)
    async with a_room(stage, story, channel) as room:
        await room.enter()
        for exchange in story.exchanges:
            if exchange.person.what == "code_stopped":
                await stage.stops_codes()
                engine.engine.hear(exchange.person)
                continue
            does = engine.does(exchange.person)
            if does is None:
                continue
            known = await stage.house.tip_ids()
            heard = await room.hear(does, engine.ask)
            wanted = engine.hear(does)
            where = f"{path.name}:{exchange.line}: {does.written}"
            assert heard.text == wanted.text, where
            assert heard.buttons == wanted.buttons, where
            assert heard.wiped == wanted.wiped, where
            if engine.engine.filed_now and heard.receipt is not None:
                room.codes["receipt"] = heard.receipt
                await stage.officers_did(story, known)


@on_the_stage
@pytest.mark.parametrize("channel", ["telegram", "line"])
async def test_an_album_is_answered_once_when_all_of_it_is_here(channel: str, stage: Stage) -> None:
    story = Story("album", {}, [])
    engine = expecting(story, channel)
    stage.reads_from(engine.engine.book)
    async with a_room(stage, story, channel) as room:
        assert isinstance(room, TelegramRoom | LineRoom)
        for line in ("แจ้งเบาะแส", "ยักยอก"):
            await room.hear(person(line), None)
        stage.passes()
        async with stage.holding_files():
            await room.sends_album(3)
        await stage.settled()
        said_before = len(room.said_by_bot())
        for _ in range(3):
            stage.lets_a_file_through()
        await stage.settled()
        said = "\n".join(room.said_by_bot()[said_before:])
        assert said.count("ได้รับรูป 3 รูปแล้ว") == 1
        assert said.count("ได้รับ") == 1


def test_what_a_platform_cannot_do_is_done_in_some_story() -> None:
    played = {
        (exchange.person.what, exchange.person.words)
        for path in story_files()
        for exchange in parse(path).exchanges
    }
    assert {what for _, what in CANNOT} <= {what for what, _ in played}
    assert {(what, words) for _, what, words in OTHERWISE} <= played
