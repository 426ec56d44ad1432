"""How a place is bound: by what only the signed-in officer was given, once, for a quarter hour."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alerts.binding import (
    ASKED_AT_MOST,
    BINDINGS_AT_MOST,
    CODE_S,
    LINK_LETTERS,
    MAIL_LETTERS,
    MAIL_TRIES,
    TooMany,
)
from bot.alerts.counting import Wishes
from bot.alerts.quiet import Quiet
from storage.repositories import alerts
from tests.bot.alerts.alert_house import AlertHouse, alert_house
from tests.bot.turn_house import MALEE, SOMCHAI


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[AlertHouse]:
    async with alert_house(tmp_path) as house:
        yield house


def test_a_links_code_has_at_least_128_bits() -> None:
    assert LINK_LETTERS * 5 >= 128
    assert MAIL_LETTERS * 5 >= 60


async def test_a_link_works_once_and_on_its_channel_only(made: AlertHouse) -> None:
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    assert await made.bindings.bind_chat("line", "eve", code) is None
    assert await made.bindings.bind_chat("telegram", "somchai", code) is not None
    assert await made.bindings.bind_chat("telegram", "eve", code) is None


async def test_a_link_ends_after_a_quarter_of_an_hour(made: AlertHouse) -> None:
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    made.house.clock.advance(CODE_S)
    assert await made.bindings.bind_chat("telegram", "somchai", code) is None


async def test_a_code_may_be_typed_as_people_type(made: AlertHouse) -> None:
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    typed = f" {code[:4]}-{code[4:].upper()} \n"
    assert await made.bindings.bind_chat("telegram", "somchai", typed) is not None


async def test_a_guess_is_nothing(made: AlertHouse) -> None:
    made.codes.link(SOMCHAI.id, "telegram", "th")
    for guess in ("", "0" * LINK_LETTERS, "🙂", "\ud800", "x" * 10_000):
        assert await made.bindings.bind_chat("telegram", "eve", guess) is None
    assert (await made.rows())["alert_binding"] == 0


async def test_a_mailed_code_binds_its_address_and_only_for_who_asked(made: AlertHouse) -> None:
    code = made.codes.mail(SOMCHAI.id, "s@example.go.th", "en")
    assert await made.bindings.bind_mail(MALEE.id, code) is None
    assert await made.bindings.bind_chat("email", "eve", code) is None
    row = await made.bindings.bind_mail(SOMCHAI.id, code)
    assert row is not None
    assert made.records.open_contact(row) == "s@example.go.th"
    assert (await made.bindings.wishes(SOMCHAI.id)).language == "en"
    assert await made.bindings.bind_mail(SOMCHAI.id, code) is None


async def test_after_a_few_wrong_tries_a_mailed_code_is_gone(made: AlertHouse) -> None:
    code = made.codes.mail(SOMCHAI.id, "s@example.go.th", "th")
    for _ in range(MAIL_TRIES):
        assert await made.bindings.bind_mail(SOMCHAI.id, "0" * MAIL_LETTERS) is None
    assert await made.bindings.bind_mail(SOMCHAI.id, code) is None


async def test_the_same_address_twice_is_one_place(made: AlertHouse) -> None:
    for _ in range(2):
        code = made.codes.mail(SOMCHAI.id, "s@example.go.th", "th")
        assert await made.bindings.bind_mail(SOMCHAI.id, code) is not None
    assert (await made.rows())["alert_binding"] == 1


async def test_nobody_has_more_links_or_places_than_one_may(made: AlertHouse) -> None:
    for nth in range(BINDINGS_AT_MOST):
        await made.bind(SOMCHAI.id, f"phone {nth}")
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    with pytest.raises(TooMany):
        await made.bindings.bind_chat("telegram", "one more", code)
    for _ in range(ASKED_AT_MOST):
        made.codes.link(SOMCHAI.id, "telegram", "th")
    with pytest.raises(TooMany):
        made.codes.link(SOMCHAI.id, "telegram", "th")
    made.codes.link(MALEE.id, "telegram", "th")  # and nobody else is held up
    assert made.house.forget.ids() == await made.house.db.read(
        lambda t: frozenset(
            [row.key_id for row in alerts.bindings(t)] + [row.key_id for row in alerts.records(t)]
        )
    )


async def test_a_chat_is_one_officers(made: AlertHouse) -> None:
    await made.bind(SOMCHAI.id, "a shared phone")
    await made.bind(MALEE.id, "a shared phone")
    rows = await made.house.db.read(alerts.bindings)
    assert [row.officer for row in rows] == [MALEE.id]
    assert (await made.rows())["alert_record"] == 1


async def test_a_link_of_somebody_who_has_no_room_takes_no_chat_from_its_officer(
    made: AlertHouse,
) -> None:
    """Else a colleague's link would silence an officer's alerts for nothing."""
    for nth in range(BINDINGS_AT_MOST):
        await made.bind(SOMCHAI.id, f"phone {nth}")
    await made.bind(MALEE.id, "malee")
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    with pytest.raises(TooMany):
        await made.bindings.bind_chat("telegram", "malee", code)
    row = await made.bindings.of_chat("telegram", "malee")
    assert row is not None
    assert row.officer == MALEE.id
    await made.bind(SOMCHAI.id, "phone 0")  # one's own chat again is no other place
    assert (await made.rows())["alert_binding"] == BINDINGS_AT_MOST + 1


async def test_wishes_are_kept_and_go_with_the_last_place(made: AlertHouse) -> None:
    wishes = Wishes(Quiet("12:00-13:00", ("sun",)), True, "en")
    assert not await made.bindings.set_wishes(SOMCHAI.id, wishes)
    await made.bind(SOMCHAI.id, "somchai")
    assert await made.bindings.set_wishes(SOMCHAI.id, wishes)
    await made.reopen()
    assert await made.bindings.wishes(SOMCHAI.id) == wishes
    assert await made.bindings.unbind_chat("telegram", "somchai")
    await made.bind(SOMCHAI.id, "somchai")
    assert await made.bindings.wishes(SOMCHAI.id) == Wishes()


async def test_a_restart_loses_links_and_no_place(made: AlertHouse) -> None:
    await made.bind(SOMCHAI.id, "somchai")
    code = made.codes.link(SOMCHAI.id, "telegram", "th")
    await made.reopen()
    assert await made.bindings.bind_chat("telegram", "eve", code) is None
    found = await made.bindings.of_chat("telegram", "somchai")
    assert found is not None
    assert await made.bindings.of_chat("telegram", "eve") is None
    assert await made.bindings.of_chat("line", "somchai") is None
