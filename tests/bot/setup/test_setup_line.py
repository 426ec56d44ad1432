"""`saisaat setup line` against a platform that keeps LINE's rules."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.line.postback import read_data
from bot.config import Config, load
from bot.setup import fonts, set_up_line
from bot.setup import line as line_room
from bot.setup.menu import TILES, menus
from handlers.events import Command
from tests.bot.setup.accounts import change, deployed, saisaat, with_line
from tests.fakes.line import FakeLine, Fault

MENU = "/v2/bot/richmenu"
WEBHOOK = "https://chat.pacc.test/line/webhook"


class Reached(FakeLine):
    """A platform that reaches every webhook: no test has a certificate of its own."""

    async def ping(self) -> int | None:
        return 200


@pytest.fixture
async def line() -> AsyncIterator[FakeLine]:
    async with Reached.opened() as serving:
        yield serving


def configured(line: FakeLine, path: Path) -> Config:
    return with_line(path, line.api_url, line.data_url, line.channel_secret, line.access_token)


async def run(config: Config) -> tuple[bool, list[str]]:
    lines: list[str] = []
    is_fine = await asyncio.to_thread(set_up_line, config, lines.append)
    return is_fine, lines


def writes(line: FakeLine) -> list[str]:
    """What changed something, as METHOD path."""
    found = [f"{each.method} {each.path}" for each in line.calls if each.method != "GET"]
    return [each for each in found if not each.endswith("/webhook/test")]


def names(line: FakeLine) -> set[str]:
    return {menu["name"] for menu in line.menus.menus.values()}


async def test_a_new_account_gets_both_menus_the_switch_and_the_webhook(
    line: FakeLine, tmp_path: Path
) -> None:
    is_fine, lines = await run(configured(line, deployed(tmp_path)))
    assert is_fine, lines
    wanted = {menu.language: menu for menu in menus(fonts.find())}
    assert names(line) == {menu.name for menu in wanted.values()}
    for language, menu in wanted.items():
        menu_id = line.menus.aliases[f"saisaat-{language}"]
        assert line.menus.menus[menu_id]["name"] == menu.name
        assert line.menus.images[menu_id] == ("image/png", menu.picture)
    assert line.menus.default == line.menus.aliases["saisaat-th"]
    assert line.webhook_url == WEBHOOK
    assert "6 changed, 2 already so, 0 to look at, 0 failed." in lines[-1]


async def test_the_tiles_post_commands_back_and_the_last_one_switches_the_language(
    line: FakeLine, tmp_path: Path
) -> None:
    await run(configured(line, deployed(tmp_path)))
    for language, other in (("th", "en"), ("en", "th")):
        menu = line.menus.menus[line.menus.aliases[f"saisaat-{language}"]]
        actions = [area["action"] for area in menu["areas"]]
        assert [each["data"] for each in actions] == [
            "menu=report", "menu=follow", "menu=member", "menu=learn", "menu=safety",
            "menu=real_bot", "menu=help", f"menu=language&to={other}",
        ]  # fmt: skip
        assert [read_data(each["data"]) for each in actions] == [
            *(Command(name) for name in TILES[:-1]),
            Command("language", other),
        ]
        assert all(each["displayText"] == each["label"] for each in actions[:-1])
        assert actions[-1]["richMenuAliasId"] in line.menus.aliases
        assert actions[-1]["richMenuAliasId"] == f"saisaat-{other}"


async def test_a_second_run_changes_nothing(line: FakeLine, tmp_path: Path) -> None:
    config = configured(line, deployed(tmp_path))
    await run(config)
    line.calls.clear()
    is_fine, lines = await run(config)
    assert is_fine
    assert writes(line) == []
    assert "0 changed, 8 already so" in lines[-1]


async def test_old_menus_of_ours_go_last_and_those_of_others_stay(
    line: FakeLine, tmp_path: Path
) -> None:
    area = {
        "bounds": {"x": 0, "y": 0, "width": 2500, "height": 1686},
        "action": {"type": "message", "text": "x"},
    }
    menu = {
        "size": {"width": 2500, "height": 1686}, "selected": True, "chatBarText": "m",
        "areas": [area],
    }  # fmt: skip
    old = line.menus.create(menu | {"name": "saisaat-th-0000000000000000"})
    line.menus.images[old] = ("image/png", b"x")
    line.menus.create(menu | {"name": "of somebody else"})
    line.menus.aliases["saisaat-th"], line.menus.default = old, old
    is_fine, lines = await run(configured(line, deployed(tmp_path)))
    assert is_fine, lines
    assert "saisaat-th-0000000000000000" not in names(line)
    assert "of somebody else" in names(line)
    assert line.menus.default not in (None, old)
    changes = writes(line)
    assert changes.index(f"DELETE {MENU}/{old}") > changes.index(
        f"POST /v2/bot/user/all/richmenu/{line.menus.default}"
    )


async def test_a_menu_whose_picture_never_arrived_is_made_again(
    line: FakeLine, tmp_path: Path
) -> None:
    config = configured(line, deployed(tmp_path))
    await run(config)
    bare = line.menus.aliases["saisaat-th"]
    del line.menus.images[bare]
    is_fine, _ = await run(config)
    assert is_fine
    assert bare not in line.menus.menus
    assert line.menus.aliases["saisaat-th"] in line.menus.images


async def test_a_run_that_was_cut_off_anywhere_is_taken_up_by_the_next(
    line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = menus(fonts.find())
    monkeypatch.setattr(line_room, "menus", lambda _: drawn)  # drawn once, not in every run
    config = configured(line, deployed(tmp_path))
    await run(config)
    paths = [each.path for each in line.calls]
    assert len(paths) >= 15
    for place in range(len(paths)):
        line.menus.menus.clear()
        line.menus.images.clear()
        line.menus.aliases.clear()
        line.menus.default, line.webhook_url = None, ""
        cut = _Cut(line, place)
        is_fine, lines = await run(config)
        assert not is_fine, lines
        cut.mend()
        is_fine, lines = await run(config)
        assert is_fine, lines
        assert len(line.menus.menus) == 2
        assert set(line.menus.images) == set(line.menus.aliases.values())


class _Cut:
    """The platform's call number *place* from now on fails, and all after it."""

    def __init__(self, line: FakeLine, place: int) -> None:
        self._line, self._take, self._left = line, line.faults.take, place
        line.faults.take = self._fault  # type: ignore[method-assign]

    def _fault(self, _: str) -> Fault | None:
        self._left -= 1
        return Fault.SERVER_ERROR if self._left < 0 else None

    def mend(self) -> None:
        self._line.faults.take = self._take  # type: ignore[method-assign]


