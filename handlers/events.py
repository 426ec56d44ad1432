"""What can happen to a conversation, as every channel says it.

A channel turns raw platform bytes into one of these; the turn feeds back what only it can find out
(`CodeChecked`, `Filed`). Words, codes and coordinates are secret: no repr shows them. A file is
already a sealed blob when its event arrives; if no `Seal` effect of the answering step names its
blob id, nobody kept it and the turn destroys it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MEDIA = ("photo", "video", "voice", "document")
DETAILS = ("none", "cleaned", "unremovable")
HIDDEN = ("place", "time", "device", "author", "comment", "thumbnail", "history")
"""What can hide in a file: where and when it was made, with what, and by whom; remarks, a preview,
earlier versions."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was sent, sealed as a blob to the one-off identity of *seed* (32 bytes); what
    was *found* in it (of HIDDEN) is out of the file that stands in its place."""

    blob_id: str
    size: int
    sha256: str
    seed: bytes = field(repr=False)
    found: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.found or not set(self.found) <= set(HIDDEN):
            raise ValueError("an original says what was found in it")


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that already lies sealed in the blob store; *sha256* is hex over the plain bytes.

    *details*: "none" were found, "cleaned" (*original* is what was sent), or "unremovable": it is a
    kind of file that nobody can look into, so they may be there. *seed* (32 bytes) opens a blob
    that was sealed under a key of its own before anybody knew; None: sealed as its part is.
    """

    blob_id: str
    size: int
    sha256: str
    media: str
    mime: str
    name: str | None = field(default=None, repr=False)
    original: Original | None = None
    details: str = "none"
    seed: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.media not in MEDIA or self.details not in DETAILS:
            raise ValueError(f"unknown media or details: {self.media!r}, {self.details!r}")
        if (self.original is not None) != (self.details == "cleaned"):
            raise ValueError("a cleaned file, and only that, has an original")

    @property
    def blob_ids(self) -> tuple[str, ...]:
        """Its own blob, and its original's."""
        return (self.blob_id,) if self.original is None else (self.blob_id, self.original.blob_id)


@dataclass(frozen=True, slots=True)
class Text:
    """A message of words, as sent. *screen* is the nonce of the screen they were typed on, where a
    channel knows it: words for a question that is gone then answer no other."""

    words: str = field(repr=False)
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A tap on *choice*, on the button row of the screen whose nonce is *screen*."""

    screen: str
    choice: str


@dataclass(frozen=True, slots=True)
class Media:
    """A file that arrived whole."""

    file: FileRef


@dataclass(frozen=True, slots=True)
class Held:
    """A file that the platform still holds. *handle* is the channel's own text for finding it
    again; the answering step's `Fetch` brings it here."""

    media: str
    handle: str = field(repr=False)
    name: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.media not in MEDIA:
            raise ValueError(f"unknown media: {self.media!r}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The file that `Fetch` *fetch_id* asked for arrived whole."""

    fetch_id: str
    file: FileRef


@dataclass(frozen=True, slots=True)
class Lost:
    """The file that *fetch_id* asked for will never be here. *reason* is a word key's end: gone,
    too_big, failed, or why no file could be taken; *most* is the limit it names."""

    fetch_id: str
    reason: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Slow:
    """The file that *fetch_id* asked for takes long; the person should hear that."""

    fetch_id: str


@dataclass(frozen=True, slots=True)
class Location:
    """A pin dropped on the platform's map, in degrees."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A platform command or menu entry: start, help, cancel, back, edit, language, safety,
    real_bot, learn, report, follow, member. *argument* is whatever followed it, unverified."""

    name: str
    argument: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Edited:
    """The person changed an earlier message; *part_id* is what it had been sealed as, if known.
    *question* is set for a part of a tip that is filed already: what it was told under."""

    part_id: str | None
    words: str = field(repr=False)
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Unsent:
    """The person took an earlier message back; *part_id* is what it was sealed as, if known."""

    part_id: str | None


@dataclass(frozen=True, slots=True)
class Followed:
    """The person added the bot, or opened the chat for the first time."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person shut the bot out; nothing said now would arrive."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something this version has no word for (a sticker, a poll, a new message type)."""


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """The turn's answer to `CheckCode`.

    *kind* is "receipt" or "member"; *verdict* is "ok", "mistyped", "unknown", "locked" or "busy".
    Facts of an ok receipt: status, since (ISO day), messages (part ids, oldest first), new (how
    many of them were not read before), closure (what may be said to an ended tip: "open": yes or
    no, "confirmed": it was agreed to, and still no, "late": neither any more; None: it goes on),
    and while a clock runs due (ISO day), is_overdue and has_climbed (whether officers above may
    read it since then). Facts of an ok member code: alias, is_duress, centre, since (a year),
    locator (hex; opaque here). Facts of a lock: minutes, how long it lasts at most.
    """

    kind: str
    verdict: str
    facts: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class MemberChecked:
    """The turn's answer to `CheckMember`. Why a code stopped working, nobody says."""

    works: bool


@dataclass(frozen=True, slots=True)
class Notified:
    """The turn's answer to `Notify`. *verdict* is "on", "busy" (too much is asked just now), or
    "not": the tip is closed, wants no contact, or has enough accounts to tell."""

    verdict: str


@dataclass(frozen=True, slots=True)
class ClosureAnswered:
    """The turn's answer to `Confirm` and `Reopen`. *verdict* is "confirmed", "reopened", "late"
    (it can no longer be opened again), or "moved": it goes on already. *notice* says whether news
    of the tip can be asked for from now on ("off"), or None."""

    verdict: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Something happened to a tip that this person asked to be told of; which one and what, nobody
    says here. *is_ending*: it ended, they can say yes or no to that, and are told of it no more."""

    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The turn's answer to `Subscribe`. *verdict* is "on", "busy" or "not"."""

    verdict: str


@dataclass(frozen=True, slots=True)
class NewCard:
    """A knowledge card is sent to this person, who asked for those of its audience."""

    card_id: str


@dataclass(frozen=True, slots=True)
class Filed:
    """The tip is filed. The step that emitted `File` already left the receipt's screen, so a turn
    need not send this; it is answered with that screen again."""


Event = (
    Text
    | Choice
    | Media
    | Held
    | Fetched
    | Lost
    | Slow
    | Location
    | Command
    | Edited
    | Unsent
    | Followed
    | Blocked
    | Unknown
    | CodeChecked
    | MemberChecked
    | Notified
    | ClosureAnswered
    | News
    | Subscribed
    | NewCard
    | Filed
)
