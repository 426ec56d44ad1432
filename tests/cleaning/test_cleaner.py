"""Workers as processes: one file each, shut in, bounded in number, size and time, and then dead."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cleaning import (
    CannotClean,
    Cleaned,
    Cleaner,
    CleaningBroke,
    CleaningRules,
    Nothing,
    Outcome,
    cleaner,
    may_clean,
)
from cleaning.frames import FRAME_BYTES, Frame, head
from sandbox import MUST, WISHED
from tests.cleaning import samples
from tests.cleaning.test_formats import canaries_in

MIB = 1024 * 1024
SLOW = b"ID3\x03\0\0\0\0\0\0" + samples.mp3_sound() + b"\xff" * (24 * MIB)
"""Sound with a desert behind it, in which a frame could begin at every byte."""


async def cleaned(work: Cleaner, data: bytes, *, piece: int = 50_000) -> tuple[Outcome, bytes]:
    async with work.cleaning() as job:
        for at in range(0, len(data), piece):
            await job.feed(data[at : at + piece])
        outcome = await job.finish()
        chunks = [chunk async for chunk in outcome.chunks] if isinstance(outcome, Cleaned) else []
    return outcome, b"".join(chunks)


def children() -> set[int]:
    """Processes that this one started and that are not gone."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            behind = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if int(behind[1]) == os.getpid() and behind[0] != "Z":
            found.add(int(status.parent.name))
    return found


@pytest.fixture
async def open_cleaner() -> AsyncIterator[Cleaner]:
    before = children()
    async with Cleaner() as opened:
        yield opened
    assert children() <= before


@pytest.mark.parametrize("kind", samples.MADE)
async def test_a_shut_in_worker_cleans_every_format(open_cleaner: Cleaner, kind: str) -> None:
    """What a library loads late would be missing here, and only here."""
    sample = samples.MADE[kind]()
    outcome, data = await cleaned(open_cleaner, sample.data)
    assert isinstance(outcome, Cleaned), outcome
    assert sample.found <= set(outcome.found)
    assert data
    assert canaries_in(data) == set()


async def test_a_file_that_hides_nothing_stays_as_it_was_sent(open_cleaner: Cleaner) -> None:
    assert await cleaned(open_cleaner, samples.plain("JPEG")) == (Nothing(), b"")


async def test_a_large_file_goes_through_in_pieces(open_cleaner: Cleaner) -> None:
    sample = samples.mp3().data
    data = sample[:-128] + samples.mp3_sound() * 2_000 + sample[-128:]
    outcome, back = await cleaned(open_cleaner, data, piece=1_000_000)
    assert isinstance(outcome, Cleaned)
    assert back == samples.mp3_sound() * 2_001


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%!PS", "unknown"),
        (b"", "unknown"),
        (samples.jpeg().data[:900], "damaged"),
        (samples.zipped({"a": "b"}), "archive"),
    ],
)
async def test_what_cannot_be_cleaned_is_said(
    open_cleaner: Cleaner, data: bytes, reason: str
) -> None:
    assert await cleaned(open_cleaner, data) == (CannotClean(reason), b"")


