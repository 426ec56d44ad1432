"""export, export-check: a tip taken out of the desk, and whether a folder is what was taken out."""

from pathlib import Path
from typing import Annotated

import typer

from console.calm import calm_line
from console.commands.tips import Json, TipArgument
from console.days import say_day
from console.errors import Mistaken
from console.export import CASE_FILE, ROSTER, SEALED, Exported, export_tip
from console.export_check import Checked, check_export, small_file
from console.findings import Signers
from console.folder import CONFIG
from console.office import Office
from console.present import say_hazards
from console.shell import Shell, shell_of
from console.trust import Trust, admin_key, open_signed
from sealing.roster import AT_MOST_BYTES as ROSTER_AT_MOST

DEVIATES, UNCHECKED = 5, 2
VOUCHED = ("signed", "former")


def register(app: typer.Typer) -> None:
    app.command("export", help="write a tip to disk, decrypted · นำออก")(export)
    app.command("export-check", help="is an exported folder whole? · ตรวจโฟลเดอร์ที่นำออก")(check)


def export(
    context: typer.Context,
    tip: TipArgument,
    folder: Annotated[Path, typer.Argument(help="a new folder · โฟลเดอร์ใหม่")],
    reason: Annotated[str, typer.Option(help="why · เหตุผล")] = "",
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if not reason.strip():
        raise Mistaken("export.needs_reason")
    if folder.exists():
        raise Mistaken("export.exists", path=folder)
    shell.tell(shell.say("export.warning"), "yellow")

    async def work(office: Office) -> Exported:
        tip_id = await office.tip_id(tip)
        return await export_tip(office, tip_id, folder, reason, shell.words, shell.tell)

    say_exported(shell, shell.at_work(work), json=json)


def say_exported(shell: Shell, done: Exported, *, json: bool) -> None:
    """What was written, and what was left out. Leaving out a file is exit code 5; a case file that
    could not be printed is said, and is no error: all that it would tell is there."""
    for skipped in done.skipped:
        says = shell.explain(skipped.error)
        shell.tell(shell.say("export.skipped", seq=skipped.seq, why=says), "bold red")
    for warned in done.warned:
        what = say_hazards(shell.words, warned.hazards)
        shell.tell(shell.say("export.hazard", name=warned.name, what=what), "bold yellow")
    if done.unprinted is not None:
        shell.tell(shell.say(f"casefile.{done.unprinted}"), "yellow")
    if json:
        shell.json(
            {
                "path": str(done.path),
                "files": done.files,
                "warned": [
                    {"seq": w.seq, "name": w.name, "hazards": list(w.hazards)} for w in done.warned
                ],
                "skipped": [{"seq": s.seq, "why": s.error.key} for s in done.skipped],
                "case_file": CASE_FILE if done.unprinted is None else None,
                "unprinted": done.unprinted,
            }
        )
    else:
        shell.print(shell.say("export.done", files=done.files, path=done.path))
    if done.skipped:
        raise typer.Exit(done.skipped[0].error.exit_code)


def check(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="what was exported · โฟลเดอร์ที่นำออก")],
    roster: Annotated[
        Path | None,
        typer.Option(help="whose keys count; else the one in the folder · ทะเบียนเจ้าหน้าที่"),
    ] = None,
    admin: Annotated[
        str | None,
        typer.Option(help="the key that must have signed the roster; else your own folder's"),
    ] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    signers = _signers(shell, folder, roster, admin)
    done = check_export(folder, signers)
    if json:
        shell.json(_as_json(done))
    else:
        _say(shell, done, signers)
    if done.deviations:
        raise typer.Exit(DEVIATES)
    if done.signature not in VOUCHED:
        raise typer.Exit(UNCHECKED)


def _say(shell: Shell, done: Checked, signers: Signers | None) -> None:
    for each in done.deviations:
        shown = {name: calm_line(str(value)) for name, value in each.params.items()}
        shell.print(shell.say(each.key, **shown), "bold red")
    manifest = done.manifest
    if manifest is not None and done.signature:
        shown = {
            "name": calm_line(signers.name(manifest.officer)) if signers else "–",
            "day": say_day(manifest.day, shell.words.language),
        }
        tone = "" if done.signature == "signed" else "yellow"
        shell.print(shell.say(f"exportcheck.{done.signature}", **shown), tone)
    if done.deviations:
        shell.print(shell.say("exportcheck.failed", n=len(done.deviations)), "bold red")
    elif manifest is not None:
        shell.print(shell.say("exportcheck.whole", files=len(manifest.files)))


def _as_json(done: Checked) -> dict[str, object]:
    manifest = done.manifest
    return {
        "is_whole": done.is_whole,
        "signature": done.signature or None,
        "tip_id": None if manifest is None else manifest.tip_id,
        "officer": None if manifest is None else manifest.officer,
        "day": None if manifest is None else manifest.day,
        "files": 0 if manifest is None else len(manifest.files),
        "deviations": [{"what": each.name, **each.params} for each in done.deviations],
    }


def _signers(shell: Shell, folder: Path, roster: Path | None, admin: str | None) -> Signers | None:
    """Whose keys count; None when nobody says whose signature a roster must carry."""
    pin = admin
    if pin is None and (shell.home / CONFIG).exists():
        pin = shell.folder.settings().admin
    if pin is None:
        return None
    path = (roster or folder / SEALED / ROSTER).absolute()
    raw = small_file(path if roster is None else path.resolve(), ROSTER_AT_MOST)
    if raw is None:
        if roster is None:
            return Signers({}, {}, {})
        raise Mistaken("exportcheck.no_roster", path=path)
    return Trust.of(open_signed(raw, admin_key(pin), 0)).signers
