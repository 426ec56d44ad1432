"""The whole program with an officers' bot: from a link to a phone, wired as it is served."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import Running, opened
from bot.config import Config, ConfigError, load
from storage.repositories.grants import GrantRow
from tests.bot import rosters
from tests.bot.fake_clock import FakeClock
from tests.bot.test_app import deploy, usable_roster
from tests.fakes.telegram import FakeTelegram


def with_officers_bot(tmp_path: Path, telegram: FakeTelegram, *also: str) -> Config:
    made = deploy(tmp_path)
    made.roster.file.write_bytes(usable_roster(made))
    path = tmp_path / "d" / "config.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("https://api.telegram.org", telegram.api_url)
    path.write_text(text, encoding="utf-8")
    for name in ("alerts-telegram-token", *also):
        secret = tmp_path / "s" / name
        secret.write_text(telegram.token, encoding="utf-8")
        secret.chmod(0o600)
    return load(path)


async def test_a_link_of_the_desk_leads_to_an_alert_on_the_phone(tmp_path: Path) -> None:
    clock = FakeClock()
    async with FakeTelegram.serving(clock=clock) as telegram:
        config = with_officers_bot(tmp_path, telegram)
        async with opened(config, clock=clock) as running:
            officer = rosters.keys().id
            link, _ = await running.alerts.office.link(officer, "telegram", "en")
            assert link.startswith("https://t.me/saisaat_test_bot?start=")
            person = telegram.person()
            person.start(link.partition("=")[2])
            await hear(running, telegram)
            assert person.from_bot[-1].text.startswith("Bound to your desk")
            grant = GrantRow("1" * 32, "2" * 32, officer, "khon-kaen", True, "2026-11-23", b"")
            raising = running.means.raising
            await running.means.db.commit(
                lambda t: raising.filed(t, "khon-kaen", [grant], is_urgent=True)
            )
            await running.alerts.alerting.quarter()
            await running.alerts.sending.send_due()
            assert person.from_bot[-1].text == "Khon Kaen Centre: 1 new, 1 urgent"
            await running.alerts.office.test(officer)
            await running.alerts.sending.send_due()
            assert person.from_bot[-1].text.startswith("A test")


async def hear(running: Running, telegram: FakeTelegram) -> None:
    tasks = [asyncio.create_task(run()) for run in running.alerts.runs]
    async with asyncio.timeout(20):
        await telegram.settled()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_reporters_bot_is_refused_as_the_officers(tmp_path: Path) -> None:
    async with FakeTelegram.serving() as telegram:
        with pytest.raises(ConfigError, match="is of the reporters' bot") as caught:
            with_officers_bot(tmp_path, telegram, "telegram-token")
        assert telegram.token not in str(caught.value)


async def test_without_any_way_out_the_program_serves_and_counts_nothing(tmp_path: Path) -> None:
    config = deploy(tmp_path)
    config.roster.file.write_bytes(usable_roster(config))
    async with opened(config) as running:
        assert running.alerts.office.channels == ()
        assert running.alerts.webhooks == {}
