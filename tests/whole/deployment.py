"""A whole deployment in a folder, made in a moment: real files, real keys, low costs, no programs.

    made = make(tmp_path)                                the files that `saisaat serve` needs
    made = make(tmp_path, accounts=[line_account(fake)]) the same, reached by LINE (platforms.py)
    with running(made) as server: ...                    tests/whole/server.py runs it
    async with made.office("khon-kaen") as office: ...   an officer's console on its desk

Three centres and one officer in each, an integrity centre inside an agency, recovery, member codes;
and a registrar, or a second officer in Khon Kaen, where a test wants one.
What the installed commands make is the demo's affair (deploy/demo); here nothing is stretched.
"""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock, today
from bot.server_key import ServerKey
from console.folder import Folder
from console.office import Office, working
from sealing import (
    MemberCode,
    Officer,
    OfficerKeys,
    RecoveryKey,
    Role,
    Roster,
    SigningKey,
    generate_alias,
    render,
    sign_roster,
    stretch_member_code,
)
from sealing.stretch import Cost
from storage import SqliteDatabase, Transaction
from storage.repositories import codes
from storage.repositories.codes import MemberCodeRow
from tests.loopback import own_ports

CHEAP = Cost(memory_kib=8, time=1, lanes=1)
CENTRES = {"region-4": (), "khon-kaen": ("TH-40",), "loei": ("TH-42",)}
INTEGRITY, AGENCY = "inside", "sample-department"
REGISTRAR = "registrar"
COLLEAGUE = "colleague"
GOOD_FOR = timedelta(days=300)
MEMBER_SINCE = 2020

CONFIG = """\
[web]
listen = "127.0.0.1:{web_port}"
public_url = "{web_scheme}://127.0.0.1:{web_port}"

[desk]
listen = "127.0.0.1:{desk_port}"
public_url = "http://127.0.0.1:{desk_port}"

[storage]
url = "sqlite:///data/saisaat.db"
blobs = "data/blobs"
forget = "forget/keys"

[secrets]
folder = "secrets"

[roster]
file = "roster.toml"
admin_key = "{admin_key}"

[limits]
{limits}

[retention]
{retention}
{accounts}
[[agency]]
id = "sample-department"
name_th = "กรมตัวอย่าง"
name_en = "Sample Department"
"""


@dataclass(frozen=True, slots=True)
class Account:
    """One bot account on a messaging platform: *keys* of its section of the configuration, and its
    *secrets* by the names of their files."""

    section: str
    keys: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def lines(self) -> str:
        """The section as it stands in the configuration."""
        keys = "".join(f'{key} = "{value}"\n' for key, value in self.keys.items())
        return f"\n[{self.section}]\n{keys}"


@dataclass(frozen=True, slots=True)
class Whole:
    """One deployment and every key of it. `officers` are named by their centre, or REGISTRAR."""

    folder: Path
    web_port: int
    desk_port: int
    server_key: ServerKey = field(repr=False)
    admin: SigningKey = field(repr=False)
    recovery: RecoveryKey = field(repr=False)
    officers: Mapping[str, OfficerKeys] = field(repr=False)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "saisaat.db"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def forget(self) -> Path:
        return self.folder / "forget" / "keys"

    @property
    def clock_file(self) -> Path:
        """How far this deployment's time is ahead of the machine's (tests/whole/server.py)."""
        return clock_file_in(self.folder)

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def desk_url(self) -> str:
        return f"http://127.0.0.1:{self.desk_port}"

    @asynccontextmanager
    async def office(self, centre: str = "khon-kaen") -> AsyncIterator[Office]:
        """The console of *centre*'s officer (or of REGISTRAR), at work on the running desk."""
        async with working(self.console(centre), self.officers[centre]) as office:
            yield office

    def console(self, centre: str = "khon-kaen") -> Folder:
        """The folder of that officer's console, ready but for the key file."""
        folder = Folder(self.folder / "consoles" / centre)
        if not folder.path.exists():
            folder.make()
            admin, name = str(self.admin.verify_key), self.officers[centre].name
            folder.write_settings(desk=self.desk_url, admin=admin, name=name)
        return folder

    async def member_code(
        self, *, is_duress: bool = False, centre: str = "khon-kaen"
    ) -> MemberCode:
        """A new member code that works. Only while no server runs."""
        code = MemberCode.generate(generate_alias())
        locator = stretch_member_code(
            code, salt=self.server_key.salt, pepper=self.server_key.pepper, cost=CHEAP
        )
        expires = (today(SystemClock()) + GOOD_FOR).isoformat()
        row = MemberCodeRow(locator, centre, is_duress, expires, MEMBER_SINCE)

        def add(t: Transaction) -> None:
            codes.add(t, row)

        async with await SqliteDatabase.open(self.database) as database:
            await database.commit(add)
        return code


