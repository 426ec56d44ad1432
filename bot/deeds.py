"""The deeds of one turn: carried out in memory, written in one commit, or not at all.

Owns what a turn gathers between reading and committing: sealed parts, tombstones, a filed tip, what
is forgotten. Nothing here touches a disk; `write` runs inside the commit and says what may be
destroyed once that commit is durable.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.filing import Filed, part_row
from bot.notices import Addressee
from bot.recall import Recalled
from bot.state import Draft, Following, State
from handlers.effects import Fetch, Remove, Seal
from handlers.events import FileRef
from sealing import Author, FileFacts, Kind, Media, Part, padme
from sealing.age import PQIdentity, PQRecipient
from storage import Conflict, Transaction
from storage.repositories import fetches, open_tips, parts, tips
from storage.repositories.notices import NoticeRow
from storage.repositories.parts import Head, PartRow
from storage.repositories.tips import TipRow

RECIPIENTS_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Followed:
    """A filed tip as it stands, for one turn that adds to it."""

    tip: TipRow
    head: Head


class Recipients:
    """Drafts' public keys, remembered: deriving one costs as much as a seal. Public halves only,
    and only so many."""

    def __init__(self, at_most: int = RECIPIENTS_REMEMBERED) -> None:
        self._at_most = at_most
        self._known: dict[str, PQRecipient] = {}

    def of(self, draft: Draft) -> PQRecipient:
        known = self._known.pop(draft.tip_id, None)
        if known is None:
            known = PQIdentity.from_seed(draft.case_seed).recipient
        self._known[draft.tip_id] = known
        while len(self._known) > self._at_most:
            del self._known[next(iter(self._known))]
        return known

    def forget(self, tip_id: str) -> None:
        self._known.pop(tip_id, None)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to be told of news of a tip, of which *own* tells them already, or nothing
    does yet; it may have *at_most* accounts to tell."""

    tip_id: str = field(repr=False)
    addressee: Addressee
    own: NoticeRow | None
    at_most: int


