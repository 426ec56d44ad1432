"""The kinds of value a configuration may hold: parsed at the door into types that cannot be wrong.

Each check says what is wrong and what to write instead, and never repeats the value.
"""

import base64
import binascii
import hashlib
import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, PlainValidator, SecretStr

from bot.alerts.quiet import DAYS, Quiet
from bot.config_errors import wrong
from bot.seconded import Seconded
from sealing.errors import Malformed
from sealing.signing import VerifyKey

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PROVINCE = re.compile(r"TH-[0-9]{2}")
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_BOT_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,200}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_HIDDEN = re.compile(r"[\x21-\x7e]{8,2048}")
_PASSWORD = re.compile(r"[\x20-\x7e]{1,512}")
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@(?=.{1,253}$)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LATER_SCHEMES = {"postgresql": "PostgreSQL", "postgres": "PostgreSQL", "s3": "S3 storage"}


@dataclass(frozen=True, slots=True)
class Listen:
    """An address of this machine to listen on."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def whole(at_least: int, at_most: int, *, or_none: bool = False) -> Any:
    """A whole number between the two, both included; *or_none*: it may be left out."""
    fix = f"Write a whole number from {at_least} to {at_most}."

    def check(value: object) -> int | None:
        if value is None and or_none:
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value, re.ASCII):
            value = int(value)  # environment variables are text
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong("is not a whole number.", fix)
        if not at_least <= value <= at_most:
            raise wrong(f"is too {'small' if value < at_least else 'large'}.", fix)
        return value

    return BeforeValidator(check)


def _text(value: object, fix: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("is not a text, or is empty.", fix)
    if any(not letter.isprintable() for letter in value):
        raise wrong("contains a line break or an invisible character.", fix)
    return value.strip()


def _slug(value: object) -> str:
    fix = 'Write a short name in small Latin letters, digits and dashes, like "khon-kaen".'
    text = _text(value, fix)
    if len(text) > 40 or not _SLUG.fullmatch(text):
        raise wrong("is not a short name.", fix)
    return text


def _province(value: object) -> str:
    fix = 'Write the ISO code of a province, like "TH-40" for Khon Kaen.'
    text = _text(value, fix)
    if not _PROVINCE.fullmatch(text):
        raise wrong("is not the code of a province.", fix)
    return text


def _name(value: object) -> str:
    text = _text(value, "Write the name people know it by.")
    if len(text) > 120:
        raise wrong("is too long.", "Write at most 120 letters.")
    return text


def _listen(value: object) -> Listen:
    fix = 'Write an address and a port, like "127.0.0.1:8080" or "[::1]:8080".'
    if isinstance(value, Listen):
        return value
    host, _, port = _text(value, fix).rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) or not 1 <= int(port) <= 65535:
        raise wrong("has no port from 1 to 65535.", fix)
    try:
        if host != "localhost":
            host = str(ipaddress.ip_address(host))
    except ValueError:
        pass
    else:
        return Listen(host, int(port))
    raise wrong("is not an address of a machine.", fix)


def _origin(value: object) -> str:
    fix = (
        'Write the address people open, like "https://chat.example.go.th", nothing after the name.'
    )
    parts = _split(_text(value, fix), fix)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https"):
        raise wrong("does not begin with https://.", fix)
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise wrong("contains a user name or a password.", fix)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise wrong("has something after the name of the host.", fix)
    if parts.scheme == "http" and not (_is_this_machine(host) or host.endswith(".onion")):
        raise wrong(
            "is not encrypted: http:// shows every word on the way.",
            "Write https://. Only this machine itself and onion addresses may do without.",
        )
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + (
        f":{parts.port}" if parts.port not in (None, default) else ""
    )


def _split(text: str, fix: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        is_host = _HOST.fullmatch(host) is not None or bool(ipaddress.ip_address(host))
    except ValueError:
        is_host, port = False, None
    if is_host and port != 0:
        return parts
    raise wrong("is not the address of a web site.", fix)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _onion(value: object) -> str:
    fix = "Copy the whole address from the `hostname` file of your onion service, after http://."
    origin = _origin(value)
    host = (urlsplit(origin).hostname or "").removesuffix(".onion")
    if "." in host or not origin.split("/")[2].split(":")[0].endswith(".onion"):
        raise wrong("is not an onion address.", fix)
    if not _is_onion_v3(host):
        raise wrong("is mistyped: its check letters do not fit.", fix)
    return origin


def _is_onion_v3(label: str) -> bool:
    """Tell whether *label* is key, checksum and version 3 (Tor rend-spec-v3, section 6)."""
    try:
        raw = base64.b32decode(label.upper())
    except binascii.Error:
        return False
    if len(raw) != 35 or raw[34] != 3:
        return False
    return hashlib.sha3_256(b".onion checksum" + raw[:32] + b"\x03").digest()[:2] == raw[32:34]


def _path(value: object) -> Path:
    fix = 'Write the path of a file or folder, like "data/blobs".'
    text = str(value) if isinstance(value, Path) else _text(value, fix)
    scheme, found, _ = text.partition("://")
    if found:
        raise _other_storage(scheme, 'Write the path of a folder, like "data/blobs".')
    return Path(text)


def _database(value: object) -> Path:
    fix = (
        'Write "sqlite:///data/saisaat.db" (from this file) or "sqlite:////srv/…" (from the root).'
    )
    text = str(value) if isinstance(value, Path) else _text(value, fix)
    if isinstance(value, Path):
        return value
    scheme, found, rest = text.partition("://")
    if not found or scheme != "sqlite":
        raise _other_storage(scheme if found else "", fix)
    if (
        not rest.startswith("/")
        or len(rest) < 2
        or rest.endswith("/")
        or "?" in rest
        or "#" in rest
    ):
        raise wrong("does not name a database file.", fix)
    if rest[1:] == ":memory:":
        raise wrong("would forget every tip when the program stops.", fix)
    return Path(rest[1:])


def _other_storage(scheme: str, fix: str) -> Exception:
    later = _LATER_SCHEMES.get(scheme.partition("+")[0])
    if later:
        return wrong(f"{later} comes with a later release; this one cannot use it.", fix)
    return wrong("is not a kind of storage this program knows.", fix)


def _verify_key(value: object) -> VerifyKey | None:
    fix = "Write the 64 hex digits that `saisaat-console roster init-admin` printed."
    if value is None or value == "":
        return None
    if isinstance(value, VerifyKey):
        return value
    text = _text(value, fix).lower().replace(" ", "")
    try:
        return VerifyKey.parse(text)
    except Malformed:
        pass
    raise wrong("is not a public key of 64 hex digits.", fix)


def _secret(value: object, looks: re.Pattern[str], fix: str) -> SecretStr | None:
    """Take a secret as it is written; one that is not set stays None, never an empty text."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if text is None or text == "":
        return None
    if not isinstance(text, str) or not looks.fullmatch(text):
        raise wrong("does not look like one.", fix)
    return SecretStr(text)


