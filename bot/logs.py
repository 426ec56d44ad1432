"""The log: an allow-list, for our own lines and for those of every library, at every level.

Owns what may appear: an event name in snake_case, the fields of ALLOWED whose values look as
promised there, the class of an error and the place in the code. Everything else is dropped and
counted on the line (`dropped`). A line carries the day, never the time.

Refuses to know messages. Libraries write words into them (aiosqlite logs SQL parameters, asyncio
logs reprs, httpx logs URLs), so every stdlib record is emptied where it is made, before any
handler, ours or a library's, can see it: what stays is logger, level, place and the error's class.
"""

import asyncio
import json
import logging
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any, cast

import structlog
from structlog.typing import FilteringBoundLogger

_OURS = frozenset({"bot", "handlers", "storage", "sealing"})
_LIBRARIES = frozenset(
    {"aiohttp", "aiosqlite", "asyncio", "concurrent", "fastapi", "h11", "httpcore", "httpx"}
    | {"jinja2", "linebot", "pikepdf", "py", "pydantic", "starlette", "telegram", "uvicorn"}
)
_BANGKOK = timezone(timedelta(hours=7))
_EVENT = re.compile(r"[a-z]+(?:_[a-z]+)+")
_PLACE = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_][A-Za-z_0-9]*)*(?:\.py)?:[0-9]{1,6}")
_CLASS = re.compile(r"[A-Za-z_]{1,60}")
_ERRORS = re.compile(r"[A-Za-z_0-9.:,()]{1,400}")
_WORD = re.compile(r"[a-z]{2,16}(?:[_-][a-z]{2,16}){0,3}")
_DAY = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
_AT_MOST_NUMBER = 9_999_999  # seven digits: no platform id, receipt or telephone number fits
_AT_MOST_ERRORS = 4


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(cast(float, value)) <= _AT_MOST_NUMBER


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


ALLOWED: Mapping[str, Callable[[object], bool]] = {
    "attempts": _is_number,
    "count": _is_number,
    "days": _is_number,
    "errno": _is_number,
    "left": _is_number,
    "ms": _is_number,
    "port": _is_number,
    "seconds": _is_number,
    "status": _is_number,
    "version": _is_number,
    "day": _matches(_DAY),
    "error": _matches(_CLASS),
    "errors": _matches(_ERRORS),
    "place": _matches(_PLACE),
    "channel": lambda value: value in ("web", "line", "telegram", "desk"),
    "job": _matches(_WORD),
    "kind": _matches(_WORD),
    "room": lambda value: value in _OURS,
    "setting": _matches(_WORD),
}
"""Field → what its value must look like. Words of a person never belong in any of them: `job`,
`kind` and `setting` take names from our own code only."""


def logger() -> FilteringBoundLogger:
    """Return the log. Safe before `start` too: nothing but the allow-list is ever printed."""
    return cast(
        FilteringBoundLogger,
        structlog.wrap_logger(
            _Stderr(),
            processors=[_drop_below_level, allow_listed, _as_line],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        ),
    )


