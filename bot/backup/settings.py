"""The configuration in a backup: what the operator decided, and not one secret.

It is written anew from its values: a comment may hold an old token, and no reader of TOML minds the
order. A secret that stands in the file itself (it should not) stays behind, as those in files do.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.secret_files import SECRET_FILES

Table = Mapping[str, Any]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TITLE = (
    "# Saisaat: written from a backup, without comments and secrets.\n"
    "# Every key is explained in config.example.toml.\n"
)


def without_secrets(text: bytes, folder: Path) -> bytes:
    """The configuration file *text*, which lay in *folder*, for a backup. Paths of certificates,
    which are not in it, become absolute."""
    written = tomllib.loads(text.decode("utf-8"))
    for place in SECRET_FILES:
        _forget(written, place)
    desk = written.get("desk", {})
    for name in ("tls_cert", "tls_key"):
        if name in desk:
            desk[name] = str((folder / desk[name]).absolute())
    return as_toml(written)


def for_a_new_home(text: bytes, secrets: Path) -> bytes:
    """The configuration of a backup for the deployment that is made of it: everything where
    `saisaat init` puts it, the secrets in *secrets*."""
    written = tomllib.loads(text.decode("utf-8"))
    written["storage"] = {
        "url": "sqlite:///data/saisaat.db",
        "blobs": "data/blobs",
        "forget": "forget/keys",
    }
    written["secrets"] = {"folder": str(secrets), "server_key": "server.key"}
    written.setdefault("roster", {})["file"] = "roster.toml"
    written.setdefault("registry", {})["file"] = "registry.toml"
    return as_toml(written)


def as_toml(table: Table) -> bytes:
    """*table* as TOML: plain values first, then its tables, each under its full name."""
    return (_TITLE + "\n".join(_lines(table, ())).strip() + "\n").encode("utf-8")


def _forget(table: dict[str, Any], place: Sequence[str]) -> None:
    for step in place[:-1]:
        table = table.get(step, {})
    table.pop(place[-1], None)


def _lines(table: Table, path: tuple[str, ...]) -> Iterator[str]:
    for name, value in table.items():
        if not _is_table(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in table.items():
        if _is_table(value):
            inner = (*path, name)
            title = ".".join(map(_key, inner))
            for each in (value,) if isinstance(value, Mapping) else value:
                yield ""
                yield f"[{title}]" if isinstance(value, Mapping) else f"[[{title}]]"
                yield from _lines(each, inner)


def _is_table(value: Any) -> bool:
    """A table, or a list of tables that is not empty."""
    is_list = isinstance(value, list) and bool(value)
    return isinstance(value, Mapping) or (is_list and all(isinstance(v, Mapping) for v in value))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _text(text: str) -> str:
    """A JSON string is a TOML basic string but for the control character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
