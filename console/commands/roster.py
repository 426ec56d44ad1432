"""roster init-admin, add, remove, sign, show: the admin's work, on a machine without a network.

`learn` is any officer's: it makes their console know who signed before them.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from console import days, present
from console.admin_folder import GOOD_FOR_DAYS, PUBLIC, AdminFolder, read_card, with_officer
from console.commands import roster_bodies
from console.errors import Mistaken, Unreachable
from console.folder import ADMIN_KEYS, SEEN, why, write_new
from console.office import working
from console.recovery import read_recipient
from console.seen import Memory
from console.shell import Shell, shell_of
from console.trust import Trust, admin_key, learn_roster, open_signed
from sealing import AdminKey, Roster, VerifyKey, mixed, open_admin_key, seal_admin_key

Json = Annotated[bool, typer.Option("--json")]


def make() -> typer.Typer:
    app = typer.Typer(
        help="whose keys count (admin) · ทะเบียนเจ้าหน้าที่",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("init-admin", help="make the admin's key · สร้างกุญแจผู้ดูแล")(init_admin)
    app.command("add", help="add an officer's card to the draft · เพิ่มเจ้าหน้าที่")(add)
    app.command("remove", help="take an officer out of the draft · นำเจ้าหน้าที่ออก")(remove)
    roster_bodies.register(app)
    app.command("sign", help="sign the draft · ลงนาม")(sign)
    app.command("learn", help="know who signed before · รู้จักเจ้าหน้าที่ชุดก่อน")(learn)
    app.command("show", help="show a signed roster · ดูทะเบียน")(show)
    return app


def init_admin(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="whose key · ชื่อ")] = "admin",
    generate_passphrase: Annotated[bool, typer.Option("--generate-passphrase")] = False,
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    if folder.keys_path.exists():
        raise Mistaken("roster.admin_exists", path=folder.keys_path)
    make_private(shell.home)
    key = AdminKey.generate(name)
    passphrase = shell.new_passphrase(is_generated=generate_passphrase)
    shell.folder.write(PUBLIC, f"{key.sign.verify_key}\n".encode())
    shell.folder.write(ADMIN_KEYS, seal_admin_key(key, passphrase.reveal(), shell.log_n))
    shell.print(shell.say("roster.admin_made", path=folder.keys_path))
    shell.print(shell.say("roster.admin_key"))
    shell.print(str(key.sign.verify_key), "bold")


def add(
    context: typer.Context,
    card: Annotated[Path, typer.Argument(help="enrolment card · บัตรลงทะเบียน")],
    centre: Annotated[list[str] | None, typer.Option(help="centre's id, may repeat")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="officer, lead, registrar, admin, auditor, figures")
    ] = None,
    conflict: Annotated[list[str] | None, typer.Option(help="agency never to get")] = None,
    recovery: Annotated[Path | None, typer.Option(help="recovery's public half (a file)")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="the fingerprint was read aloud")] = False,
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    folder.public_key()
    person = read_card(card)
    shell.print(shell.say("roster.check_aloud", name=person.name))
    shell.print(f"    {person.fingerprint}", "bold")
    if not yes and not shell.confirm("roster.confirm"):
        raise Mistaken("roster.not_confirmed")
    recipient = None if recovery is None else read_recipient(recovery)
    draft = folder.begin(recipient, days.today())
    draft = with_officer(draft, person, role or ["officer"], centre or [], conflict or [])
    folder.keep_draft(draft)
    shell.print(shell.say("roster.added", name=person.name, path=folder.draft_path))


def remove(context: typer.Context, officer: Annotated[str, typer.Argument()]) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    draft = folder.begin(None, days.today())
    gone = Trust.of(draft).find(officer)
    kept = tuple(other for other in draft.officers if other.id != gone.id)
    folder.keep_draft(replace(draft, officers=kept))
    shell.print(shell.say("roster.removed", name=gone.name, path=folder.draft_path))


def sign(
    context: typer.Context,
    days_good: Annotated[int, typer.Option("--days", min=1, max=3650)] = GOOD_FOR_DAYS,
    out: Annotated[Path | None, typer.Option(help="also write it here")] = None,
    accept_mixes: Annotated[
        bool,
        typer.Option(
            "--accept-mixes",
            help="one person may have two roles that are better apart · ยอมให้คนเดียวมีสองบทบาท",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="never so · ไม่ยอมให้คนเดียวมีสองบทบาท")
    ] = False,
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    _check_mixes(shell, folder.begin(None, days.today()), is_known=accept_mixes, is_strict=strict)
    key = shell.open_file(folder.keys_path, "roster.admin_missing", open_admin_key)
    roster = folder.sign(key.sign, days.today(), days_good)
    path = folder.signed_path
    if out is not None:
        _copy(folder.signed_path, out)
        path = out
    expires = days.say_day(roster.expires, shell.words.language)
    shell.print(shell.say("roster.signed", version=roster.version, expires=expires, path=path))


def _check_mixes(shell: Shell, draft: Roster, *, is_known: bool, is_strict: bool) -> None:
    """Name everybody who has two roles that are better apart. Raises Mistaken: nothing is signed
    unless the admin wants it so, and never an auditor of their own work."""
    found = mixed(draft)
    _tell_mixes(shell, draft)
    if any(mix.is_refused for _, mix in found):
        raise Mistaken("roster.mix_refused")
    if found and (is_strict or not (is_known or shell.confirm("roster.mix_confirm"))):
        raise Mistaken("roster.mix_not_confirmed")


def _tell_mixes(shell: Shell, roster: Roster) -> None:
    for officer, mix in mixed(roster):
        key = "roster.mix_never" if mix.is_refused else "roster.mix"
        says = shell.say(key, name=officer.name, one=mix.one.value, other=mix.other.value)
        shell.tell(says, "bold red" if mix.is_refused else "yellow")


def learn(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="an earlier roster · ทะเบียนชุดก่อน")],
) -> None:
    shell = shell_of(context)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Mistaken("folder.unreadable", path=file, why=why(error)) from None
    memory = Memory(shell.folder.path / SEEN, shell.unlock().sign.seed)
    roster = learn_roster(raw, pinned_key(shell, None), memory)
    shell.print(shell.say("roster.learnt", n=len(roster.officers), version=roster.version))


def show(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="a signed roster; else the desk's")] = None,
    admin: Annotated[str | None, typer.Option(help="admin's public key, 64 hex")] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    roster = _roster_to_show(shell, file, admin)
    if json:
        shell.json(_roster_json(roster))
        return
    language = shell.words.language
    shell.print(
        shell.say(
            "roster.title",
            version=roster.version,
            day=days.say_day(roster.day, language),
            expires=days.say_day(roster.expires, language),
        ),
        "bold",
    )
    warning = present.roster_warning(shell.words, roster, days.today())
    if warning:
        shell.tell(warning, "yellow")
    _tell_mixes(shell, roster)
    for officer in roster.officers:
        shell.print()
        shell.print(f"{officer.name} · {', '.join(officer.roles)} · {', '.join(officer.centres)}")
        shell.print(f"  {officer.id}", "dim")
        shell.print(f"  {officer.fingerprint}")
    roster_bodies.tell_bodies(shell, roster)


def make_private(path: Path) -> None:
    """Make the folder *path* 0700 if it is not there yet."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable("folder.unwritable", path=path, why=why(error)) from error