async def test_a_file_beyond_the_limit_is_given_up_while_it_comes() -> None:
    async with Cleaner(CleaningRules(file_bytes=MIB)) as small, small.cleaning() as job:
        for _ in range(3):
            await job.feed(bytes(MIB // 2))
        assert await job.finish() == CannotClean("too_large")


async def test_a_file_that_takes_all_the_memory_ends_its_worker_only() -> None:
    rules = CleaningRules(memory_bytes=300 * MIB)
    deep = "<a>" + "<b c='d'>words</b>" * 1_000_000 + "</a>"
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        **{f"word/{nth}.xml": deep for nth in range(3)},
    }
    async with Cleaner(rules) as opened:
        outcome, _ = await cleaned(opened, samples.zipped(members))
        assert outcome in (CannotClean("too_large"), CannotClean("died"))
        assert isinstance((await cleaned(opened, samples.jpeg().data))[0], Cleaned)


async def test_a_file_that_takes_too_much_computing_ends_its_worker_only() -> None:
    async with Cleaner(CleaningRules(cpu_s=1)) as opened:
        outcome, _ = await cleaned(opened, SLOW, piece=MIB)
        assert outcome == CannotClean("died")
        assert isinstance((await cleaned(opened, samples.jpeg().data))[0], Cleaned)


async def test_a_file_that_takes_too_long_is_given_up_and_its_worker_killed() -> None:
    before = children()
    async with Cleaner(CleaningRules(at_most_s=0.5)) as opened:
        outcome, _ = await cleaned(opened, SLOW, piece=MIB)
        assert outcome == CannotClean("too_long")
    assert children() <= before


async def test_a_worker_killed_in_the_middle_is_said(open_cleaner: Cleaner) -> None:
    async with open_cleaner.cleaning() as job:
        await job.feed(samples.jpeg().data)
        assert job._worker is not None
        os.killpg(job._worker._process.pid, signal.SIGKILL)
        assert await job.finish() == CannotClean("died")


async def test_a_worker_killed_while_it_answers_breaks_the_answer(open_cleaner: Cleaner) -> None:
    sample = samples.mp3().data
    data = sample[:-128] + samples.mp3_sound() * 2_000 + sample[-128:]
    async with open_cleaner.cleaning() as job:
        await job.feed(data)
        outcome = await job.finish()
        assert isinstance(outcome, Cleaned)
        assert await anext(outcome.chunks)
        assert job._worker is not None
        os.killpg(job._worker._process.pid, signal.SIGKILL)
        with pytest.raises(CleaningBroke, match="died"):
            async for _ in outcome.chunks:
                pass


async def test_whoever_goes_away_takes_the_worker_along(open_cleaner: Cleaner) -> None:
    fed = asyncio.Event()

    async def stays() -> None:
        async with open_cleaner.cleaning() as job:
            await job.feed(samples.jpeg().data)
            fed.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stays())
    await fed.wait()
    at_work = children()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(children()) == len(at_work) - 1  # the spare one is left


async def test_a_spare_worker_that_died_meanwhile_is_replaced(open_cleaner: Cleaner) -> None:
    assert open_cleaner._spare is not None
    os.killpg(open_cleaner._spare._process.pid, signal.SIGKILL)
    await open_cleaner._spare._process.wait()
    assert isinstance((await cleaned(open_cleaner, samples.jpeg().data))[0], Cleaned)


async def test_no_more_than_so_many_work_at_once_and_the_next_one_waits() -> None:
    async with Cleaner(CleaningRules(at_once=1, wait_s=0.05)) as opened:
        async with opened.cleaning() as first:
            await first.feed(samples.jpeg().data)
            assert await cleaned(opened, samples.jpeg().data) == (CannotClean("busy"), b"")
            assert isinstance(await first.finish(), Cleaned)
        assert isinstance((await cleaned(opened, samples.jpeg().data))[0], Cleaned)


async def test_those_who_wait_get_their_turn() -> None:
    before = children()
    async with Cleaner(CleaningRules(at_once=4)) as opened:
        found = await asyncio.gather(*(cleaned(opened, samples.png().data) for _ in range(9)))
        assert len(children() - before) == 1  # the spare one
    assert children() <= before
    assert all(isinstance(outcome, Cleaned) for outcome, _ in found)


def saying(*frames: bytes) -> str:
    """A worker that is somebody else's by now."""
    ready = head(Frame.READY, 2) + b"[]"
    return f"import os; [os.write(1, each) for each in {(ready, *frames)!r}]; os.read(0, 1 << 20)"


FOUND = head(Frame.FOUND, 10) + b'["author"]'


@pytest.mark.parametrize(
    ("frames", "outcome"),
    [
        ((head(Frame.CANNOT, 9) + b"<script/>",), CannotClean("died")),
        ((head(Frame.FOUND, 9) + b'["canary"',), CannotClean("died")),
        ((head(Frame.FOUND, 10) + b'["canary"]',), CannotClean("died")),
        ((head(Frame.FOUND, 4) + b"1234",), CannotClean("died")),
        ((head(Frame.FOUND, 60_000) + b"[" * 60_000,), CannotClean("died")),
        ((head(Frame.DATA, 1) + b"x",), CannotClean("died")),
        ((b"D\xff\xff\xff\xff",), CannotClean("died")),
        ((b"?\0\0\0\0",), CannotClean("died")),
    ],
)
async def test_a_worker_that_breaks_the_rules_is_not_believed(
    frames: tuple[bytes, ...], outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaner, "_START", saying(*frames))
    async with Cleaner() as opened:
        assert await cleaned(opened, b"a file") == (outcome, b"")


