"""audit list, verify, sign, export: for those who watch over what officers and the server did."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console import audit, days, present
from console.audit import Checked, Row
from console.calm import calm_line
from console.commands.roster import pinned_key
from console.errors import Distrusted, Mistaken
from console.export_folder import keep_new
from console.findings import Signers
from console.folder import SEEN, why
from console.office import Office
from console.restored import Restored
from console.seen import Memory
from console.shell import Shell, shell_of
from console.watching import SeenTrail

Json = Annotated[bool, typer.Option("--json")]
DISTRUSTED = Distrusted.exit_code


def make() -> typer.Typer:
    app = typer.Typer(
        help="who did what, and whether it was rewritten · บันทึกการกระทำ",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("list", help="what was done, newest last · ดูรายการ")(list_entries)
    app.command("verify", help="check it, also a file, offline · ตรวจสอบ")(verify)
    app.command("sign", help="vouch for it with your own key · ลงชื่อรับรอง")(sign)
    app.command("accept-restore", help="the server came out of a backup · รับว่าเครื่องถูกคืนข้อมูล")(
        accept_restore
    )
    app.command("export", help="write it to a file · บันทึกเป็นไฟล์")(export)
    return app


def list_entries(
    context: typer.Context,
    tip: Annotated[str | None, typer.Option(help="of one tip · ของเรื่อง")] = None,
    officer: Annotated[str | None, typer.Option(help="by one officer · ของเจ้าหน้าที่")] = None,
    since: Annotated[str | None, typer.Option(help="2026-11-23")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    checked = shell.at_work(audit.watch)
    wanted = [row for row in checked.rows if _fits(row, tip, officer, since)][-limit:]
    if json:
        shell.json({"entries": [_row_json(row) for row in wanted], **_found_json(shell, checked)})
    elif wanted:
        shell.out.print(_table(shell, wanted, checked.signers))
    else:
        shell.print(shell.say("audit.empty"))
    if not json:
        _say_found(shell, checked)
    _exit(checked)


def verify(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="from audit export; none: the desk's · ไฟล์ที่บันทึกไว้")
    ] = None,
    admin: Annotated[
        str | None, typer.Option(help="admin's public key, 64 hex: without an officer's folder")
    ] = None,
    server_key: Annotated[
        str | None, typer.Option(help="the server's public key, as saisaat doctor tells it")
    ] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    checked = shell.at_work(audit.watch) if file is None else _file(shell, file, admin, server_key)
    if json:
        shell.json({**_days_json(checked), **_found_json(shell, checked)})
    else:
        _say_days(shell, checked)
        _say_found(shell, checked)
    _exit(checked)


def sign(context: typer.Context) -> None:
    shell = shell_of(context)
    day = shell.at_work(audit.sign)
    if day is None:
        shell.print(shell.say("audit.nothing_to_sign"))
    else:
        shell.print(shell.say("audit.signed", day=days.say_day(day, shell.words.language)))


def accept_restore(
    context: typer.Context,
    entries: Annotated[
        int, typer.Argument(min=0, help="the number told by telephone · เลขที่ได้ทางโทรศัพท์")
    ],
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> Restored | None:
        return await audit.accept_restore(office, entries)

    restored = shell.at_work(work)
    if restored is None:
        shell.print(shell.say("audit.no_restore"))
    else:
        day = days.say_day(restored.day, shell.words.language)
        shell.print(shell.say("audit.restore_accepted", day=day))


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a new file · ไฟล์ใหม่")],
) -> None:
    shell = shell_of(context)
    if file.exists():
        raise Mistaken("export.exists", path=file)

    async def work(office: Office) -> Checked:
        checked = await audit.watch(office)
        keep_new(file, audit.write_file(checked.trail))
        return checked

    checked = shell.at_work(work)
    shell.print(shell.say("audit.exported", n=len(checked.rows), path=file))
    _say_found(shell, checked)
    _exit(checked)


# --- how


def _file(shell: Shell, file: Path, admin: str | None, server_key: str | None) -> Checked:
    """A file, examined with what this officer's folder knows, or with the keys that were given."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Mistaken("folder.unreadable", path=file, why=why(error)) from None
    trail = audit.read_file(raw)
    if admin is not None:
        known, seen = {}, SeenTrail(server_key or "")
    else:
        memory = Memory(shell.folder.path / SEEN, shell.unlock().sign.seed)
        known, remembered = dict(memory.roster().keys), memory.trail()
        seen = SeenTrail(server_key or remembered.server_key, remembered.hashes)
    signers = audit.signers_of_file(trail, pinned_key(shell, admin), known)
    if not seen.server_key:
        shell.tell(shell.say("audit.server_key_unknown", key=trail.server_key), "yellow")
    return audit.check(trail, signers, seen, days.today(), is_now=False)