def _bot_token(value: object) -> SecretStr | None:
    return _secret(value, _BOT_TOKEN, "Copy it from @BotFather: digits, a colon, then letters.")


def _webhook_secret(value: object) -> SecretStr | None:
    fix = (
        "Write 16 to 256 letters, digits, _ or -, which nobody could guess: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
    )
    return _secret(value, _WEBHOOK_SECRET, fix)


def _hidden(value: object) -> SecretStr | None:
    return _secret(value, _HIDDEN, "Copy it from the LINE Developers console, without spaces.")


def _password(value: object) -> SecretStr | None:
    return _secret(value, _PASSWORD, "Write it as the mail server's operator gave it to you.")


def _email(value: object) -> str:
    fix = 'Write an address of plain letters, like "alerts@example.go.th".'
    text = _text(value, fix)
    if not _EMAIL.fullmatch(text):
        raise wrong("is not an e-mail address.", fix)
    return text


def _host(value: object) -> str:
    fix = 'Write the name of the mail server, like "mail.example.go.th".'
    text = _text(value, fix).lower()
    if not _HOST.fullmatch(text):
        raise wrong("is not the name of a machine.", fix)
    return text


def _tls(value: object) -> str:
    if value in ("tls", "starttls"):
        return str(value)
    raise wrong(
        "is not a way to encrypt mail.",
        'Write "tls" (mostly port 465) or "starttls" (mostly port 587).',
    )