async def test_a_worker_that_answers_without_end_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = f"{head(Frame.DATA, FRAME_BYTES)!r} + bytes({FRAME_BYTES})"
    endless = f"{saying(FOUND)} if False else [os.write(1, {data}) for _ in iter(int, 1)]"
    monkeypatch.setattr(cleaner, "_START", endless)
    async with Cleaner() as opened:
        with pytest.raises(CleaningBroke):
            await cleaned(opened, b"a file")


@pytest.mark.parametrize("said", [b"[", b"1", b"[" * 60_000])
async def test_a_worker_that_starts_with_rubbish_is_not_used(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = head(Frame.READY, len(said)) + said
    monkeypatch.setattr(cleaner, "_START", f"import os; os.write(1, {ready!r}); os.read(0, 9)")
    async with Cleaner() as opened:
        assert await cleaned(opened, b"a file") == (CannotClean("died"), b"")


async def test_without_a_worker_nothing_is_cleaned_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleaner, "_START", "raise SystemExit(1)")
    async with Cleaner() as opened:
        assert await cleaned(opened, samples.jpeg().data) == (CannotClean("died"), b"")
        assert not (await opened.capabilities()).is_shut_in


async def test_what_shuts_a_worker_in_here_is_told(open_cleaner: Cleaner) -> None:
    told = await open_cleaner.capabilities()
    assert set(MUST) <= set(told.shut)
    assert {*told.shut, *told.missing} == {*MUST, *WISHED}


def test_the_bot_itself_loads_no_reader_of_strangers_files() -> None:
    code = "import sys, cleaning; print([m for m in ('PIL', 'pikepdf') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_type_decides_who_gets_a_worker() -> None:
    assert may_clean("video/mp4") == CannotClean("video")
    assert may_clean("application/x-ole-storage") == CannotClean("unknown")
    assert may_clean("text/plain") == Nothing()
    assert may_clean("image/jpeg") is None


# --- the walls, tried from inside ------------------------------------------------------------

TRIES = """
import ctypes, json, os, resource, socket, subprocess, sys
sys.path[:0] = sys.argv[2:]
from sandbox import Walls, shut_in

def inet():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", int(sys.argv[1])))

def signal_the_parent():
    os.kill(PARENT, 0)

TRIES = {
    "read a secret": lambda: open(SECRET, "rb").read(),
    "list a folder": lambda: os.listdir("/"),
    "write a file": lambda: open(SECRET + ".copy", "wb").write(b"x"),
    "make a folder": lambda: os.mkdir(SECRET + ".folder"),
    "connect": inet,
    "open a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    "fork": os.fork,
    "run a program": lambda: os.execv("/bin/true", ["true"]),
    "signal the parent": signal_the_parent,
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99)),
}
SECRET, PARENT = os.environ["SECRET"], os.getppid()
shut = shut_in(Walls(1 << 30, 20), keep=2)
done = []
for name, job in TRIES.items():
    try:
        result = job()
    except (OSError, ValueError):
        continue
    done.append(name)
    if name == "fork" and result == 0:
        os._exit(0)
os.write(1, json.dumps([shut, done, len(os.environ)]).encode())
"""


def tried(tmp_path: Path, port: int) -> tuple[list[str], list[str], int]:
    secret = tmp_path / "server.key"
    secret.write_bytes(b"secret")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", TRIES, str(port), *cleaner._paths()],
        capture_output=True, env={"SECRET": str(secret)}, check=True,
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.key"]
    shut, done, variables = json.loads(ran.stdout)
    return shut, done, variables


async def test_from_inside_the_walls_nothing_is_reached(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        shut, done, variables = await asyncio.to_thread(tried, tmp_path, port)
    assert variables == 0
    missing = set(WISHED) - set(shut)
    if "seccomp" in missing and missing & {"landlock", "namespaces"}:
        pytest.skip(f"this kernel gives no {', '.join(sorted(missing))}: only limits hold")
    assert done == []


def test_a_limit_that_is_refused_means_no_worker() -> None:
    code = (
        "import resource, sys; sys.path[:0] = sys.argv[1:];"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5));"
        "from sandbox import Walls, shut_in;"
        "import os; os.setuid(65534) if os.getuid() == 0 else None;"
        "shut_in(Walls(1 << 30, 20), keep=2)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *cleaner._paths()], capture_output=True
    )
    assert ran.returncode != 0
    assert b"maximum limit" in ran.stderr