def make(
    folder: Path,
    *,
    limits: Mapping[str, int] | None = None,
    retention: Mapping[str, int] | None = None,
    accounts: Sequence[Account] = (),
    has_registrar: bool = False,
    has_colleague: bool = False,
) -> Whole:
    """A fresh deployment in *folder*, which must be empty but for its clock. *limits* and
    *retention* are keys of the configuration; without *accounts* no platform is connected. The
    registrar and the colleague, if there are any, are Khon Kaen's."""
    for name in ("", "data", "data/blobs", "forget", "secrets"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / name).chmod(0o700)
    web_port, desk_port = own_ports(2)
    made = Whole(
        folder,
        web_port,
        desk_port,
        ServerKey.generate(),
        SigningKey.generate(),
        RecoveryKey.generate("recovery"),
        {
            name: OfficerKeys.generate(f"เจ้าหน้าที่ {name}")
            for name in (
                *(*CENTRES, INTEGRITY),
                *([REGISTRAR] if has_registrar else ()),
                *([COLLEAGUE] if has_colleague else ()),
            )
        },
    )
    made.server_key.write_new(folder / "secrets" / "server.key")
    _write(made.config, _config(made, limits or {}, retention or {}, accounts))
    for account in accounts:
        for name, secret in account.secrets.items():
            _write(folder / "secrets" / name, secret.encode())
    _write(folder / "roster.toml", sign_roster(render(_roster(made)), made.admin))
    return made


def clock_file_in(folder: Path) -> Path:
    """The clock of the deployment in *folder*, which need not be there yet."""
    return folder / "clock"


def _roster(made: Whole) -> Roster:
    day = today(SystemClock())
    officers = tuple(_officer(name, keys) for name, keys in made.officers.items())
    until = (day + GOOD_FOR).isoformat()
    return Roster(1, day.isoformat(), until, made.recovery.age.recipient, officers)


def _officer(name: str, keys: OfficerKeys) -> Officer:
    role = Role.REGISTRAR if name == REGISTRAR else Role.OFFICER
    centre = "khon-kaen" if name in (REGISTRAR, COLLEAGUE) else name
    return Officer(keys.name, keys.age.recipient, keys.sign.verify_key, (role,), (centre,))


def _config(
    made: Whole,
    limits: Mapping[str, int],
    retention: Mapping[str, int],
    accounts: Sequence[Account],
) -> bytes:
    cheap = {
        "argon2_memory_kib": CHEAP.memory_kib,
        "argon2_time": CHEAP.time,
        "argon2_lanes": CHEAP.lanes,
    }
    has_webhook = any("webhook" in account.keys.values() for account in accounts)
    text = CONFIG.format(
        web_port=made.web_port,
        # A webhook needs an address that a platform reaches over https; nothing here serves it.
        web_scheme="https" if has_webhook else "http",
        desk_port=made.desk_port,
        admin_key=made.admin.verify_key,
        limits=_lines({**cheap, **limits}),
        retention=_lines(retention),
        accounts="".join(account.lines for account in accounts),
    )
    for centre, provinces in CENTRES.items():
        parent = None if centre == "region-4" else "region-4"
        text += _centre(centre, parent, provinces=provinces)
    return (text + _centre(INTEGRITY, "region-4", agency=AGENCY)).encode()


def _centre(
    name: str, parent: str | None, *, provinces: tuple[str, ...] = (), agency: str | None = None
) -> str:
    lines = ["", "[[centre]]", f'id = "{name}"', f'name_th = "ศูนย์ {name}"', f'name_en = "{name}"']
    if parent:
        lines.append(f'parent = "{parent}"')
    if provinces:
        lines.append(f"provinces = {list(provinces)}")
    if agency:
        lines.append(f'agency = "{agency}"')
    return "\n".join(lines) + "\n"


def _lines(keys: Mapping[str, int]) -> str:
    return "\n".join(f"{key} = {value}" for key, value in keys.items())


def _write(path: Path, body: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(body)
