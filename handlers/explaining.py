"""What is explained when somebody asks, and what is said of what answered nothing.

Owns how to use this, who can see what, how to tell this bot from a clone, what becomes of a lost
code; and what to do instead of what was not understood, in the words of the question that stands
where it has any. Laws: it changes nothing; thanks and greetings are not told to be senseless;
whoever writes another language hears in it how to read it.
"""

from handlers import events
from handlers.effects import Say, Word
from handlers.events import Event
from handlers.kinds.base import Here
from handlers.words import USUAL_AT_MOST, spelling

TOPICS = ("help", "safety", "real_bot", "lost_code")
"""The controls that explain something."""
NOT_UNDERSTOOD = "not_understood"

_FIRST_THAI, _LAST_THAI = "ก", "๛"


def explained(here: Here, topic: str) -> tuple[Say, ...]:
    """What is said of *topic*."""
    match topic:
        case "real_bot":
            return _real_bot(here)
        case "help":
            return (here.say("help"), *_real_bot(here))
        case "lost_code":
            return (here.say(_own(here, topic)),)
    said = [here.say(f"safety_{here.book.channel.name}")]
    if here.book.channel.onion is not None:
        said.append(here.say("tor", onion=here.book.channel.onion))
    if here.book.key_holders:
        said.append(here.say("key_holders", holders="\n".join(here.book.key_holders)))
    return tuple(said)


def unheard(here: Here, event: Event, *, is_greeted: bool) -> tuple[Say, ...]:
    """What is said of an *event* that answered nothing; *is_greeted*: they are new, and what can be
    done here is said to them anyway."""
    if isinstance(event, events.Unknown):
        return () if is_greeted else (here.say("not_readable"),)
    if not isinstance(event, events.Text):
        return () if is_greeted else (here.say(_own(here, NOT_UNDERSTOOD)),)
    words, bare = here.book.words, _bare(here, event.words)
    hint = (here.say("other_language"),) if _is_foreign(here, event.words) else ()
    if is_courtesy(here, event.words):
        return hint
    if words.is_typed("human", bare):
        return (here.say("human", numbers=hotlines(here)), *hint)
    if words.is_typed("confused", bare):
        return () if is_greeted else explained(here, "help")
    return (here.say(_own(here, NOT_UNDERSTOOD)), *hint)


def is_courtesy(here: Here, words: str) -> bool:
    """Whether *words* are a greeting or thanks and nothing else: they answer no question."""
    return len(words) <= USUAL_AT_MOST and here.book.words.is_typed("courtesy", _bare(here, words))


def hotlines(here: Here) -> tuple[Word, ...]:
    """The numbers to call."""
    return tuple(Word(f"hotline.{number}") for number in here.book.hotlines)


def is_not_understood(key: str) -> bool:
    """Whether the say-key *key* is one of those that `unheard` says."""
    return key.startswith(f"say.{NOT_UNDERSTOOD}")


def _bare(here: Here, words: str) -> str:
    return here.book.words.bare(spelling(words[:USUAL_AT_MOST]))


def _own(here: Here, said: str) -> str:
    """*said* as the question that stands says it, if it has words of its own for that."""
    own = f"{said}_{here.key}"
    return own if f"say.{own}" in here.book.words else said


def _is_foreign(here: Here, words: str) -> bool:
    """Whether none of *words* is in the letters of the language spoken here."""
    is_thai = any(_FIRST_THAI <= letter <= _LAST_THAI for letter in words)
    if here.conversation.language == "th":
        return not is_thai and any(letter.isascii() and letter.isalpha() for letter in words)
    return is_thai


def _real_bot(here: Here) -> tuple[Say, ...]:
    """How to tell this bot from a clone: by the signed list, or by an address typed by hand."""
    channel, bots = here.book.channel, here.book.real_bots
    never = here.say("real_bot_never")
    if bots is not None:
        listed = "\n".join(bots.lines)
        return here.say(f"real_bots_{channel.name}", bots=listed, page=bots.page), never
    return (never,) if channel.web is None else (here.say("real_bot", web=channel.web), never)
