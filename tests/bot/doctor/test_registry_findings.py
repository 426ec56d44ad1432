"""What the doctor says of the registry of the real bots; the platforms are asked over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.config import load
from bot.doctor import Finding, State
from bot.doctor.database import Inside
from bot.doctor.registry import registry as look_at_registry
from bot.registry import KIND
from bot.signed_files import version_setting
from sealing import Registry, SigningKey, render_registry
from tests.bot.platforms.canned import canned
from tests.bot.registries import LINE, ONION, TELEGRAM, registry, signed
from tests.bot.rosters import ADMIN
from tests.bot.setup.accounts import change, deployed, with_line, with_telegram
from tests.fakes.line import FakeLine
from tests.fakes.telegram import FakeTelegram

TODAY = date(2026, 11, 23)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Path]:
    """A configuration with both channels on, at accounts that the sample registry lists."""
    async with FakeTelegram.serving() as telegram, FakeLine.opened() as line:
        path = pinned(tmp_path)
        with_telegram(path, telegram.api_url, telegram.token)
        with_line(path, line.api_url, line.data_url, line.channel_secret, line.access_token)
        yield path


def pinned(tmp_path: Path) -> Path:
    path = deployed(tmp_path)
    change(path, 'admin_key = ""', f'admin_key = "{ADMIN.verify_key}"')
    return path


async def found(
    path: Path, body: bytes | None, today: date = TODAY, seen: int = 0
) -> list[Finding]:
    if body is not None:
        load(path).registry.file.write_bytes(body)
    inside = Inside((), {version_setting(KIND): str(seen)})
    return await asyncio.to_thread(lambda: list(look_at_registry(load(path), inside, today)))


async def off(path: Path, which: Registry, today: date = TODAY) -> list[Finding]:
    return [each for each in await found(path, signed(which), today) if each.state is not State.OK]


async def test_a_registry_that_lists_the_running_bots_is_fine(both: Path) -> None:
    told = await found(both, signed())
    assert [each.state for each in told] == [State.OK] * 3
    assert "version 3, signed by the admin, 342 days left" in told[0].says
    assert ["@saisaat_test_bot on telegram" in told[1].says, "@canary on line" in told[2].says]


async def test_without_a_registry_there_is_a_warning_once_a_platform_is_on(
    both: Path, tmp_path: Path
) -> None:
    (told,) = await found(both, None)
    assert told.state is State.WARNING
    assert "saisaat registry draft" in told.fix
    (alone,) = await found(pinned(tmp_path / "other"), None)
    assert alone.state is State.OK


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (render_registry(registry()), "is not signed"),
        (signed(admin=SigningKey.from_seed(b"\x08" * 32)), "not signed by the admin key"),
        (signed(registry(version=1)), "older than one that was in use"),
    ],
)
async def test_a_registry_that_cannot_be_trusted_is_a_problem(
    body: bytes, says: str, both: Path
) -> None:
    (told,) = await found(both, body, seen=2)
    assert told.state is State.PROBLEM
    assert says in told.says
    assert "People see no list" in told.says
    assert told.fix


async def test_expiry_and_what_is_near_it_are_warnings(both: Path) -> None:
    (near,) = await off(both, registry(), date(2027, 10, 20))
    assert "expires in 11 days" in near.says
    (late,) = await off(both, registry(), date(2027, 11, 1))
    assert (late.state, "has expired" in late.says) == (State.WARNING, True)


async def test_an_id_that_is_not_the_running_bots_is_a_problem(both: Path) -> None:
    other = replace(TELEGRAM, id="@saisaat_evil_bot")
    (told,) = await off(both, registry(bots=(other, LINE)))
    assert told.state is State.PROBLEM
    assert "does not list @saisaat_test_bot" in told.says
    assert "docs/operate-telegram.md" in told.fix


async def test_an_id_in_another_case_is_the_same_and_a_changed_name_is_told(both: Path) -> None:
    assert await off(both, registry(bots=(replace(TELEGRAM, id="@Saisaat_Test_Bot"), LINE))) == []
    (told,) = await off(both, registry(bots=(TELEGRAM, replace(LINE, name="ชื่อเก่า"))))
    assert "calls @canary otherwise than line does now" in told.says


async def test_other_addresses_than_the_configurations_are_problems(both: Path) -> None:
    told = await off(both, registry(web="https://chat.evil.test", onion=ONION))
    assert ["[web] public_url" in told[0].says, "[web] onion_url" in told[1].says] == [True, True]


async def test_a_bot_that_nobody_runs_is_a_problem(tmp_path: Path) -> None:
    told = await off(pinned(tmp_path), registry(bots=(LINE,)))
    assert ["lists @canary on line, which is off" in each.says for each in told] == [True]


async def test_a_platform_that_does_not_answer_or_talks_rubbish_is_no_proof(tmp_path: Path) -> None:
    path = pinned(tmp_path)
    with canned() as server:
        with_line(path, server.url, server.url, "canary-channel-secret", "canary-access-token")
        for said in (
            {"basicId": "@x y", "displayName": "x"},
            {"displayName": "x"},
            {"basicId": 7},
            {"basicId": "@" + "x" * 40, "displayName": "x"},
        ):
            server.answers = {"GET /v2/bot/info": (200, said)}
            (told,) = await off(path, registry(bots=(LINE,)))
            assert told.state is State.WARNING
            assert "could not be asked" in told.says
        server.answers = {
            "GET /v2/bot/info": (
                200,
                {"basicId": "@b", "premiumId": "@canary", "displayName": "\u200bใสสะอาด\n"},
            )
        }
        assert await off(path, registry(bots=(LINE,))) == []
    (gone,) = await off(path, registry(bots=(LINE,)))
    assert gone.state is State.WARNING
