"""saisaat registry draft, check, show: the list of the real bots, on the server's side.

The server only drafts and shows; signing is the admin's, on a machine that is offline.
"""

import json
import logging
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.clock import BANGKOK
from bot.config import Config, load
from bot.doctor.database import look_inside
from bot.errors import Misconfigured
from bot.listing import Difference, bot_differences, bots_off, draft, web_differences
from bot.platforms import PlatformError
from bot.platforms.identity import channels_on, running_bots
from bot.registry import KIND, SignedRegistry, read
from bot.signed_files import Seen
from sealing import fingerprint, render_registry

app = typer.Typer(
    help="บอทไหนเป็นของจริง · which bots are really yours",
    no_args_is_help=True,
    rich_markup_mode=None,
)
ConfigOption = Annotated[
    Path,
    typer.Option("--config", envvar="SAISAAT_CONFIG", help="ไฟล์ตั้งค่า · the configuration file"),
]


@app.command("draft")
def make_draft(
    config: ConfigOption,
    out: Annotated[
        Path | None, typer.Option("--out", help="ไฟล์ใหม่ · a new file; else printed")
    ] = None,
) -> None:
    """ถามแต่ละช่องทางแล้วร่าง · Ask the platforms who the bots are, and write an unsigned draft."""
    loaded = _loaded(config)
    version = max(_seen(loaded).version, _version_there(loaded)) + 1
    try:
        body = render_registry(draft(loaded, version, _today()))
    except PlatformError as error:
        raise Misconfigured(f"{error.says} {error.fix}") from None
    if out is None:
        typer.echo(body.decode(), nl=False)
    else:
        _write_new(out, body)
    typer.echo(NEXT.format(draft=out or "DRAFT", file=loaded.registry.file), err=True)


@app.command("check")
def check(config: ConfigOption) -> None:
    """เทียบกับที่เป็นจริงตอนนี้ · Compare the signed registry with what the platforms say now."""
    loaded = _loaded(config)
    trusted = _trusted(loaded)
    try:
        found = list(_differences(loaded, trusted))
    except PlatformError as error:
        raise Misconfigured(f"{error.says} {error.fix}") from None
    for each in found:
        typer.echo(f"[ต้องแก้ · problem] {each.says}\n    วิธีแก้ · fix: {each.fix}")
    left = trusted.registry.days_left(_today())
    if left < 0:
        typer.echo("[ควรดู · look at] หมดอายุแล้ว · it has expired.")
    if not found:
        typer.echo(f"ตรงกับที่เป็นจริง · version {trusted.registry.version} is what the platforms say.")
    raise typer.Exit(1 if found else 0)


@app.command("show")
def show(
    config: ConfigOption,
    as_json: Annotated[bool, typer.Option("--json", help="สำหรับโปรแกรม · for scripts")] = False,
) -> None:
    """แสดงทะเบียนที่ลงลายมือชื่อแล้ว · Show the signed registry that the bot shows."""
    trusted = _trusted(_loaded(config))
    if as_json:
        typer.echo(json.dumps(_as_json(trusted), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_as_text(trusted)))


def _loaded(config: Path) -> Config:
    logs.start(logging.WARNING)  # a library that logs an address would log the token in it
    return load(config)


def _today() -> date:
    return datetime.now(BANGKOK).date()


def _seen(config: Config) -> Seen:
    return Seen.of(KIND, look_inside(config.storage.database).settings.get)


def _trusted(config: Config) -> SignedRegistry:
    return read(config.registry.file, config.roster.admin_key, _seen(config))


def _version_there(config: Config) -> int:
    """The version of the registry in place, which a bot that never ran has not noted; 0: none."""
    try:
        return _trusted(config).registry.version
    except Misconfigured:
        return 0


def _differences(config: Config, trusted: SignedRegistry) -> Iterator[Difference]:
    registry = trusted.registry
    yield from web_differences(registry, config)
    yield from bots_off(registry, channels_on(config))
    for running in running_bots(config):
        yield from bot_differences(registry, running)


def _as_json(trusted: SignedRegistry) -> dict[str, object]:
    registry = trusted.registry
    return {
        "version": registry.version,
        "day": registry.day,
        "expires": registry.expires,
        "admin": str(trusted.admin),
        "admin_fingerprint": fingerprint(trusted.admin.raw),
        "web": registry.web,
        "onion": registry.onion,
        "bots": [
            {"channel": bot.channel.value, "id": bot.id, "name": bot.name, "link": bot.link}
            for bot in registry.bots
        ],
    }


def _as_text(trusted: SignedRegistry) -> Iterator[str]:
    registry = trusted.registry
    left = registry.days_left(_today())
    good = f"{left} days left" if left >= 0 else "EXPIRED"
    yield f"ทะเบียนบอทจริง · registry of the real bots: version {registry.version}"
    yield f"  {registry.day} … {registry.expires} ({good})"
    yield f"  web       {registry.web}"
    if registry.onion is not None:
        yield f"  onion     {registry.onion}"
    for bot in registry.bots:
        yield f"  {bot.channel.value:9} {bot.id} · {bot.name}\n            {bot.link}"
    yield f"  เลขยืนยันกุญแจผู้ดูแล · the admin key's fingerprint: {fingerprint(trusted.admin.raw)}"


def _write_new(path: Path, body: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
        out.write(body)


NEXT = """\
ร่างแล้ว ยังไม่มีใครลงลายมือชื่อ · Drafted; nobody has signed it yet.
1. เทียบไอดีกับที่เห็นในแอปด้วยตาตนเอง · Compare each id with what you see yourself in the apps.
2. ผู้ดูแล บนเครื่องที่ไม่ต่อเครือข่าย · The admin, on the machine that is never online:
     saisaat-console registry sign {draft} --out registry.toml
3. วางไฟล์ไว้ที่ · Bring the signed file here: {file}
   บอตที่เปิดอยู่จะรับเองในไม่กี่นาที · A running bot takes it by itself within minutes."""
