"""`saisaat-console open` as a process: it listens on this machine only and ends cleanly."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from console.pages.serve import listening
from tests.console.fake_world import PASSPHRASE, Person, World

ENDS_S = 20


async def test_a_small_answer_leaves_at_once() -> None:
    """Held back until the head was acknowledged, each page would come 40 ms late."""
    with listening(0) as listener:
        accepted = asyncio.get_running_loop().create_future()
        async with await asyncio.start_server(
            lambda _, writer: accepted.set_result(writer), sock=listener
        ):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            theirs = await accepted
            inside = theirs.get_extra_info("socket")
            assert inside.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for each in (theirs, writer):
                each.close()
                await each.wait_closed()


@contextmanager
def pages_of(person: Person, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the address that it printed."""
    command = [sys.executable, "-m", "console.cli", "--home", str(person.home), "--lang", "en"]
    with subprocess.Popen(
        [*command, "open", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4)]
            yield process, json.loads("".join(lines))["url"]
        finally:
            process.kill()


def test_the_pages_are_served_until_the_program_is_told_to_end(
    world: World, somchai: Person
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="คานารี"))
    with pages_of(somchai, "--no-browser") as (process, url):
        origin, _, _ = url.partition("/enter/")
        same_page = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        with httpx.Client(base_url=origin, follow_redirects=True) as http:
            page = http.get(url).text
            token = page.partition('name="form_token" value="')[2].partition('"')[0]
            form = {"form_token": token, "passphrase": PASSPHRASE}
            assert "Queue" in http.post("/unlock", data=form, headers=same_page).text
            assert "คานารี" in http.get(f"/tips/{tip.tip_id}").text
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=ENDS_S)
        assert process.returncode == 0
        assert "คานารี" not in out + err
        assert "Traceback" not in err
    assert world.tokens == {}, "the session at the desk ended too"


def test_the_browser_and_its_profile_go_when_the_program_ends(
    world: World, somchai: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in browser first on the PATH: it says where its profile is, and waits."""
    stand_in = tmp_path / "bin" / "chromium"
    stand_in.parent.mkdir()
    said = tmp_path / "said"
    stand_in.write_text(f'#!/bin/sh\necho "$@" > {said}\nexec sleep 60\n')
    stand_in.chmod(0o700)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    with pages_of(somchai) as (process, url):
        for _ in range(100):
            if said.exists() and said.read_text().endswith("\n"):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.1)
        words = said.read_text().split()
        profile = next(w.partition("=")[2] for w in words if w.startswith("--user-data-dir="))
        assert words[-1] == url
        assert Path(profile).is_dir()
        assert httpx.get(url.partition("/enter/")[0] + "/static/icon.svg").status_code == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=ENDS_S)
        assert process.returncode == 0
        assert not Path(profile).exists()


def test_a_port_in_use_is_said_plainly(world: World, somchai: Person) -> None:
    with pages_of(somchai, "--no-browser") as (_, url):
        port = url.split(":")[2].split("/")[0]
        command = [sys.executable, "-m", "console.cli", "--home", str(somchai.home)]
        second = subprocess.run(
            [*command, "--lang", "en", "open", "--no-browser", "--port", port],
            capture_output=True,
            encoding="utf-8",
            timeout=ENDS_S,
            check=False,
        )
    assert second.returncode == 3
    assert port in second.stderr
    assert "Traceback" not in second.stderr
