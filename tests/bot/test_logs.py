"""The log leaks nothing, whatever is thrown at it, even at DEBUG."""

import asyncio
import json
import logging
import sys
import threading
import warnings
from pathlib import Path

import aiosqlite
import httpx
import pytest
import structlog

from bot import logs

CANARIES = ("นายกอบต", "กาแฟดำ", "canaryword", "4821093755182260", "mkm7k3m9", "U4af4980629")
WORDS = " ".join(CANARIES)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    return out + err


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def assert_clean(text: str) -> None:
    assert text, "nothing was printed: the test would prove nothing"
    shown = text + text.encode().decode("unicode_escape", errors="ignore")
    assert not [canary for canary in CANARIES if canary in shown]


def test_only_allow_listed_fields_are_printed_and_the_rest_is_counted(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.logger().info("tip_filed", count=3, words=WORDS, tip_id="ab" * 16, kind="photo")
    (line,) = lines(printed(capsys))
    assert line["event"] == "tip_filed"
    assert (line["count"], line["kind"], line["dropped"]) == (3, "photo", 2)
    assert not {"words", "tip_id"} & line.keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("count", 48210937551822), ("count", WORDS), ("count", True), ("kind", WORDS),
        ("kind", "ab12" * 8), ("kind", "U4af4980629"), ("kind", "x" * 17), ("place", WORDS),
        ("place", "/home/someone/x.py:3"), ("error", WORDS), ("errors", WORDS), ("day", WORDS),
        ("day", "2026-11-23T10:00:00"), ("channel", "canaryword"), ("setting", "4821"),
        ("count", float("nan")), ("count", float("inf")), ("kind", ["a", "b"]), ("channel", []),
    ],
)  # fmt: skip
def test_an_allowed_key_with_a_value_that_does_not_belong_is_dropped(
    key: str, value: object, taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.logger().info("tip_filed", **{key: value})
    (line,) = lines(printed(capsys))
    assert line["dropped"] == 1
    assert set(line) == {"day", "level", "event", "dropped"}


@pytest.mark.parametrize("event", [WORDS, "canaryword", "Tip_filed", "x " * 20, "a_" * 30, "a_1"])
def test_an_event_that_is_not_a_name_is_replaced(
    event: str, taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.logger().warning(event)
    text = printed(capsys)
    assert_clean(text)
    assert lines(text)[0]["event"] == "unnamed_event"


def test_words_interpolated_into_an_event_are_dropped(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.logger().info("tip_filed %s", WORDS)
    assert_clean(printed(capsys))


def test_an_exception_shows_class_and_place_and_none_of_its_words(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        try:
            Path("/nowhere", WORDS).read_bytes()
        except OSError as error:
            raise ValueError(WORDS) from error
    except ValueError:
        logs.logger().exception("turn_failed", words=WORDS)
    text = printed(capsys)
    assert_clean(text)
    errors = str(lines(text)[0]["errors"])
    assert "ValueError:" in errors
    assert "FileNotFoundError(2):" in errors


def test_the_errors_inside_a_group_are_named_without_words(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    group = ExceptionGroup(WORDS, [KeyError(WORDS), ExceptionGroup(WORDS, [OSError(28, WORDS)])])
    logs.logger().error("turn_failed", exc_info=group)
    text = printed(capsys)
    assert_clean(text)
    assert "KeyError" in text
    assert "OSError(28)" in text


def test_a_class_that_is_named_after_words_stays_unnamed() -> None:
    odd = type("กาแฟดำ", (Exception,), {})
    assert logs.describe(odd()) == "Unnamed:unknown:0"


def test_a_place_is_a_module_and_a_line_of_ours() -> None:
    from bot.server_key import ServerKey

    with pytest.raises(ValueError, match="32 bytes") as caught:
        ServerKey(b"", b"")
    assert logs.place_of(caught.value).startswith("bot.server_key:")


def test_a_record_of_any_library_is_emptied_even_with_a_handler_of_its_own(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    own = logging.getLogger("somelibrary.deep")
    handler = logging.StreamHandler()
    own.addHandler(handler)
    try:
        own.debug("got %s", WORDS, extra={"color_message": WORDS})
        own.error(WORDS, exc_info=ValueError(WORDS), stack_info=True)
    finally:
        own.removeHandler(handler)
    text = printed(capsys)
    assert_clean(text)
    assert '"library": "other"' in text
    assert "ValueError" in text


async def test_aiosqlite_logs_no_parameter_at_debug(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    async with aiosqlite.connect(":memory:") as database:
        await database.execute("select ?", (WORDS,))
        with pytest.raises(aiosqlite.OperationalError):
            await database.execute("select * from nowhere where x = ?", (WORDS,))
    text = printed(capsys)
    assert_clean(text)
    assert "aiosqlite" in text


async def test_httpx_logs_no_url_at_debug(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200))
    async with httpx.AsyncClient(transport=answer) as client:
        await client.get("http://example.invalid/canaryword", params={"token": WORDS})
    text = printed(capsys)
    assert_clean(text)
    assert "httpx" in text


def test_a_warning_shows_no_words(taken_over: None, capsys: pytest.CaptureFixture[str]) -> None:
    warnings.warn(WORDS, UserWarning, stacklevel=1)
    assert_clean(printed(capsys))


def test_an_uncaught_error_shows_no_words(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    error = RuntimeError(WORDS)
    sys.excepthook(RuntimeError, error, None)
    thread = threading.Thread(target=lambda: json.loads(WORDS))
    thread.start()
    thread.join()
    text = printed(capsys)
    assert_clean(text)
    assert {"process_failed", "thread_failed"} <= {str(line["event"]) for line in lines(text)}


async def test_a_task_that_nobody_awaited_shows_no_words(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = asyncio.get_running_loop()
    logs.guard_loop(loop)
    loop.call_exception_handler({"message": WORDS, "exception": ValueError(WORDS), "task": WORDS})
    loop.call_exception_handler({"message": WORDS})
    loop.set_exception_handler(None)
    loop.call_exception_handler({"message": WORDS, "exception": ValueError(WORDS)})
    text = printed(capsys)
    assert_clean(text)
    assert "task_failed" in text


def test_a_logger_that_was_made_before_start_is_safe_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.logger().error(WORDS, words=WORDS, exc_info=ValueError(WORDS))
    assert_clean(printed(capsys))


def test_a_structlog_logger_that_is_not_ours_is_safe_after_start(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger().error(WORDS, words=WORDS, exc_info=ValueError(WORDS))
    assert_clean(printed(capsys))


def test_a_line_carries_the_day_and_never_the_time(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.logger().info("tip_filed")
    text = printed(capsys)
    assert ":" not in str(lines(text)[0]["day"])
    assert set(lines(text)[0]) == {"day", "level", "event"}


def test_debug_lines_are_dropped_at_info(
    taken_over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("saisaat").setLevel(logging.INFO)
    logs.logger().debug("tip_filed")
    assert printed(capsys) == ""
