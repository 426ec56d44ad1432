"""An officer at the console's command line, as a script uses it: `--json` wherever it reads."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.deployment import Holder
from deploy.demo.programs import run

Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Officer:
    """Runs saisaat-console as *holder*; each command is told to *tell* with who gave it."""

    holder: Holder
    tell: Tell

    @property
    def name(self) -> str:
        return self.holder.name

    def queue(self, *filters: str) -> list[Mapping[str, Any]]:
        """What `list` shows, newest day first."""
        tips: list[Mapping[str, Any]] = self._read("list", *filters)["tips"]
        return tips

    def read(self, tip_id: str) -> Mapping[str, Any]:
        """The whole tip, opened and checked on this machine."""
        return self._read("read", tip_id)

    def claim(self, tip_id: str) -> str:
        return self._do("claim", tip_id)

    def reply(self, tip_id: str, words: str) -> str:
        return self._do("reply", tip_id, "--words-file", "-", given=words)

    def note(self, tip_id: str, words: str) -> str:
        return self._do("note", tip_id, "--words-file", "-", given=words)

    def status(self, tip_id: str, status: str, sentence: str) -> str:
        return self._do("status", tip_id, status, "--sentence-file", "-", given=sentence)

    def export(self, tip_id: str, folder: Path, reason: str) -> Mapping[str, Any]:
        """The tip, decrypted, in *folder*."""
        return self._read("export", tip_id, str(folder), "--reason", reason)

    def _read(self, *words: str) -> Mapping[str, Any]:
        self._say(*words, "--json")
        answer: Mapping[str, Any] = json.loads(self._run(*words, "--json"))
        return answer

    def _do(self, *words: str, given: str | None = None) -> str:
        """Run a command. What is *given* goes through stdin: others on a machine see arguments."""
        self._say(*words, given=given)
        return self._run(*words, given=given).strip()

    def _run(self, *words: str, given: str | None = None) -> str:
        command = self.holder.console(*words)
        return run(*command, env={"LANG": "th_TH.UTF-8"}, given=given).stdout

    def _say(self, command: str, *words: str, given: str | None = None) -> None:
        shown = (f"“{word}”" if " " in word else _short(word) for word in words)
        typed = ("<", f"“{given}”") if given is not None else ()
        self.tell(self.name, " ".join(("saisaat-console", command, *shown, *typed)))


def _short(word: str) -> str:
    """A tip id by its first digits, as an officer would type it; a path by its end."""
    if len(word) == 32 and all(letter in "0123456789abcdef" for letter in word):
        return word[:8]
    return Path(word).name if "/" in word else word