async def test_a_wrong_token_is_said_plainly_and_never_shown(
    line: FakeLine, tmp_path: Path
) -> None:
    wrong = "canary-wrong-token"
    path = deployed(tmp_path)
    config = with_line(path, line.api_url, line.data_url, line.channel_secret, wrong)
    is_fine, lines = await run(config)
    said = "\n".join(lines)
    assert not is_fine
    assert "does not accept the channel access token" in said
    assert "line-access-token" in said
    assert "canary" not in said
    assert writes(line) == []


async def test_a_webhook_that_is_switched_off_and_one_that_nobody_answers_are_pointed_at(
    tmp_path: Path,
) -> None:
    async with FakeLine.opened() as line:
        line.is_webhook_active = False
        config = configured(line, deployed(tmp_path))
        is_fine, lines = await run(config)
        assert is_fine
        assert "“Use webhook”" in "\n".join(lines)
        line.is_webhook_active = True
        is_fine, lines = await run(config)
        assert is_fine
        assert "saisaat serve" in "\n".join(lines)


async def test_an_address_without_https_is_refused_before_line_does(
    line: FakeLine, tmp_path: Path
) -> None:
    path = deployed(tmp_path)
    change(path, "https://chat.pacc.test", "http://localhost:8080")
    is_fine, lines = await run(configured(line, path))
    assert not is_fine
    assert "[web] public_url" in "\n".join(lines)
    assert line.webhook_url == ""


async def test_a_machine_without_thai_letters_says_what_to_install(
    line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "stacks_marks", lambda _: False)
    is_fine, lines = await run(configured(line, deployed(tmp_path)))
    assert not is_fine
    assert "apt-get install fonts-noto-core" in "\n".join(lines)
    assert writes(line) == []


async def test_the_command_prints_each_step_and_no_secret(line: FakeLine, tmp_path: Path) -> None:
    path = deployed(tmp_path)
    configured(line, path)
    assert load(path).line.is_on
    done = await asyncio.to_thread(saisaat, "setup", "line", "--config", str(path))
    assert done.returncode == 0, done.stderr + done.stdout
    assert "เมนู · rich menu (th)" in done.stdout
    for secret in (line.access_token, line.channel_secret):
        assert secret not in done.stdout + done.stderr
