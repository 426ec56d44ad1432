"""Clocks that run out: whether somebody above a centre could read its tips then."""

from collections.abc import Iterator

from bot.config_sections import Config
from bot.doctor.findings import Finding
from sealing.roster import Roster


def clocks(config: Config, roster: Roster) -> Iterator[Finding]:
    """Look whether tips of every centre under the top can climb to an officer."""
    parents = {centre.id: centre.parent for centre in config.centres}
    stuck = [
        centre.id
        for centre in config.centres
        if centre.parent is not None and not _has_readers_above(centre.id, parents, roster)
    ]
    if len(parents) == 1:
        says = "there is one centre only: when a clock runs out, nobody above sees the tip."
        yield Finding.warning("clocks", says, "Add a centre above it, with officers of its own.")
    elif stuck:
        says = f"when a clock runs out, nobody above could read the tips of {', '.join(stuck)}."
        fix = "Add an officer of a centre above to the roster and have it signed again."
        yield Finding.warning("clocks", says, fix)
    else:
        yield Finding.ok("clocks", "when a clock runs out, an officer above can read the tip.")


def _has_readers_above(centre: str, parents: dict[str, str | None], roster: Roster) -> bool:
    above = parents[centre]
    while above is not None:
        if roster.of_centre(above):
            return True
        above = parents[above]
    return False
