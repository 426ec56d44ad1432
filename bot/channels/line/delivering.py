"""How a batch reaches a person: on a reply token if there is one, else, rarely, by a push.

Owns what follows from each fate of a call. Laws: what may have been said is not said again blindly;
what cannot be said now is said at the person's next message, and nothing of it before; an answer
that LINE takes only by half does not exist (a call carries all its messages or none).
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from bot.channels.line.api import Api, Fate
from bot.channels.line.parts import LineParts
from bot.channels.line.pieces import OwnWords
from bot.channels.line.pushing import may_push, must_push, retry_key
from bot.channels.line.quota import Quota
from bot.channels.line.rendering import Rendered, render
from bot.channels.line.tokens import ReplyTokens, Token
from bot.errors import Unavailable
from bot.logs import logger
from bot.outbox import Batch, Delivered, NotYet, Parcel, Uncertain, Undeliverable

Rested = Callable[[str, float], Awaitable[bool]]
"""`bot.channels.line.lanes.Lanes.rested`."""


async def nobody_waits(person: str, at_most_s: float) -> bool:
    """Where no event is on its way into a turn."""
    return False


class Delivery:
    """Delivers batches; *quota_refusals* counts what a used up quota kept back."""

    def __init__(
        self, parts: LineParts, api: Api, tokens: ReplyTokens, rested: Rested = nobody_waits
    ) -> None:
        self._rested = rested
        self._waited_for = Counter[str]()
        self._parts = parts
        self._api = api
        self._tokens = tokens
        self.quota = Quota(api, parts.clock, parts.push_reserve, parts.campaign_reserve)
        self._own = OwnWords.shipped(parts.book().languages)
        self.quota_refusals = 0

    async def deliver(self, batch: Batch) -> Delivered:
        """As many of the first parcels as one call carries (`bot.outbox.Channel`)."""
        await self._wait_for_newer(batch.person)
        rendered = render(batch.parcels, self._parts.book().words, self._own)
        if rendered.messages and not await self._replied(batch.person, rendered):
            await self._push(batch, rendered)
        return Delivered(rendered.count, batch.chat)

    async def _wait_for_newer(self, person: str) -> None:
        """While something they just sent is being taken, its answer belongs into the same call: the
        token that came with it would else go to an older answer, and nothing be left for its own.
        Raises NotYet: look again what there is to say. A flood is not waited for without end."""
        rules = self._parts.rules
        if self._waited_for[person] < rules.joins_at_most:
            self._waited_for[person] += 1
            if await self._rested(person, rules.join_s):
                raise NotYet(0.0)
        del self._waited_for[person]

    # --- reply -------------------------------------------------------------------------------

    async def _replied(self, person: str, rendered: Rendered) -> bool:
        """Answer on a token; False when none is left. Raises Uncertain, NotYet, Unavailable."""
        clock, rules = self._parts.clock, self._parts.rules
        until_s = clock.monotonic_s() + rules.begin_s
        for token in self._tokens.take(person):
            if clock.monotonic_s() > until_s:
                # A call that the outbox cuts off is one that nobody knows the fate of.
                self._tokens.put_back(person, token)
                raise Unavailable("LINE is too slow just now")
            if await self._reply(person, token, rendered):
                return True
        return False

    async def _reply(self, person: str, token: Token, rendered: Rendered) -> bool:
        """Whether *token* carried it; False: it is dead."""
        messages, has_failed = rendered.messages, False
        while True:
            fate = await self._api.reply(token.text, messages)
            if fate is Fate.SENT:
                return True
            if fate is Fate.UNKNOWN or has_failed:
                raise Uncertain(rendered.count)
            if fate is Fate.DEAD_TOKEN:
                return False
            if fate is Fate.FAILED:
                # LINE takes a token once, so trying it again cannot say anything twice. If it does
                # not work now, the first try may have been heard.
                has_failed = True
                await self._parts.clock.sleep(self._parts.rules.again_after_s)
            elif fate is Fate.REFUSED and messages is rendered.messages:
                logger().warning("line_refused_a_message", channel="line")
                messages = rendered.plainly
            else:
                self._tokens.put_back(person, token)
                self._later(fate)

    # --- push --------------------------------------------------------------------------------

    async def _push(self, batch: Batch, rendered: Rendered) -> None:
        """Spend a push, if anything in it is worth one. Raises Undeliverable, NotYet,
        Unavailable."""
        parcels = batch.parcels[: rendered.count]
        if not any(map(must_push, parcels)) and not await self._is_spare(parcels):
            raise Undeliverable("there is no reply token")
        key = retry_key(parcels)
        fate = await self._api.push(batch.person, rendered.messages, key)
        if fate is Fate.REFUSED:
            logger().warning("line_refused_a_message", channel="line")
            fate = await self._api.push(batch.person, rendered.plainly, key)
        if fate is Fate.REFUSED:
            raise Undeliverable("the platform takes no message for this account")
        if fate is Fate.NO_QUOTA:
            self.quota_refusals += 1
            logger().error("line_quota_used_up", channel="line", count=self.quota_refusals)
            raise Undeliverable("the month's quota is used up")
        if fate is not Fate.SENT:
            self._later(fate)
        self.quota.spent()

    async def _is_spare(self, parcels: Sequence[Parcel]) -> bool:
        """Whether something in *parcels* is worth a push, and the month can spare one."""
        return any(map(may_push, parcels)) and await self.quota.allows()

    def _later(self, fate: Fate) -> NoReturn:
        """Nothing was said, or LINE will know it again by its key: the outbox tries again."""
        if fate is Fate.BUSY:
            raise NotYet(self._parts.rules.rate_wait_s)
        if fate is Fate.NOT_OURS:
            logger().error("line_access_token_refused", channel="line")
        raise Unavailable("LINE did not take the call")
