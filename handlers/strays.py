"""What arrives where it was not asked for, and what is changed or taken back afterwards.

Law: what a person told is not lost because of where they told it. A file or a pin becomes
evidence, a long message (at the door also a short one that tells of a wrong) becomes part of the
story; both are said. Codes are the exception: words
that seem to hold one are not kept here, and where there are more of them, that is said.
"""

from dataclasses import replace

from handlers import effects, events
from handlers.conversation import Answer, Conversation, PartMark
from handlers.effects import Counts, Effect, Seal
from handlers.events import Event
from handlers.explaining import hotlines
from handlers.flow import Flow
from handlers.held import asked_for, without
from handlers.kinds.base import Heard, Here, mark_of
from handlers.kinds.codes import Look, entered, hidden, looks_like
from handlers.thai import clean_words, count_graphemes

CRISIS_NOW = "say.crisis_now"
RETURNED = frozenset({"say.code_among_words", "say.code_in_answer"})
"""Said of words that were not kept for a code among them; a channel may give the words back."""


def is_hollow(words: str) -> bool:
    """Whether *words* hold no letter and no digit: empty, emoji, stray signs."""
    return not any(map(str.isalnum, words))


def kept(here: Here, event: Event) -> Heard | None:
    """Keep *event* under the key its flow names for such things; None when it may not be kept."""
    conversation = here.conversation
    flow = here.book.flows[conversation.flow]
    is_ready = flow.keeps_after is None or conversation.answer(flow.keeps_after).is_settled
    match event:
        case events.Media(file):
            if flow.evidence is None or not is_ready:
                return Heard(conversation, (here.say("file_not_now"),))
            seal = Seal(here.new_id(), flow.evidence, file=file)
            return _keep(here, seal, flow.keeps_saying[0])
        case events.Held():
            if flow.evidence is None or not is_ready:
                return Heard(conversation, (here.say("file_not_now"),))
            return _into(flow, asked_for(here, event, flow.evidence))
        case events.Location(latitude, longitude) if flow.evidence is not None and is_ready:
            pin = f"geo:{latitude:.6f},{longitude:.6f}"
            seal = Seal(here.new_id(), flow.evidence, words=pin)
            return _keep(here, seal, flow.keeps_saying[0], "location")
        case events.Text(words):
            return _keep_story(here, clean_words(words).strip(), is_ready)
    return None


def _keep_story(here: Here, words: str, is_ready: bool) -> Heard | None:
    conversation = here.conversation
    flow = here.book.flows[conversation.flow]
    enough = here.book.limits.story_from if flow.story_from is None else flow.story_from
    is_start, look = flow.name == "start", looks_like(words)
    if look is not None and is_start and look.around < here.book.limits.story_from:
        return entered(here, look.kind, words)
    if (code := here.book.code_in(words)) is not None:
        return (
            Heard(conversation, (here.say("code_among_words"),))
            if is_start
            else _code_in_answer(here, code)
        )
    if look is not None and look.kind == "receipt":
        return None  # with a wrong digit: as it was meant for nobody's eyes
    if flow.story is None or not is_ready or here.question.kind.is_secret:
        return None
    is_told = flow.keeps_into is not None and here.book.sounds_like_telling(words)
    if count_graphemes(words) < enough and not is_told:
        return None
    return _keep(here, Seal(here.new_id(), flow.story, words=words), flow.keeps_saying[1])


def beside(here: Here, event: Event, heard: Heard) -> Heard:
    """*heard*, and the long message that it read for a day or a place and would drop: whoever
    tells more than they were asked has told it."""
    flow = here.book.flows[here.conversation.flow]
    is_sealed = any(isinstance(effect, Seal) for effect in heard.effects)
    if not isinstance(event, events.Text) or is_sealed or heard.is_waiting or flow.story is None:
        return heard
    words = clean_words(event.words).strip()
    if count_graphemes(words) < here.book.limits.story_from or here.question.kind.is_secret:
        return heard
    there = replace(here, conversation=heard.conversation)
    kept = _keep(there, Seal(here.new_id(), flow.story, words=words), flow.keeps_saying[1])
    return Heard(kept.conversation, (*kept.effects, *heard.effects))


def code_again(here: Here, words: str) -> Heard | None:
    """A receipt typed while a tip is followed leads into its tip anew: whoever heard of news while
    they were still here types it. None for all other words."""
    conversation = here.conversation
    if conversation.flow != "follow" or looks_like(words) != Look("receipt", 0):
        return None
    if conversation.coming:
        return Heard(conversation, (here.say("still_fetching"),))
    anew = entered(here, "receipt", words)
    numbers = (crisis(here),) if conversation.is_crisis else ()
    return replace(anew, effects=(*numbers, *anew.effects))


