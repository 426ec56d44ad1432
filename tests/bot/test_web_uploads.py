"""Files on their way in: bounded memory, cut off, too big, and never on a disk as they are."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.evidence import EvidenceRules
from tests.bot.test_web_hostile import head, raw
from tests.bot.turn_house import House
from tests.bot.web_house import Seen, Visitor, Web, multipart, serving_web

MIB = 1024 * 1024
AT_MOST_RISE_MIB = 16
CANARY = b"CANARY-in-a-photo-" * 4


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house) as served:
        yield served


async def streamed(
    visitor: Visitor, size: int, *, cut_at: int | None = None, piece: bytes = CANARY * 1000
) -> httpx.Response:
    """Send a photo of *size* bytes piece by piece; hang up after *cut_at* of them."""
    before, kind = multipart(
        [(k, v.encode()) for k, v in visitor.seen.hidden.items()], [("p.jpg", b"\xff\xd8\xff", "")]
    )
    opening, _, tail = before.partition(b"\xff\xd8\xff")
    opening, ending = opening + b"\xff\xd8\xff", tail

    async def content() -> AsyncIterator[bytes]:
        yield opening
        sent = 0
        while sent < size:
            yield piece[: size - sent]
            sent += len(piece)
            if cut_at is not None and sent >= cut_at:
                raise ConnectionAbortedError
        yield ending

    length = len(before) + size
    headers = {"content-type": kind, "content-length": str(length)}
    return await visitor.http.post(visitor.seen.action, content=content(), headers=headers)


async def settled(house: House) -> set[str]:
    """Every file in the blob folder, half-written ones too, once nothing more happens there."""
    for _ in range(200):
        left = {path.name for path in (house.folder / "blobs").iterdir()}
        if not any(name.endswith(".half") for name in left):
            return left
        await asyncio.sleep(0.02)
    return left


async def test_an_upload_that_is_cut_off_leaves_nothing(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.tell(until="none")
        with pytest.raises((ConnectionAbortedError, httpx.TransportError)):
            await streamed(visitor, 4 * MIB, cut_at=2 * MIB)
        assert await settled(web.house) == set()
        assert "none" in (await visitor.open()).buttons
        assert (await streamed(visitor, 100)).status_code == 303
        assert "รูป 1 รูป" in (await visitor.open()).text


async def test_a_body_that_ends_inside_a_file_is_nothing_kept(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        body, kind = multipart(
            [(k, v.encode()) for k, v in seen.hidden.items()],
            [("p.jpg", b"\xff\xd8\xff" * 100_000, "image/jpeg")],
        )
        answer = await visitor.http.post(
            seen.action, content=body[:-5000], headers={"content-type": kind}
        )
        assert answer.status_code == 400
        assert "มาไม่ครบ" in Seen(answer.text).text
        assert await settled(web.house) == set()


async def test_what_a_cut_off_form_had_sent_whole_stays_and_is_shown(web: Web) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        cookie = visitor.http.cookies["saisaat"]
        body, kind = multipart(
            [*((k, v.encode()) for k, v in seen.hidden.items()), ("words", "ทะเบียน".encode())],
            [("a.jpg", b"\xff\xd8\xff" * 999, ""), ("b.jpg", b"\xff\xd8\xff" * 99_999, "")],
        )
        await raw(web, head(len(body), cookie, kind), body[:-9000], ends=True)
        assert len(await settled(web.house)) == 1
        assert "ข้อความ 1 ข้อความ รูป 1 รูป" in (await visitor.open()).text


async def test_no_plain_byte_of_a_file_reaches_a_disk(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setenv("TMPDIR", str(spool))
    monkeypatch.setattr("tempfile.tempdir", None)
    async with web.visitor() as visitor:
        await visitor.tell(until="none")
        assert (await streamed(visitor, 3 * MIB)).status_code == 303
    assert list(spool.iterdir()) == []
    held = b"".join(path.read_bytes() for path in web.house.folder.rglob("*") if path.is_file())
    assert len(held) > 3 * MIB
    assert CANARY[:18] not in held


async def test_a_file_when_none_can_be_taken_is_said_not_to_be_kept(web: Web) -> None:
    async with web.visitor() as visitor:
        await visitor.press("follow")
        seen = await visitor.upload(("a.jpg", b"\xff\xd8\xff" * 1000, "image/jpeg"))
        assert visitor.answer.status_code == 422
        assert "ไฟล์ที่ 1 ยังไม่ได้เก็บ" in seen.bubbles[0]
        assert await settled(web.house) == set()


async def test_a_file_that_was_chosen_but_not_uploaded_is_not_forgotten_in_silence(
    web: Web,
) -> None:
    async with web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        asked = seen.bubbles[-1]
        seen = await visitor.send(
            choice="none", file="evidence.jpg"
        )  # its name only, as browsers do
        assert "ไฟล์ที่เลือกไว้ยังไม่ได้ส่ง" in seen.bubbles[0]
        assert seen.bubbles[-1] == asked
        seen = await visitor.send(choice="none")
        assert seen.bubbles[-1] != asked


async def test_a_file_that_arrives_after_its_report_was_dropped_is_said_to_be_lost(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = web.house
    async with web.visitor() as visitor:
        await visitor.tell(until="none")
        (session,) = visitor.http.cookies.values()
        receive = house.evidence.receive

        async def slow(*given: Any, **named: Any) -> Any:
            found = await receive(*given, **named)
            other_tab = house.person(session)
            await other_tab.press("cancel")
            await other_tab.press("drop")
            return found

        monkeypatch.setattr(house.evidence, "receive", slow)
        seen = await visitor.upload(("a.jpg", b"\xff\xd8\xff" * 1000, "image/jpeg"))
        assert "มาถึงหลังจากเรื่องนี้ถูกส่งหรือลบไปแล้ว" in seen.bubbles[0]
        assert await house.blobs.ids() == frozenset()


async def test_a_file_far_too_long_is_answered_before_it_is_hung_up_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.posting.SKIP_BYTES", MIB)
    monkeypatch.setattr("bot.channels.web.app.DRAIN_BYTES", MIB)
    monkeypatch.setattr("bot.channels.web.serving.PatientProtocol.linger_s", 0.5)
    house.evidence._rules = EvidenceRules(file_bytes=MIB)
    async with serving_web(house, file_bytes=MIB) as web, web.visitor() as visitor:
        seen = await visitor.tell(until="none")
        cookie = visitor.http.cookies["saisaat"]
        body, kind = multipart(
            [(k, v.encode()) for k, v in seen.hidden.items()],
            [("a.jpg", b"\xff\xd8\xff" + bytes(4 * MIB), "")],
        )
        answer = await raw(web, head(100 * MIB, cookie, kind), body)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert "ไม่เกิน 1 MB" in answer.decode()
        assert await settled(house) == set()
        assert "none" in (await visitor.open()).buttons


# --- memory, in a process of its own ------------------------------------------------------------


@contextmanager
def server_process(folder: Path) -> Iterator[tuple[int, str]]:
    """A served chat; its process id and address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.web_server_process", str(folder)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield process.pid, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def peak_mib(pid: int) -> float:
    """The most memory that the process ever held."""
    (line,) = (
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which is Linux's")
async def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    with server_process(tmp_path) as (pid, url):
        async with httpx.AsyncClient(base_url=url, timeout=120) as http:
            visitor = Visitor(http)
            await visitor.open()
            await visitor.tell(until="none")
            assert (await streamed(visitor, 2 * MIB)).status_code == 303
            await visitor.open()
            before = peak_mib(pid)
            assert (await streamed(visitor, 49 * MIB, piece=bytes(MIB))).status_code == 303
            await visitor.open()
            whole = peak_mib(pid) - before
            answer = await streamed(visitor, 60 * MIB, piece=bytes(MIB))
            refused = peak_mib(pid) - before
            assert answer.status_code == 413
            assert "ไฟล์ที่ 1 ใหญ่เกิน 50 MB" in Seen(answer.text).text
            assert "รูป 2 รูป" in (await visitor.open()).text
    assert whole <= AT_MOST_RISE_MIB, f"{whole:.1f} MiB for a file of 49 MiB"
    assert refused <= AT_MOST_RISE_MIB, f"{refused:.1f} MiB for one of 60 MiB that was refused"
