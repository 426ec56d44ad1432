"""A throw-away deployment in a folder, made with the commands that a real one is made with.

    server/           saisaat init: config.toml, data, forget, and the signed roster
    secrets/          the server key
    admin/            the admin's key and the roster's draft (a machine of its own in real life)
    recovery/         the recovery key (a safe in real life)
    officers/…/       one officer's console folder each, and the passphrase of its key file
    logs/             what the programs print

Laws: only a folder that this module made is ever removed; passphrases lie beside the keys, so no
real tip may ever be told to a deployment made here.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import load
from deploy.demo.errors import DemoFailed, check
from deploy.demo.platforms import Platforms
from deploy.demo.programs import free_ports, program, run
from sealing import generate_passphrase

MARK = ".saisaat-demo"
PROVINCES_OF_THE_FIRST = ("khon-kaen", "maha-sarakham")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a console folder and a passphrase."""

    name: str
    home: Path
    passphrase_file: Path

    def console(self, *words: str | Path) -> list[str | Path]:
        """The command line of this person's console."""
        options = ("--home", self.home, "--passphrase-file", self.passphrase_file)
        return [program("saisaat-console"), *options, *words]


Posted = tuple[Holder, tuple[str, ...], str]
"""Somebody, their centres, and their role there."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the demo starts and shows."""

    folder: Path
    config: Path
    web_port: int
    desk_port: int
    provincial: Holder
    lead: Holder
    regional: Holder
    registrar: Holder
    auditor: Holder
    member_code: str = field(repr=False, default="")
    """Of the member whom the registrar adds once the desk runs; empty before, like the other."""
    duress_code: str = field(repr=False, default="")

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def desk_url(self) -> str:
        return f"http://127.0.0.1:{self.desk_port}"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        """What a thief of the server's disk would carry away."""
        return self.config.parent / "data"


def make(folder: Path, tell: Tell, platforms: Platforms | None = None) -> Deployment:
    """Make a fresh deployment in *folder*; what an earlier demo left there goes first. With
    *platforms*, people reach it on Telegram and LINE too.

    Raises DemoFailed: the folder holds something else, or a command failed.
    """
    _clear(folder)
    web_port, desk_port = free_ports(2)
    making = _Making(folder, web_port, desk_port, tell)
    tell("ตั้งเครื่องแม่ข่าย · a server: saisaat init")
    making.server()
    if platforms is not None:
        tell("เปิดช่องทาง Telegram และ LINE (จำลองในเครื่องนี้) · Telegram and LINE, played here")
        making.channels(platforms)
    tell("กุญแจผู้ดูแล กุญแจกู้คืน · the admin's key and the recovery key")
    making.offline_keys()
    tell("กุญแจของเจ้าหน้าที่ หัวหน้า นายทะเบียน ผู้ตรวจสอบ · keys of officers, lead, registrar, auditor")
    staff = making.staff()
    tell("ลงลายมือชื่อทะเบียนเจ้าหน้าที่ · the signed roster")
    making.roster(staff)
    officer, lead, other, registrar, auditor = (holder for holder, _, _ in staff)
    return Deployment(
        folder,
        making.config,
        making.web_port,
        making.desk_port,
        officer,
        lead,
        other,
        registrar,
        auditor,
    )


