"""The officer behind the pages: locked, or at work with unlocked keys; locked again when nobody
is there.

Locking drops the keys, the desk's connection and everything that was opened.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from console.folder import Folder
from console.keyring import unlock_aside
from console.office import Office, working
from console.pages.drafts import Drafts
from console.pages.evidence import Previews
from console.pages.watched import WatchedTrail, watched
from console.passphrase import Passphrase
from console.shelf.keeping import Shelf, shelved
from console.shelf.workers import working_beside

IDLE_S = 15 * 60.0
LOOK_EVERY_S = 5.0


class DeskRoom:
    """At most one unlocked office."""

    def __init__(self, folder: Folder, idle_s: float = IDLE_S) -> None:
        self.folder = folder
        self.idle_s = idle_s
        self.previews = Previews()
        self.drafts = Drafts()
        self.on_lock: Callable[[], None] = lambda: None
        """Called whenever the keys go, by hand, idle, or for another unlocking."""
        self._office: Office | None = None
        self._shelf: Shelf | None = None
        self._trail: WatchedTrail | None = None
        self._open = AsyncExitStack()
        self._used_at = time.monotonic()
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return "DeskRoom(…)"

    @property
    def office(self) -> Office | None:
        """The office, if it is unlocked. Asking counts as being there."""
        if self._office is not None and self._is_idle():
            return None  # the watch below will lock it; it is as good as locked
        self._used_at = time.monotonic()
        return self._office

    @property
    def shelf(self) -> Shelf | None:
        """The queue in memory, if it is unlocked. Asking does not count as being there: a page asks
        by itself whether there is something new."""
        return None if self._office is None or self._is_idle() else self._shelf

    @property
    def trail(self) -> WatchedTrail | None:
        """The audit trail as it was last looked at, if it is unlocked."""
        return None if self._office is None or self._is_idle() else self._trail

    async def unlock(self, passphrase: Passphrase) -> None:
        """Open the key file. Raises Mistaken for a wrong passphrase."""
        async with self._lock:
            await self._close()
            async with AsyncExitStack() as opened:
                workers = await opened.enter_async_context(working_beside())
                keys = await unlock_aside(self.folder, passphrase)
                office = await opened.enter_async_context(working(self.folder, keys))
                self._shelf = await opened.enter_async_context(shelved(office, workers))
                self._trail = await opened.enter_async_context(watched(office))
                self._open = opened.pop_all()
            self._office = office
            self._used_at = time.monotonic()

    async def lock(self, *, keeps_drafts: bool = False) -> None:
        """Forget the keys and all that they opened; what was typed goes too, but where somebody is
        just typing the passphrase."""
        async with self._lock:
            if not keeps_drafts:
                self.drafts.forget()
            await self._close()

    async def lock_when_idle(self) -> None:
        """Watch until cancelled; then lock."""
        try:
            while True:
                await asyncio.sleep(min(LOOK_EVERY_S, self.idle_s))
                if self._office is not None and self._is_idle():
                    await self.lock()
        finally:
            await self.lock()

    def _is_idle(self) -> bool:
        return time.monotonic() - self._used_at > self.idle_s

    async def _close(self) -> None:
        self._office = self._shelf = self._trail = None
        self.on_lock()
        self.previews.forget()
        await self._open.aclose()
        self._open = AsyncExitStack()
