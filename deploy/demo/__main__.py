"""python -m deploy.demo [--script] [--data DIR]: see the package.

Ctrl-C, SIGTERM and a closed terminal all end in the same way: every program is stopped. With
--script the folder goes too; without, it stays until the next demo, to be looked into.
"""

import argparse
import fcntl
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.demo import by_hand, script
from deploy.demo.deployment import make
from deploy.demo.errors import DemoFailed
from deploy.demo.platforms import Platforms
from deploy.demo.programs import program, serving
from deploy.demo.script import Stage
from deploy.demo.transcript import Transcript

INTERRUPTED = 130
DATA = Path("demo-data")
STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the demo; the exit code."""
    wanted = _arguments()
    for number in STOPPED_BY:
        # What nohup ignores stays ignored; a shell's background job is still stopped by Ctrl-C.
        if number is signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        if wanted.script:
            _by_itself(wanted.data)
        else:
            _by_hand(wanted.data or DATA)
    except DemoFailed as failed:
        sys.stderr.write(f"\n✗ {failed}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED if wanted.script else 0
    return 0


def _by_itself(data: Path | None) -> None:
    """Three people, played; everything that was made is removed again."""
    paper = Transcript()
    with _folder_to_remove(data) as folder, _alone_in(folder), Platforms() as platforms:
        deployment = make(folder, paper.progress, platforms)
        paper.progress("เปิดเครื่องแม่ข่าย · the bot: saisaat serve")
        command = (program("saisaat"), "serve", "--config", deployment.config)
        with serving("saisaat serve", command, deployment.logs / "serve.log") as bot:
            bot.wait_for_port(deployment.web_port)
            bot.wait_for_port(deployment.desk_port)
            stage = Stage(script.with_member(deployment, paper), paper, platforms)
            script.play(stage)
            bot.check_alive()
        script.check_nothing_is_readable(stage)
    paper.title(f"จบ ตรวจแล้ว {paper.checks} ข้อ ถูกทุกข้อ · done, {paper.checks} checks, all hold")
    paper.progress("ปิดทุกโปรแกรม ลบทุกไฟล์แล้ว · every program stopped, every file removed")


def _by_hand(data: Path) -> None:
    """The web chat and the officer's pages, until Ctrl-C."""
    paper = Transcript()
    with _alone_in(data):
        deployment = make(data, paper.progress)
        by_hand.run(deployment, paper)


@contextmanager
def _folder_to_remove(data: Path | None) -> Iterator[Path]:
    if data is not None:
        try:
            yield data
        finally:
            shutil.rmtree(data, ignore_errors=True)
        return
    with tempfile.TemporaryDirectory(prefix="saisaat-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One demo at a time in *folder*. Raises DemoFailed."""
    lock_file = folder.absolute().with_name(f".{folder.name}.lock")
    with lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoFailed(f"Another demo runs in {folder}. Stop it first.") from None
        try:
            yield
        finally:
            lock_file.unlink(missing_ok=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m deploy.demo", description="ใสสะอาด · Saisaat: demo")
    parser.add_argument("--script", action="store_true", help="play it by itself, then exit")
    parser.add_argument("--data", type=Path, help=f"where the deployment goes (else {DATA})")
    return parser.parse_args()


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop once: a second Ctrl-C must not interrupt the stopping and leave programs behind."""
    for each in STOPPED_BY:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
