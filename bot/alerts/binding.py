"""Where officers are told: bound by something that only the signed-in officer was given.

Owns the way from the console to a binding, and its end. For a chat the desk gives a link, once, and
whoever opens it in the officers' bot is bound; an e-mail address is proven by a code that is mailed
to it. Both live in memory only, as hashes, for a quarter of an hour. Laws: whom a binding reaches
is known only by opening it, with the server key and the row's own key; it dies, key first, when the
officer says so in the console or the chat, blocks the bot, or leaves the roster. With an officer's
last binding goes everything that was counted for them.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.alerts.counting import Record, Wishes
from bot.alerts.records import HOOK, Records
from bot.clock import Clock
from sealing import Roster
from sealing.digits import CROCKFORD
from storage import Database, Transaction
from storage.forget import ForgetStore
from storage.repositories import alerts
from storage.repositories.alerts import BindingRow

CODE_S = 15 * 60
LINK_LETTERS = 26
"""Of Crockford's base 32: 130 bits."""
MAIL_LETTERS = 12
"""60 bits, to be typed; after so many wrong tries the code is gone."""
MAIL_TRIES = 5
ASKED_AT_MOST = 5
"""Links and codes that one officer may have open."""
SENT_AT_MOST = 5
"""Codes by mail, and tests, that go out in a quarter of an hour because one officer asked."""
BINDINGS_AT_MOST = 8
"""Places where one officer is told."""


class TooMany(Exception):  # no fault of anybody's: an answer
    """The officer has as many open links, or places, as one may have, or had as much sent."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A link or a code that waits; *address* is the e-mail address that it proves."""

    officer: str
    channel: str
    until_s: float
    language: str
    address: str = field(default="", repr=False)
    tries: int = 0


class Codes:
    """What was given out and not used yet. In memory: a restart loses a link, and no binding."""

    def __init__(self, clock: Clock, random: Callable[[int], str] | None = None) -> None:
        self._clock = clock
        self._random = random or _letters
        self._open: OrderedDict[bytes, _Asked] = OrderedDict()
        self._sent_until_s: dict[str, tuple[float, ...]] = {}
        """By officer, when each thing that went out for them counts no more. Only who is signed in
        asks, so that it is as long as the roster."""

    def link(self, officer: str, channel: str, language: str) -> str:
        """A code for a chat on *channel*. Raises TooMany."""
        return self._new(LINK_LETTERS, _Asked(officer, channel, self._until_s, language))

    def mail(self, officer: str, address: str, language: str) -> str:
        """A code to be mailed to *address*. Raises TooMany."""
        self.sends(officer)
        asked = _Asked(officer, "email", self._until_s, language, address)
        return self._new(MAIL_LETTERS, asked)

    def sends(self, officer: str) -> None:
        """Something goes out because *officer* asked for it: a used or spent code frees no place
        here, or a mailbox could be flooded from the desk. Raises TooMany."""
        now_s = self._clock.monotonic_s()
        lately = tuple(s for s in self._sent_until_s.get(officer, ()) if s > now_s)
        if len(lately) >= SENT_AT_MOST:
            raise TooMany
        self._sent_until_s[officer] = (*lately, self._until_s)

    def use_link(self, channel: str, claimed: str) -> _Asked | None:
        """Whose code for *channel* this is; it is used up by this."""
        self._sweep()
        key = _hash(claimed)
        found = self._open.get(key)
        if found is None or found.channel != channel or found.address:
            return None
        return self._open.pop(key)

    def use_mail(self, officer: str, claimed: str) -> _Asked | None:
        """The address that *officer* has proven; used up. A wrong code costs a try of each that is
        open for them."""
        self._sweep()
        key, found = _hash(claimed), None
        for each, asked in list(self._open.items()):
            if asked.officer != officer or not asked.address:
                continue
            if hmac.compare_digest(each, key):
                found = self._open.pop(each)
            elif asked.tries + 1 >= MAIL_TRIES:
                del self._open[each]
            else:
                self._open[each] = replace(asked, tries=asked.tries + 1)
        return found

    @property
    def _until_s(self) -> float:
        return self._clock.monotonic_s() + CODE_S

    def _new(self, letters: int, asked: _Asked) -> str:
        self._sweep()
        if sum(each.officer == asked.officer for each in self._open.values()) >= ASKED_AT_MOST:
            raise TooMany
        code = self._random(letters)
        self._open[_hash(code)] = asked
        return code

    def _sweep(self) -> None:
        now_s = self._clock.monotonic_s()
        for key in [key for key, asked in self._open.items() if asked.until_s <= now_s]:
            del self._open[key]


