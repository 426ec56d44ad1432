"""A tip with 200 MB of evidence taken out of a real desk, over loopback: how long it takes beside
unsealing and hashing alone, and how much memory the console and its processes use.

The desk (`served_desk`) and the console (`exporter`) are processes of their own; what counts as
their memory says `footprint`.
"""

import tempfile

from bench.measured import Measured
from bench.rows import Row
from bench.sizes import Sizes

MB = 1_000_000
GOAL_MB = 100.0
TIPS = 3
COMMAND_LINE = "console.cli"


async def rows(sizes: Sizes) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as folder:
        desk = Measured("bench.served_desk", folder, str(TIPS), str(sizes.evidence_bytes))
        async with desk:
            officer = (desk.place["home"], desk.place["passphrase"])
            async with Measured("bench.exporter", *officer, f"{folder}/export") as bare:
                found = bare.place
            async with Measured(
                "bench.exporter", *officer, f"{folder}/command-export", COMMAND_LINE
            ) as command:
                return _rows(found, command.place)


def _rows(found: dict[str, float], command: dict[str, float]) -> list[Row]:
    whole, floor, most = found["whole_s"], found["floor_s"], found["together"] / MB
    cpu, below = found["cpu_s"], found["below_s"]
    own, plain = found["own"] / MB, found["plain"] / MB
    unseen = "" if found["is_whole"] else "; at most: only root may look at the printer"
    what = f"{found['bytes'] / 1e6:.0f} MB of evidence exported, on paper too"
    return [
        Row(
            "export", what, whole, "s", floor, floor / whole,
            note="floor: unsealing and hashing alone, without network, disk, pictures and paper",
        ),
        Row(
            "export", "processor time of the console itself for that", cpu, "s", floor, floor / cpu,
            note=f"same floor; pictures and paper, in their own processes: {below:.1f} s",
        ),
        Row(
            "export", "memory of the console and its processes", most, "MB",
            found["before"] / MB, goal=f"≤ {GOAL_MB:.0f} MB", is_met=most <= GOAL_MB,
            note=f"at its highest; floor: before; the console alone {own:.0f} MB; "
            f"resident memory plainly summed, shared pages twice: {plain:.0f} MB{unseen}",
        ),
        Row(
            "export", "the same, with every command of the console loaded",
            command["together"] / MB, "MB", command["before"] / MB,
            note="as `saisaat-console export` is: the command line, its tables, and what they need",
        ),
    ]  # fmt: skip
