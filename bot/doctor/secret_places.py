"""Where the platforms' secrets lie: in guarded files best, else in the configuration or a variable.

That the files themselves are guarded, `bot.config.load` sees to, and the look at the folder.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.config_sections import Config
from bot.doctor.findings import Finding
from bot.secret_files import SECRET_FILES


def secret_places(path: Path, config: Config) -> Iterator[Finding]:
    """Look for secrets in the configuration file: every copy of it would carry them along."""
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    inside = [
        (f"[{'.'.join(place[:-1])}] {place[-1]}", name)
        for place, name in SECRET_FILES.items()
        if _at(written, place)
    ]
    if inside and path.stat().st_mode & 0o077:
        yield Finding.problem(
            "secrets", f"other users of this machine may read the secrets in {path}.",
            f"Run: chmod 600 {path}",
        )  # fmt: skip
    for key, name in inside:
        yield Finding.warning(
            "secrets", f"{key} is written in {path}; copies of that file carry it along.",
            f"Move it into {config.secrets.folder / name}, mode 0600.",
        )  # fmt: skip


def _at(written: Mapping[str, Any], place: Sequence[str]) -> object:
    """What stands at *place*; nothing when a section on the way is missing."""
    found: Any = written
    for step in place:
        found = found.get(step, {}) if isinstance(found, Mapping) else {}
    return found
