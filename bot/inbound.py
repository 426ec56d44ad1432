"""One event of one person on its way into a turn, and what became of it."""

from dataclasses import dataclass, field

from handlers.events import Event


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of one person. *person* is whatever the channel knows them by (an account, a
    session): secret. *event_id* is the same when the same event comes again, and only then.
    *language* is what a conversation that begins now is held in. *message* is what the platform
    calls the person's message, where it has a name; of an `Edited` or `Unsent`, the original's."""

    channel: str
    person: str = field(repr=False)
    event_id: str = field(repr=False)
    event: Event = field(repr=False)
    language: str = "th"
    message: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event. Not fresh: it was taken before, and nothing happened now. *parts*
    are the ids of what was sealed, for a channel that can tell of edits later. Astray: a file that
    was sealed for what is no longer being told (it was sent or dropped meanwhile); it is gone.
    Stale: it was meant for a question that is gone, and nothing of it was kept. Returned: its words
    hold a code, so nothing of them was kept, and the person may want to send the rest."""

    is_fresh: bool
    parts: tuple[str, ...] = ()
    is_astray: bool = False
    is_stale: bool = False
    is_returned: bool = False
