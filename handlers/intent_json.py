"""Intents to JSON and back: names, never positions, and nothing but keys, params and days.

A row written by an older release opens in this one: absent fields take their default, unknown
ones are left aside. `from_json` raises ValueError on what was never an intent.
"""

from collections.abc import Mapping
from typing import Any

from handlers.effects import (
    Ask,
    Card,
    Counts,
    Day,
    Document,
    Erase,
    Intent,
    Listed,
    OfficerWords,
    Option,
    Param,
    Progress,
    Row,
    Say,
    SecretOnce,
    Word,
)


def to_json(intent: Intent) -> dict[str, Any]:
    """Return *intent* as a JSON object; `json.dumps` takes it as it is."""
    match intent:
        case Say(_, key, params):
            body: dict[str, Any] = {"say": key, "params": _params_out(params)}
        case Ask():
            body = _ask_out(intent)
        case Card(_, rows):
            body = {"card": [_row_out(row) for row in rows]}
        case Progress(_, done, reachable):
            body = {"progress": {"done": done, "reachable": reachable}}
        case SecretOnce(_, kind):
            body = {"secret_once": kind}
        case OfficerWords(_, part_id):
            body = {"officer_words": part_id}
        case Document(_, name):
            body = {"document": name}
        case Erase(_, what, message):
            body = {"erase": what, "message": message}
    return {"language": intent.language, **body}


def from_json(body: Mapping[str, Any]) -> Intent:
    """Read what `to_json` wrote, in this release or an older one."""
    try:
        return _read(body)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("not an intent") from wrong


def _read(body: Mapping[str, Any]) -> Intent:
    language = str(body["language"])
    if "say" in body:
        return Say(language, str(body["say"]), _params_in(body.get("params", {})))
    if "ask" in body:
        return _ask_in(language, body)
    if "card" in body:
        return Card(language, tuple(_row_in(row) for row in body["card"]))
    if "progress" in body:
        steps = body["progress"]
        return Progress(language, int(steps["done"]), int(steps["reachable"]))
    if "secret_once" in body:
        return SecretOnce(language, str(body["secret_once"]))
    if "officer_words" in body:
        return OfficerWords(language, str(body["officer_words"]))
    if "document" in body:
        return Document(language, str(body["document"]))
    if "erase" in body:
        message = body.get("message")
        return Erase(language, str(body["erase"]), None if message is None else str(message))
    raise ValueError("not an intent")


def _ask_out(ask: Ask) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ask": ask.key,
        "question": ask.question,
        "params": _params_out(ask.params),
        "choices": [_option_out(option) for option in ask.choices],
        "screen": ask.screen,
        "accepts": sorted(ask.accepts),
    }
    if ask.progress is not None:
        body["progress"] = {"done": ask.progress[0], "reachable": ask.progress[1]}
    return body


def _option_out(option: Option) -> dict[str, Any]:
    body: dict[str, Any] = {"id": option.id, "label": option.label, "role": option.role}
    if option.long is not None:
        body["long"] = option.long
    if option.is_on:
        body["is_on"] = True
    return body


def _ask_in(language: str, body: Mapping[str, Any]) -> Ask:
    steps, key = body.get("progress"), str(body["ask"])
    choices = tuple(
        Option(
            str(o["id"]),
            str(o["label"]),
            o.get("long"),
            str(o.get("role", "answer")),
            bool(o.get("is_on", False)),
        )
        for o in body.get("choices", ())
    )
    params = _params_in(body.get("params", {}))
    if key == "ask.go_on" and "done" not in params:  # once it did not say what to press then
        done = next((each.label for each in choices if each.id == "done"), "label.done")
        params["done"] = Word(done)
    return Ask(
        language,
        question=str(body["question"]),
        key=key,
        params=params,
        choices=choices,
        screen=str(body["screen"]),
        accepts=frozenset(body.get("accepts", ())),
        progress=None if steps is None else (int(steps["done"]), int(steps["reachable"])),
    )


def _row_out(row: Row) -> dict[str, Any]:
    return {
        "question": row.question,
        "label": row.label,
        "mark": row.mark,
        "values": [_param_out(value) for value in row.values],
        "counts": dict(row.counts),
    }


def _row_in(body: Mapping[str, Any]) -> Row:
    values = tuple(_param_in(value) for value in body.get("values", ()))
    return Row(
        str(body["question"]),
        str(body["label"]),
        str(body["mark"]),
        tuple(value for value in values if isinstance(value, Word | Day)),
        {str(media): int(count) for media, count in body.get("counts", {}).items()},
    )


def _params_out(params: Mapping[str, Param]) -> dict[str, Any]:
    return {name: _param_out(value) for name, value in params.items()}


def _params_in(body: Mapping[str, Any]) -> dict[str, Param]:
    return {str(name): _param_in(value) for name, value in body.items()}


def _param_out(value: Param) -> Any:
    if isinstance(value, Word):
        return {"word": value.key}
    if isinstance(value, Day):
        return {"day": value.iso}
    if isinstance(value, Counts):
        return {"counts": dict(value.of)}
    if isinstance(value, Listed):
        return {"listed": list(value.keys)}
    if isinstance(value, tuple):
        return {"words": [word.key for word in value]}
    return value


def _param_in(body: Any) -> Param:
    if isinstance(body, int | str):
        return body
    if "word" in body:
        return Word(str(body["word"]))
    if "day" in body:
        return Day(str(body["day"]))
    if "counts" in body:
        return Counts({str(media): int(count) for media, count in body["counts"].items()})
    if "listed" in body:
        return Listed(tuple(str(key) for key in body["listed"]))
    return tuple(Word(str(key)) for key in body["words"])
