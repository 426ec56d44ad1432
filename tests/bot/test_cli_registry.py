"""`saisaat registry`, played as a person would: drafted here, signed elsewhere, compared."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import load
from sealing import SigningKey, fingerprint, parse_registry, sign_registry
from tests.bot.registries import LINE, TELEGRAM, registry, signed
from tests.bot.rosters import ADMIN
from tests.bot.setup.accounts import change, deployed, saisaat, with_line, with_telegram
from tests.fakes.line import FakeLine
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
async def config(tmp_path: Path) -> AsyncIterator[Path]:
    async with FakeTelegram.serving() as telegram, FakeLine.opened() as line:
        path = deployed(tmp_path)
        change(path, 'admin_key = ""', f'admin_key = "{ADMIN.verify_key}"')
        with_telegram(path, telegram.api_url, telegram.token)
        with_line(path, line.api_url, line.data_url, line.channel_secret, line.access_token)
        yield path


async def run(config: Path, *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(saisaat, "registry", *arguments, "--config", str(config))
    for said in (done.stdout, done.stderr):
        assert "Traceback" not in said
        assert "canary-" not in said, "a secret shows"
    return done.returncode, done.stdout, done.stderr


async def test_from_a_draft_to_a_registry_that_is_checked(config: Path, tmp_path: Path) -> None:
    draft, placed = tmp_path / "draft.toml", load(config).registry.file
    code, out, err = await run(config, "draft", "--out", str(draft))
    assert (code, out) == (0, "")
    assert f"saisaat-console registry sign {draft}" in err
    assert str(placed) in err
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    made = parse_registry(draft.read_bytes())
    assert (made.version, made.web, made.bots) == (1, "https://chat.pacc.test", (TELEGRAM, LINE))

    code, _, err = await run(config, "check")
    assert (code, "no registry of the real bots yet" in err) == (1, True)
    placed.write_bytes(sign_registry(draft.read_bytes(), ADMIN))
    code, out, err = await run(config, "check")
    assert code == 0, out + err
    assert "version 1 is what the platforms say" in out
    code, out, _ = await run(config, "draft")
    assert (code, parse_registry(out.encode()).version) == (0, 2)


async def test_a_draft_never_replaces_a_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"kept")
    code, _, err = await run(config, "draft", "--out", str(tmp_path / "there"))
    assert (code, bool(err)) == (1, True)
    assert (tmp_path / "there").read_bytes() == b"kept"


async def test_a_platform_that_refuses_leaves_no_half_a_draft(config: Path, tmp_path: Path) -> None:
    token = tmp_path / "s" / "line-access-token"
    token.write_text("wrong-token\n", encoding="utf-8")
    code, out, err = await run(config, "draft", "--out", str(tmp_path / "draft.toml"))
    assert (code, out) == (1, "")
    assert "LINE does not accept" in err
    assert not (tmp_path / "draft.toml").exists()


async def test_what_differs_is_told_with_its_cure_and_exit_1(config: Path) -> None:
    load(config).registry.file.write_bytes(
        signed(registry(web="https://old.pacc.test", bots=(LINE,)))
    )
    code, out, _ = await run(config, "check")
    assert code == 1
    assert "another web address" in out
    assert "does not list @saisaat_test_bot" in out
    assert out.count("registry draft") == 2


async def test_a_forged_registry_is_neither_shown_nor_checked(config: Path) -> None:
    forged = signed(admin=SigningKey.from_seed(b"\x08" * 32))
    load(config).registry.file.write_bytes(forged)
    for command in ("show", "check"):
        code, out, err = await run(config, command)
        assert (code, out) == (1, "")
        assert "not signed by the admin key" in err


async def test_the_signed_registry_is_shown_for_people_and_for_programs(config: Path) -> None:
    load(config).registry.file.write_bytes(signed(registry(day="2026-01-01", expires="2026-01-02")))
    digits = fingerprint(ADMIN.verify_key.raw)
    code, out, _ = await run(config, "show")
    assert code == 0
    for piece in ("version 3", "EXPIRED", "@canary", "https://t.me/saisaat_test_bot", digits):
        assert piece in out
    code, out, _ = await run(config, "show", "--json")
    told = json.loads(out)
    assert (told["admin"], told["admin_fingerprint"]) == (str(ADMIN.verify_key), digits)
    assert [bot["link"] for bot in told["bots"]] == [TELEGRAM.link, LINE.link]
    code, out, _ = await run(config, "check")
    assert (code, "it has expired" in out) == (0, True)
