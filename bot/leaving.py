"""What a turn leaves: the conversation's row, the lines to be said, the files to be fetched.

Makes what one commit writes, and writes it. Refuses to decide anything: what was done and said is
settled by then. Laws: everything secret is sealed before it is here; one turn is one commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot.alerts.raising import Raising
from bot.chat import NO_CHAT, Chat
from bot.deeds import Deeds
from bot.inbound import Inbound
from bot.lines import Told, TurnLines, is_receipt
from bot.means import Means, Read
from bot.notifying import TurnNotices
from bot.places import save
from bot.recall import Remembered
from bot.state import HeldSeed, State
from handlers import events, intent_json
from handlers.conversation import Conversation
from handlers.effects import Ask, Erase, Intent
from storage import Conflict, Transaction
from storage.forget import Kept
from storage.repositories import conversations, outbox, seen
from storage.repositories.fetches import Fetch as FetchRow
from storage.repositories.outbox import State as LineState

FETCH_DAYS = 1


@dataclass(frozen=True, slots=True)
class Said:
    """The conversation after a turn's steps, and what they want said."""

    talk: Conversation
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """The events that one commit takes, and their marks."""

    inbounds: Sequence[Inbound]
    marks: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Done:
    """What a durable commit left to be destroyed."""

    keys: tuple[str, ...]
    blobs: tuple[str, ...]


def row_of(
    means: Means,
    conversation: bytes,
    burst: Sequence[Inbound],
    key: Kept,
    read: Read,
    deeds: Deeds,
    said: Said,
    lines: TurnLines,
) -> conversations.Conversation:
    drawer, inbound = means.drawer, burst[0]
    state = _after(read.state, deeds, said, is_pulled=not lines.pushes)
    is_news = isinstance(inbound.event, events.News | events.NewCard)
    if is_news:
        # Telling somebody of news, or sending a card, is no visit: who was not here, or was done,
        # is forgotten as soon as it was delivered, and a draft grows no younger by it.
        state = replace(state, is_over=read.key is None or read.state.is_over)
    if lines.pushes and means.books[inbound.channel].channel.can_wipe:
        state = replace(state, chat=_chat_after(read.state, deeds, said, burst))
    slot = None if read.slot is None or key.key != read.key else read.slot
    slot = slot or drawer.slot_of_state(key.key, conversation, inbound.person)
    contact = None
    if lines.wakes or (read.row is not None and read.row.contact is not None):
        contact = drawer.seal_contact(key.key, conversation, inbound.person)
    return conversations.Conversation(
        conversation,
        inbound.channel,
        key.key_id,
        drawer.seal_state_in(slot, state),
        read.row.touched_day if is_news and read.row is not None else deeds.day,
        1 if read.row is None else read.row.version,
        contact,
    )


def lines_of(
    means: Means,
    conversation: bytes,
    inbound: Inbound,
    key: Kept,
    receipt_key: list[Kept],
    deeds: Deeds,
    said: Said,
) -> TurnLines:
    lines = list[outbox.Line]()
    pushes, day = means.pushes(inbound.channel), date.fromisoformat(deeds.day)
    now_s, shows_receipt = int(means.clock.now_s()), False
    for intent in said.intents:
        if is_receipt(intent) and deeds.filed is not None:
            lines.append(
                means.lines.receipt(
                    means.new_id(),
                    conversation,
                    inbound.channel,
                    receipt_key[0],
                    intent,
                    deeds.filed.receipt,
                    until_s=int(means.clock.now_s()) + means.rules.receipt_s,
                    last_day=day + timedelta(days=1),
                    state=LineState.READY if pushes else LineState.SHOWN,
                )
            )
        elif is_receipt(intent):
            shows_receipt = True
        elif pushes:
            if isinstance(intent, Erase) and intent.what == "said":
                intent = replace(intent, message=inbound.message)
            days = means.rules.wipe_days if isinstance(intent, Erase) else means.rules.answer_days
            last = day + timedelta(days=days)
            line = means.lines.push(
                means.new_id(), conversation, inbound.channel, key.key, intent, last
            )
            lines.append(replace(line, not_before=now_s))
    return TurnLines(
        conversation,
        tuple(lines),
        pushes,
        shows_receipt,
        deeds.is_noted,
        is_rekeyed=deeds.is_forgotten or deeds.filed is not None,
        asks=any(isinstance(intent, Ask) for intent in said.intents),
        fetches=_fetches(means, conversation, inbound, key, deeds, said) if deeds.fetches else (),
    )


