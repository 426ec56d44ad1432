"""What an officer's own grant says of a tip in the queue, and whether it may be believed.

One look for the terminal, the pages and the processes that open grants beside them.
"""

from dataclasses import dataclass, field

from console.answers import ListedTip, TipStanding
from console.checks import grant_is_signed
from console.errors import ConsoleError, Distrusted
from console.findings import Signers
from console.reading import open_own_grant
from console.rekeys import is_under_other_keys
from console.seen import Memory
from sealing import Grant, Summary, age

KEYS_UNREAD = "list.keys_unread"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose grants are opened."""

    officer: str
    identity: age.PQIdentity = field(repr=False)


def look(
    tip: ListedTip, reader: Reader, signers: Signers, memory: Memory
) -> tuple[Summary | None, ConsoleError | None]:
    """The summary in the grant (None where it stays shut) and what is wrong with it."""
    try:
        grant = open_own_grant(tip.tip_id, tip.grant, reader.officer, reader.identity)
        return grant.summary, _problem(tip, grant, signers, memory)
    except Distrusted as error:
        return None, error


def problem_now(
    problem: ConsoleError | None, tip: TipStanding, memory: Memory
) -> ConsoleError | None:
    """What is wrong with the tip as it is listed: that the desk shows an older state than was seen
    here outweighs a grant that nobody signed. Other keys are no matter any more once a reading
    accepted them: of a tip under keys that are not believed memory takes nothing.
    """
    seen = memory.tip(tip.tip_id)
    if problem is not None and problem.key == KEYS_UNREAD and tip.version <= seen.version:
        problem = None
    is_graver = problem is not None and problem.key != "grant.unsigned"
    if is_graver or tip.version >= seen.version:
        return problem
    return Distrusted("finding.history_behind", version=tip.version, seen=seen.version)


def _problem(tip: ListedTip, grant: Grant, signers: Signers, memory: Memory) -> ConsoleError | None:
    seen = memory.tip(tip.tip_id)
    if is_under_other_keys(grant, seen, memory.name):
        # What may make new keys right stands in the history, which a list does not have.
        is_later = tip.version > seen.version
        return Distrusted(KEYS_UNREAD if is_later else "finding.recipient_changed")
    if not grant_is_signed(tip.tip_id, tip.grant, grant, signers):
        return Distrusted("grant.unsigned")
    return None