def _keep(here: Here, seal: Seal, said: str, media: str | None = None) -> Heard:
    conversation = here.conversation
    flow = here.book.flows[conversation.flow]
    answer = conversation.answer(seal.question)
    limits = here.book.limits
    files = sum(part.media not in ("words", "location") for part in answer.parts)
    if seal.file is not None and files >= limits.files_at_most:
        return Heard(conversation, (here.say("files_enough", most=limits.files_at_most),))
    if len(answer.parts) >= limits.parts_at_most:
        return Heard(conversation, (here.say("parts_enough", most=limits.parts_at_most),))
    mark = mark_of(seal) if media is None else PartMark(seal.part_id, media)
    told = conversation.with_answer(seal.question, answer.with_part(mark))
    counts = Counts({mark.media: 1})
    return _into(flow, Heard(told, (seal, here.say(said, counts=counts))))


def _into(flow: Flow, heard: Heard) -> Heard:
    """What was kept leads into the flow that asks the rest."""
    if flow.keeps_into is None:
        return heard
    return replace(
        heard, conversation=replace(heard.conversation, flow=flow.keeps_into, asked=None)
    )


def unsent(here: Here, part_id: str | None) -> Heard:
    """Take back what was sealed as *part_id*, wherever it is."""
    if part_id is None:
        return Heard(here.conversation)
    left = without(_without_part(here.conversation, part_id), part_id)
    return Heard(
        replace(left, is_sending=False), (effects.Remove(part_id), here.say("unsent_done"))
    )


def _without_part(conversation: Conversation, part_id: str) -> Conversation:
    for key, answer in conversation.told.items():
        rest = answer.without_part(part_id)
        if rest != answer:
            return conversation.with_answer(key, rest if rest.parts else Answer())
    return conversation


def edited(
    here: Here, part_id: str | None, raw_words: str, filed_under: str | None = None
) -> Heard:
    """Replace what was sealed as *part_id* by the new words, under the same question; that is
    *filed_under* for a part of a tip that is filed already."""
    conversation, words = here.conversation, clean_words(raw_words).strip()
    if len(raw_words) > here.book.limits.words_at_most:
        most = here.book.limits.words_at_most
        return Heard(conversation, (here.say("words_too_long", most=most),))
    if part_id is not None and filed_under is not None and not is_hollow(words):
        seal = Seal(here.new_id(), filed_under, words=words)
        return Heard(conversation, (effects.Remove(part_id), seal, here.say("edited_done")))
    for key, answer in conversation.told.items():
        places = [place for place, part in enumerate(answer.parts) if part.part_id == part_id]
        if places and part_id is not None and not is_hollow(words):
            seal = Seal(here.new_id(), key, words=words)
            parts = (*answer.parts[: places[0]], mark_of(seal), *answer.parts[places[0] + 1 :])
            told = conversation.with_answer(key, replace(answer, parts=parts))
            return Heard(told, (effects.Remove(part_id), seal, here.say("edited_done")))
    return Heard(conversation, (here.say("edited_unknown"),))


def without_codes(here: Here, event: Event, heard: Heard) -> Heard:
    """*heard*, unless it keeps words that hold a code: whoever read them could use it. Nothing of
    the message is kept then, and that is said."""
    if not isinstance(event, events.Text | events.Edited):
        return heard
    keeps = any(isinstance(effect, Seal) and effect.words is not None for effect in heard.effects)
    code = here.book.code_in(event.words) if keeps else None
    return heard if code is None else _code_in_answer(here, code)


def _code_in_answer(here: Here, code: Look) -> Heard:
    """A message that is hardly more than a *code* is taken out of the chat; a story stays there,
    for its teller to copy."""
    is_bare = code.around < here.book.limits.story_from
    return Heard(
        here.conversation,
        (here.say("code_in_answer"), *(hidden(here) if is_bare else ())),
    )


def late_verdict(here: Here, event: events.CodeChecked) -> Heard:
    """A verdict on a code nobody waits for any more changes nothing."""
    return Heard(here.conversation)


def crisis(here: Here, *, is_now: bool = False) -> Effect:
    """Numbers to call, and how to ask for protection; said once, nothing asked. *is_now*: first of
    all whom to call in danger, and that nobody watches here."""
    return here.say("crisis_now" if is_now else "crisis", numbers=hotlines(here))
