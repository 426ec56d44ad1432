"""The token, the webhook's secret and people's words are in no log, no error and no repr."""

import gc
import logging
import traceback
from collections.abc import Iterator

import pytest

from bot.channels.telegram.errors import Away, Clash, NotDone, WrongToken
from bot.errors import BotError
from tests.bot.telegram_house import (
    WEBHOOK_SECRET,
    TelegramHouse,
    ask,
    receipt,
    say,
    telegram_house,
)
from tests.fakes.telegram import ERROR_500, RESET_AFTER, RESET_BEFORE

WORDS = "เห็นเขาเอาปูนไป-canary"


class Everything(logging.Handler):
    """Keeps every record, as fully as a careless handler could print it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info and "".join(traceback.format_exception(*record.exc_info))
        self.said.append(f"{record.name} {record.getMessage()} {record.args} {error}")


@pytest.fixture
def everything() -> Iterator[Everything]:
    handler, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def unfolded(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None:
            yield each
            waiting += [each.__cause__, each.__context__]


async def failures(house: TelegramHouse) -> list[BotError]:
    """One of every kind of failure."""
    api = house.telegram._delivery._api
    person = house.person()
    found: list[BotError] = []

    async def fails(call: object) -> None:
        with pytest.raises(BotError) as raised:
            await call  # type: ignore[misc]
        found.append(raised.value)

    for fault in (RESET_BEFORE, RESET_AFTER, ERROR_500):
        house.fake.faults.next("sendMessage", fault)
        await fails(api.send(str(person.chat_id), WORDS))
    await fails(api.send(str(person.chat_id), ""))
    await fails(api.send("1", WORDS))
    await fails(api.answer("7"))
    await fails(api.file_path("nonsense"))
    house.fake.updates.webhook.url = "http://127.0.0.1:9"
    await fails(api.updates(None, 0, 1))
    house.fake.token = "1:" + "x" * 30
    await fails(api.send(str(person.chat_id), WORDS))
    return found


async def test_no_failure_carries_token_or_words(everything: Everything) -> None:
    async with telegram_house() as house:
        token = house.fake.token
        found = await failures(house)
        assert {type(each) for each in found} >= {Away, NotDone, Clash, WrongToken}
        for error in found:
            for each in unfolded(error):
                said = "".join(traceback.format_exception(each)) + repr(each) + str(vars(each))
                assert token not in said
                assert WORDS not in said
                assert isinstance(each, BotError), "nothing of the library is left attached"


async def test_nothing_is_logged_of_token_secret_and_words(
    everything: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    async with telegram_house() as house:
        token = house.fake.token
        person = house.person()
        person.write(WORDS)
        house.fake.inject({"message": {"message_id": "odd", "text": WORDS}})
        house.fake.faults.next("getUpdates", RESET_BEFORE)
        person.photo(b"p")
        async with house.polling():
            await house.turns.until(3)
            await house.fake.settled()
        await house.say(person, say("start_telegram"), receipt(), ask("who"))
        async with house.telegram.open(house.turns.events[-1].handle) as arriving:  # type: ignore[union-attr]
            assert [piece async for piece in arriving.chunks]
        await failures(house)
        gc.collect()
        captured = capfd.readouterr()
        printed = "\n".join(everything.said) + captured.out + captured.err
        for secret in (token, token.partition(":")[2], WEBHOOK_SECRET, WORDS, *person.canaries):
            assert secret not in printed
        assert "turn" in printed or "polling_waits" in printed, "something was logged at all"


async def test_no_repr_shows_a_secret() -> None:
    async with telegram_house(mode="webhook") as house:
        telegram = house.telegram
        things = [house.parts, telegram, telegram.webhook, telegram._delivery._api]
        things += [telegram._delivery._api._bot, house.parts.rules]
        for thing in things:
            said = f"{thing!r} {thing}"
            assert house.fake.token.partition(":")[2] not in said
            assert WEBHOOK_SECRET not in said
