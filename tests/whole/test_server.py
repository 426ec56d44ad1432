"""The harness keeps its word: it dies where it was told to, and its time goes where it is sent."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from console.office import Wanted
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import make
from tests.whole.server import Running, running


async def test_a_tip_told_to_the_running_bot_reaches_its_officer_and_nobody_else(
    tmp_path: Path,
) -> None:
    made = make(tmp_path / "made")
    code = await made.member_code(is_duress=True)
    with running(made, is_verbose=True) as bot:
        async with Browser(made.web_url) as browser:
            await browser.open()
            await Tale(member_code=code.grouped).tell(browser)
        found = {}
        for centre in made.officers:
            async with made.office(centre) as office:
                found[centre] = (await office.queue(Wanted())).rows
        assert bot.is_alive
        assert '"level": "debug"' in bot.printed
    assert {centre: len(rows) for centre, rows in found.items()} == {
        "region-4": 0, "khon-kaen": 1, "loei": 0, "inside": 0,
    }  # fmt: skip
    (row,) = found["khon-kaen"]
    assert row.summary is not None
    assert (row.summary.alias, row.summary.is_duress) == (code.alias, True)


@pytest.mark.parametrize(("before", "after", "durable"), [(16, None, 15), (None, 16, 16)])
async def test_it_dies_at_the_commit_it_was_told(
    before: int | None, after: int | None, durable: int, tmp_path: Path
) -> None:
    made = make(tmp_path / "made")
    with running(made, kill_before_commit=before, kill_after_commit=after) as bot:
        async with Browser(made.web_url) as browser:
            with contextlib.suppress(httpx.TransportError):
                await browser.open()
                await Tale().tell(browser)
        bot.wait_until_dead()
        assert bot.was_killed
        assert bot.commits == durable


async def test_time_passes_as_the_test_says_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    made = make(tmp_path / "made", retention={"receipt_hours": 1})
    async with Browser(made.web_url) as browser:
        with running(made) as bot:
            await browser.open()
            receipt = await Tale().tell(browser)
            bot.advance(30 * 60)
            await browser.open()
            assert browser.receipt == receipt
        with running(made) as bot:
            await browser.open()
            assert browser.receipt == receipt
            bot.advance(60 * 60)
            await _until_forgotten(browser, bot)


async def _until_forgotten(browser: Browser, bot: Running) -> None:
    for _ in range(200):
        await browser.open()
        if browser.receipt is None:
            return
        assert bot.is_alive
    raise AssertionError("the receipt is still shown")


def test_a_port_that_is_taken_is_said_in_words(tmp_path: Path) -> None:
    made = make(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", made.web_port))
        other.listen()
        done = subprocess.run(
            [Path(sys.executable).with_name("saisaat"), "serve", "--config", made.config],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "doctor" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
