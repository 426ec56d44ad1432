"""What is printed while the demo plays: who says what, and what was checked."""

import sys
import time
from dataclasses import dataclass, field

INDENT = "      "


@dataclass(slots=True)
class Transcript:
    """Prints as it goes. *checks* counts what was checked and held."""

    begun_s: float = field(default_factory=time.monotonic)
    checks: int = 0

    def progress(self, says: str) -> None:
        """A long step begins."""
        self._print(f"· {time.monotonic() - self.begun_s:4.1f} s  {says}")

    def title(self, says: str) -> None:
        self._print(f"\n━━ {says}")

    def say(self, who: str, words: str) -> None:
        """Somebody says *words*; lines after the first stand under it."""
        first, *rest = words.splitlines() or [""]
        self._print("\n".join((f"  {who}: {first}", *(INDENT + line for line in rest))))

    def checked(self, says: str) -> None:
        """Something was checked, and holds."""
        self.checks += 1
        self._print(f"  ✓ {says}")

    def _print(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