def start(level: int = logging.INFO) -> None:
    """Take over every way of printing: stdlib logging, warnings, uncaught errors, structlog.

    Call once, first thing in the process. Give uvicorn `log_config=None, access_log=False`.
    """
    logging.setLogRecordFactory(_emptied_record)
    logging.raiseExceptions = False  # else a failing handler prints the record's arguments
    logging.captureWarnings(True)
    _take_over_loggers(level)
    structlog.configure(
        processors=[_drop_below_level, allow_listed, _as_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _report("thread_failed", args.exc_value)
    sys.unraisablehook = lambda args: _report("unraisable_error", args.exc_value)


def guard_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Let errors that nobody awaited be logged by class and place; asyncio would log reprs."""
    loop.set_debug(False)
    loop.set_exception_handler(
        lambda _, context: _report(
            "task_failed", cast("BaseException | None", context.get("exception"))
        )
    )


def describe(error: BaseException) -> str:
    """Say class and place of *error*, of what a group holds, and of causes: never a message."""
    return ",".join(_class_and_place(each) for each in _unfold(error))[:400]


def place_of(error: BaseException) -> str:
    """Return module:line of the innermost frame of ours (of any, when none is ours)."""
    place = "unknown:0"
    is_ours = False
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", "unknown"))
        if module.partition(".")[0] in _OURS or not is_ours:
            is_ours = is_ours or module.partition(".")[0] in _OURS
            place = f"{module}:{line}"
    return place if _PLACE.fullmatch(place) else "unknown:0"


def allow_listed(_: object, method: str, fields: MutableMapping[str, Any]) -> dict[str, Any]:
    """Keep what may be seen and count the rest. (A structlog processor.)"""
    event, info = fields.pop("event", None), fields.pop("exc_info", None)
    kept = {key: value for key, value in fields.items() if _is_allowed(key, value)}
    dropped = len(fields) - len(kept)
    if not (isinstance(event, str) and len(event) <= 48 and _EVENT.fullmatch(event)):
        event, dropped = "unnamed_event", dropped + 1
    line = {"day": _today(), "level": _LEVEL_NAMES.get(method, "info"), "event": event} | kept
    line |= _error_fields(info)
    return line | {"dropped": dropped} if dropped else line


_LEVEL_NAMES = {
    "debug": "debug", "info": "info", "warning": "warning", "warn": "warning",
    "error": "error", "exception": "error", "critical": "error", "fatal": "error",
}  # fmt: skip


def _is_allowed(key: str, value: object) -> bool:
    return key in ALLOWED and ALLOWED[key](value)


def _error_fields(info: object) -> dict[str, Any]:
    error = info if isinstance(info, BaseException) else None
    if isinstance(info, tuple) and len(info) == 3 and isinstance(info[1], BaseException):
        error = info[1]
    if error is None and info:
        error = sys.exc_info()[1]
    return {"errors": describe(error)} if error is not None else {}


def _unfold(error: BaseException) -> Iterator[BaseException]:
    """Yield *error*, the errors inside groups and the causes, each once, a few at most."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _AT_MOST_ERRORS:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
        if each.__cause__ is not None:
            waiting.append(each.__cause__)


def _class_and_place(error: BaseException) -> str:
    name = type(error).__name__
    name = name if _CLASS.fullmatch(name) else "Unnamed"
    number = error.errno if isinstance(error, OSError) else None
    number_text = f"({number})" if isinstance(number, int) and 0 < number < 1000 else ""
    return f"{name}{number_text}:{place_of(error)}"


def _drop_below_level(_: object, method: str, fields: MutableMapping[str, Any]) -> Any:
    level = getattr(logging, _LEVEL_NAMES.get(method, "info").upper())
    if level < (logging.getLogger("saisaat").level or logging.INFO):
        raise structlog.DropEvent
    return fields


def _as_line(_: object, __: str, fields: Mapping[str, Any]) -> str:
    return json.dumps(dict(fields), ensure_ascii=True)


class _Stderr:
    """Writes one line to whatever stderr is now."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    debug = info = warning = warn = error = exception = critical = fatal = log = msg


def _today() -> str:
    return datetime.now(_BANGKOK).date().isoformat()


def _report(event: str, error: BaseException | None) -> None:
    logger().error(event, exc_info=error)


def _uncaught(
    _: type[BaseException], error: BaseException, __: TracebackType | None = None
) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    _report("process_failed", error)


def _emptied_record(
    name: str,
    level: int,
    path: str,
    line: int,
    msg: object,
    args: object,
    exc_info: object,
    func: str | None = None,
    sinfo: str | None = None,
    **_: object,
) -> logging.LogRecord:
    record = logging.LogRecord(name, level, path, line, "message hidden", None, None, func, None)
    record.errors = _error_fields(exc_info).get("errors")
    return record


class _LibraryHandler(logging.Handler):
    """Prints what is left of a library's record: which library, where in it, the error's class."""

    def emit(self, record: logging.LogRecord) -> None:
        library = record.name.partition(".")[0]
        line: dict[str, object] = {
            "day": _today(),
            "level": record.levelname.lower(),
            "event": "library_record",
            "library": library if library in _LIBRARIES else "other",
            "place": f"{record.module}:{record.lineno}",
        }
        errors = getattr(record, "errors", None)
        _Stderr().msg(json.dumps(line | ({"errors": errors} if errors else {})))


def _take_over_loggers(level: int) -> None:
    root = logging.getLogger()
    for name in (None, *logging.root.manager.loggerDict):
        each = logging.getLogger(name)
        each.handlers.clear()
        each.propagate = True
    root.addHandler(_LibraryHandler())
    root.setLevel(level)
    logging.getLogger("saisaat").setLevel(level)
    warnings.simplefilter("default")
