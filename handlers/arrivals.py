"""Files that were on their way, now here or lost.

A file is answered when it is here, not when it was sent: "received" is said of what lies sealed and
of nothing else. Several that come together are answered once, when the last is here. Laws: filing
waits for what is on its way; a file that is lost is said, and everything else stays as it is.
"""

from dataclasses import replace

from handlers import effects, events
from handlers.conversation import Coming, Conversation
from handlers.effects import Counts, Effect
from handlers.filing import file_tip
from handlers.held import without
from handlers.kinds.base import Heard, Here, mark_of
from handlers.openings import web_page


def heard(here: Here, event: events.Event) -> Heard | None:
    """Answer what became of a file; None for any other event."""
    match event:
        case events.Fetched(fetch_id, file):
            coming = _found(here, fetch_id)
            return _silent(here) if coming is None else _fetched(here, coming, file)
        case events.Lost(fetch_id, reason, most):
            coming = _found(here, fetch_id)
            return _silent(here) if coming is None else _lost(here, coming, reason, most)
        case events.Slow(fetch_id):
            coming = _found(here, fetch_id)
            return _silent(here) if coming is None else _slow(here, coming)
    return None


def _fetched(here: Here, coming: Coming, file: events.FileRef) -> Heard:
    rest = without(here.conversation, coming.fetch_id)
    seal = effects.Seal(here.new_id(), coming.question, file=file)
    answer = rest.answer(coming.question).with_part(mark_of(seal))
    arrived = dict(rest.arrived)
    arrived[file.media] = arrived.get(file.media, 0) + 1
    told = replace(rest.with_answer(coming.question, answer), arrived=arrived)
    if told.coming:
        return Heard(told, (seal,), is_waiting=True)
    return _all_here(here, told, coming.question, (seal,))


def _lost(here: Here, coming: Coming, reason: str, most: int | None) -> Heard:
    book, rest = here.book, without(here.conversation, coming.fetch_id)
    rest = replace(rest, is_sending=False)
    own = f"lost_{reason}_{book.channel.name}"
    known = (own, f"lost_{reason}", reason)
    key = next((each for each in known if f"say.{each}" in book.words), "lost_failed")
    params = {} if most is None else {"most": most}
    media = effects.Word(f"media.{coming.media}")
    where = web_page(book, rest.language) if reason == "too_big" else ()
    said = (here.say(key, media=media, **params), *where)
    if rest.coming:
        return Heard(rest, said, is_waiting=True)
    return _all_here(here, rest, None, said)


def _all_here(
    here: Here, told: Conversation, question: str | None, done: tuple[Effect, ...]
) -> Heard:
    """Nothing is on its way any more: say what came, and send if that is what it waited for."""
    is_asked_last = here.book.flows[told.flow].is_last(told.asked)
    if told.is_sending and is_asked_last and told.aside is None:
        there = replace(here, conversation=replace(told, is_sending=False, arrived={}))
        filed = file_tip(there)
        return replace(filed, effects=(*done, *filed.effects))
    counts = Counts(told.arrived)
    is_asked = question is None or (question == told.asked and told.aside is None)
    said = () if is_asked or not told.arrived else (here.say(_kept_saying(here), counts=counts),)
    return Heard(replace(told, arrived={}, is_sending=False), (*done, *said))


def _kept_saying(here: Here) -> str:
    return here.book.flows[here.conversation.flow].keeps_saying[0]


def _slow(here: Here, slow: Coming) -> Heard:
    """Said by the question itself where the file belongs to it."""
    conversation = here.conversation
    coming = tuple(
        replace(each, is_slow=True) if each == slow else each for each in conversation.coming
    )
    after = replace(conversation, coming=coming)
    if any(each.is_slow for each in conversation.coming):
        return Heard(after, is_waiting=True)  # of another one they heard it already
    if after.is_sending:
        return Heard(after, (here.say("sending_waits"),), is_waiting=True)
    is_asked = after.coming_for(here.key) > 0
    return Heard(after, () if is_asked else (here.say("still_fetching"),))


def _silent(here: Here) -> Heard:
    """Nobody waits for it any more: it was taken back, or the draft was dropped."""
    return Heard(here.conversation, is_waiting=True)


def _found(here: Here, fetch_id: str) -> Coming | None:
    coming = here.conversation.coming
    return next((each for each in coming if each.fetch_id == fetch_id), None)
