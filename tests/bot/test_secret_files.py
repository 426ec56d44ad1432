"""Secrets in files of their own: read when guarded, refused in words when not, never repeated."""

import os
import re
from functools import reduce
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Config, ConfigError, load
from bot.secret_files import SECRET_FILES
from tests.bot.test_config import ACCESS, GOOD, HOOK, OFFICERS, SECRET, TOKEN, without_platforms

FILES = {
    "telegram-token": TOKEN,
    "telegram-webhook-secret": HOOK,
    "line-channel-secret": SECRET,
    "line-access-token": ACCESS,
    "alerts-telegram-token": OFFICERS,
    "alerts-line-channel-secret": "canary1officers1secret",
    "alerts-line-access-token": "canary/officers/token",
    "alerts-email-password": "canary password",
}


def put(tmp_path: Path, name: str, text: str, mode: int = 0o600) -> Path:
    (tmp_path / "secrets").mkdir(mode=0o700, exist_ok=True)
    path = tmp_path / "secrets" / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def loaded(tmp_path: Path, text: str | None = None) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(without_platforms() if text is None else text, encoding="utf-8")
    return load(path)


def problem(tmp_path: Path, text: str | None = None) -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    (each,) = caught.value.problems
    said = str(caught.value) + repr(caught.value) + repr(caught.value.problems)
    assert "canary" not in said
    assert caught.value.__context__ is None
    return each.key, f"{each.problem} {each.fix}"


def test_every_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    assert set(FILES) == set(SECRET_FILES.values())
    for name, secret in FILES.items():
        put(tmp_path, name, f"{secret}\n")
    config = loaded(tmp_path, without_platforms().replace("port = 587", 'port = 587\nuser = "a"'))
    assert config.telegram.is_on
    assert config.line.is_on
    for place, name in SECRET_FILES.items():
        assert reduce(getattr, place, config) == SecretStr(FILES[name])


def test_a_file_that_an_editor_of_another_system_saved_is_read(tmp_path: Path) -> None:
    put(tmp_path, "telegram-token", f"\ufeff{TOKEN}\r\n")
    assert loaded(tmp_path).telegram.token == SecretStr(TOKEN)


def test_a_file_fills_a_section_that_is_there(tmp_path: Path) -> None:
    put(tmp_path, "telegram-token", TOKEN)
    config = loaded(tmp_path, GOOD.replace(f'token = "{TOKEN}"', ""))
    assert (config.telegram.mode, config.telegram.token) == ("webhook", SecretStr(TOKEN))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = put(tmp_path, "telegram-token", TOKEN, mode)
    key, says = problem(tmp_path)
    assert key == "[telegram] token"
    assert f"chmod 600 {path}" in says


def test_a_credential_of_systemd_may_show_the_mask_of_an_acl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "telegram-token", TOKEN, 0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "secrets"))
    assert loaded(tmp_path).telegram.is_on


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("canary " * 1000, "too long"),
        ("canary", "does not look like one"),
        (f"{TOKEN}\n{TOKEN}", "does not look like one"),
    ],
)
def test_a_file_that_holds_no_token_is_named(text: str, says: str, tmp_path: Path) -> None:
    put(tmp_path, "telegram-token", text)
    key, said = problem(tmp_path)
    assert key == "[telegram] token"
    assert says in said


def test_a_file_of_other_bytes_or_a_folder_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, "telegram-token", "")
    path.write_bytes(b"\xff\xfecanary")
    assert "UTF-8" in problem(tmp_path)[1]
    path.unlink()
    path.mkdir(mode=0o700)
    assert path.name in problem(tmp_path)[1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_named(tmp_path: Path) -> None:
    put(tmp_path, "telegram-token", TOKEN, 0o000)
    assert "own the file" in problem(tmp_path)[1]


def test_a_secret_given_twice_is_refused_because_one_of_them_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "line-channel-secret", SECRET)
    assert problem(tmp_path, GOOD) == (
        "[line] channel_secret",
        f"is given twice: here and in {path}. "
        f"Remove it from the configuration or the environment, or remove {path}.",
    )
    monkeypatch.setenv("SAISAAT_LINE__CHANNEL_SECRET", SECRET)
    assert problem(tmp_path)[0] == "[line] channel_secret"


def test_secrets_come_from_the_environment_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAISAAT_TELEGRAM__TOKEN", TOKEN)
    monkeypatch.setenv("SAISAAT_LINE__CHANNEL_SECRET", SECRET)
    monkeypatch.setenv("SAISAAT_LINE__CHANNEL_ACCESS_TOKEN", ACCESS)
    config = loaded(tmp_path)
    assert config.telegram.token == SecretStr(TOKEN)
    assert config.line.is_on


def test_one_file_of_two_is_a_half_and_the_other_is_named(tmp_path: Path) -> None:
    put(tmp_path, "line-access-token", ACCESS)
    key, says = problem(tmp_path)
    assert key == "[line] channel_secret"
    assert str(tmp_path / "secrets" / "line-channel-secret") in says


def test_a_webhook_secret_without_a_token_is_a_half(tmp_path: Path) -> None:
    put(tmp_path, "telegram-webhook-secret", HOOK)
    assert problem(tmp_path)[0] == "[telegram] token"


def test_every_secret_of_the_sample_looks_like_a_canary() -> None:
    assert re.findall("canary", TOKEN + HOOK + SECRET + ACCESS) == ["canary"] * 4
