"""Cards in their newest version, subscriptions in random order, campaigns as counts."""

from dataclasses import replace

import pytest
from sample_rows import TODAY, a_campaign, a_card, a_line, a_subscription, an_id

from storage import Conflict, Database, Transaction
from storage.repositories import campaigns, cards, keys, outbox, subscriptions
from storage.repositories.campaigns import ProgressRow, State


def stop(t: Transaction, campaign_id: str) -> bool:
    return campaigns.stop(t, campaign_id, officer="server", day="2026-11-23")


async def test_a_card_comes_back_in_its_newest_version(database: Database) -> None:
    card = a_card()
    newer = replace(card, version=2, state="withdrawn", content=b"newer")
    await database.commit(lambda t: cards.put(t, card))
    assert await database.read(cards.published) == (card,)
    await database.commit(lambda t: cards.put(t, newer))
    assert await database.read(lambda t: cards.get(t, card.card_id)) == newer
    assert await database.read(cards.published) == ()
    assert await database.read(cards.count_published) == 0
    assert "newer" not in repr(newer)


@pytest.mark.parametrize(
    "change", [{"version": 1}, {"version": 3}, {"version": 2, "centre": "other"}]
)
async def test_only_the_next_version_of_the_same_centre_is_taken(
    database: Database, change: dict[str, object]
) -> None:
    card = a_card()
    await database.commit(lambda t: cards.put(t, card))
    with pytest.raises(Conflict):
        await database.commit(lambda t: cards.put(t, replace(card, **change)))
    assert await database.read(cards.all_of_them) == (card,)


async def test_subscriptions_are_paged_by_their_random_ids(database: Database) -> None:
    mine = [a_subscription() for _ in range(5)]
    others = [a_subscription(audience="youth"), a_subscription(channel="line")]
    for row in (*mine, *others):
        await database.commit(lambda t, row=row: subscriptions.add(t, row))
    ordered = tuple(sorted(mine, key=lambda row: row.subscription_id))
    page = await database.read(lambda t: subscriptions.page(t, "telegram", "citizen", "", 3))
    assert page == ordered[:3]
    after = page[-1].subscription_id
    rest = await database.read(lambda t: subscriptions.page(t, "telegram", "citizen", after, 3))
    assert rest == ordered[3:]
    assert set(await database.read(lambda t: subscriptions.ids(t, "line"))) == {
        others[1].subscription_id
    }
    counted = await database.read(subscriptions.counts)
    assert counted == {
        ("telegram", "citizen"): 5, ("telegram", "youth"): 1, ("line", "citizen"): 1
    }  # fmt: skip
    assert {row.key_id for row in (*mine, *others)} <= await database.read(keys.in_use)
    assert "contact" not in repr(mine[0])


async def test_a_subscription_is_kept_longer_only_while_it_is_there(database: Database) -> None:
    row = a_subscription()
    await database.commit(lambda t: subscriptions.add(t, row))
    assert await database.commit(
        lambda t: subscriptions.extend(t, row.subscription_id, "2027-01-01")
    )
    assert await database.read(lambda t: subscriptions.expired(t, "2027-01-01", 9)) == ()
    (old,) = await database.read(lambda t: subscriptions.expired(t, "2027-01-02", 9))
    assert old.subscription_id == row.subscription_id
    assert await database.commit(lambda t: subscriptions.remove(t, row.subscription_id)) == 1
    assert not await database.commit(lambda t: subscriptions.extend(t, row.subscription_id, TODAY))


async def test_a_campaign_remembers_how_far_it_is_until_it_ends(database: Database) -> None:
    campaign = a_campaign(an_id())
    at = ProgressRow(campaign.campaign_id, "telegram", "citizen", an_id(), told=3)
    await database.commit(lambda t: campaigns.add(t, campaign))
    assert await database.commit(lambda t: campaigns.save(t, at))
    further = replace(at, after=an_id(), told=4, waits="quota")
    assert await database.commit(lambda t: campaigns.save(t, further))
    assert await database.read(lambda t: campaigns.progress(t, campaign.campaign_id)) == (further,)
    assert await database.commit(lambda t: campaigns.finish(t, campaign.campaign_id))
    ended = replace(further, after="", waits=None)
    assert await database.read(lambda t: campaigns.progress(t, campaign.campaign_id)) == (ended,)
    assert not await database.commit(lambda t: campaigns.save(t, further))
    assert not await database.commit(lambda t: stop(t, campaign.campaign_id))
    (kept,) = await database.read(lambda t: campaigns.newest(t, 9))
    assert kept.state is State.DONE


async def test_a_stopped_campaign_names_nobody_who_was_next(database: Database) -> None:
    card_id = an_id()
    mine = [a_campaign(card_id, day=f"2026-11-2{nth}") for nth in range(3)]
    for campaign in (*mine, a_campaign(an_id())):
        await database.commit(lambda t, campaign=campaign: campaigns.add(t, campaign))
    at = ProgressRow(mine[1].campaign_id, "line", "citizen", an_id(), told=1)
    await database.commit(lambda t: campaigns.save(t, at))
    running = await database.read(lambda t: campaigns.running(t, 2))
    assert running == tuple(mine[:2])
    assert await database.commit(lambda t: stop(t, mine[0].campaign_id))
    assert await database.commit(lambda t: campaigns.stop_all_of(t, card_id)) == 2
    assert len(await database.read(lambda t: campaigns.running(t, 9))) == 1
    (left,) = await database.read(lambda t: campaigns.progress(t, mine[1].campaign_id))
    assert (left.after, left.told) == ("", 1)


async def test_lines_that_are_due_are_counted_up_to_a_bound(database: Database) -> None:
    def fill(t: Transaction) -> None:
        for nth in range(5):
            outbox.add(t, a_line(bytes([nth]) * 32, not_before=nth))

    await database.commit(fill)
    assert await database.read(lambda t: outbox.count_due(t, "line", 2, 9)) == 3
    assert await database.read(lambda t: outbox.count_due(t, "line", 9, 4)) == 4
    assert await database.read(lambda t: outbox.count_due(t, "web", 9, 4)) == 0
