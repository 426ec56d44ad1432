"""The admin's side of the registry of the real bots, on a machine without a network.

A draft is only what the server says: its bots are held against those signed last, so that what is
new stands out. What gets signed is written anew from what was read, dated and numbered here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from console.admin_folder import AdminFolder
from console.errors import Distrusted, Mistaken
from console.folder import why
from sealing import (
    Forged,
    Malformed,
    RealBot,
    Registry,
    SealingError,
    SigningKey,
    Unsigned,
    VerifyKey,
    open_registry,
    parse_registry,
    render_registry,
    sign_registry,
)

SIGNED = "registry.toml"
GOOD_FOR_DAYS = 365


class Change(StrEnum):
    """What became of an entry since the registry signed last."""

    SAME = "same"
    NEW = "new"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to look at before signing."""

    change: Change
    bot: RealBot


def read_draft(path: Path) -> Registry:
    """The draft at *path*; nothing about it is believed yet. Raises Mistaken."""
    try:
        return parse_registry(path.read_bytes())
    except OSError as error:
        raise Mistaken("folder.unreadable", path=path, why=why(error)) from None
    except SealingError:
        raise Mistaken("registry.bad_draft", path=path) from None


def signed_before(folder: AdminFolder) -> Registry | None:
    """The registry signed last on this machine, checked; None before the first."""
    raw = folder.folder.read(SIGNED)
    return None if raw is None else open_signed(raw, folder.public_key())


def next_registry(
    draft: Registry, before: Registry | None, today: date, good_for_days: int
) -> Registry:
    """*draft* as it would be signed today."""
    version = draft.version if before is None else max(draft.version, before.version + 1)
    expires = (today + timedelta(days=good_for_days)).isoformat()
    return replace(draft, version=version, day=today.isoformat(), expires=expires)


def entries(registry: Registry, before: Registry | None) -> Iterator[Entry]:
    """Every bot of *registry*, and those of *before* that are gone."""
    known = {bot.key: bot for bot in before.bots} if before is not None else {}
    for bot in registry.bots:
        old = known.pop(bot.key, None)
        is_same = old is not None and old.name == bot.name
        is_new = old is None
        yield Entry(Change.NEW if is_new else Change.SAME if is_same else Change.RENAMED, bot)
    for bot in known.values():
        yield Entry(Change.GONE, bot)


def sign(folder: AdminFolder, registry: Registry, key: SigningKey) -> bytes:
    """Sign *registry* and keep it as the one signed last."""
    signed = sign_registry(render_registry(registry), key)
    open_signed(signed, folder.public_key())
    folder.folder.write(SIGNED, signed)
    return signed


def open_signed(raw: bytes, admin: VerifyKey) -> Registry:
    """`sealing.open_registry`, its errors in plain words."""
    try:
        return open_registry(raw, admin, 0)
    except Unsigned:
        raise Distrusted("registry.unsigned") from None
    except Forged:
        raise Distrusted("registry.forged") from None
    except Malformed:
        raise Distrusted("registry.malformed") from None