def _fits(row: Row, tip: str | None, officer: str | None, since: str | None) -> bool:
    return (
        (tip is None or (row.tip_id or "").startswith(tip.lower()))
        and (officer is None or officer in (row.name, row.officer[: len(officer)]))
        and (since is None or row.day >= since)
    )


def _table(shell: Shell, rows: list[Row], signers: Signers) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for key in ("seq", "day", "deed", "officer", "centre", "tip", "about", "verdict"):
        table.add_column(shell.say(f"audit.column_{key}"), overflow="fold")
    for row in rows:
        is_good = row.verdict in (None, "signed", "former")
        deed = shell.words.label("audited", row.deed)
        told = (
            str(row.seq),
            days.say_day(row.day, shell.words.language),
            deed if row.count is None else f"{deed} ({row.count})",
            shell.say("audit.server") if row.officer == "server" else row.name,
            row.centre or "–",
            (row.tip_id or "–")[:8],
            present.rests_on(shell.words, row.about, signers),
            shell.words.label("audit_verdict", row.verdict or "none"),
        )
        style = "" if is_good else "bold red"
        table.add_row(*(Text(calm_line(each), style=style) for each in told))
    return table


def _say_days(shell: Shell, checked: Checked) -> None:
    trail, language = checked.trail, shell.words.language
    shell.print(shell.say("audit.whole", n=len(trail.entries), days=len(trail.heads)), "bold")
    for day in checked.days[-7:]:
        names = ", ".join(day.auditors) or shell.say("audit.nobody")
        told = shell.say("audit.day", day=days.say_day(day.day, language), seq=day.seq, names=names)
        shell.print(calm_line(told))
    left = len(trail.entries) - checked.witnessed
    if left:
        shell.print(shell.say("audit.unwitnessed", n=left), "yellow")


def _say_found(shell: Shell, checked: Checked) -> None:
    for found in checked.found:
        told = calm_line(shell.say(found.key, **found.params))
        shell.print(f"! {told}" if found.is_alarm else f"· {told}", "red" if found.is_alarm else "")
    if checked.alarms:
        shell.print(shell.say("audit.advice"))
    else:
        shell.print(shell.say("audit.all_well"), "green")


def _found_json(shell: Shell, checked: Checked) -> dict[str, object]:
    return {
        "is_whole": not checked.alarms,
        "findings": [
            {
                "name": found.name,
                "is_alarm": found.is_alarm,
                "says": shell.say(found.key, **found.params),
                "about": dict(found.params),
            }
            for found in checked.found
        ],
    }


def _days_json(checked: Checked) -> dict[str, object]:
    return {
        "entries": len(checked.rows),
        "witnessed": checked.witnessed,
        "server_key": checked.trail.server_key,
        "days": [
            {"day": day.day, "seq": day.seq, "auditors": list(day.auditors)} for day in checked.days
        ],
    }


def _row_json(row: Row) -> dict[str, object]:
    return {
        "seq": row.seq,
        "day": row.day,
        "deed": row.deed,
        "officer": row.officer,
        "name": row.name,
        "centre": row.centre,
        "tip_id": row.tip_id,
        "count": row.count,
        "about": row.about,
        "verdict": row.verdict,
    }


def _exit(checked: Checked) -> None:
    if checked.alarms:
        raise typer.Exit(DISTRUSTED)
