"""saisaat backup, backup check, restore: what survives the loss of the machine, and how it returns.

What is said names files and days; never a code, a key, or how much anybody told.
"""

import logging
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.backup.checking import check
from bot.backup.errors import BadBackup
from bot.backup.making import newest_in, take
from bot.backup.restoring import restore
from bot.clock import BANGKOK
from bot.config import Config, load
from bot.errors import Misconfigured
from bot.hardening import disable_core_dumps, keep_files_private
from bot.server_key import ServerKey

app = typer.Typer(
    help="สำรองข้อมูลขณะให้บริการ · copy what lasts, while the bot serves",
    invoke_without_command=True,
    rich_markup_mode=None,
)
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", envvar="SAISAAT_CONFIG", help="ไฟล์ตั้งค่า · the configuration file"),
]


@app.callback()
def backup(
    context: typer.Context,
    config: ConfigFile = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="DIR",
            help="โฟลเดอร์ใหม่ · a new folder; else in the folder that is configured",
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="DIR", help="ชุดก่อน · an older backup, to share its files"),
    ] = None,
) -> None:
    """สำรองข้อมูลขณะให้บริการ · Copy what lasts, while the bot serves."""
    if context.invoked_subcommand is not None:
        return
    _prepare()
    path, loaded = _configured(config)
    day = datetime.now(BANGKOK).date()
    folder, older = (to, since) if to is not None else _named_by_day(loaded, since, day)
    taken = take(path, loaded, folder, older, day)
    files, mib = len(taken.manifest.files), taken.manifest.total_bytes / 1024 / 1024
    typer.echo(TAKEN.format(folder=taken.folder, files=files, mib=mib, linked=taken.linked))
    destroyed = len(taken.manifest.gone) - len(taken.lost)
    if destroyed:
        typer.echo(GONE.format(n=destroyed))
    if taken.lost:
        typer.echo(LOST.format(n=len(taken.lost)), err=True)
        raise typer.Exit(1)


@app.command("check")
def check_backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="ชุดสำรอง · a backup")],
    config: ConfigFile = None,
    server_key: Annotated[
        Path | None,
        typer.Option("--server-key", metavar="FILE", help="แทน --config · in place of --config"),
    ] = None,
) -> None:
    """ตรวจชุดสำรองทุกไบต์ · Read every byte of a backup; exit 1 when it is not whole."""
    _prepare()
    if server_key is not None:
        key = ServerKey.read(server_key)
    else:
        loaded = _configured(config)[1]
        key = ServerKey.read(loaded.server_key, is_credential=loaded.secrets.is_credential)
    manifest, wrong = check(folder, key)
    if wrong:
        raise BadBackup("\n".join(f"{each}." for each in wrong))
    typer.echo(WHOLE.format(folder=folder, day=manifest.day, files=len(manifest.files)))


def restore_backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="ชุดสำรอง · a backup")],
    to: Annotated[Path, typer.Option("--to", metavar="NEWDIR", help="โฟลเดอร์ใหม่ · a new folder")],
    secrets: Annotated[
        Path, typer.Option("--secrets", metavar="D", help="โฟลเดอร์ความลับ · the secrets folder")
    ],
    server_key: Annotated[
        Path | None,
        typer.Option("--server-key", metavar="FILE", help="ถ้าไม่มีใน D · if it is not in D"),
    ] = None,
) -> None:
    """สร้างระบบจากชุดสำรอง · Make a deployment of a backup; say what to do next."""
    _prepare()
    made = restore(folder, to, secrets, server_key, datetime.now(BANGKOK).date())
    typer.echo(
        RESTORED.format(
            config=made.config,
            key=made.server_key,
            day=made.manifest.day,
            entries=made.entries,
            folder=made.config.parent,
        )
    )
    if made.manifest.gone:
        typer.echo(GONE.format(n=len(made.manifest.gone)))


def _prepare() -> None:
    logs.start(logging.WARNING)
    disable_core_dumps()
    keep_files_private()


def _configured(path: Path | None) -> tuple[Path, Config]:
    if path is None:
        raise Misconfigured("--config: name the configuration file.")
    return path, load(path)


def _named_by_day(config: Config, since: Path | None, day: date) -> tuple[Path, Path | None]:
    """A new folder in the folder of backups, named by the day; and the newest one there is, to
    share files with."""
    home = config.backup.folder
    if home is None:
        raise Misconfigured("--to: name a new folder, or set [backup] folder.")
    name, number = day.isoformat(), 1
    while (home / name).exists():
        number += 1
        name = f"{day.isoformat()}-{number:02}"
    return home / name, since if since is not None else newest_in(home)


TAKEN = """\
สำรองแล้ว · A whole backup: {folder}
  {files} ไฟล์ · files, {mib:.1f} MiB ({linked} ใช้ร่วมกับชุดก่อน · shared with the older one)
  ในชุดนี้ไม่มีกุญแจที่เปิดอ่านได้ และไม่มีความลับของบัญชีบอต · No key that opens it is in it, nor any bot's secret.
  ตรวจ · check it: saisaat backup check {folder} --config …"""
GONE = """\
ไฟล์ {n} ไฟล์ถูกทำลายไปขณะสำรอง จึงไม่อยู่ในชุดนี้
{n} files were destroyed meanwhile and are not in it."""
LOST = """\
ฐานข้อมูลระบุไฟล์ {n} ไฟล์ที่หาไม่พบ และไม่มีใครสั่งทำลาย แสดงว่าหายไปก่อนแล้ว ลองหาในชุดสำรองเก่า
{n} files that the database names are not in the folder of sealed files, and nothing destroyed
them: they were lost before. Look for them in older backups."""
WHOLE = """\
ครบถ้วน · Whole: {folder}
  ของวันที่ · of {day}, {files} ไฟล์ · files. ทุกไบต์ตรงกับลายเซ็น · Every byte is as signed."""
RESTORED = """\
คืนข้อมูลแล้ว · Restored, from the backup of {day}:
  {config}
  {key}
สิ่งที่เกิดหลังวันสำรองไม่มีอยู่ในนี้ บันทึกการกระทำมี {entries} รายการ และบอกไว้ว่าถูกคืนมา
What came after that backup is not here. The audit trail has {entries} entries of before, and one
that says that it was restored.

ขั้นต่อไป · What to do next:
1. เครื่องเดิมต้องไม่ทำงานอีก บอตเดียวกันสองเครื่องจะแย่งข้อความกัน ออกรหัสบอตใหม่ทุกบัญชี
   The old server must never run again: two of them would take each other's messages. Make new
   tokens for every bot account (BotFather, LINE Developers): the old ones then work nowhere.
2. ใส่รหัสใหม่ในโฟลเดอร์ความลับ และดูที่อยู่ใน {config}
   Put the new tokens into the secrets folder, and look at the addresses in that file.
3. ถ้ามีทะเบียนเจ้าหน้าที่ที่ใหม่กว่า วางแทนที่ {folder}/roster.toml
   If there is a newer signed roster, put it there.
4. ตรวจ ตั้งเว็บฮุก แล้วเปิดใช้ · Check, set the webhooks, run:
     saisaat doctor --config {config}
     saisaat setup line --config {config}
     saisaat setup telegram --config {config}
     saisaat serve --config {config}
5. โทรบอกเจ้าหน้าที่และผู้ตรวจสอบ: วันที่คืน วันที่สำรอง และเลข {entries}
   Telephone officers and auditors: the day of today, the day of the backup, the number {entries}.
   Consoles that saw more of the trail say so until it is accepted there:
     saisaat-console audit accept-restore"""
