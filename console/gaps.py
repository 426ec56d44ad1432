"""What would make a tip usable and was not told: from the form, and from what was told since. Pure.

The order is that in which an answer helps most. What the reporter was never asked is no gap.
"""

from collections.abc import Mapping, Sequence

from console.reading import OpenedPart
from sealing import JSON, Author, Kind

HELPS = ("what", "when", "where", "who", "leads", "agency", "service", "reach")
_TELLS_NOTHING = ("unknown", "unsure", "forgotten")


def gaps(parts: Sequence[OpenedPart]) -> tuple[str, ...]:
    """The questions that stay open, by their keys, most helpful first; each of `HELPS` at most
    once.
    """
    answers = _answers(parts)
    told_since = {
        part.part.question
        for part in parts
        if part.part is not None
        and part.part.author is Author.REPORTER
        and part.part.kind in (Kind.WORDS, Kind.FILE)
    }
    return tuple(
        key
        for key in HELPS
        if key in answers and key not in told_since and not _tells(answers[key])
    )


def _answers(parts: Sequence[OpenedPart]) -> Mapping[str, JSON]:
    for part in parts:
        inside = part.part
        if inside is not None and inside.kind is Kind.FORM and inside.form is not None:
            answers = inside.form.get("answers")
            return answers if isinstance(answers, Mapping) else {}
    return {}


def _tells(answer: JSON) -> bool:
    if not isinstance(answer, Mapping):
        return True  # of a newer form: nobody is asked for what may have been told
    value = answer.get("value")
    if isinstance(value, str) and value in _TELLS_NOTHING:
        return False
    return value is not None or bool(answer.get("ids")) or bool(answer.get("counts"))
