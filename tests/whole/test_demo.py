"""The two demos do what they promise, as somebody with a fresh clone would run them."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DEMO = (sys.executable, "-m", "deploy.demo")
AT_MOST_S = 300.0
_RECEIPT = re.compile(r"\b\d{4}(?:-\d{4}){5}\b")

# What has to be said, in this order; each is a beat of the main job.
BEATS = (
    "saisaat init",
    "Telegram and LINE, played here",
    "saisaat serve",
    "the registrar makes a leader's code",
    "saisaat-console members add",
    "saisaat-console members duress",
    "the server never saw it",
    "a citizen reports on Telegram",
    "/start",
    "Telegram รู้ว่าคุณคุยกับเรา",
    "ประชาชน · Telegram: [แจ้งเบาะแส]",
    "มหาสารคาม ใช่ไหม",
    "เห็นเขาเอาปูนของ อบต.",
    "ถนนหน้าบ้าน.png",
    "ตรวจก่อนส่ง",
    "รหัสติดตามของคุณ",
    "[จดแล้ว ลบแชตเลย]",
    "nothing that was told is left in the chat",
    "saisaat-console list --json",
    "saisaat-console claim",
    "saisaat-console read",
    "saisaat-console reply",
    "back with the receipt, on the web this time",
    "จำทะเบียนรถบรรทุกปูนได้ไหม",
    "ประชาชน · เว็บ: [ตอบ]",
    "ข้างรถเขียนว่า ปูนดีขนส่ง",
    "saisaat-console status",
    "the citizen looks again, on LINE",
    "LINE รู้ว่าคุณคุยกับเรา",
    "สถานะ: กำลังตรวจสอบ",
    "one receipt works on all three channels",
    "a network member on LINE",
    "รหัสใช้ได้",
    "(ยกเลิกข้อความ)",
    "the verified mark, never the code",
    "the same member, forced, with the duress code",
    "the officer sees that the member was forced, first of all",
    "saisaat-console members revoke",
    "รหัสนี้ใช้ไม่ได้",
    "a revoked code is refused in the words of a wrong one",
    "on the web: a wrong receipt",
    "รหัสไม่ครบหรือมีเลขผิด",
    "ไม่พบเรื่องของรหัสนี้",
    "[ย้อนกลับ]",
    "สิ่งที่เล่าไว้ถูกลบแล้ว",
    "not one told word in the server's data folder, nor in its log",
    "no account id, message id or token of LINE and Telegram either",
    "every program stopped, every file removed",
)


def test_the_script_plays_the_main_job_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "played"
    done = subprocess.run(
        [*DEMO, "--script", "--data", str(folder)],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=AT_MOST_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    at = 0
    for beat in BEATS:
        found = done.stdout.find(beat, at)
        assert found >= 0, f"{beat!r} is not said after {done.stdout[at : at + 200]!r}"
        at = found
    assert len(set(_RECEIPT.findall(done.stdout))) >= 3  # two given out, one guessed
    assert not done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_no_demo_made_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    done = subprocess.run(
        [*DEMO, "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=AT_MOST_S, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no demo made" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"


def test_by_hand_both_addresses_answer_until_ctrl_c(tmp_path: Path) -> None:
    with by_hand(tmp_path / "data") as (process, lines):
        chat, pages = addresses(lines)
        with httpx.Client(trust_env=False, follow_redirects=True) as http:
            assert "ไม่ต้องบอกชื่อ" in http.get(chat).text
            assert http.get(pages).is_success
        told = figures_of(tmp_path / "data" / "officers" / "orathai")
        assert {row["measure"] for row in told} >= {"intake", "ended_tips", "category", "result"}
        sample = {path.name for path in (tmp_path / "data" / "sample-export").iterdir()}
        assert sample >= {"case-file.pdf", "transcript.txt", "files", "MANIFEST.json"}
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    for address in (chat, pages):
        with pytest.raises(ConnectionRefusedError), socket.create_connection(_place(address), 2):
            pass


@contextmanager
def by_hand(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", Iterator[str]]]:
    """The demo by hand, and the lines it prints; gone at the end, whatever happens."""
    with subprocess.Popen(
        [*DEMO, "--data", str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield process, iter(process.stdout)
        finally:
            if process.poll() is None:
                process.terminate()


def figures_of(home: Path) -> list[dict[str, object]]:
    """The network's figures, as somebody of the demo sees them on the command line."""
    passphrase = home.with_name(f"{home.name}.passphrase")
    options = ("--home", home, "--passphrase-file", passphrase)
    command = [Path(sys.executable).with_name("saisaat-console"), *options, "figures", "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True)
    rows: list[dict[str, object]] = json.loads(done.stdout)["rows"]
    return rows


def addresses(lines: Iterator[str]) -> tuple[str, str]:
    found: list[str] = []
    for line in lines:
        found += re.findall(r"http://\S+", line)
        if "Ctrl-C" in line:
            break
    return found[0], found[1]


def _place(address: str) -> tuple[str, int]:
    url = httpx.URL(address)
    assert url.port is not None
    return url.host, url.port
