"""The commands of a backup, run as an operator runs them, and the deployment that comes of one."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.whole.deployment import Whole

WAIT_S = 120.0


def saisaat(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command `saisaat`; what it said, however it ended."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=WAIT_S, check=False, env=environment
    )


def backed_up(made: Whole, to: Path, *more: str | Path) -> Path:
    """A whole backup of *made* in the new folder *to*."""
    done = saisaat("backup", "--config", made.config, "--to", to, *more)
    assert done.returncode == 0, done.stderr
    return to


def restored(made: Whole, backup: Path, to: Path, server_key: Path | None = None) -> Whole:
    """The deployment made of *backup* in the new folder *to*: the keys of *made*, elsewhere."""
    key = server_key or made.folder / "secrets" / "server.key"
    secrets = to.with_name(f"{to.name}-secrets")
    done = saisaat("restore", backup, "--to", to, "--secrets", secrets, "--server-key", key)
    assert done.returncode == 0, done.stderr
    return replace(made, folder=to)