def _hook(value: object) -> str:
    """The address of a webhook: with a path, and encrypted unless it stays on this machine."""
    fix = 'Write the whole address that is called, like "https://hooks.example.go.th/saisaat".'
    text = _text(value, fix)
    parts = _split(text, fix)
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.fragment:
        raise wrong("is not the address of a webhook.", fix)
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise wrong("is not encrypted.", "Write https://. Only this machine may do without.")
    return text


def _file_name(value: object) -> str:
    fix = 'Write the name of a file in the secrets folder, like "alerts-webhook-khon-kaen".'
    text = _text(value, fix)
    if not _FILE_NAME.fullmatch(text):
        raise wrong("is not the plain name of a file.", fix)
    return text


def _quiet(value: object) -> str:
    if value == "":
        return ""
    fix = 'Write quarters of an hour, like "20:00-07:00", or "" for none.'
    text = _text(value, fix)
    try:
        return Quiet(text).hours
    except ValueError:
        pass
    raise wrong("are not hours.", fix)


def _week_day(value: object) -> str:
    fix = f"Write days as {', '.join(DAYS)}."
    text = _text(value, fix).lower()
    if text not in DAYS:
        raise wrong("is not a day of the week.", fix)
    return text


def _mode(value: object) -> str:
    if value in ("polling", "webhook"):
        return str(value)
    raise wrong("is not a way to receive messages.", 'Write "polling" or "webhook".')


def _seconded(value: object) -> tuple[Seconded, ...]:
    fix = 'Write a list of "export", "original" and "handover", or [].'
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",") if each.strip()]
    if not isinstance(value, list | tuple):
        raise wrong("is no list.", fix)
    try:
        return tuple(Seconded(each) for each in value)
    except ValueError:
        raise wrong("names something that needs no second officer.", fix) from None


Slug = Annotated[str, PlainValidator(_slug)]
ProvinceCode = Annotated[str, PlainValidator(_province)]
Name = Annotated[str, PlainValidator(_name)]
ListenAt = Annotated[Listen, PlainValidator(_listen)]
Origin = Annotated[str, PlainValidator(_origin)]
OnionOrigin = Annotated[str, PlainValidator(_onion)]
FilePath = Annotated[Path, PlainValidator(_path)]
DatabaseFile = Annotated[Path, PlainValidator(_database)]
AdminKey = Annotated[VerifyKey | None, PlainValidator(_verify_key)]
BySecond = Annotated[tuple[Seconded, ...], PlainValidator(_seconded)]
Mode = Annotated[Literal["polling", "webhook"], PlainValidator(_mode)]
BotToken = Annotated[SecretStr | None, PlainValidator(_bot_token)]
WebhookSecret = Annotated[SecretStr | None, PlainValidator(_webhook_secret)]
Hidden = Annotated[SecretStr | None, PlainValidator(_hidden)]
Password = Annotated[SecretStr | None, PlainValidator(_password)]
EmailAddress = Annotated[str, PlainValidator(_email)]
HostName = Annotated[str, PlainValidator(_host)]
MailTls = Annotated[Literal["tls", "starttls"], PlainValidator(_tls)]
HookAddress = Annotated[str, PlainValidator(_hook)]
SecretFile = Annotated[str, PlainValidator(_file_name)]
QuietHours = Annotated[str, PlainValidator(_quiet)]
WeekDay = Annotated[str, PlainValidator(_week_day)]
