"""Opening the officer's key file, off the event loop: scrypt takes a second and 256 MiB on
purpose.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from console.errors import Distrusted, Mistaken
from console.folder import KEYS, Folder
from console.passphrase import Passphrase
from sealing import OfficerKeys, SealingError, WrongKey, open_keys

T = TypeVar("T")


def unlock(folder: Folder, passphrase: Passphrase) -> OfficerKeys:
    """The officer's keys. Raises Mistaken for a wrong passphrase."""
    raw = folder.read(KEYS)
    if raw is None:
        raise Mistaken("folder.no_keys", path=folder.path)
    return open_key_file(raw, passphrase, open_keys)


async def unlock_aside(folder: Folder, passphrase: Passphrase) -> OfficerKeys:
    return await asyncio.to_thread(unlock, folder, passphrase)


def open_key_file(raw: bytes, passphrase: Passphrase, open_one: Callable[[bytes, str], T]) -> T:
    """*raw* opened by *open_one*, one of sealing's key file readers; its errors in plain words."""
    try:
        return open_one(raw, passphrase.reveal())
    except WrongKey:
        raise Mistaken("passphrase.wrong") from None
    except SealingError:
        raise Distrusted("passphrase.damaged") from None
