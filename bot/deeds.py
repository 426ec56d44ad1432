"""The deeds of one turn: carried out in memory, written in one commit, or not at all.

Owns what a turn gathers between reading and committing: sealed parts, tombstones, a filed tip, what
is forgotten. Nothing here touches a disk; `write` runs inside the commit and says what may be
destroyed once that commit is durable.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.closures import Said
from bot.filing import Filed, part_row
from bot.notices import Addressee
from bot.recall import Recalled
from bot.state import Draft, Following, HeldSeed, State
from bot.subscriptions import Subscriber
from handlers.effects import DropOriginal, Fetch, KeepOriginal, Remove, Seal
from handlers.events import FileRef
from sealing import (
    Author,
    Details,
    FileFacts,
    Kind,
    Media,
    Original,
    OriginalFile,
    OriginalKey,
    Part,
    padme,
    seal_words,
)
from sealing.age import PQIdentity, PQRecipient
from storage import Conflict, Transaction
from storage.repositories import codes, expiry, fetches, open_tips, originals, parts, tips
from storage.repositories.notices import NoticeRow
from storage.repositories.originals import Gone, OriginalRow
from storage.repositories.parts import Head, PartRow
from storage.repositories.subscriptions import SubscriptionRow
from storage.repositories.tips import TipRow

RECIPIENTS_REMEMBERED = 1024


class FollowedGone(Conflict):
    """The followed tip was destroyed: nothing can be added to it, now or later."""


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


@dataclass(frozen=True, slots=True)
class CardWish:
    """Somebody wants to be sent the cards of *audience*, of which *own* sends them already, or
    nothing does yet."""

    audience: str
    subscriber: Subscriber
    own: SubscriptionRow | None


@dataclass(frozen=True, slots=True)
class NewOriginal:
    """An original that this turn sealed: the secret half of its one-off key is here only."""

    tip_id: str
    part_id: str
    seed: bytes = field(repr=False)
    blob_id: str | None = None


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
    said: Said | None = None
    """What its reporter says to the ending of the followed tip."""
    wish: Wish | None = None
    untold: tuple[NoticeRow, ...] = ()
    """Notices that are to be forgotten."""
    card_wish: CardWish | None = None
    unsubscribed: tuple[SubscriptionRow, ...] = ()
    """Subscriptions that are to be forgotten."""
    filed: Filed | None = None
    stands_on: bytes | None = field(default=None, repr=False)
    """The locator of the member's code that the filed tip says was checked."""
    fetches: list[Fetch] = field(default_factory=list)
    became: Recalled | None = None
    is_forgotten: bool = False
    is_noted: bool = False
    seed_of: Callable[[str], bytes | None] = lambda part_id: None
    """The seed of an original that an earlier turn sealed."""
    undecided: dict[str, NewOriginal] = field(default_factory=dict)
    held: dict[str, HeldSeed] = field(default_factory=dict)
    """How the seeds of *undecided* are held; whoever commits sees to it."""
    decided: list[tuple[str, str, bool]] = field(default_factory=list)
    """Tip, part, and whether its original is kept."""
    kept_files: list[OriginalRow] = field(default_factory=list)
    unsure_mark: bytes | None = None
    """The event's mark, while it is not known whether the event was taken before."""

    def __post_init__(self) -> None:
        self.draft = self.state.draft
        self.following = self.state.following

    @property
    def is_words_only(self) -> bool:
        """Whether the turn sealed words and did nothing else: its commit leaves nothing to do."""
        return not (
            self.is_forgotten
            or self.is_noted
            or self.filed is not None
            or self.removed
            or self.dropped
            or self.fetches
            or self.arrived
            or self.stopped is not None
            or self.said is not None
            or self.undecided
            or self.decided
            or any(row.blob_id is not None for row, _ in self.added)
        )

    @property
    def is_about_contacts(self) -> bool:
        """Whether the turn changes who is told of news, or sent cards."""
        return bool(
            self.wish is not None
            or self.untold
            or self.stopped is not None
            or self.card_wish is not None
            or self.unsubscribed
        )

    @property
    def blobs_kept(self) -> frozenset[str]:
        blobs = (
            *(row.blob_id for row, _ in self.added),
            *(original.blob_id for original in self.undecided.values()),
            *(row.blob_id for row in self.kept_files),
        )
        return frozenset(blob_id for blob_id in blobs if blob_id is not None)

    @property
    def answered(self) -> frozenset[str]:
        """The tips, filed before this turn, that it adds something told to."""
        drafts = {each.tip_id for each in (self.state.draft, self.draft) if each is not None}
        drafts |= set() if self.filed is None else {self.filed.tip.tip_id}
        told = (Kind.WORDS.value, Kind.FILE.value)
        return frozenset(row.tip_id for row, _ in self.added if row.kind in told) - drafts

    def begin_draft(self) -> Draft:
        """The draft; begun with its first part, so that looking around begins nothing."""
        if self.draft is None:
            self.draft = Draft.begin(self.new_id())
        return self.draft

    def seal(self, effect: Seal) -> None:
        """Seal words or a file behind the last part of the followed tip, else of the draft; what
        was found in it is only in its original."""
        if effect.file is None:
            words = effect.words if effect.redacted is None else effect.redacted
            original = self._original_words(effect)
            self._append(
                Kind.WORDS, effect.part_id, effect.question, words, None, effect.found, original
            )
        else:
            self._append_file(effect, effect.file)
        self.became = Recalled(self.added[-1][0].tip_id, effect.part_id, effect.question)

    def keep_original(self, effect: KeepOriginal) -> None:
        """Say inside the tip what opens the original. Its key may be gone: then it stays shut."""
        new = self.undecided.pop(effect.part_id, None)
        seed = self.seed_of(effect.part_id) if new is None else new.seed
        if seed is None:
            self.drop_original(DropOriginal(effect.part_id))
            return
        tip_id = self._tip_id()
        if new is not None and new.blob_id is not None:
            self.kept_files.append(OriginalRow(new.part_id, tip_id, self.day, new.blob_id, None))
        key = OriginalKey(effect.part_id, seed, effect.is_answered)
        self._append(Kind.KEY, self.new_id(), None, None, None, key=key)
        if new is None:
            self.decided.append((tip_id, effect.part_id, True))

    def drop_original(self, effect: DropOriginal) -> None:
        """Forget what opens the original. One that this very turn sealed was never held."""
        if self.undecided.pop(effect.part_id, None) is None:
            self.decided.append((self._tip_id(), effect.part_id, False))

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

    def file(self, filed: Filed, locator: str | None = None) -> None:
        """The draft is a tip now; the conversation knows nothing more of it. *locator* (hex) is
        that of the member's code which it stands on."""
        self.filed = filed
        self.stands_on = None if locator is None else bytes.fromhex(locator)
        self._part_from_draft()

    def forget(self) -> None:
        """Drop the draft and whatever was followed."""
        self.is_forgotten = True
        self.fetches, self.became = [], None
        if self.draft is not None and self.draft.seq > 0:
            self.dropped.append(self.draft.tip_id)
        self.added = [each for each in self.added if each[0].tip_id not in self.dropped]
        self.removed = [each for each in self.removed if each[0] not in self.dropped]
        self.decided = [each for each in self.decided if each[0] not in self.dropped]
        self.kept_files = [each for each in self.kept_files if each.tip_id not in self.dropped]
        self.undecided = {
            part_id: original
            for part_id, original in self.undecided.items()
            if original.tip_id not in self.dropped
        }
        self._part_from_draft()
        self.following = self.followed = None

    def write(self, t: Transaction, *, is_new_day: bool) -> Gone:
        """Write everything; what to destroy after the commit. Raises Conflict."""
        for row, previous in self.added:
            parts.append(t, row, previous=previous)
        gone = Gone() if self.is_words_only else self._write_more(t)
        drafted = None if self.draft is None else self.draft.tip_id
        for tip_id in {row.tip_id for row, _ in self.added} - {drafted}:
            expiry.put_off(t, tip_id, self.day)
        if self.draft is not None and self.draft.seq > 0:
            self._touch(t, self.draft, is_new_day)
        return gone

    def _write_more(self, t: Transaction) -> Gone:
        """What goes with parts that are more than words."""
        self._write_originals(t)
        gone = [
            (originals.keep if is_kept else originals.drop)(t, tip_id, part_id)
            for tip_id, part_id, is_kept in self.decided
        ]
        gone += [parts.tombstone(t, tip_id, part_id) for tip_id, part_id in self.removed]
        fetches.remove(t, *(part_id for _, part_id in self.removed), *self.arrived)
        if self.filed is not None:
            self._check_member(t)
            parts.append(t, self.filed.form, previous=self.filed.previous)
            tips.file(t, self.filed.tip, self.filed.grants)
        if self.stopped is not None:
            tips.stop_contact(t, self.stopped, self.day)
        if self.said is not None:
            self.said.write(t, self.day)
        for tip_id in self.dropped:
            gone.append(parts.remove_all(t, tip_id))
            open_tips.remove(t, tip_id)
        return Gone.all(gone)

    def _check_member(self, t: Transaction) -> None:
        """Raise Conflict if the code that the tip stands on was stopped since this turn looked: the
        turn is then taken anew, and finds it stopped."""
        if self.stands_on is None:
            return
        code = codes.get(t, self.stands_on)
        if code is None or not code.is_usable(self.day):
            raise Conflict("the member's code stopped working")

    def _write_originals(self, t: Transaction) -> None:
        for original in self.undecided.values():
            key_id = self.held[original.part_id].key_id
            originals.add(
                t,
                OriginalRow(original.part_id, original.tip_id, self.day, original.blob_id, key_id),
            )
        for row in self.kept_files:
            originals.add(t, row)

    def _touch(self, t: Transaction, draft: Draft, is_new_day: bool) -> None:
        had_parts = self.state.draft is not None and self.state.draft.seq > 0
        if is_new_day or not had_parts:
            open_tips.touch(t, draft.tip_id, self.day)

    def _part_from_draft(self) -> None:
        if self.draft is not None:
            self.recipients.forget(self.draft.tip_id)
        self.draft = None

    def _original_words(self, effect: Seal) -> Original | None:
        """The words as they were sent, under a key made for them."""
        if effect.redacted is None or effect.words is None:
            return None
        identity, tip_id = PQIdentity.generate(), self._tip_id()
        self.undecided[effect.part_id] = NewOriginal(tip_id, effect.part_id, identity.seed)
        return seal_words(effect.words, identity.recipient, tip_id=tip_id, part_id=effect.part_id)

    def _append_file(self, effect: Seal, file: FileRef) -> None:
        original, found = None, tuple[str, ...]()
        if file.original is not None:
            sent = file.original
            self.undecided[effect.part_id] = NewOriginal(
                self._tip_id(), effect.part_id, sent.seed, sent.blob_id
            )
            original = OriginalFile(sent.blob_id, sent.size, sent.sha256)
            found = sent.found
        self._append(Kind.FILE, effect.part_id, effect.question, None, file, found, original)

    def _append(
        self,
        kind: Kind,
        part_id: str,
        question: str | None,
        words: str | None,
        file: FileRef | None,
        found: tuple[str, ...] = (),
        original: Original | None = None,
        key: OriginalKey | None = None,
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
            found=found,
            original=original,
            key=key,
        )
        row = part_row(part, recipient, None if file is None else padme(file.size))
        self.added.append((row, end.hash))
        if self.elsewhere is not None:
            self.elsewhere = Followed(self.elsewhere.tip, Head(row.seq, row.hash))
        elif self.followed is not None:
            self.followed = Followed(self.followed.tip, Head(row.seq, row.hash))
        elif self.draft is not None:
            self.draft = self.draft.grown(row.hash)

    def _tip_id(self) -> str:
        """The tip that this turn's parts go to."""
        filed = self.elsewhere or self.followed
        return self.begin_draft().tip_id if filed is None else filed.tip.tip_id

    def _end(self) -> tuple[str, PQRecipient, Head]:
        filed = self.elsewhere or self.followed
        if filed is not None:
            tip = filed.tip
            return tip.tip_id, PQRecipient.from_raw(tip.case_recipient), filed.head
        draft = self.begin_draft()
        return draft.tip_id, self.recipients.of(draft), Head(draft.seq, draft.head)


def facts_of(file: FileRef) -> FileFacts:
    """What must hold of the file, as its part says it."""
    return FileFacts(
        file.blob_id,
        file.size,
        file.sha256,
        Media(file.media),
        file.mime,
        file.name,
        Details(file.details),
        file.seed,
    )


def find_filed(t: Transaction, tip_id: str) -> Followed | None:
    """The filed tip as it stands; None when there is none (any more)."""
    tip = tips.get(t, tip_id)
    return None if tip is None else Followed(tip, parts.head(t, tip_id))


def read_followed(t: Transaction, tip_id: str) -> Followed:
    """The followed tip as it stands. Raises FollowedGone."""
    found = find_filed(t, tip_id)
    if found is None:
        raise FollowedGone("the followed tip is gone")
    return found
