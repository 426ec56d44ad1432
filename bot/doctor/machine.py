"""The machine: clock, disk, memory that could be written down, addresses, certificate."""

import errno
import os
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography import x509

from bot.config_sections import Config
from bot.config_values import Listen
from bot.doctor.database import Inside
from bot.doctor.findings import Finding
from bot.hardening import core_dumps_are_off, disable_core_dumps
from sealing.stretch import Cost

_MIB = 1024 * 1024
_LEAST_FREE_MIB = 512
_WARN_FREE_MIB = 5 * 1024
_WARN_CERTIFICATE_DAYS = 21
_BUILT = date(2026, 11, 1)  # no clock that is right shows an earlier day than this release


def clock(path: Path, inside: Inside, today: date) -> Iterator[Finding]:
    """Look for a clock that is plainly wrong: deadlines, expiry and forgetting depend on it."""
    fix = "Set the clock (timedatectl) and let it be kept right (NTP)."
    if today < _BUILT:
        yield Finding.problem("clock", "shows a day before this program was made.", fix)
    elif inside.newest_day is not None and inside.newest_day > today.isoformat():
        yield Finding.problem("clock", "shows a day before the newest tip was filed.", fix)
    elif path.stat().st_mtime > time.time() + 24 * 3600:
        yield Finding.problem("clock", "shows a time before the configuration was written.", fix)
    else:
        yield Finding.ok("clock", f"says {today.isoformat()} in Thailand.")


def disk(config: Config) -> Iterator[Finding]:
    """Look whether there is room for what people send."""
    folders = {"data": config.storage.data_folder, "forget": config.storage.forget.parent}
    for name, folder in folders.items():
        if not folder.is_dir():
            continue  # said elsewhere
        facts = os.statvfs(folder)
        free_mib = facts.f_bavail * facts.f_frsize // _MIB
        says = f"{free_mib} MiB are free for {folder}."
        fix = "Make room, or move the folder to a larger disk."
        if free_mib < max(_LEAST_FREE_MIB, 2 * config.limits.conversation_mib):
            yield Finding.problem("disk", says, fix)
        elif facts.f_files and facts.f_favail < 10_000:
            yield Finding.problem("disk", f"hardly a file more fits beside {folder}.", fix)
        elif name == "data" and free_mib < _WARN_FREE_MIB:
            yield Finding.warning("disk", says, fix)
        else:
            yield Finding.ok("disk", says)


def memory(swaps: Path = Path("/proc/swaps")) -> Iterator[Finding]:
    """Look whether words in memory could reach a disk: by a core dump, or by swap."""
    fix = "Let the service manager not forbid prctl and setrlimit to the bot."
    try:
        disable_core_dumps()
    except OSError:
        yield Finding.problem("core dumps", "cannot be switched off.", fix)
    else:
        if core_dumps_are_off():
            yield Finding.ok("core dumps", "are switched off by the bot when it starts.")
        else:
            yield Finding.problem("core dumps", "stay on.", fix)
    if swaps.is_file() and len(swaps.read_text(encoding="utf-8").splitlines()) > 1:
        yield Finding.warning(
            "swap", "is on: the system may write words that pass through memory to disk.",
            "Encrypt the swap, or switch it off (swapoff -a).",
        )  # fmt: skip


def addresses(config: Config) -> Iterator[Finding]:
    """Look whether the bot can listen, and who could then connect."""
    for name, listen in (("web", config.web.listen), ("desk", config.desk.listen)):
        yield _can_listen(name, listen)
    if not config.web.listen.is_loopback:
        yield Finding.warning(
            "web", f"listens for other machines on {config.web.listen} without encryption.",
            "Listen on 127.0.0.1 behind a proxy that encrypts, or see to it that nobody else can "
            "reach this address.",
        )  # fmt: skip
    for name, url in (("web", config.web.public_url), ("desk", config.desk.public_url)):
        if url.endswith(".example.go.th"):
            yield Finding.warning(
                name, "public_url is still the example.", "Write the address people really open."
            )
        elif url.startswith("http://") and not url.split(":")[1].endswith(".onion"):
            yield Finding.warning(
                name, "public_url opens on this machine only.",
                "Fine for a trial; otherwise write the https:// address.",
            )  # fmt: skip


def certificate(config: Config, today: date) -> Iterator[Finding]:
    """Look whether the desk's certificate fits its key and is good for a while."""
    desk = config.desk
    if desk.tls_cert is None or desk.tls_key is None:
        return
    fix = "Renew it, and give the bot the new files."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            desk.tls_cert, desk.tls_key, password=""
        )
        last = x509.load_pem_x509_certificate(desk.tls_cert.read_bytes()).not_valid_after_utc
        is_open = desk.tls_key.stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        yield Finding.problem(
            "certificate", f"certificate and key cannot be used ({type(error).__name__}).",
            "See that both files are there, belong together and can be read by the bot.",
        )  # fmt: skip
        return
    left = (last - datetime(today.year, today.month, today.day, tzinfo=UTC)).days
    if is_open:
        yield Finding.problem(
            "certificate", f"other users may read {desk.tls_key}.", f"Run: chmod 600 {desk.tls_key}"
        )
    if left < 0:
        yield Finding.problem("certificate", "has expired: consoles refuse the desk.", fix)
    elif left < _WARN_CERTIFICATE_DAYS:
        yield Finding.warning("certificate", f"expires in {left} days.", fix)
    else:
        yield Finding.ok("certificate", f"fits its key and is good for {left} days.")


def guesses(config: Config) -> Iterator[Finding]:
    """Look whether guessing a code costs what it should."""
    cost, usual = config.limits.stretch_cost, Cost()
    if cost.memory_kib * cost.time < usual.memory_kib * usual.time:
        yield Finding.warning(
            "receipts", "guessing a code is cheaper than recommended ([limits] argon2_…).",
            f"For a new deployment write argon2_memory_kib = {usual.memory_kib}, "
            f"argon2_time = {usual.time}; never change them after the first tip.",
        )  # fmt: skip


def _can_listen(name: str, listen: Listen) -> Finding:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((listen.host, listen.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Finding.ok(name, f"{listen} is in use: by the running bot, it is to be hoped.")
        return Finding.problem(
            name, f"the bot cannot listen on {listen} ({os.strerror(error.errno or 0)}).",
            "Choose an address of this machine and a port above 1023.",
        )  # fmt: skip
    return Finding.ok(name, f"can listen on {listen}.")
