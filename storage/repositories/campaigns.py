"""Campaigns, and how far each has come. Counts only: nothing here says who was told.

Owns the tables `campaign` and `campaign_progress`. Refuses to know subscribers, channels and
clocks.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from storage.port import Row, Transaction
from storage.repositories import audit

_COLUMNS = "campaign_id, card_id, centre, audiences, state, day, officer, signature"
_PROGRESS = "campaign_id, channel, audience, after, told, missed, waits, is_done"


class State(StrEnum):
    """Where a campaign stands. Stopped and done are for good."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One card for everybody who subscribed to one of *audiences* (commas between them)."""

    campaign_id: str
    card_id: str
    centre: str
    audiences: str
    day: str
    officer: str
    signature: bytes = field(repr=False)
    state: State = State.RUNNING


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far a campaign is with one audience of one channel: everybody up to the subscription
    *after*. *told* were handed to the outbox, *missed* could not be; it *waits* for the month's
    quota, or for nothing (None)."""

    campaign_id: str
    channel: str
    audience: str
    after: str = ""
    told: int = 0
    missed: int = 0
    waits: str | None = None
    is_done: bool = False


def add(t: Transaction, new: CampaignRow) -> None:
    """Begin a campaign. Raises Conflict when it is known already."""
    t.execute(
        f"INSERT INTO campaign ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.campaign_id,
            new.card_id,
            new.centre,
            new.audiences,
            new.state.value,
            new.day,
            new.officer,
            new.signature,
        ),
    )
    audit.note(
        t,
        "campaign",
        day=new.day,
        officer=new.officer,
        centre=new.centre,
        facts={
            "campaign_id": new.campaign_id,
            "card_id": new.card_id,
            "audiences": new.audiences,
            "day": new.day,
        },
        signature=new.signature,
    )


def get(t: Transaction, campaign_id: str) -> CampaignRow | None:
    found = t.row(f"SELECT {_COLUMNS} FROM campaign WHERE campaign_id = ?", (campaign_id,))
    return None if found is None else _campaign(found)


def newest(t: Transaction, limit: int) -> tuple[CampaignRow, ...]:
    """The newest campaigns, whatever became of them."""
    return _campaigns(
        t.rows(f"SELECT {_COLUMNS} FROM campaign ORDER BY day DESC, campaign_id LIMIT ?", (limit,))
    )


def running(t: Transaction, limit: int) -> tuple[CampaignRow, ...]:
    """The campaigns that are under way, the oldest day first."""
    return _campaigns(
        t.rows(
            f"SELECT {_COLUMNS} FROM campaign WHERE state = 'running'"
            " ORDER BY day, campaign_id LIMIT ?",
            (limit,),
        )
    )


def is_running(t: Transaction, card_id: str) -> bool:
    """Whether *card_id* is being sent."""
    found = t.row(
        "SELECT 1 FROM campaign WHERE state = 'running' AND card_id = ? LIMIT 1", (card_id,)
    )
    return found is not None


def stop(t: Transaction, campaign_id: str, *, officer: str, day: str) -> bool:
    """Stop a campaign; whether it was running. Nobody who was to be told stays named in it."""
    campaign = get(t, campaign_id)
    if campaign is None or not _end(t, campaign_id, State.STOPPED):
        return False
    audit.note(
        t,
        "campaign-stop",
        day=day,
        officer=officer,
        centre=campaign.centre,
        facts={"campaign_id": campaign_id},
    )
    return True


def stop_all_of(t: Transaction, card_id: str) -> int:
    """Stop every campaign of *card_id*; how many were running."""
    found = t.rows(
        "SELECT campaign_id FROM campaign WHERE state = 'running' AND card_id = ?", (card_id,)
    )
    return sum(_end(t, campaign_id, State.STOPPED) for (campaign_id,) in found)


def progress(t: Transaction, campaign_id: str) -> tuple[ProgressRow, ...]:
    """How far *campaign_id* is, by channel and audience."""
    found = t.rows(
        f"SELECT {_PROGRESS} FROM campaign_progress WHERE campaign_id = ?", (campaign_id,)
    )
    return tuple(_progress(row) for row in found)


def save(t: Transaction, at: ProgressRow) -> bool:
    """Remember how far it is; whether the campaign is still running. Else nothing is stored."""
    campaign = get(t, at.campaign_id)
    if campaign is None or campaign.state is not State.RUNNING:
        return False
    after = "" if at.is_done else at.after
    values = (after, at.told, at.missed, at.waits, int(at.is_done))
    key = (at.campaign_id, at.channel, at.audience)
    if not t.execute(
        "UPDATE campaign_progress SET after = ?, told = ?, missed = ?, waits = ?, is_done = ?"
        " WHERE campaign_id = ? AND channel = ? AND audience = ?",
        (*values, *key),
    ):
        t.execute(
            f"INSERT INTO campaign_progress ({_PROGRESS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *values),
        )
    return True


def finish(t: Transaction, campaign_id: str) -> bool:
    """Everybody was told; whether the campaign was running until now."""
    return bool(_end(t, campaign_id, State.DONE))


def _end(t: Transaction, campaign_id: str, state: State) -> int:
    ended = t.execute(
        "UPDATE campaign SET state = ? WHERE campaign_id = ? AND state = 'running'",
        (state.value, campaign_id),
    )
    if ended:
        t.execute(
            "UPDATE campaign_progress SET after = '', waits = NULL WHERE campaign_id = ?",
            (campaign_id,),
        )
    return ended


def _campaigns(found: Iterable[Row]) -> tuple[CampaignRow, ...]:
    return tuple(_campaign(row) for row in found)


def _campaign(row: Row) -> CampaignRow:
    campaign_id, card_id, centre, audiences, state, day, officer, signature = row
    return CampaignRow(
        campaign_id, card_id, centre, audiences, day, officer, signature, State(state)
    )


def _progress(row: Row) -> ProgressRow:
    campaign_id, channel, audience, after, told, missed, waits, is_done = row
    return ProgressRow(
        campaign_id, channel, audience, after, int(told), int(missed), waits, bool(is_done)
    )
