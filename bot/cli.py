"""The command `saisaat`: make a deployment, look after it, run it.

What goes wrong is said in plain sentences on stderr; no traceback ever shows, because a traceback
carries the values of whatever passed through.
"""

import importlib
import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import cli_backup, cli_figures, cli_registry, deployment, logs
from bot.clock import BANGKOK
from bot.config import ConfigError, load
from bot.doctor import Finding, State, examine
from bot.errors import BotError, Misconfigured
from bot.hardening import disable_core_dumps, keep_files_private
from storage.port import StorageError

app = typer.Typer(
    name="saisaat",
    help="ใสสะอาด · Saisaat: anonymous tips, sealed on receipt.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_registry.app, name="registry")
app.add_typer(cli_figures.app, name="figures")
app.add_typer(cli_backup.app, name="backup")
app.command("restore")(cli_backup.restore_backup)
ConfigOption = cli_registry.ConfigOption


class Platform(StrEnum):
    """Whose account to set up."""

    LINE = "line"
    TELEGRAM = "telegram"


@app.callback()
def _root() -> None:
    """ใสสะอาด · Saisaat: anonymous tips, sealed on receipt."""


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="โฟลเดอร์ใหม่ · a new folder")],
    secrets: Annotated[
        Path,
        typer.Option("--secrets", metavar="D", help="โฟลเดอร์ความลับ · where the server key goes"),
    ],
) -> None:
    """สร้างระบบใหม่ · Make a new deployment; say what to do next."""
    keep_files_private()
    made = deployment.make(folder, secrets)
    typer.echo(NEXT.format(config=made.config, key=made.server_key, folder=made.config.parent))


@app.command("doctor")
def doctor(
    config: ConfigOption,
    as_json: Annotated[bool, typer.Option("--json", help="สำหรับโปรแกรม · for scripts")] = False,
) -> None:
    """ตรวจระบบ · Say in plain words what is wrong; exit 1 when something is."""
    logs.start(logging.WARNING)  # a library that logs an address would log the token in it
    findings = examine(config, datetime.now(BANGKOK).date())
    is_fine = all(each.state is not State.PROBLEM for each in findings)
    if as_json:
        told = {"ok": is_fine, "findings": [asdict(each) for each in findings]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_as_text(findings)))
    raise typer.Exit(0 if is_fine else 1)


@app.command("setup")
def setup(
    platform: Annotated[Platform, typer.Argument(help="line หรือ telegram · line or telegram")],
    config: ConfigOption,
) -> None:
    """ตั้งค่าบัญชีบอต · Write menu, commands and webhook to the bot's account; safe to repeat."""
    logs.start(logging.WARNING)  # a library that logs an address would log the token in it
    loaded = load(config)
    rooms: Any = importlib.import_module("bot.setup")  # it loads the picture library
    work = rooms.set_up_line if platform is Platform.LINE else rooms.set_up_telegram
    raise typer.Exit(0 if work(loaded, typer.echo) else 1)


@app.command("route")
def route(
    config: ConfigOption,
    province: Annotated[
        str | None, typer.Option(help="ชื่อ ตัวย่อ หรือรหัส · a name or code; none: unsure")
    ] = None,
    agency: Annotated[
        str | None, typer.Option(metavar="TEXT", help="อย่างที่คนพิมพ์ · as people type it, or an id")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="สำหรับโปรแกรม · for scripts")] = False,
) -> None:
    """ลองดูว่าเรื่องจะไปศูนย์ไหน เพราะอะไร · Say where a tip would go and why; nothing is sent."""
    logs.start(logging.WARNING)
    room: Any = importlib.import_module("bot.dry_run")  # it loads the chat's words and provinces
    told: Any = importlib.import_module("bot.dry_run_told")
    loaded = load(config)
    try:
        run = room.dry_run(loaded, province, agency)
    except room.Unclear as error:
        _fail(*told.unclear(error))
    else:
        say = json.dumps(told.as_json(run), ensure_ascii=False, indent=2)
        typer.echo(say if as_json else told.as_text(run))


@app.command("serve")
def serve(
    config: ConfigOption,
    is_verbose: Annotated[
        bool, typer.Option("--verbose", help="บันทึกละเอียดขึ้น · log more; never words")
    ] = False,
) -> None:
    """เปิดให้บริการ · Run the bot."""
    logs.start(logging.DEBUG if is_verbose else logging.INFO)
    disable_core_dumps()
    keep_files_private()
    loaded = load(config)
    run: Any = importlib.import_module("bot.app")  # it loads the web server; the others need none
    try:
        run.serve(loaded)
    except (Misconfigured, StorageError):
        raise
    except SystemExit as ended:  # how the web server says that it could not listen
        if ended.code in (None, 0):
            raise
        _fail(NOT_LISTENING.format(config=config))
    except Exception as error:  # no path of a file that somebody sent may reach the screen
        logs.logger().critical("bot_failed", exc_info=error)
        raise typer.Exit(1) from None


def main() -> None:
    """Run the command; the program's entry point."""
    try:
        app()
    except ConfigError as error:
        _fail(
            f"การตั้งค่ามี {len(error.problems)} จุดที่ต้องแก้ · "
            f"the configuration has {len(error.problems)} to put right:",
            *(f"  {problem}" for problem in error.problems),
        )
    except (Misconfigured, StorageError) as error:
        _fail(str(error))
    except BotError as error:
        _fail(f"ขัดข้อง · it did not work ({type(error).__name__}).")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        _fail(f"{where}{error.strerror or type(error).__name__}")
    except Exception as error:
        _fail(f"โปรแกรมผิดพลาด · our mistake, please report it: {logs.describe(error)}")