class Bindings:
    """Makes, finds and ends them."""

    def __init__(
        self,
        db: Database,
        forget: ForgetStore,
        records: Records,
        codes: Codes,
        new_id: Callable[[], str],
    ) -> None:
        self._db = db
        self._forget = forget
        self._records = records
        self._codes = codes
        self._new_id = new_id
        self._key = secrets.token_bytes(32)
        self._whose: dict[str, dict[str, bytes]] = {}
        """By channel, a keyed digest of the contact by binding: each row is opened once for
        searching. In memory only, under a key of this process."""

    async def bind_chat(self, channel: str, person: str, claimed: str) -> BindingRow | None:
        """Bind *person* with the code of a link; None when it is none. A chat is one officer's:
        who opens another officer's link is told of that one's from then on. Raises TooMany: the
        chat is whose it was."""
        asked = self._codes.use_link(channel, claimed)
        if asked is None:
            return None
        before = await self.of_chat(channel, person)
        if before is None or before.officer != asked.officer:
            await self._db.read(lambda t: _check_room(t, asked.officer))
        if before is not None:
            await self.unbind(before)
        return await self._bind(asked.officer, channel, person, asked.language)

    async def bind_mail(self, officer: str, claimed: str) -> BindingRow | None:
        """Bind the address that the mailed code proves; None when it is none."""
        asked = self._codes.use_mail(officer, claimed)
        if asked is None:
            return None
        for row in await self._db.read(lambda t: alerts.bindings_of(t, officer)):
            if row.channel == "email" and self._records.open_contact(row) == asked.address:
                return row
        return await self._bind(officer, "email", asked.address, asked.language)

    async def of_chat(self, channel: str, person: str) -> BindingRow | None:
        """The binding of *person*, if there is one."""
        rows = await self._db.read(lambda t: alerts.bindings_on(t, channel))
        wanted, known = self._digest(channel, person), self._whose.get(channel, {})
        unknown = [row for row in rows if row.binding_id not in known]
        fresh = await asyncio.to_thread(self._digests, unknown) if unknown else {}
        whose = {row.binding_id: (known | fresh)[row.binding_id] for row in rows}
        self._whose[channel] = whose
        return next((row for row in rows if whose[row.binding_id] == wanted), None)

    async def unbind_chat(self, channel: str, person: str) -> bool:
        """End the binding of *person*; whether there was one."""
        row = await self.of_chat(channel, person)
        if row is not None:
            await self.unbind(row)
        return row is not None

    async def unbind(self, *rows: BindingRow) -> None:
        """End bindings, their keys first; with an officer's last one goes what was counted."""
        if not rows:
            return
        ways = [row.binding_id for row in rows]
        lines = await self._db.read(lambda t: [alerts.lines_of(t, way) for way in ways])
        waiting = [line for each in lines for line in each]
        await self._forget.destroy(
            *(row.key_id for row in rows), *(line.key_id for line in waiting)
        )

        def write(t: Transaction) -> list[str]:
            for way in ways:
                alerts.remove_binding(t, way)
            keys = []
            for line in waiting:
                alerts.remove_line(t, line.line_id)
            for officer in {row.officer for row in rows}:
                record = alerts.record(t, officer)
                if record is not None and not alerts.bindings_of(t, officer):
                    alerts.remove_record(t, officer)
                    keys.append(record.key_id)
            return keys

        await self._forget.destroy(*await self._db.commit(write))

    async def forget_others(self, roster: Roster) -> None:
        """End whatever is not of an officer of *roster*, and what a lost key has shut for good."""
        rows, records = await self._db.read(lambda t: (alerts.bindings(t), alerts.records(t)))
        known = {officer.id for officer in roster.officers}
        gone = [
            row for row in rows if row.officer not in known or self._forget.get(row.key_id) is None
        ]
        await self.unbind(*gone)
        bound = {row.officer for row in rows if row not in gone}
        for record in records:
            is_hook = record.recipient.startswith(HOOK)
            if not is_hook and record.recipient not in bound:
                await self._forget.destroy(record.key_id)
                await self._db.commit(
                    lambda t, one=record.recipient: alerts.remove_record(t, one)  # type: ignore[misc]  # its default is the type
                )
            elif self._forget.get(record.key_id) is None:
                fresh = self._records.seal_record(
                    record.recipient, await self._forget.keep(), Record()
                )
                await self._db.commit(lambda t, row=fresh: alerts.put_record(t, row))  # type: ignore[misc]  # as above

    async def wishes(self, officer: str) -> Wishes:
        """How *officer* wants to be told."""
        row = await self._db.read(lambda t: alerts.record(t, officer))
        record = None if row is None else self._records.open_record(row)
        return Wishes() if record is None else record.wishes

    async def set_wishes(self, officer: str, wishes: Wishes) -> bool:
        """Keep to *wishes* from now on; False when the officer has no binding."""

        def write(t: Transaction) -> bool:
            row = alerts.record(t, officer)
            record = None if row is None else self._records.open_record(row)
            if row is None or record is None:
                return False
            alerts.put_record(t, self._records.reseal(row, replace(record, wishes=wishes)))
            return True

        return await self._db.commit(write)

    async def of_officer(self, officer: str) -> tuple[tuple[BindingRow, str], ...]:
        """Where *officer* is told, each with its address."""
        rows = await self._db.read(lambda t: alerts.bindings_of(t, officer))
        return tuple((row, self._records.open_contact(row) or "") for row in rows)

    async def _bind(self, officer: str, channel: str, address: str, language: str) -> BindingRow:
        """Raises TooMany, StorageError: nothing was bound."""
        kept, other = await asyncio.gather(self._forget.keep(), self._forget.keep())
        binding = self._records.seal_contact(self._new_id(), officer, channel, kept, address)
        record = self._records.seal_record(officer, other, Record(wishes=Wishes(language=language)))

        def write(t: Transaction) -> bool:
            _check_room(t, officer)
            alerts.add_binding(t, binding)
            is_first = alerts.record(t, officer) is None
            if is_first:
                alerts.put_record(t, record)
            return is_first

        try:
            is_first = await self._db.commit(write)
        except Exception:
            await self._forget.destroy(kept.key_id, other.key_id)
            raise
        if not is_first:
            await self._forget.destroy(other.key_id)
        return binding

    def _digests(self, rows: Sequence[BindingRow]) -> dict[str, bytes]:
        opened = ((row, self._records.open_contact(row)) for row in rows)
        return {
            row.binding_id: b"" if address is None else self._digest(row.channel, address)
            for row, address in opened
        }

    def _digest(self, channel: str, person: str) -> bytes:
        text = f"{channel}:{person}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()


def _check_room(t: Transaction, officer: str) -> None:
    if len(alerts.bindings_of(t, officer)) >= BINDINGS_AT_MOST:
        raise TooMany


def tidied(claimed: str) -> str:
    """A code as people type or paste it: without dashes and spaces, in small letters."""
    kept = "".join(letter for letter in claimed.lower() if letter not in " -\t\r\n")
    return kept.translate(str.maketrans("oil", "011"))


def _letters(many: int) -> str:
    return "".join(secrets.choice(CROCKFORD).lower() for _ in range(many))


def _hash(code: str) -> bytes:
    return hashlib.sha256(tidied(code).encode("utf-8", "surrogatepass")).digest()
