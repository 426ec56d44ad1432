"""A batch onto the chat: messages sent, the card edited or moved, receipts shown, chats wiped.

Laws: what was delivered before a failure is reported and not sent again; a receipt stands in one
message only; the card's buttons are always at the bottom; what cannot be deleted is passed over in
silence, because nobody could do anything about it.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from bot.channels.telegram.api import Api, Rows
from bot.channels.telegram.errors import Away, Flood, NotDone, Shut, Why
from bot.channels.telegram.layout import Piece, Secret, Talk, Wipe, laid_out, split
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.parts import TelegramRules
from bot.channels.telegram.reading import message_number
from bot.chat import Chat
from bot.clock import Clock
from bot.errors import BotError
from bot.outbox import Batch, Delivered, NotYet, ShutOut
from handlers.book import Book
from handlers.words import Words

T = TypeVar("T")

_GONE = (Why.NO_MESSAGE, Why.NOT_EDITABLE)


class Delivery:
    """The outbox's port to Telegram."""

    def __init__(
        self,
        api: Api,
        pace: Pace,
        book: Callable[[], Book],
        phrases: Words,
        clock: Clock,
        rules: TelegramRules,
    ) -> None:
        self._api = api
        self._clock = clock
        self._pace = pace
        self._book = book
        self._phrases = phrases
        self._rules = rules
        self._begun: dict[str, str] = {}
        """Receipts whose message is there but may not show the code yet: parcel → message."""

    async def deliver(self, batch: Batch) -> Delivered:
        """Deliver as many parcels as go through. Raises ShutOut, NotYet, Away or NotDone:
        the first of them did not."""
        chat, count, begun_s = batch.chat, 0, self._clock.monotonic_s()
        for piece in laid_out(batch.parcels, self._book().words, self._phrases):
            try:
                chat = await self._carried_out(batch.person, piece, chat)
            except Exception:
                if count:
                    return Delivered(
                        count, chat
                    )  # the rest is asked for again, and fails by itself
                raise
            count += piece.count
            if self._clock.monotonic_s() - begun_s > self._rules.breath_s:
                break  # before somebody loses patience, and what was done is not known
        return Delivered(count, chat)

    async def say_trouble(self, person: str, language: str) -> None:
        """Say that something of ours failed; if even that fails, nobody hears it."""
        text = self._phrases.text(language, "trouble")
        await self._send(person, text)

    async def _carried_out(self, person: str, piece: Piece, chat: Chat) -> Chat:
        match piece:
            case Talk():
                return await self._talk(person, piece, chat)
            case Secret():
                return await self._show_receipt(person, piece, chat)
            case Wipe():
                return await self._wipe(person, piece, chat)

    # --- words and the card --------------------------------------------------------------------

    async def _talk(self, person: str, talk: Talk, chat: Chat) -> Chat:
        pieces = split(talk.text, self._rules.text_units)
        if not pieces:
            return chat
        old = chat.card
        may_edit = chat.is_card_last and (bool(talk.rows) or talk.leads_to_card)
        for nth, text in enumerate(pieces, 1):
            rows = talk.rows if nth == len(pieces) else ()
            if (
                nth == 1
                and may_edit
                and old is not None
                and await self._edited(person, old, text, rows)
            ):
                chat = replace(chat, card=old if rows else None, is_card_last=bool(rows))
                continue
            chat = _with_message(chat, await self._send(person, text, rows))
            chat = replace(chat, is_card_last=False)
            if rows:
                chat = await self._moved_card(person, chat, old)
        return chat

    async def _moved_card(self, person: str, chat: Chat, old: str | None) -> Chat:
        """The newest message is the card now; the one before goes, or at least its buttons."""
        new = chat.messages[-1]
        was_replaced = chat.card is None  # it was edited into words that stay
        chat = replace(chat, card=new, is_card_last=True)
        if old is None or was_replaced or old == new:
            return chat
        if await self._deleted(person, (old,)):
            return replace(chat, messages=tuple(each for each in chat.messages if each != old))
        with suppress(NotDone, Away, Flood, Shut):  # a press on it is stale, and answered kindly
            await self._api.strip(person, old)
        return chat

    async def _edited(self, person: str, message_id: str, text: str, rows: Rows) -> bool:
        """Whether *message_id* says *text* now; False when there is no such message any more."""
        try:
            await self._call(person, lambda: self._api.edit(person, message_id, text, rows))
        except NotDone as refusal:
            if refusal.why in _GONE:
                return False
            raise
        return True

    async def _send(
        self, person: str, text: str, rows: Rows = (), *, is_protected: bool = False
    ) -> str:
        return await self._call(
            person, lambda: self._api.send(person, text, rows, is_protected=is_protected)
        )

    # --- the receipt ---------------------------------------------------------------------------

    async def _show_receipt(self, person: str, secret: Secret, chat: Chat) -> Chat:
        """Show the receipt in one protected message. An empty one is sent first and then filled:
        filling twice does no harm, sending twice would show the code twice, and the phone's
        notification shows the empty one."""
        message_id = self._begun.get(secret.key)
        if message_id is None:
            message_id = await self._begin(person, secret)
        if not await self._edited(person, message_id, secret.text, ()):
            self._begun.pop(secret.key, None)
            message_id = await self._begin(person, secret)
            await self._edited(person, message_id, secret.text, ())
        self._begun.pop(secret.key, None)
        older = tuple(each for each in chat.secrets if each != message_id)
        chat = replace(_with_message(chat, message_id), is_card_last=False, secrets=(message_id,))
        if older and await self._deleted(person, older):
            return replace(chat, messages=tuple(m for m in chat.messages if m not in older))
        return replace(chat, secrets=(*older, message_id))

    async def _begin(self, person: str, secret: Secret) -> str:
        message_id = await self._send(person, secret.comes, is_protected=True)
        while len(self._begun) >= self._rules.receipts_begun:
            del self._begun[next(iter(self._begun))]
        self._begun[secret.key] = message_id
        return message_id

    # --- wiping ----------------------------------------------------------------------------------

    async def _wipe(self, person: str, wipe: Wipe, chat: Chat) -> Chat:
        if wipe.what == "receipt":
            gone = chat.secrets
        elif wipe.what == "said":
            gone = () if wipe.message is None else (wipe.message,)
        else:
            gone = (*chat.messages, *chat.secrets, chat.card or "", chat.said or "")
        await self._delete(person, gone)
        if wipe.what not in ("receipt", "said"):
            return Chat(said=chat.said)
        left = tuple(each for each in chat.messages if each not in gone)
        secrets = tuple(each for each in chat.secrets if each not in gone)
        return replace(chat, messages=left, secrets=secrets)

    async def _deleted(self, person: str, messages: Sequence[str]) -> bool:
        """Delete what should not stay but may: whether it worked."""
        numbers = _numbers(messages)
        try:
            await self._api.delete(person, numbers)
        except (NotDone, Away, Flood, Shut):
            return False
        return True

    async def _delete(self, person: str, messages: Sequence[str]) -> None:
        """Delete all that can be deleted. Raises NotYet, ShutOut or Away: ask again."""
        numbers, at_once = _numbers(messages), self._rules.deletes_at_once
        for at in range(0, len(numbers), at_once):
            await self._delete_some(person, numbers[at : at + at_once])

    async def _delete_some(self, person: str, numbers: Sequence[int]) -> None:
        """One message that is too old spoils the whole call: then halves are tried."""
        try:
            await self._told(person, self._api.delete(person, numbers))
        except NotDone:
            if len(numbers) == 1:
                return
            middle = len(numbers) // 2
            await self._delete_some(person, numbers[:middle])
            await self._delete_some(person, numbers[middle:])

    # --- calls -----------------------------------------------------------------------------------

    async def _call(self, person: str, call: Callable[[], Awaitable[T]]) -> T:
        """One message's worth of calling, at its pace."""
        await self._pace.its_turn(person)
        return await self._told(person, call())

    async def _told(self, person: str, call: Awaitable[T]) -> T:
        """The call's result, its failures in the outbox's terms."""
        failed: BotError
        try:
            return await call
        except Flood as flood:
            self._pace.flooded(person, flood.wait_s)
            failed = NotYet(flood.wait_s)
        except Shut:
            failed = ShutOut("Telegram does not deliver to this person")
        except Away as away:
            failed = away if away.may_have_arrived else NotYet(self._rules.away_s)
        raise failed


def _with_message(chat: Chat, message_id: str) -> Chat:
    kept = (each for each in chat.messages if each != message_id)
    return replace(chat, messages=(*kept, message_id))


def _numbers(messages: Sequence[str]) -> list[int]:
    """The platform's numbers, each once; a file and its caption are one message."""
    found = (message_number(each) for each in messages)
    return list(dict.fromkeys(each for each in found if each is not None))
