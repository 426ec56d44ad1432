"""The registrar at the console's command line: codes as they are made in real life, at a running
desk. What a registrar reads off the screen is read off it here."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from deploy.demo.deployment import Deployment, Holder
from deploy.demo.errors import DemoFailed
from deploy.demo.programs import run

Tell = Callable[[str, str], None]

MEMBERS_CENTRE = "khon-kaen"
MEMBER_SINCE = 2021
MEMBERS_NAME = "สมหญิง แกนนำตัวอย่าง"
_CODE = re.compile(r"\b[0-9a-z]{4}(?:-[0-9a-z]{4}){3}-[0-9a-z]\b")
# A code is shown on a terminal only, and this pipe is the demo's terminal.
_ON_A_TERMINAL = {"LANG": "th_TH.UTF-8", "TTY_COMPATIBLE": "1", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Registrar:
    """Runs saisaat-console members as *holder*; each command is told to *tell*."""

    holder: Holder
    tell: Tell

    def add(self, name: str) -> str:
        """A new member; their code."""
        options = ("--centre", MEMBERS_CENTRE, "--since", str(MEMBER_SINCE))
        return self._code("add", *options, given=f"{name}\n\n")

    def duress(self, alias: str) -> str:
        """A second code of that member, to be told in person."""
        return self._code("duress", alias, given="\n")

    def revoke(self, alias: str, reason: str) -> None:
        self._run("revoke", alias, "--reason", reason)

    def _code(self, *words: str, given: str) -> str:
        found = _CODE.findall(self._run(*words, given=given))
        if len(found) != 1:
            raise DemoFailed("The registrar's console should have shown one code.")
        return str(found[0])

    def _run(self, *words: str, given: str = "") -> str:
        shown = (f"“{word}”" if " " in word else word for word in words)
        self.tell(self.holder.name, " ".join(("saisaat-console members", *shown)))
        command = self.holder.console("members", *words)
        return run(*command, env=_ON_A_TERMINAL, given=given).stdout


def with_codes(deployment: Deployment, tell: Tell = lambda _, __: None) -> Deployment:
    """*deployment*, whose desk is running, with a member's two codes."""
    registrar = Registrar(deployment.registrar, tell)
    code = registrar.add(MEMBERS_NAME)
    return replace(deployment, member_code=code, duress_code=registrar.duress(code[:4]))
