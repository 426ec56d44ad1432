"""A deployment whose channels talk to fakes, for the tests of setup and doctor."""

import os
import subprocess
import sys
from pathlib import Path

from bot import deployment
from bot.config import Config, load

HOOK = "canary-webhook-secret-71c2"


def deployed(tmp_path: Path) -> Path:
    """Make a deployment that people open at an address of its own."""
    path = deployment.make(tmp_path / "d", tmp_path / "s").config
    change(path, "https://chat.example.go.th", "https://chat.pacc.test")
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def put_secret(config: Path, name: str, secret: str) -> None:
    path = config.parent.parent / "s" / name
    path.write_text(secret + "\n", encoding="utf-8")
    path.chmod(0o600)


def with_telegram(config: Path, api_url: str, token: str, mode: str = "polling") -> Config:
    """Switch Telegram on; in webhook mode with HOOK as its secret."""
    change(config, "https://api.telegram.org", api_url)
    put_secret(config, "telegram-token", token)
    if mode == "webhook":
        change(config, 'mode = "polling"', 'mode = "webhook"')
        put_secret(config, "telegram-webhook-secret", HOOK)
    return load(config)


def with_line(config: Path, api_url: str, data_api_url: str, secret: str, token: str) -> Config:
    """Switch LINE on."""
    change(config, '"https://api.line.me"', f'"{api_url}"')
    change(config, '"https://api-data.line.me"', f'"{data_api_url}"')
    put_secret(config, "line-channel-secret", secret)
    put_secret(config, "line-access-token", token)
    return load(config)


def saisaat(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would. It blocks: call it by `asyncio.to_thread`."""
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
        capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ),
    )  # fmt: skip
