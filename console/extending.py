"""Giving a tip more time: the day promised to its reporter, and why.

The reporter is told and colleagues are given a reason in the same act; nobody is told of a day that
the desk did not take.
"""

from datetime import date, timedelta

from console.acting import MESSAGE_AT_MOST, clean_reason, clean_words, in_rounds, new_part
from console.days import parse_day, say_day
from console.errors import Mistaken
from console.office import Office, Reading
from console.words import Words
from sealing import Kind, extend_statement


def prepared_sentence(words: Words, until_day: str | None) -> str:
    """What the reporter is told where the officer writes nothing else; with … for a day that is
    not known yet.
    """
    day = "…" if until_day is None else say_day(until_day, words.language)
    return words.say("extend.prepared", day=day)


async def extend(
    office: Office,
    tip_id: str,
    until: str,
    reason: str,
    sentence: str,
    *,
    words: Words,
    despite: bool = False,
) -> str:
    """Give the tip until the day that *until* writes, which comes back as ISO; *sentence* tells the
    reporter, or if it is empty the prepared one in the language of *words*.

    Raises Mistaken without a reason, for no day, and for one that gives no time or too much.
    """
    until_day = parse_day(until)
    if until_day is None:
        raise Mistaken("extend.bad_day")
    why = clean_reason(reason, "extend.needs_reason")
    said = sentence if sentence.strip() else prepared_sentence(words, until_day)
    told = clean_words(said, MESSAGE_AT_MOST)
    longest = await office.longest_extension_days()

    async def once(reading: Reading) -> None:
        _check_day(reading, until_day, office.today(), longest, words)
        await _send(office, reading, until_day, why, told)

    await in_rounds(office, tip_id, once, despite)
    return until_day


def _check_day(
    reading: Reading, until_day: str, today: date, longest: int | None, words: Words
) -> None:
    if reading.due_day is None:
        raise Mistaken("extend.no_clock")
    due, until = date.fromisoformat(reading.due_day), date.fromisoformat(until_day)
    if until <= due or until < today:
        raise Mistaken("extend.no_time", day=say_day(reading.due_day, words.language))
    if longest is not None and until > max(due, today) + timedelta(days=longest):
        raise Mistaken("extend.too_long", n=longest)


async def _send(office: Office, reading: Reading, until_day: str, why: str, told: str) -> None:
    day, shown = office.today().isoformat(), reading.tip.shown
    note = new_part(office, reading, Kind.NOTE, why)
    sentence = new_part(office, reading, Kind.STATUS, told, after=note)
    statement = extend_statement(
        tip_id=shown.tip_id,
        version=shown.version,
        until_day=until_day,
        day=day,
        officer=office.keys.id,
        sentence_part_id=sentence.part_id,
    )
    await office.desk.extend(
        shown.tip_id,
        version=shown.version,
        until_day=until_day,
        day=day,
        signature=office.keys.sign.sign(statement),
        reason=note,
        sentence=sentence,
    )