@dataclass(slots=True)
class _Making:
    """A deployment on its way."""

    folder: Path
    web_port: int
    desk_port: int
    tell: Tell
    config: Path = field(init=False)
    admin_key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.config = self.folder / "server" / "config.toml"

    def server(self) -> None:
        """As the operator: make it, then write addresses into its configuration."""
        run(
            program("saisaat"), "init", self.config.parent, "--secrets", self.folder / "secrets"
        )  # fmt: skip
        text = self.config.read_text(encoding="utf-8")
        for old, new in (
            ('listen = "127.0.0.1:8080"', f'listen = "127.0.0.1:{self.web_port}"'),
            ('listen = "127.0.0.1:8081"', f'listen = "127.0.0.1:{self.desk_port}"'),
            ('"https://chat.example.go.th"', f'"http://127.0.0.1:{self.web_port}"'),
            ('"https://desk.example.go.th"', f'"http://127.0.0.1:{self.desk_port}"'),
        ):
            text = _replaced(text, old, new)
        self.config.write_text(text, encoding="utf-8")

    def channels(self, platforms: Platforms) -> None:
        """As the operator: tokens into the secrets folder, the platforms' addresses into the
        configuration, the webhook's address into LINE's console."""
        platforms.lay_down_secrets(self.folder / "secrets")
        text = self.config.read_text(encoding="utf-8")
        for old, new in platforms.addresses:
            text = _replaced(text, old, new)
        self.config.write_text(text, encoding="utf-8")
        platforms.calls_webhook_at(f"http://127.0.0.1:{self.web_port}")

    def offline_keys(self) -> None:
        """As the admin, on what would be a machine without a network."""
        admin, recovery = self._holder("admin"), self._holder("recovery")
        with ThreadPoolExecutor(2) as pool:
            made = pool.submit(_cheaply, admin, "roster", "init-admin", "--name", "admin")
            pool.submit(_cheaply, recovery, "recovery", "make", self._recovery_file).result()
            made.result()
        self.admin_key = (admin.home / "admin.pub").read_text(encoding="ascii").strip()
        text = self.config.read_text(encoding="utf-8")
        text = _replaced(text, 'admin_key = ""', f'admin_key = "{self.admin_key}"')
        self.config.write_text(text, encoding="utf-8")

    def staff(self) -> tuple[Posted, ...]:
        """As each of them: keys and an enrolment card. The officer of the province, their lead,
        another province's officer, the registrar, the auditor."""
        others = [
            centre.id
            for centre in load(self.config).centres
            if centre.id not in PROVINCES_OF_THE_FIRST
        ]
        posted: tuple[Posted, ...] = (
            (self._holder("somchai", "สมชาย ตัวอย่าง"), PROVINCES_OF_THE_FIRST, "officer"),
            (self._holder("ladda", "ลัดดา หัวหน้าตัวอย่าง"), PROVINCES_OF_THE_FIRST, "lead"),
            (self._holder("malee", "มาลี ตัวอย่าง"), tuple(others), "officer"),
            (self._holder("rachan", "ราชัน นายทะเบียนตัวอย่าง"), PROVINCES_OF_THE_FIRST, "registrar"),
            (self._holder("orathai", "อรทัย ผู้ตรวจสอบตัวอย่าง"), PROVINCES_OF_THE_FIRST, "auditor"),
        )
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._enrol, (holder for holder, _, _ in posted)))
        return posted

    def roster(self, staff: Iterable[Posted]) -> None:
        """As the admin again: every card, compared by telephone, signed."""
        admin = self._holder("admin")
        for holder, theirs, role in staff:
            named = [word for centre in theirs for word in ("--centre", centre)]
            _cheaply(
                admin, "roster", "add", holder.home / "card.toml", *named, "--role", role,
                "--recovery", f"{self._recovery_file}.pub", "--yes",
            )  # fmt: skip
        _cheaply(admin, "roster", "sign", "--out", self.config.parent / "roster.toml")

    @property
    def _recovery_file(self) -> Path:
        return self.folder / "recovery" / "recovery.age"

    def _enrol(self, holder: Holder) -> None:
        _cheaply(
            holder, "init", "--desk", f"http://127.0.0.1:{self.desk_port}",
            "--admin", self.admin_key, "--name", holder.name,
        )  # fmt: skip
        _cheaply(holder, "enrol")

    def _holder(self, folder: str, name: str | None = None) -> Holder:
        """The person of *folder*, with a passphrase of their own."""
        where = self.folder if folder in ("admin", "recovery") else self.folder / "officers"
        home = where / folder
        passphrase_file = home.with_name(f"{folder}.passphrase")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not passphrase_file.exists():
            _write_private(passphrase_file, generate_passphrase() + "\n")
        return Holder(name or folder, home, passphrase_file)


def _cheaply(holder: Holder, *words: str | Path) -> None:
    """Run this person's console with the cheap key files of the demo."""
    console = [sys.executable, "-m", "deploy.demo.throw_away_console"]
    options = ("--home", holder.home, "--passphrase-file", holder.passphrase_file)
    run(*console, *options, *words)


def _clear(folder: Path) -> None:
    """Make *folder* empty and ours, 0700. Raises DemoFailed rather than remove anything else."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise DemoFailed(f"{folder} is not a folder. Name another with --data.")
    if folder.is_dir() and any(folder.iterdir()):
        check(
            (folder / MARK).exists(),
            f"{folder} holds something that no demo made. Name another folder with --data.",
        )
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / MARK).write_text("made by the demo; removed by the next one\n", encoding="utf-8")
    (folder / "logs").mkdir(mode=0o700)


def _replaced(text: str, old: str, new: str) -> str:
    check(text.count(old) == 1, f"the configuration that saisaat init made has no single {old}")
    return text.replace(old, new)


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
