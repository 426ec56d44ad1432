"""The turn's part in being sent new cards: what it wants of the subscriptions, and what its commit
writes.

The conversation's own row takes no part in it: nothing in there says that this person ever asked.
"""

from dataclasses import dataclass

from bot.deeds import CardWish, Deeds
from bot.means import Means
from bot.subscriptions import Subscriber
from handlers.cards import AUDIENCES, BEHIND_A_CODE
from handlers.events import Subscribed
from storage import Conflict, Transaction
from storage.repositories import subscriptions
from storage.repositories.subscriptions import SubscriptionRow


@dataclass(frozen=True, slots=True)
class TurnSubscriptions:
    """What one turn changes: a *new* row, or one that is kept *longer*; rows that go."""

    new: SubscriptionRow | None = None
    longer: SubscriptionRow | None = None
    last_day: str = ""
    gone: tuple[SubscriptionRow, ...] = ()

    def write(self, t: Transaction) -> None:
        """Write it. Raises Conflict: the row to be kept longer went meanwhile."""
        subscriptions.remove(t, *(row.subscription_id for row in self.gone))
        if self.longer is not None and not subscriptions.extend(
            t, self.longer.subscription_id, self.last_day
        ):
            raise Conflict("the subscription is gone")
        if self.new is not None:
            subscriptions.add(t, self.new)


async def wish_for_cards(
    means: Means, channel: str, person: str, language: str, audience: str, deeds: Deeds
) -> Subscribed:
    """Note in *deeds* that *person* wants the cards of *audience*; the engine's answer. Keeps
    nothing yet."""
    if not means.pushes(channel) or audience not in AUDIENCES or audience == BEHIND_A_CODE:
        return Subscribed("not")
    rows = await means.subscriptions.of_person(channel, person)
    own = next((row for row in rows if row.audience == audience), None)
    known = next((whom for row in rows if (whom := means.subscriptions.open(row))), None)
    subscriber = (
        Subscriber(channel, person, language)
        if known is None
        else Subscriber(channel, person, language, known.secret)
    )
    deeds.card_wish = CardWish(audience, subscriber, own)
    return Subscribed("on")


async def prepared_cards(means: Means, deeds: Deeds) -> TurnSubscriptions:
    """What the commit is to write. The key of a new row is on disk when this returns; those of
    rows that go are destroyed: the person asked for it, and a crash in between leaves it so."""
    if deeds.unsubscribed:
        await means.forget.destroy(*(row.key_id for row in deeds.unsubscribed))
    asked, new = deeds.card_wish, None
    if asked is not None and asked.own is None:
        new = await means.subscriptions.make(means.new_id(), asked.audience, asked.subscriber)
    return TurnSubscriptions(
        new,
        None if asked is None else asked.own,
        means.subscriptions.last_day,
        deeds.unsubscribed,
    )
