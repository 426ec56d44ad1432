"""The cleaners of files: whether one starts here, and what this machine has to shut it in."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.doctor.findings import Finding
from cleaning import Capabilities, Cleaner

_CHECK = "hidden details"


def cleaners() -> Iterator[Finding]:
    """Start one, without a file."""
    with ThreadPoolExecutor(1) as beside:  # whoever calls may have an event loop of their own
        yield judged(beside.submit(lambda: asyncio.run(_told())).result())


def judged(told: Capabilities) -> Finding:
    """What *told* means for the operator."""
    if not told.shut:
        return Finding.problem(
            _CHECK, "in files are not removed: no cleaner starts on this machine.",
            "Let the service manager not forbid prctl, setrlimit and starting the program's own "
            "Python; then try again.",
        )  # fmt: skip
    missing = ", ".join(told.missing)
    if not told.is_shut_in:
        return Finding.warning(
            _CHECK, f"are removed by a cleaner that is hardly shut in (no {missing}): a hostile "
            "file that takes it over has the rights of the bot.",
            "Use a Linux kernel with Landlock and seccomp (5.13 or newer).",
        )  # fmt: skip
    also = f" The kernel gives no {missing}; the rest is enough." if missing else ""
    return Finding.ok(_CHECK, f"in files are removed by cleaners that are shut in.{also}")


async def _told() -> Capabilities:
    async with Cleaner() as cleaner:
        return await cleaner.capabilities()
