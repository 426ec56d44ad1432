"""One submitted form becomes events: the words, then each file, then the button.

Owns what a page without JavaScript owes people: sent twice does nothing twice; words typed for a
question that is gone are handed back, not filed under another; words left in the box when another
button was pressed are not sent and not lost. Refuses to render.

Event ids carry the form's name and a digest of what was sent: the same form with other words (a
browser may bring an old page back) is another event.
"""

import asyncio
import hashlib
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.channels.web.forms import Form
from bot.channels.web.multipart import Multipart, Part
from bot.channels.web.parts import CHANNEL, WebParts
from bot.channels.web.refusals import Turned
from bot.errors import Unavailable
from bot.evidence import Refused
from bot.files import describe, peek
from bot.turn import Inbound, Taken
from handlers.effects import Param
from handlers.events import Choice, Command, Event, Media, Text

TURN_S = 30.0
SKIP_BYTES = 64 * 1024 * 1024
"""How much of an unwanted file is read away, so that its sender gets an answer and the rest of the
form still counts."""

STATUSES = {"file_too_big": 413, "files_too_much": 413, "file_busy": 503}
SENDS_WORDS = ("done",)
"""Buttons that end an open answer: what stands in the box belongs to it."""
IS_FINAL = ("send",)
"""Buttons that cannot be undone: not while something typed is unsent."""
LEAVES_WORDS = ("cancel", "drop")
"""Buttons that drop what was told: what stands in the box goes with it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say on this one answer: a key of the frame's words, and what fills it in."""

    key: str
    params: dict[str, Param] = field(default_factory=dict)


@dataclass(slots=True)
class Posting:
    """What came of one submitted form. *words* are to be put back into the box."""

    parts: WebParts
    session: str = field(repr=False)
    language: str
    notices: list[Notice] = field(default_factory=list)
    words: str = field(default="", repr=False)
    is_stale: bool = False
    status: int = 200
    files: int = 0
    _is_said: bool = False
    _is_returned: bool = False

    async def take(self, form: Form) -> None:
        """Take a whole form. Raises Unavailable, StorageError, TimeoutError: what was taken stays
        taken, the same form may be sent again."""
        form.check()
        if form.has_unsent_file and form.choice not in LEAVES_WORDS:
            self.notices.append(Notice("file_not_sent"))
        if form.command is not None:
            await self._event(form, f"command:{form.command}", Command(form.command))
            self._keep(form.words)
        elif form.choice is None or form.choice in SENDS_WORDS:
            await self._say(form)
            if not self._is_returned:  # else "done" would leave the question without them
                await self._press(form)
        elif form.words.strip() and form.choice in IS_FINAL:
            self._keep(form.words)
        else:
            await self._press(form)
            self._keep("" if form.choice in LEAVES_WORDS else form.words)

    async def take_streamed(self, form: Form, reader: Multipart) -> None:
        """Take a form with files as it comes. Fields come before the files, by our own pages."""
        async with aclosing(reader.parts()) as parts:
            async for part in parts:
                if part.filename is None:
                    await self._field(form, part)
                else:
                    form.check()
                    await self._say(form)
                    await self._file(form, part, part.filename)
        await self.take(form)

    async def _field(self, form: Form, part: Part) -> None:
        raw = await part.whole(form.words_at_most_bytes + 4096)
        if raw is not None:
            form.put(part.name, raw)
        elif await part.skip(SKIP_BYTES):
            raise Turned(413, "words_too_long")
        else:
            raise Turned(413, "far_too_long")

    async def _say(self, form: Form) -> None:
        """Take the words, once; or keep them in the box when they must not be taken."""
        if self._is_said or not form.words.strip():
            return
        self._is_said = True
        limit = self.parts.book().limits.words_at_most
        digest = hashlib.sha256(form.words.encode()).hexdigest()
        if len(form.words) > limit:
            self._keep(form.words, Notice("words_too_long_here", {"most": limit}), status=413)
            return
        # The engine decides whether they answer what stands now: it alone sees both at once.
        words = Text(form.words, form.screen)
        taken = await self._event(form, f"words:{digest}", words)
        if taken.is_stale:
            self._keep(form.words, Notice("words_of_old_page"))
            self.is_stale = True
        elif taken.is_returned:
            self._keep(form.words, Notice("words_with_code"))
            self._is_returned = True

    async def _file(self, form: Form, part: Part, name: str) -> None:
        async with aclosing(part.chunks()) as raw_chunks:
            first, chunks = await peek(raw_chunks)
            if not name and not first:
                return  # an empty file box
            self.files += 1
            what = describe(first, part.mime, name)
            async with aclosing(chunks):
                found = await self.parts.evidence.receive(
                    CHANNEL,
                    self.session,
                    chunks,
                    mime=what.mime,
                    name=what.name,
                    media=what.media,
                    language=self.language,
                )
        if isinstance(found, Refused):
            await self._refused(found, part)
        elif (await self._event(form, f"file:{found.sha256}", Media(found))).is_astray:
            self.notices.append(Notice("file_astray", {"nth": self.files}))

    async def _refused(self, refused: Refused, part: Part) -> None:
        params: dict[str, Param] = {"nth": self.files}
        if refused.at_most is not None:
            params["most"] = refused.at_most
        self.notices.append(Notice(refused.reason, params))
        if self.status == 200:
            self.status = STATUSES.get(refused.reason, 422)
        if not await part.skip(SKIP_BYTES):
            raise Turned(413, "far_too_long")

    async def _press(self, form: Form) -> None:
        if form.choice is None or self.words or self.notices:
            return  # something was not taken: going on would leave it behind
        await self._event(
            form, f"choice:{form.screen}:{form.choice}", Choice(form.screen, form.choice)
        )

    async def _event(self, form: Form, name: str, event: Event) -> Taken:
        """Take one event."""
        inbound = Inbound(CHANNEL, self.session, f"{form.form}:{name}", event, self.language)
        try:
            async with asyncio.timeout(TURN_S):
                return await self.parts.turns.take(inbound)
        except TimeoutError:
            raise Unavailable("a turn took too long") from None

    def _keep(self, words: str, notice: Notice | None = None, status: int = 200) -> None:
        if words.strip() and not self.words:
            self.words = words
            self.status = max(self.status, status)
            self.notices.append(notice or Notice("words_kept"))
