"""A form that comes twice is done once.

A desk that is slow invites a second press of the button, and the browser then sends the whole form
again. Each page that was drawn carries a number of its own; the same deed with the same words off
the same page is the same form. The second waits for the first: was that done, so is this; did it
fail, it is tried again. After a while a form counts as new: somebody went back to an old page. Of
what was sent only a digest is held, and that goes at lock.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

FORMS_AT_MOST = 100
SAME_S = 120.0
"""So long after it was done a form that comes again is the same one: longer than a page takes to be
drawn by a slow desk."""


def new_page() -> str:
    """The number of a page that is drawn now."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class _Form:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    done_at: float | None = None


class Once:
    """The last few forms that came in."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._forms: OrderedDict[bytes, _Form] = OrderedDict()

    def __repr__(self) -> str:
        return "Once(…)"

    async def do(
        self, page: str, path: str, fields: Mapping[str, str], work: Callable[[], Awaitable[None]]
    ) -> None:
        """Do *work*, which *fields* ask for at *path*, unless the same form off that *page* was
        done. A form off no page of ours is done as often as it comes."""
        if not page:
            await work()
            return
        form = self._form(page, path, fields)
        async with form.turn:
            if form.done_at is None or self._now_s() - form.done_at > SAME_S:
                form.done_at = None
                await work()
                form.done_at = self._now_s()

    def forget(self) -> None:
        self._forms.clear()

    def _form(self, page: str, path: str, fields: Mapping[str, str]) -> _Form:
        said = json.dumps([page, path, sorted(fields.items())]).encode()
        form = self._forms.setdefault(hashlib.sha256(said).digest(), _Form())
        while len(self._forms) > FORMS_AT_MOST:
            self._forms.popitem(last=False)
        return form
