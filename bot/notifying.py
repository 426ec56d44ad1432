"""The turn's part in being told of news: finding the tip that is meant, and what the commit writes.

After filing the conversation knows no tip any more. So on the receipt's screen the tip is found as
anybody with the receipt would find it: by stretching the receipt that waits there to be noted.
"""

from dataclasses import dataclass, field

from bot.deeds import Deeds, Wish
from bot.means import Means
from bot.notices import Addressee, is_over
from bot.stretch import Busy
from bot.subscribing import TurnSubscriptions, prepared_cards
from handlers.events import Notified
from storage import Conflict, Transaction
from storage.repositories import notices, outbox, tips
from storage.repositories.notices import NoticeRow


@dataclass(frozen=True, slots=True)
class TurnNotices:
    """What one turn changes: a *new* row, or one that is kept *longer*, of a tip that may have no
    more than *at_most*; rows that go; a tip (*silenced*) of which nobody is told any more; and what
    it changes about new *cards*."""

    new: NoticeRow | None = None
    longer: NoticeRow | None = None
    last_day: str = ""
    at_most: int = 0
    gone: tuple[NoticeRow, ...] = ()
    silenced: str | None = None
    cards: TurnSubscriptions = field(default_factory=TurnSubscriptions)

    @property
    def new_keys(self) -> tuple[str, ...]:
        """The forget-store keys that were made for this."""
        return tuple(row.key_id for row in (self.new, self.cards.new) if row is not None)

    def write(self, t: Transaction) -> tuple[str, ...]:
        """Write it; the forget-store keys that serve nobody then. Raises Conflict: the tip was
        closed meanwhile, or others were first."""
        self.cards.write(t)
        notices.remove(t, *(row.notice_id for row in self.gone))
        if self.longer is not None:
            _check_open(t, self.longer.tip_id)
            if not notices.extend(t, self.longer.notice_id, self.last_day):
                raise Conflict("the notice is gone")
        if self.new is not None:
            _check_open(t, self.new.tip_id)
            if len(notices.of_tip(t, self.new.tip_id)) >= self.at_most:
                raise Conflict("others asked first")
            notices.add(t, self.new)
        return () if self.silenced is None else notices.remove_all_of(t, self.silenced)


NOTHING_CHANGED = TurnNotices()


async def wish(
    means: Means, conversation: bytes, channel: str, person: str, language: str, deeds: Deeds
) -> Notified:
    """Note in *deeds* that *person* wants to be told; the engine's answer. Keeps nothing yet."""
    try:
        tip_id = await _tip_meant(means, channel, conversation, deeds)
    except Busy:
        return Notified("busy")
    if tip_id is None:
        return Notified("not")
    standing = await means.notices.standing(tip_id, channel, person)
    at_most = means.books[channel].limits.notices_at_most
    if standing.is_over or (standing.own is None and standing.accounts >= at_most):
        return Notified("not")
    deeds.wish = Wish(tip_id, Addressee(channel, person, language), standing.own, at_most)
    return Notified("on")


async def prepared(means: Means, deeds: Deeds) -> TurnNotices:
    """What the commit is to write. The key of a new row is on disk when this returns; those of
    rows that go are destroyed: the person asked for it, and a crash in between leaves it so."""
    if not deeds.is_about_contacts:
        return NOTHING_CHANGED
    if deeds.untold:
        await means.forget.destroy(*(row.key_id for row in deeds.untold))
    asked, new = deeds.wish, None
    if asked is not None and asked.own is None:
        new = await means.notices.make(means.new_id(), asked.tip_id, asked.addressee)
    return TurnNotices(
        new,
        None if asked is None else asked.own,
        means.notices.last_day,
        0 if asked is None else asked.at_most,
        deeds.untold,
        deeds.stopped,
        await prepared_cards(means, deeds),
    )


async def _tip_meant(means: Means, channel: str, conversation: bytes, deeds: Deeds) -> str | None:
    """The tip that is followed, else that of the receipt that waits to be noted. Raises Busy."""
    if deeds.following is not None:
        return deeds.following.tip_id
    lines = await means.db.read(lambda t: outbox.of_conversation(t, conversation))
    receipt = means.lines.receipt_among(lines)
    return None if receipt is None else await means.codes.tip_of(channel, conversation, receipt)


def _check_open(t: Transaction, tip_id: str) -> None:
    if is_over(tips.get(t, tip_id)):
        raise Conflict("the tip was closed meanwhile")
