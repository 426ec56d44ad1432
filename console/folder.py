"""The officer's folder: settings, the sealed key file, the pinned roster, what was seen. Nothing
readable of a tip.

The folder is 0700 and every file in it 0600. A file is replaced whole (written beside, synced,
renamed), so a crash leaves the old one or the new one.
"""

import contextlib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.days import CLOCKS
from console.errors import Mistaken, Unreachable
from console.members.links import Links, links_from
from console.origins import origin_of

CONFIG = "config.toml"
KEYS = "keys.age"
CARD = "card.toml"
SEEN = "seen.json"
ADMIN_KEYS = "admin.age"


@dataclass(frozen=True, slots=True)
class Settings:
    """What config.toml says: which desk, whose signature the roster must carry, the office's
    clocks, and for a registrar's cards where people reach the bot.
    """

    desk: str
    admin: str
    name: str
    proxy: str | None
    clocks: Mapping[str, int]
    links: Links = field(default_factory=Links)


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def make(self) -> None:
        """Make the folder 0700. Raises Mistaken when it already holds an officer's files."""
        if any((self.path / name).exists() for name in (CONFIG, KEYS)):
            raise Mistaken("folder.exists", path=self.path)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise Unreachable("folder.unwritable", path=self.path, why=why(error)) from error

    def settings(self) -> Settings:
        path = self.path / CONFIG
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Mistaken("folder.missing", path=self.path) from None
        except (OSError, ValueError) as error:
            raise Mistaken("folder.bad_config", path=path, why=why(error)) from None
        return _settings(path, table)

    def write_settings(self, *, desk: str, admin: str, name: str) -> None:
        text = (
            "# Where the desk is, and whose signature a roster must carry.\n"
            f"desk = {_toml(desk)}\n"
            f"admin = {_toml(admin)}\n"
            f"name = {_toml(name)}\n"
            '# proxy = "http://127.0.0.1:8118"\n'
            "\n"
            "# Days from filing until the reporter must have heard, by status; used only with a\n"
            "# desk that does not say its own.\n"
            "[clocks]\n" + "".join(f"{status} = {days}\n" for status, days in CLOCKS.items()) + "\n"
            "# For a registrar: what the QR codes of members' cards lead to. Never a code.\n"
            "[links]\n"
            '# telegram = "https://t.me/the_bot"\n'
            '# line = "https://line.me/R/ti/p/@the-bot"\n'
            '# web = "https://chat.example.go.th"\n'
            '# onion = "http://….onion"\n'
        )
        self.write(CONFIG, text.encode())

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable("folder.unreadable", path=self.path / name, why=why(error)) from error

    def write(self, name: str, data: bytes) -> None:
        replace_whole(self.path / name, data)


def replace_whole(path: Path, data: bytes) -> None:
    """Put *data* at *path*, 0600: the old file or the new one survives a crash, never half of
    one.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        write_new(beside, data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Unreachable("folder.unwritable", path=path, why=why(error)) from error


@contextlib.contextmanager
def locked(path: Path, *, waits: bool = True) -> Iterator[None]:
    """Hold the lock of the file *path*. Raises BlockingIOError while another program holds it,
    unless it *waits*. Where the system has no flock (Windows), one program at a time is assumed.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes) -> None:
    """Write *data* to a file that does not exist yet, 0600, synced. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def why(error: Exception) -> str:
    """An operating system's reason without the path (said already) and without a traceback."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


def _settings(path: Path, table: Mapping[str, object]) -> Settings:
    def text(name: str) -> str:
        value = table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Mistaken("folder.config_key", path=path, name=name)
        return value.strip()

    unknown = set(table) - {"desk", "admin", "name", "proxy", "clocks", "links"}
    if unknown:
        raise Mistaken("folder.config_unknown", path=path, name=sorted(unknown)[0])
    clocks = table.get("clocks", {})
    if not isinstance(clocks, dict) or not all(
        type(days) is int and 0 < days < 3660 for days in clocks.values()
    ):
        raise Mistaken("folder.config_key", path=path, name="clocks")
    try:
        named = table.get("links", {})
        links = links_from(named if isinstance(named, dict) else {"": ""})
    except ValueError:
        raise Mistaken("folder.config_key", path=path, name="links") from None
    return Settings(
        desk=origin_of(text("desk")),
        admin=text("admin"),
        name=text("name"),
        proxy=text("proxy") if "proxy" in table else None,
        clocks={**CLOCKS, **clocks},
        links=links,
    )


def _toml(text: str) -> str:
    """*text* as a TOML basic string; control characters never reach a config file."""
    kept = "".join(c for c in text if c.isprintable())
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'