def _fail(*lines: str) -> None:
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(1)


_STATES = {
    State.OK: "ปกติ   · ok     ",
    State.WARNING: "ควรดู  · look at",
    State.PROBLEM: "ต้องแก้ · problem",
}
_CHECKS_TH = {
    "addresses": "ที่อยู่",
    "audit trail": "บันทึกการกระทำ",
    "alerts": "การแจ้งเตือน",
    "alerts email": "การแจ้งเตือนทางอีเมล",
    "alerts line": "การแจ้งเตือนทางไลน์",
    "alerts telegram": "การแจ้งเตือนทางเทเลแกรม",
    "alerts webhook": "ที่อยู่รับข้อความของการแจ้งเตือน",
    "backup": "ชุดสำรอง",
    "blobs": "ไฟล์แนบ",
    "centres": "ศูนย์",
    "certificate": "ใบรับรอง",
    "clock": "นาฬิกา",
    "clocks": "กำหนดเวลา",
    "config": "การตั้งค่า",
    "core dumps": "ไฟล์ดัมป์",
    "data": "ข้อมูล",
    "database": "ฐานข้อมูล",
    "desk": "ช่องทางเจ้าหน้าที่",
    "disk": "พื้นที่ดิสก์",
    "forget store": "กุญแจสิ่งที่จะลืม",
    "hidden details": "ข้อมูลแฝงในไฟล์",
    "line": "ไลน์",
    "line chat": "แชตในไลน์",
    "line menu": "เมนูในไลน์",
    "line quota": "โควตาข้อความไลน์",
    "line redelivery": "การส่งซ้ำของไลน์",
    "line webhook": "ที่อยู่รับข้อความไลน์",
    "owner": "เจ้าของไฟล์",
    "real bots": "บอทจริง",
    "receipts": "รหัสติดตาม",
    "recovery": "กุญแจกู้คืน",
    "retention": "การเก็บและทำลาย",
    "roster": "ทะเบียนเจ้าหน้าที่",
    "secrets": "ความลับ",
    "server key": "กุญแจเครื่องแม่ข่าย",
    "swap": "สวอป",
    "telegram": "เทเลแกรม",
    "telegram webhook": "ที่อยู่รับข้อความเทเลแกรม",
    "web": "เว็บแชต",
}


def _as_text(findings: Iterable[Finding]) -> Iterable[str]:
    counts = dict.fromkeys(State, 0)
    for each in findings:
        counts[each.state] += 1
        name = f"{_CHECKS_TH.get(each.check, each.check)} · {each.check}"
        yield f"[{_STATES[each.state]}] {name}: {each.says}"
        if each.fix:
            yield f"    วิธีแก้ · fix: {each.fix}"
    problems, warnings = counts[State.PROBLEM], counts[State.WARNING]
    if problems:
        yield f"ต้องแก้ {problems} ข้อ · {problems} to put right, {warnings} to look at."
    else:
        yield f"ใช้งานได้ · All is well; {warnings} to look at."


NOT_LISTENING = """\
เปิดรับการเชื่อมต่อไม่ได้ พอร์ตอาจมีโปรแกรมอื่นใช้อยู่ หรือเปิดบอตไว้แล้ว
The bot could not listen: another program has the port, or the bot runs already.
[web] listen, [desk] listen. ดูว่าพอร์ตไหน · which one: saisaat doctor --config {config}"""

NEXT = """\
สร้างแล้ว · Made:
  {config}
  {key}
กุญแจเครื่องแม่ข่ายหายแล้วรหัสติดตามทุกใบใช้ไม่ได้อีก ห้ามเก็บไว้กับสำเนาข้อมูล
Lose the server key and no receipt works any more. Never keep it with a copy of the data.

ขั้นต่อไป · What to do next:
1. แก้ {config}: ที่อยู่เว็บ ศูนย์ หน่วยงาน
   Edit it: the addresses, the centres, the agencies.
2. ผู้ดูแล บนเครื่องที่ไม่ต่อเครือข่าย · The admin, on a machine that is never online:
     saisaat-console roster init-admin            → กุญแจสาธารณะ · a public key (64 hex digits)
     saisaat-console recovery make recovery.age   → recovery.age.pub
3. เจ้าหน้าที่แต่ละคน บนเครื่องของตน · Each officer, on their own machine:
     saisaat-console init --desk https://… --admin … --name …
     saisaat-console enrol                        → บัตร · a card; ให้ผู้ดูแล · for the admin
4. ผู้ดูแล · The admin, again on the machine that is never online:
     saisaat-console roster add card.toml --centre … --recovery recovery.age.pub
     ทุกศูนย์ใน config.toml ต้องมีเจ้าหน้าที่ ใส่ --centre ซ้ำได้
     (every centre of config.toml needs an officer; --centre may be repeated)
     (อ่านเลขยืนยันของบัตรทางโทรศัพท์ · compare the numbers of each card by telephone)
     saisaat-console roster sign --out roster.toml
5. นำบัญชีที่ลงลายมือชื่อมาวางที่ · Bring the signed roster here: {folder}/roster.toml
   ใส่กุญแจสาธารณะของผู้ดูแลใน [roster] admin_key · write the admin's public key there.
   ไม่มีกุญแจส่วนตัวของใครอยู่บนเครื่องนี้ · Nobody's private key is ever on this machine.
6. ตรวจแล้วเปิดใช้ · Check, then run:
     saisaat doctor --config {config}
     saisaat serve --config {config}"""
