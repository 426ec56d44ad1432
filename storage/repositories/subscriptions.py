"""Who is sent new knowledge cards, by channel and audience.

Owns the table `subscription`. Who it is lies sealed in `contact` under a key of the forget store;
nothing here can be searched for an account. Refuses to know channels and clocks.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storage.port import Row, Transaction

_COLUMNS = "subscription_id, channel, audience, key_id, expires_day, contact"


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One account that asked for the cards of one audience; *expires_day* is its last day."""

    subscription_id: str
    channel: str
    audience: str
    key_id: str
    expires_day: str
    contact: bytes = field(repr=False)


def add(t: Transaction, new: SubscriptionRow) -> None:
    """Remember whom to send to."""
    t.execute(
        f"INSERT INTO subscription ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (
            new.subscription_id,
            new.channel,
            new.audience,
            new.key_id,
            new.expires_day,
            new.contact,
        ),
    )


def get(t: Transaction, subscription_id: str) -> SubscriptionRow | None:
    found = t.row(
        f"SELECT {_COLUMNS} FROM subscription WHERE subscription_id = ?", (subscription_id,)
    )
    return None if found is None else SubscriptionRow(*found)


def ids(t: Transaction, channel: str) -> tuple[str, ...]:
    """The id of every subscription on *channel*: where a search for an account begins."""
    found = t.rows("SELECT subscription_id FROM subscription WHERE channel = ?", (channel,))
    return tuple(subscription_id for (subscription_id,) in found)


def page(
    t: Transaction, channel: str, audience: str, after: str, limit: int
) -> tuple[SubscriptionRow, ...]:
    """The next subscriptions behind the one whose id is *after* ("" to begin with)."""
    return _rows(
        t.rows(
            f"SELECT {_COLUMNS} FROM subscription WHERE channel = ? AND audience = ?"
            " AND subscription_id > ? ORDER BY subscription_id LIMIT ?",
            (channel, audience, after, limit),
        )
    )


def counts(t: Transaction) -> Mapping[tuple[str, str], int]:
    """How many there are, by channel and audience."""
    found = t.rows("SELECT channel, audience, count(*) FROM subscription GROUP BY 1, 2")
    return {(channel, audience): int(many) for channel, audience, many in found}


def keys(t: Transaction) -> tuple[tuple[str, str], ...]:
    """Every subscription's id with that of its key."""
    found = t.rows("SELECT subscription_id, key_id FROM subscription")
    return tuple((subscription_id, key_id) for subscription_id, key_id in found)


def extend(t: Transaction, subscription_id: str, expires_day: str) -> bool:
    """Keep a subscription until *expires_day*; whether it was still there."""
    return bool(
        t.execute(
            "UPDATE subscription SET expires_day = ? WHERE subscription_id = ?",
            (expires_day, subscription_id),
        )
    )


def remove(t: Transaction, *subscription_ids: str) -> int:
    """Delete subscriptions; how many there were."""
    return sum(
        t.execute("DELETE FROM subscription WHERE subscription_id = ?", (one,))
        for one in subscription_ids
    )


def expired(t: Transaction, day: str, limit: int) -> tuple[SubscriptionRow, ...]:
    """Subscriptions whose last day is before *day*."""
    return _rows(
        t.rows(f"SELECT {_COLUMNS} FROM subscription WHERE expires_day < ? LIMIT ?", (day, limit))
    )


def _rows(found: Iterable[Row]) -> tuple[SubscriptionRow, ...]:
    return tuple(SubscriptionRow(*row) for row in found)
