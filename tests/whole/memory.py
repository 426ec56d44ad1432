"""How much memory another process holds, as the system counts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of process *pid*. (Linux; elsewhere nothing is known, and so nothing is held
    against the program.)"""

    pid: int

    @property
    def held(self) -> int:
        """Bytes resident now."""
        return self._field("VmRSS")

    @property
    def most(self) -> int:
        """The most bytes that were ever resident, a moment's peak included."""
        return self._field("VmHWM")

    def forget_peak(self) -> None:
        """Count the peak from now on."""
        peak = Path(f"/proc/{self.pid}/clear_refs")
        if peak.exists():
            peak.write_text("5")

    @contextmanager
    def rising_at_most(self, more_bytes: int) -> Iterator[None]:
        """Assert that not even the peak inside the block is *more_bytes* above what was held."""
        before, peak_before = self.held, self.most
        yield
        peak = self.most
        assert peak == peak_before or peak - before <= more_bytes, (before, peak)

    def _field(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return 0
        line = next(each for each in status.read_text().splitlines() if each.startswith(name))
        return int(line.split()[1]) * 1024
