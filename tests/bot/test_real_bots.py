"""A bot with and without a registry: intake goes on, and links are shown only when signed."""

from pathlib import Path

import httpx
import pytest

from bot.app import Running, opened
from bot.config import Config
from bot.turn import Inbound
from handlers.effects import Say
from handlers.events import Command
from sealing import SigningKey, render_registry
from tests.bot.fake_clock import FakeClock
from tests.bot.registries import LINE, ONION, REGISTRY, TELEGRAM, registry, signed
from tests.bot.test_app import deploy, usable_roster

PAGE = "https://chat.pacc.test/bots"
FORGED = (
    signed(admin=SigningKey.from_seed(b"\x08" * 32)),
    signed().replace(b"saisaat_test_bot", b"saisaat_evil_bot"),
    render_registry(REGISTRY),
    b"",
    b"\xff" * 1000,
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = deploy(tmp_path)
    made.roster.file.write_bytes(usable_roster(made))
    return made


def put(config: Config, body: bytes) -> None:
    config.registry.file.write_bytes(body)


def take_away(config: Config) -> None:
    config.registry.file.unlink()


async def page(running: Running) -> str:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(running.web), base_url=running.config.web.public_url
    ) as client:
        answer = await client.get("/bots")
        assert answer.status_code == 200
        return answer.text


async def asked(running: Running, nth: int) -> list[Say]:
    """What the chat says to who asks whether it is the real bot."""
    person = f"person {nth}"
    await running.turns.take(Inbound("web", person, f"{nth}", Command("real_bot")))
    screen = await running.screens.show("web", person)
    return [each for each in screen.intents if isinstance(each, Say) and "real_bot" in each.key]


@pytest.mark.parametrize("body", FORGED)
async def test_with_a_forged_registry_the_bot_serves_and_shows_no_link(
    body: bytes, config: Config
) -> None:
    put(config, body)
    async with opened(config, clock=FakeClock()) as running:
        said = await asked(running, 1)
        assert [each.key for each in said] == ["say.real_bot", "say.real_bot_never"]
        assert said[0].params == {"web": config.web.public_url}
        shown = await page(running)
    assert "<svg" not in shown
    assert "t.me" not in shown


async def test_a_registry_that_comes_and_goes_is_followed_without_a_restart(
    config: Config,
) -> None:
    async with opened(config, clock=FakeClock()) as running:
        assert "<svg" not in await page(running)
        put(config, signed(registry(onion=ONION)))
        await running.upkeep.once()
        for channel in ("web", "line", "telegram"):
            bots = running.means.books[channel].real_bots
            assert bots is not None
            assert bots.lines == (
                f"• Telegram: {TELEGRAM.id} {TELEGRAM.link}",
                f"• LINE: {LINE.id} {LINE.link}",
                "• เว็บ · Web: https://chat.pacc.test",
                f"• Tor: {ONION}",
            )
        said = await asked(running, 1)
        assert [each.key for each in said] == ["say.real_bots_web", "say.real_bot_never"]
        assert said[0].params["page"] == PAGE
        assert LINE.id in await page(running)
        for body in FORGED:  # a refused file changes nothing that is shown
            put(config, body)
            await running.upkeep.once()
            assert LINE.id in await page(running)
        take_away(config)
        await running.upkeep.once()
        assert LINE.id not in await page(running)
        assert running.means.books["line"].real_bots is None
        said = await asked(running, 2)
        assert [each.key for each in said] == ["say.real_bot", "say.real_bot_never"]


async def test_an_old_registry_put_back_before_a_restart_shows_nothing(config: Config) -> None:
    put(config, signed(registry(version=4)))
    async with opened(config, clock=FakeClock()) as running:
        assert LINE.id in await page(running)
    put(config, signed(registry(version=3)))
    async with opened(config, clock=FakeClock()) as running:
        assert LINE.id not in await page(running)


async def test_expiry_rings_once_a_day_and_the_list_stays(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    put(config, signed(registry(expires="2026-11-20")))
    async with opened(config, clock=FakeClock()) as running:
        await running.upkeep.once()
        assert LINE.id in await page(running)
    assert capsys.readouterr().err.count("registry_expired") == 1