@dataclass(slots=True)
class Deeds:
    """What one turn has done so far. One per attempt: a retried turn begins with fresh ones."""

    state: State
    day: str
    new_id: Callable[[], str]
    recipients: Recipients
    draft: Draft | None = field(init=False)
    following: Following | None = field(init=False)
    followed: Followed | None = None
    elsewhere: Followed | None = None
    """A filed tip that a message taken back or changed belongs to; this turn is about that one."""
    added: list[tuple[PartRow, bytes]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    """Fetching jobs that ended with this turn."""
    stopped: str | None = None
    wish: Wish | None = None
    untold: tuple[NoticeRow, ...] = ()
    """Notices that are to be forgotten."""
    filed: Filed | None = None
    fetches: list[Fetch] = field(default_factory=list)
    became: Recalled | None = None
    is_forgotten: bool = False
    is_noted: bool = False

    def __post_init__(self) -> None:
        self.draft = self.state.draft
        self.following = self.state.following

    @property
    def blobs_kept(self) -> frozenset[str]:
        return frozenset(row.blob_id for row, _ in self.added if row.blob_id is not None)

    def begin_draft(self) -> Draft:
        """The draft; begun with its first part, so that looking around begins nothing."""
        if self.draft is None:
            self.draft = Draft.begin(self.new_id())
        return self.draft

    def seal(self, effect: Seal) -> None:
        """Seal words or a file behind the last part of the followed tip, else of the draft."""
        if effect.file is None:
            self._append(Kind.WORDS, effect.part_id, effect.question, effect.words, None)
        else:
            self._append(Kind.FILE, effect.part_id, effect.question, None, effect.file)
        self.became = Recalled(self.added[-1][0].tip_id, effect.part_id, effect.question)

    def fetch(self, effect: Fetch) -> None:
        """A file is to be fetched for what is being told; until it is here, taking its message
        back means taking back the job."""
        self.fetches.append(effect)
        tip_id = self.begin_draft().tip_id if self.followed is None else self.followed.tip.tip_id
        self.became = Recalled(tip_id, effect.fetch_id, effect.question)

    def stop_contact(self) -> None:
        """Say inside the tip, sealed, that its teller wants no more messages; and mark the tip."""
        if self.followed is None:
            return
        self._append(Kind.STOP, self.new_id(), None, None, None)
        self.stopped = self.followed.tip.tip_id

    def remove(self, effect: Remove) -> None:
        """Leave a tombstone in place of a part, or drop the job of a file that is not here yet."""
        if self.elsewhere is not None:
            self.removed.append((self.elsewhere.tip.tip_id, effect.part_id))
        elif self.followed is not None:
            self.removed.append((self.followed.tip.tip_id, effect.part_id))
        elif self.draft is not None:
            self.removed.append((self.draft.tip_id, effect.part_id))

    def file(self, filed: Filed) -> None:
        """The draft is a tip now; the conversation knows nothing more of it."""
        self.filed = filed
        self._part_from_draft()

    def forget(self) -> None:
        """Drop the draft and whatever was followed."""
        self.is_forgotten = True
        self.fetches, self.became = [], None
        if self.draft is not None and self.draft.seq > 0:
            self.dropped.append(self.draft.tip_id)
        self.added = [each for each in self.added if each[0].tip_id not in self.dropped]
        self.removed = [each for each in self.removed if each[0] not in self.dropped]
        self._part_from_draft()
        self.following = self.followed = None

    def write(self, t: Transaction, *, is_new_day: bool) -> tuple[str, ...]:
        """Write everything; the blobs to destroy after the commit. Raises Conflict."""
        for row, previous in self.added:
            parts.append(t, row, previous=previous)
        found = [parts.tombstone(t, tip_id, part_id) for tip_id, part_id in self.removed]
        fetches.remove(t, *(part_id for _, part_id in self.removed), *self.arrived)
        blobs = [blob_id for blob_id in found if blob_id is not None]
        if self.filed is not None:
            parts.append(t, self.filed.form, previous=self.filed.previous)
            tips.file(t, self.filed.tip, self.filed.grants)
        if self.stopped is not None:
            tips.stop_contact(t, self.stopped, self.day)
        for tip_id in self.dropped:
            blobs += parts.remove_all(t, tip_id)
            open_tips.remove(t, tip_id)
        if self.draft is not None and self.draft.seq > 0:
            self._touch(t, self.draft, is_new_day)
        return tuple(blobs)

    def _touch(self, t: Transaction, draft: Draft, is_new_day: bool) -> None:
        had_parts = self.state.draft is not None and self.state.draft.seq > 0
        if is_new_day or not had_parts:
            open_tips.touch(t, draft.tip_id, self.day)

    def _part_from_draft(self) -> None:
        if self.draft is not None:
            self.recipients.forget(self.draft.tip_id)
        self.draft = None

    def _append(
        self,
        kind: Kind,
        part_id: str,
        question: str | None,
        words: str | None,
        file: FileRef | None,
    ) -> None:
        tip_id, recipient, end = self._end()
        part = Part(
            tip_id,
            part_id,
            end.seq + 1,
            end.hash,
            Author.REPORTER,
            self.day,
            kind,
            question,
            words,
            file=None if file is None else facts_of(file),
        )
        row = part_row(part, recipient, None if file is None else padme(file.size))
        self.added.append((row, end.hash))
        if self.elsewhere is not None:
            self.elsewhere = Followed(self.elsewhere.tip, Head(row.seq, row.hash))
        elif self.followed is not None:
            self.followed = Followed(self.followed.tip, Head(row.seq, row.hash))
        elif self.draft is not None:
            self.draft = self.draft.grown(row.hash)

    def _end(self) -> tuple[str, PQRecipient, Head]:
        filed = self.elsewhere or self.followed
        if filed is not None:
            tip = filed.tip
            return tip.tip_id, PQRecipient.from_raw(tip.case_recipient), filed.head
        draft = self.begin_draft()
        return draft.tip_id, self.recipients.of(draft), Head(draft.seq, draft.head)


def facts_of(file: FileRef) -> FileFacts:
    """What must hold of the file, as its part says it."""
    return FileFacts(file.blob_id, file.size, file.sha256, Media(file.media), file.mime, file.name)


def find_filed(t: Transaction, tip_id: str) -> Followed | None:
    """The filed tip as it stands; None when there is none (any more)."""
    tip = tips.get(t, tip_id)
    return None if tip is None else Followed(tip, parts.head(t, tip_id))


def read_followed(t: Transaction, tip_id: str) -> Followed:
    """The followed tip as it stands. Raises Conflict when it is gone."""
    found = find_filed(t, tip_id)
    if found is None:
        raise Conflict("the followed tip is gone")
    return found
