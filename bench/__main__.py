"""The command: python -m bench [name …] [--quick] [--json FILE]."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from bench import (
    backup,
    campaigns,
    channels,
    console,
    export,
    figures,
    loop,
    memory,
    network,
    primitives,
    queue,
    report,
    turns,
    upload,
)
from bench.rows import Row, heading, shown
from bench.sizes import FULL, QUICK, Sizes

BENCHES: dict[str, Callable[[Sizes], Awaitable[list[Row]]]] = {
    "sealing": primitives.rows,
    "turns": turns.rows,
    "report": report.rows,
    "loop": loop.rows,
    "upload": upload.rows,
    "memory": memory.rows,
    "queue": queue.rows,
    "figures": figures.rows,
    "console": console.rows,
    "export": export.rows,
    "channels": channels.rows,
    "campaigns": campaigns.rows,
    "network": network.rows,
    "backup": backup.rows,
}


def main() -> None:
    """Run the benches that were named, or all; a goal that is not met is no error."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("name", nargs="*", help=f"any of: {', '.join(BENCHES)} (default: all)")
    asked.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")
    asked.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    said = asked.parse_args()
    names = said.name or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        asked.error(f"no such bench: {', '.join(unknown)}")
    found = _run(names, QUICK if said.quick else FULL)
    if said.json is not None:
        body = json.dumps([asdict(row) for row in found], ensure_ascii=False, indent=1)
        said.json.write_text(body + "\n", encoding="utf-8")


def _run(names: list[str], sizes: Sizes) -> list[Row]:
    found: list[Row] = []
    print(heading(), flush=True)
    for name in names:
        started_s = time.perf_counter()
        print(f"· {name} …", end="\r", file=sys.stderr, flush=True)
        made = asyncio.run(_rows(name, sizes))
        for row in made:
            print(shown(row), flush=True)
        print(f"· {name}: {time.perf_counter() - started_s:.0f} s", file=sys.stderr, flush=True)
        found += made
    return found


async def _rows(name: str, sizes: Sizes) -> list[Row]:
    return await BENCHES[name](sizes)


if __name__ == "__main__":
    main()
