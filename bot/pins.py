"""What a deployment may never change under a database: its server key and the cost of a stretch.

With another key, salt or cost no receipt and no member code finds anything any more, and nothing
would say so. So the first start writes both down, and each later one compares. What is written
gives nothing away: a derived check value and three public numbers.
"""

from bot.errors import Misconfigured, ServerKeyUnusable
from bot.server_key import ServerKey
from sealing.stretch import Cost
from storage.port import Transaction
from storage.repositories import settings

KEY_CHECK = "server_key_check"
STRETCH_COST = "stretch_cost"


def pin(t: Transaction, key: ServerKey, cost: Cost) -> None:
    """Compare with what this database began with, or write it down the first time.

    Raises ServerKeyUnusable or Misconfigured: nothing was changed.
    """
    compare(settings.get(t, KEY_CHECK), settings.get(t, STRETCH_COST), key, cost)
    settings.put(t, KEY_CHECK, key.check)
    settings.put(t, STRETCH_COST, cost_text(cost))


def compare(pinned_key: str | None, pinned_cost: str | None, key: ServerKey, cost: Cost) -> None:
    """Raise unless *key* and *cost* are the pinned ones (None: nothing is pinned yet)."""
    if pinned_key is not None and pinned_key != key.check:
        raise ServerKeyUnusable(
            "This server key is not the one this database began with: no receipt would be found. "
            "Put the deployment's own key back."
        )
    if pinned_cost is not None and pinned_cost != cost_text(cost):
        raise Misconfigured(
            "[limits] argon2_…: these are not the numbers this database began with: no receipt "
            f"given out would work. Write {_as_keys(pinned_cost)}."
        )


def cost_text(cost: Cost) -> str:
    """Write *cost* as it is pinned: memory in KiB, passes, lanes."""
    return f"{cost.memory_kib} {cost.time} {cost.lanes}"


def _as_keys(pinned: str) -> str:
    names = ("argon2_memory_kib", "argon2_time", "argon2_lanes")
    return ", ".join(
        f"{name} = {number}" for name, number in zip(names, pinned.split(), strict=True)
    )
