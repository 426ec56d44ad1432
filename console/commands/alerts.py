"""alerts: where the officer's phone is told that something waits, and when it stays silent.

The desk sends counts and days only. Nothing here opens a seal or changes a tip.
"""

import io
from typing import Annotated

import msgspec
import segno
import typer

from console import alerting, answers
from console.alerting import CHANNELS, CHATS
from console.errors import Mistaken
from console.office import Office
from console.shell import Shell, shell_of

SHORT = 8


def make() -> typer.Typer:
    app = typer.Typer(
        help="alerts on your phone: counts only · การแจ้งเตือน แจ้งเป็นจำนวนเท่านั้น",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("list", help="where and when you are alerted · ดูที่ตั้งไว้")(show)
    app.command("add", help="telegram | line | email ADDRESS · เพิ่มที่รับการแจ้งเตือน")(add)
    app.command("remove", help="no more alerts there · เลิกแจ้งที่นั่น")(remove)
    app.command("quiet", help="20:00-07:00 | none | usual · ช่วงที่ไม่แจ้ง")(quiet)
    app.command("test", help="send a test everywhere · ส่งข้อความทดสอบ")(test)
    return app


def show(context: typer.Context, json: Annotated[bool, typer.Option("--json")] = False) -> None:
    shell = shell_of(context)
    found = shell.at_work(_mine)
    if json:
        shell.json(msgspec.to_builtins(found))
        return
    if not found.channels:
        shell.print(shell.say("alerts.off"))
        return
    if not found.places:
        channels = " | ".join(each for each in CHANNELS if each in found.channels)
        shell.print(shell.say("alerts.none", channels=channels))
        return
    for place in found.places:
        channel = shell.words.label("alert_channel", place.channel)
        line = shell.say(
            "alerts.place", id=place.binding_id[:SHORT], channel=channel, shown=place.shown
        )
        shell.print(line.rstrip())
    shell.print(alerting.say_quiet(shell.words, found))
    shell.print(shell.say("alerts.breaks" if found.breaks_quiet else "alerts.breaks_not"))
    shell.tell(shell.say("alerts.only_counts"))


def add(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="telegram | line | email")],
    address: Annotated[str | None, typer.Argument(help="e-mail address · ที่อยู่อีเมล")] = None,
    code: Annotated[str | None, typer.Option(help="from the mail · รหัสในอีเมล")] = None,
    qr: Annotated[bool, typer.Option("--qr/--no-qr", help="show it to your phone")] = True,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    if channel in CHATS:
        _add_chat(shell, channel, is_json=json, with_qr=qr)
    elif channel == "email":
        _add_email(shell, address, code)
    else:
        raise Mistaken("alerts.bad_channel", known=", ".join(CHANNELS))


def remove(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="its first letters in alerts list")],
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> None:
        await alerting.remove(office, which)

    shell.at_work(work)
    shell.print(shell.say("alerts.removed"))


def quiet(
    context: typer.Context,
    hours: Annotated[str | None, typer.Argument(help="20:00-07:00 | none | usual")] = None,
    days: Annotated[str | None, typer.Option(help="whole days: sat,sun · ทั้งวัน")] = None,
    urgent: Annotated[
        bool | None,
        typer.Option("--urgent/--no-urgent", help="urgent ones come anyway · เร่งด่วนแจ้งเสมอ"),
    ] = None,
    language: Annotated[str | None, typer.Option(help="th | en")] = None,
) -> None:
    shell = shell_of(context)
    chosen = None if days is None else [d.strip().lower() for d in days.split(",") if d.strip()]

    async def work(office: Office) -> None:
        await alerting.set_quiet(
            office, hours=hours, days=chosen, breaks_quiet=urgent, language=language
        )

    shell.at_work(work)
    shell.print(shell.say("alerts.kept"))


def test(context: typer.Context) -> None:
    shell = shell_of(context)

    places = shell.at_work(alerting.test)
    shell.print(shell.say("alerts.tested", n=places))


async def _mine(office: Office) -> answers.Alerts:
    return await office.desk.alerts()


def _add_chat(shell: Shell, channel: str, *, is_json: bool, with_qr: bool) -> None:
    async def work(office: Office) -> answers.AlertLink:
        return await office.desk.alert_link(channel, shell.words.language)

    found = shell.at_work(work)
    if is_json:
        shell.json(msgspec.to_builtins(found))
        return
    shell.print(shell.say("alerts.open_link", minutes=found.expires_s // 60))
    if with_qr:
        drawn = io.StringIO()
        segno.make(found.link, error="m", micro=False).terminal(drawn, compact=True)
        typer.echo(drawn.getvalue())
    shell.print(f"    {found.link}", "bold")
    if channel == "line":
        shell.print(shell.say("alerts.line_send"))
    shell.tell(shell.say("alerts.after_link"))


def _add_email(shell: Shell, address: str | None, code: str | None) -> None:
    """Ask for a code by mail, then for what the mail said; or take a *code* that came before."""
    if address is None:
        raise Mistaken("alerts.address_missing")

    async def work(office: Office) -> None:
        typed = code
        if typed is None:
            mailed = await office.desk.alert_mail(address, shell.words.language)
            minutes = mailed.expires_s // 60
            shell.print(shell.say("alerts.mailed", address=address, minutes=minutes))
            typed = shell.ask("alerts.ask_code", default="").strip()
        if not typed:
            raise Mistaken("alerts.no_code", address=address)
        await office.desk.confirm_alert_mail(typed)

    shell.at_work(work)
    shell.print(shell.say("alerts.added"))
