"""Ending a tip with a result, and referring it to a body outside.

Each needs a reason for officers and a sentence for the reporter; reason, sentence and change are
one act, or none. What came of it is written into the sealed reason (`results.py`), and so is what
the desk counts of it (`counting.py`). The reporter then says whether it is so, or has the tip
reopened.
"""

from dataclasses import replace

from console.acting import (
    MESSAGE_AT_MOST,
    check_step,
    clean_reason,
    clean_words,
    in_rounds,
    new_part,
    send_status,
)
from console.bodies import Body, outside
from console.counting import to_count
from console.errors import Mistaken
from console.office import Office, Reading
from console.office_rows import is_application
from console.results import REFERRED, Outcome, Result, results_for
from sealing import Kind


async def end(
    office: Office,
    tip_id: str,
    status: str,
    result: str,
    reason: str,
    sentence: str,
    *,
    despite: bool = False,
    is_sure: bool = False,
) -> Result:
    """Close or decline (*status*) the tip with *result* (an id, or a name in either language).

    Raises Mistaken for a result that there is not, for words that are missing, and, unless the
    officer *is_sure*, for a tip that nobody holds or a step that is not usual.
    """
    chosen = find_result(status, result)
    outcome = Outcome(result=chosen.id)
    await _conclude(
        office, tip_id, status, outcome, reason, sentence, despite=despite, is_sure=is_sure
    )
    return chosen


async def refer_out(
    office: Office,
    tip_id: str,
    to: str,
    reason: str,
    sentence: str,
    *,
    despite: bool = False,
    is_sure: bool = False,
) -> Body:
    """Mark the tip as referred to the outside body *to* (an id, or a name in either language).
    Nothing leaves this system by it. Raises as `end`."""
    body = find_body(to)
    outcome = Outcome(body=body.id)
    await _conclude(
        office, tip_id, REFERRED, outcome, reason, sentence, despite=despite, is_sure=is_sure
    )
    return body


def find_result(status: str, named: str) -> Result:
    """Raises Mistaken, naming those that may end with *status*."""
    wanted, known = named.strip().casefold(), results_for(status)
    for each in known:
        if wanted in (each.id, each.th.casefold(), each.en.casefold()):
            return each
    listed = ", ".join(each.id for each in known)
    raise Mistaken("close.no_such_result" if wanted else "close.needs_result", known=listed)


def find_body(named: str) -> Body:
    """Raises Mistaken, naming those there are."""
    wanted = named.strip().casefold()
    for each in outside():
        if wanted in (each.id, each.th.casefold(), each.en.casefold()):
            return each
    raise Mistaken("refer_out.no_such_body", known=", ".join(each.id for each in outside()))


async def _conclude(
    office: Office,
    tip_id: str,
    status: str,
    outcome: Outcome,
    reason: str,
    sentence: str,
    *,
    despite: bool,
    is_sure: bool,
) -> None:
    why = clean_reason(reason, "close.needs_reason")
    if not sentence.strip():
        raise Mistaken("status.needs_sentence")
    told = clean_words(sentence, MESSAGE_AT_MOST)

    async def once(reading: Reading) -> None:
        if is_application(reading.tip.grant.summary):
            raise Mistaken("close.application")
        if not is_sure:
            check_step(reading, status, "tip")
        count = to_count(reading.tip, status, outcome.result, office.today().isoformat())
        written = replace(outcome, counted=None if count is None else count.now)
        note = new_part(office, reading, Kind.NOTE, why, form=written.form())
        said = new_part(office, reading, Kind.STATUS, told, after=note)
        await send_status(office, reading, status, said, note, count)

    await in_rounds(office, tip_id, once, despite)
