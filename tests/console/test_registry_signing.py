"""The registry of the real bots on the admin's machine: looked at, confirmed, signed, checked."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.real_bots import Change, entries
from sealing import (
    BotChannel,
    RealBot,
    Registry,
    SigningKey,
    VerifyKey,
    fingerprint,
    open_registry,
    render_registry,
    sign_registry,
)
from tests.console.conftest import Ran, Run
from tests.console.fake_world import Person, World

TELEGRAM = RealBot(BotChannel.TELEGRAM, "@saisaat_region4_bot", "ใสสะอาด เขต 4")
LINE = RealBot(BotChannel.LINE, "@123abcde", "ใสสะอาด")
EVIL = RealBot(BotChannel.TELEGRAM, "@saisaat_reg1on4_bot", "ใสสะอาด เขต 4")
DRAFT = Registry(
    1, "2026-01-01", "2026-01-01", "https://chat.example.go.th", None, (TELEGRAM, LINE)
)


@pytest.fixture
def admin(run: Run, tmp_path: Path) -> Path:
    home = tmp_path / "admin"
    assert run("roster", "init-admin", home=home).code == 0
    return home


@pytest.fixture
def sign(run: Run, admin: Path, tmp_path: Path) -> Callable[..., Ran]:
    """Sign a draft; the signed file is out.toml."""

    def sign_it(draft: Registry | bytes, *more: str, typed: str = "y\n") -> Ran:
        body = draft if isinstance(draft, bytes) else render_registry(draft)
        (tmp_path / "draft.toml").write_bytes(body)
        arguments = ("registry", "sign", tmp_path / "draft.toml", "--out", tmp_path / "out.toml")
        return run(*arguments, *more, home=admin, typed=typed)

    return sign_it


def key_of(admin: Path) -> VerifyKey:
    return VerifyKey.parse((admin / "admin.pub").read_text(encoding="ascii").strip())


def test_a_draft_is_shown_confirmed_and_signed(
    sign: Callable[..., Ran], run: Run, admin: Path, tmp_path: Path
) -> None:
    signed = sign(DRAFT, "--days", "90")
    assert signed.code == 0, signed.err
    for piece in ("NEW: https://chat.example.go.th", "NEW: telegram · @saisaat_region4_bot",
                  "https://line.me/R/ti/p/%40123abcde", "on your own phone"):  # fmt: skip
        assert piece in signed.out
    out = tmp_path / "out.toml"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    registry = open_registry(out.read_bytes(), key_of(admin), 1)
    assert (registry.web, registry.bots, registry.version) == (DRAFT.web, DRAFT.bots, 1)
    assert registry.day > DRAFT.day, "the day is this machine's, not the draft's"
    assert fingerprint(key_of(admin).raw) in signed.out

    shown = run("registry", "show", out, "--admin", str(key_of(admin)))
    assert shown.code == 0, shown.err
    assert "@123abcde" in shown.out
    assert "NEW" not in shown.out
    told = json.loads(run("registry", "show", out, "--json", home=admin).out)
    assert told["admin_fingerprint"] == fingerprint(key_of(admin).raw)
    assert [bot["link"] for bot in told["bots"]] == [TELEGRAM.link, LINE.link]


def test_what_changed_since_the_last_one_stands_out(sign: Callable[..., Ran]) -> None:
    sign(DRAFT)
    renamed = replace(LINE, name="ใสสะอาด ใหม่")
    onion = "http://" + "a" * 56 + ".onion"
    second = sign(replace(DRAFT, bots=(EVIL, renamed), onion=onion))
    assert "NEW: telegram · @saisaat_reg1on4_bot" in second.out
    assert "NO LONGER LISTED: telegram · @saisaat_region4_bot" in second.out
    assert "NEW NAME: line · @123abcde" in second.out
    assert f"NEW: {onion}" in second.out
    assert "NEW: https" not in second.out
    assert f"NO LONGER LISTED: {onion}" in sign(DRAFT).out


def test_who_does_not_confirm_signs_nothing(sign: Callable[..., Ran], tmp_path: Path) -> None:
    for typed in ("n\n", ""):
        ran = sign(DRAFT, typed=typed)
        assert ran.code == 2
        assert "nothing was signed" in ran.err
    assert not (tmp_path / "out.toml").exists()
    assert sign(DRAFT, "--yes", typed="").code == 0


def test_the_version_is_always_higher_than_any_signed_here(
    sign: Callable[..., Ran], admin: Path, tmp_path: Path
) -> None:
    versions = []
    for draft in (replace(DRAFT, version=4), DRAFT, replace(DRAFT, version=9)):
        assert sign(draft).code == 0
        signed = (tmp_path / "out.toml").read_bytes()
        versions.append(open_registry(signed, key_of(admin), 0).version)
    assert versions == [4, 5, 9]


@pytest.mark.parametrize(
    "draft",
    [
        b"",
        b"\xff",
        render_registry(DRAFT).replace(b"https://t.me/saisaat_region4_bot", b"https://t.me/evil"),
        render_registry(DRAFT).replace("ใสสะอาด เขต 4".encode(), b"\\u001b[2J"),
        render_registry(DRAFT) + b"more = 1\n",
    ],
)
def test_a_hostile_draft_is_refused_before_anything_is_asked(
    draft: bytes, sign: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = sign(draft)
    assert ran.code == 2
    assert "Cannot read the draft" in ran.err
    assert not (tmp_path / "out.toml").exists()
    assert "\x1b" not in ran.out + ran.err


def test_what_is_signed_is_only_what_was_shown(sign: Callable[..., Ran], tmp_path: Path) -> None:
    body = render_registry(DRAFT).replace(b"schema", b"# a remark that nobody was shown\nschema", 1)
    assert sign(body).code == 0
    assert b"remark" not in (tmp_path / "out.toml").read_bytes()


def test_a_missing_draft_and_a_missing_key_are_plain_sentences(run: Run, tmp_path: Path) -> None:
    ran = run("registry", "sign", tmp_path / "no", "--out", tmp_path / "o", home=tmp_path / "x")
    assert ran.code == 2
    assert "no administrator's key" in ran.err
    run("roster", "init-admin", home=tmp_path / "x")
    ran = run("registry", "sign", tmp_path / "no", "--out", tmp_path / "o", home=tmp_path / "x")
    assert ran.code == 2
    assert "Cannot read" in ran.err


@pytest.mark.parametrize(
    ("signed", "says"),
    [
        (render_registry(DRAFT), "lacks the administrator's signature"),
        (sign_registry(render_registry(DRAFT), SigningKey.generate()), "not the administrator's"),
    ],
)
def test_a_registry_that_the_admin_did_not_sign_is_not_shown(
    signed: bytes, says: str, run: Run, admin: Path, tmp_path: Path
) -> None:
    (tmp_path / "bots.txt").write_bytes(signed)
    ran = run("registry", "show", tmp_path / "bots.txt", home=admin)
    assert (ran.code, ran.out) == (5, "")
    assert says in ran.err


def test_an_officers_console_checks_with_the_key_it_was_set_up_with(
    run: Run, somchai: Person, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "bots.txt"
    codes = []
    for key in (world.admin.sign, SigningKey.generate()):
        file.write_bytes(sign_registry(render_registry(DRAFT), key))
        codes.append(run("registry", "show", file, person=somchai).code)
    assert codes == [0, 5]


def test_every_entry_is_shown_once_whatever_changed() -> None:
    after = replace(DRAFT, bots=(LINE, EVIL))
    found = [(entry.change, entry.bot) for entry in entries(after, DRAFT)]
    assert found == [(Change.SAME, LINE), (Change.NEW, EVIL), (Change.GONE, TELEGRAM)]