def pinned_key(shell: Shell, admin: str | None) -> VerifyKey:
    """The admin's public key: the one given, else this admin's own, else the one that this
    officer's console was set up with."""
    if admin is not None:
        return admin_key(admin)
    if shell.folder.read(PUBLIC) is not None:
        return AdminFolder(shell.folder).public_key()
    return admin_key(shell.folder.settings().admin)


def _roster_to_show(shell: Shell, file: Path | None, admin: str | None) -> Roster:
    """From a file or the admin's folder, checked against the admin's key; else from the desk."""
    folder = AdminFolder(shell.folder)
    if file is None and shell.folder.read(PUBLIC) is None:
        keys = shell.unlock()

        async def ask() -> Roster:
            async with working(shell.folder, keys) as office:
                return (await office.trust()).roster

        return asyncio.run(ask())
    pinned = pinned_key(shell, admin)
    path = file or folder.signed_path
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Mistaken("folder.unreadable", path=path, why=why(error)) from None
    return open_signed(raw, pinned, 0)


def _roster_json(roster: Roster) -> dict[str, object]:
    return {
        "version": roster.version,
        "day": roster.day,
        "expires": roster.expires,
        "recovery": str(roster.recovery),
        "officers": [
            {
                "officer": officer.id,
                "name": officer.name,
                "roles": [str(role) for role in officer.roles],
                "centres": list(officer.centres),
                "conflicts": list(officer.conflicts),
                "fingerprint": officer.fingerprint,
            }
            for officer in roster.officers
        ],
        "bodies": roster_bodies.bodies_json(roster),
        "mixes": [
            {"officer": officer.id, "roles": [mix.one.value, mix.other.value]}
            for officer, mix in mixed(roster)
        ],
    }


def _copy(source: Path, target: Path) -> None:
    """The signed roster for the server: public, but written like everything else."""
    try:
        target.unlink(missing_ok=True)
        write_new(target, source.read_bytes())
    except OSError as error:
        raise Unreachable("folder.unwritable", path=target, why=why(error)) from error
