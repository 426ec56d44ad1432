"""Intents as plain text: the twin of every card, and what a channel without better means shows.

Owns no words, only how they are put together. `SecretOnce`, `OfficerWords`, `Document` and `Erase`
have no text here: who delivers them holds what they need.
"""

from handlers.effects import Ask, Card, Day, Intent, Option, Param, Row, Say, Word
from handlers.words import Words


def plain(words: Words, intent: Intent) -> str:
    """*intent* as one plain message, without its buttons; "" for what has no text of its own."""
    match intent:
        case Say(language, key, params):
            return words.text(language, key, params)
        case Ask(language=language, key=key, params=params, progress=progress):
            asked = words.text(language, key, params)
            return asked if progress is None else f"({progress[0]}/{progress[1]}) {asked}"
        case Card(language, rows):
            lines = (say_row(words, language, row) for row in rows)
            return "\n".join((words.text(language, "card.title"), *lines))
    return ""


def label(words: Words, language: str, option: Option) -> str:
    """What stands on the button of *option*."""
    said = words.text(language, option.label)
    return f"✓ {said}" if option.is_on else said


def say_row(words: Words, language: str, row: Row) -> str:
    """One line of "so far": จังหวัด: มหาสารคาม, or หลักฐาน: รูป 2 รูป, or ใคร: ข้าม."""
    params: dict[str, Param] = {"label": Word(row.label)}
    if row.mark != "told":
        return words.text(language, f"card.{row.mark}", params)
    is_one_message = dict(row.counts) == {"words": 1}
    values = [_say_value(words, language, value) for value in row.values]
    if row.counts and not is_one_message:
        values.append(words.count(language, row.counts))
    if not values:
        return words.text(language, "card.told", params)
    return words.text(language, "card.value", {**params, "value": ", ".join(values)})


def _say_value(words: Words, language: str, value: Word | Day) -> str:
    return words.text(language, "card.plain", {"value": value})