def _fetches(
    means: Means, conversation: bytes, inbound: Inbound, key: Kept, deeds: Deeds, said: Said
) -> tuple[FetchRow, ...]:
    now_s = int(means.clock.now_s())
    told = Told(inbound.channel, inbound.person, said.talk.language, inbound.message)
    last = date.fromisoformat(deeds.day) + timedelta(days=FETCH_DAYS)
    return tuple(
        means.lines.fetch(conversation, key.key, fetch, told, now_s=now_s, last_day=last)
        for fetch in deeds.fetches
    )


def _after(was: State, deeds: Deeds, said: Said, *, is_pulled: bool) -> State:
    """The state to keep. A followed tip is let go when the conversation leaves the flow it was
    reached in."""
    following = deeds.following
    if following is not None and following is not was.following:
        following = replace(following, flow=said.talk.flow)
    if following is not None and following.flow != said.talk.flow:
        following = None
    asks = [intent for intent in said.intents if isinstance(intent, Ask)]
    is_silent = not said.intents
    return State(
        said.talk,
        deeds.draft,
        following,
        _shown(was, said) if is_pulled else (),
        asks[-1].accepts if asks else was.accepts,
        is_over=deeds.is_noted or (was.is_over and is_silent and said.talk.is_blank),
        held=_still_held(was, deeds, said),
    )


def _still_held(was: State, deeds: Deeds, said: Said) -> Mapping[str, HeldSeed]:
    """The seeds of what is not decided yet; every other one is gone with this turn."""
    undecided = {finding.part_id for finding in said.talk.findings}
    held = {**was.held, **deeds.held}
    return {part_id: seed for part_id, seed in held.items() if part_id in undecided}


def key_ids(deeds: Deeds) -> tuple[str, ...]:
    return tuple(held.key_id for held in deeds.held.values())


def _shown(was: State, said: Said) -> tuple[Mapping[str, Any], ...]:
    return tuple(map(intent_json.to_json, said.intents)) if said.intents else was.shown


_NOT_NEW = events.Edited | events.Unsent | events.Fetched | events.Lost | events.Slow
"""What names a message that the chat holds already."""


def _chat_after(was: State, deeds: Deeds, said: Said, burst: Sequence[Inbound]) -> Chat:
    """What the channel remembers after this turn. Whoever is done and wants nothing wiped leaves
    nothing to remember."""
    wipes = any(isinstance(intent, Erase) for intent in said.intents)
    if deeds.is_noted and not wipes:
        return NO_CHAT
    chat = was.chat
    for each in burst:
        if each.message is not None and not isinstance(each.event, _NOT_NEW):
            chat = chat.heard(each.message, is_tap=isinstance(each.event, events.Choice))
    return chat


def unused_keys(fresh: Sequence[Kept], notified: TurnNotices) -> tuple[str, ...]:
    """The new keys of a turn that stored nothing."""
    return (*(kept.key_id for kept in fresh), *notified.new_keys)


def write(
    t: Transaction,
    marks: Sequence[bytes],
    read: Read,
    row: conversations.Conversation,
    deeds: Deeds,
    lines: TurnLines,
    notified: TurnNotices,
    remembered: Sequence[Remembered],
    raising: Raising,
) -> Done | None:
    """Everything one turn stores, inside its commit; None when the event was taken meanwhile."""
    if not seen.mark(t, marks[0], deeds.day):
        return None
    if not all(seen.mark(t, mark, deeds.day) for mark in marks[1:]):
        raise Conflict("one of these events was taken meanwhile")
    save(t, read, row)
    is_new_day = read.row is None or read.row.touched_day != row.touched_day
    gone = deeds.write(t, is_new_day=is_new_day)
    if deeds.filed is not None:
        tip, is_urgent = deeds.filed.tip, deeds.filed.is_urgent
        raising.filed(t, tip.centre, deeds.filed.grants, is_urgent=is_urgent)
    for tip_id in deeds.answered:
        raising.answered(t, tip_id)
    for each in remembered:
        each.write(t)
    return Done((*lines.write(t), *notified.write(t), *gone.keys), gone.blobs)
