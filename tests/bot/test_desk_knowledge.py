"""The desk takes cards and campaigns from registrars of the centre only, and says counts only."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import ORIGIN, Hand, Room, a_room, an_id, b64

from bot.desk.knowledge import LISTED_AT_MOST
from bot.subscriptions import Subscriber
from console.session import Session
from sealing import (
    Audience,
    CardState,
    KnowledgeCard,
    campaign_statement,
    canonical,
    card_statement,
)
from storage.port import Transaction
from storage.repositories import campaigns, cards, subscriptions
from storage.repositories.campaigns import CampaignRow, ProgressRow, State
from storage.repositories.subscriptions import SubscriptionRow
from tests.bot.registrar import a_card

CENTRE = "khonkaen"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


def card_of(hand: Hand, number: int = 1, *audiences: Audience) -> KnowledgeCard:
    return replace(a_card(number, *audiences), centre=CENTRE, day=hand.day, officer=hand.id)


def body_of(hand: Hand, card: KnowledgeCard) -> dict[str, Any]:
    """The request by which *hand* puts *card*, as a console makes it."""
    return {
        "card_id": card.card_id,
        "version": card.version,
        "centre": card.centre,
        "audiences": ",".join(card.audiences),
        "state": card.state,
        "day": card.day,
        "content": b64(card.content),
        "signature": hand.sign(card.statement),
    }


async def put(hand: Hand, card: KnowledgeCard) -> httpx.Response:
    return await hand.post("/cards", body_of(hand, card))


def campaign_of(hand: Hand, card: KnowledgeCard, **given: str) -> dict[str, Any]:
    fields = {
        "campaign_id": an_id(),
        "card_id": card.card_id,
        "centre": card.centre,
        "audiences": "citizen",
        "day": hand.day,
        **given,
    }
    return {**fields, "signature": hand.sign(campaign_statement(**fields, officer=hand.id))}


async def test_a_registrars_card_is_stored_and_listed_as_it_was_signed(room: Room) -> None:
    hand = room["Rattana"]
    card = card_of(hand)
    assert (await put(hand, card)).status_code == 201
    (listed,) = (await room["Somchai"].get("/cards")).json()["cards"]
    assert listed["is_shown"] is True
    assert listed["officer"] == hand.id
    assert listed["content"] == b64(card.content)
    assert listed["signature"] == hand.sign(card.statement)


async def test_only_the_next_version_counts_and_only_once(room: Room) -> None:
    hand = room["Rattana"]
    card = card_of(hand)
    assert (await put(hand, card)).status_code == 201
    assert (await put(hand, card)).status_code == 409
    assert (await put(hand, replace(card, version=3))).status_code == 409
    gone = replace(card, version=2, state=CardState.WITHDRAWN)
    assert (await put(hand, gone)).status_code == 201
    (listed,) = (await hand.get("/cards")).json()["cards"]
    assert (listed["state"], listed["is_shown"]) == ("withdrawn", False)
    again = replace(card, version=3)
    assert (await put(hand, again)).status_code == 201


async def test_a_card_that_was_withdrawn_comes_back_only_where_there_is_room(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one registrar's cards could push another's out of the chat without a word."""
    monkeypatch.setattr("bot.desk.knowledge.SHOWN_AT_MOST", 2)
    hand = room["Rattana"]
    first, second, third = (replace(card_of(hand, n), card_id=an_id()) for n in (1, 2, 3))
    for card in (first, second):
        assert (await put(hand, card)).status_code == 201
    assert (await put(hand, replace(first, version=2))).status_code == 201, "it is shown already"
    gone = replace(first, version=3, state=CardState.WITHDRAWN)
    assert (await put(hand, gone)).status_code == 201
    assert (await put(hand, third)).status_code == 201
    again = await put(hand, replace(first, version=4))
    assert (again.status_code, again.json()["error"]) == (403, "too_many")
    assert await room.database.read(cards.count_published) == 2


@pytest.mark.parametrize("name", ["Somchai", "Admin", "Wichai"])
async def test_others_than_the_centres_registrars_are_refused(room: Room, name: str) -> None:
    hand = room[name]
    answer = await put(hand, card_of(hand))
    assert (answer.status_code, answer.json()["error"]) == (403, "not_registrar")
    assert await room.database.read(cards.all_of_them) == ()


async def test_nobody_who_is_not_signed_in_gets_anything(room: Room) -> None:
    hand = room["Rattana"]
    body = body_of(hand, card_of(hand))
    hand.session = Session(ORIGIN, "x" * 43, hand.session_key)
    for path in ("/cards", "/campaigns"):
        assert (await hand.get(path)).status_code == 401
    assert (await hand.post("/cards", body)).status_code == 401
    assert (await hand.post(f"/campaigns/{an_id()}/stop", {})).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"signature": b64(bytes(64))},
        {"audiences": "youth"},
        {"state": "withdrawn"},
        {"version": 2},
        {"content": b64(a_card(2).content)},
    ],
)
async def test_a_card_that_was_changed_on_its_way_is_refused(
    room: Room, change: dict[str, object]
) -> None:
    hand = room["Rattana"]
    answer = await hand.post("/cards", {**body_of(hand, card_of(hand)), **change})
    assert answer.status_code == 403
    assert await room.database.read(cards.all_of_them) == ()


def signed_content(hand: Hand, content: bytes) -> dict[str, Any]:
    """A request whose registrar signed *content*, whatever it is."""
    fields = {
        "card_id": an_id(), "version": 1, "centre": CENTRE, "audiences": "citizen",
        "state": "published", "day": hand.day,
    }  # fmt: skip
    said = card_statement(**fields, officer=hand.id, content=content)  # type: ignore[arg-type]  # as they are
    return {**fields, "content": b64(content), "signature": hand.sign(said)}


def content_of(**thai: str) -> bytes:
    plain = {"label": "ก", "title": "ก", "body": "ก"}
    english = {"label": "A", "title": "A", "body": "A"}
    return canonical.write({"schema": 1, "texts": {"th": {**plain, **thai}, "en": english}})


@pytest.mark.parametrize(
    "content",
    [
        content_of(label="ก" * 21),
        content_of(title="ก" * 121),
        content_of(body="ก" * 3001),
        content_of(body="ก\x07"),
        content_of(body="กลับ\u202eทิศ"),
        content_of(body="{code}"),
        content_of(body=""),
        content_of(body="English only"),
        b"{}",
        b"\xff\xfe",
        json.dumps({"schema": 1, "texts": {}}).encode(),
    ],
)
async def test_a_text_that_no_card_may_have_is_refused_however_well_signed(
    room: Room, content: bytes
) -> None:
    hand = room["Rattana"]
    answer = await hand.post("/cards", signed_content(hand, content))
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_card")
    assert await room.database.read(cards.all_of_them) == ()


async def test_a_request_of_another_shape_is_refused_without_its_value(room: Room) -> None:
    hand = room["Rattana"]
    body = body_of(hand, card_of(hand))
    for change in (
        {"card_id": "canary-77"},
        {"audiences": "canary-77, youth"},
        {"audiences": "everybody"},
        {"audiences": "youth,citizen"},
        {"centre": "canary 77"},
        {"state": "canary-77"},
        {"more": "canary-77"},
        {"content": b64(b"x" * 70_000)},
        {"day": "2026-11-30"},
    ):
        answer = await hand.post("/cards", {**body, **change})
        assert answer.status_code == 422
        assert "canary" not in answer.text
    assert await room.database.read(cards.all_of_them) == ()


# --- campaigns ---------------------------------------------------------------------------------


@pytest.fixture
async def card(room: Room) -> KnowledgeCard:
    made = card_of(room["Rattana"], 1, Audience.CITIZEN, Audience.NETWORK)
    assert (await put(room["Rattana"], made)).status_code == 201
    return made


async def test_a_campaign_begins_is_listed_as_counts_and_stops(
    room: Room, card: KnowledgeCard
) -> None:
    hand = room["Rattana"]
    row = SubscriptionRow(an_id(), "telegram", "citizen", an_id(), hand.day, b"sealed")
    await room.database.commit(lambda t: subscriptions.add(t, row))
    body = campaign_of(hand, card)
    assert (await hand.post("/campaigns", body)).status_code == 201
    at = ProgressRow(
        body["campaign_id"], "telegram", "citizen", row.subscription_id, 1, waits="quota"
    )
    await room.database.commit(lambda t: campaigns.save(t, at))
    said = (await hand.get("/campaigns")).json()
    (listed,) = said["campaigns"]
    assert listed["state"] == "running"
    assert listed["progress"] == [
        {"channel": "telegram", "audience": "citizen", "told": 1, "missed": 0, "waits": "quota",
         "is_done": False}
    ]  # fmt: skip
    assert said["subscribers"] == [{"channel": "telegram", "audience": "citizen", "count": 1}]
    for secret in (row.subscription_id, row.key_id, Subscriber("x", "y", "th").secret):
        assert secret not in json.dumps(said)
    stop = f"/campaigns/{body['campaign_id']}/stop"
    assert (await hand.post(stop, {})).json() == {"stopped": True}
    assert (await hand.post(stop, {})).json() == {"stopped": False}


async def test_one_card_is_sent_by_one_campaign_at_a_time(room: Room, card: KnowledgeCard) -> None:
    hand = room["Rattana"]
    body = campaign_of(hand, card)
    assert (await hand.post("/campaigns", body)).status_code == 201
    assert (await hand.post("/campaigns", body)).status_code == 409
    answer = await hand.post("/campaigns", campaign_of(hand, card))
    assert (answer.status_code, answer.json()["error"]) == (409, "running")


async def test_a_card_is_not_sent_twice_at_once_however_many_others_are_being_sent(
    room: Room, card: KnowledgeCard
) -> None:
    """Many wait for a month's quota, and the list of them is not endless."""
    hand = room["Rattana"]

    def begin_others(t: Transaction) -> None:
        for _ in range(LISTED_AT_MOST):
            campaigns.add(
                t,
                CampaignRow(an_id(), an_id(), CENTRE, "citizen", "2026-01-01", hand.id, bytes(64)),
            )

    await room.database.commit(begin_others)
    assert (await hand.post("/campaigns", campaign_of(hand, card))).status_code == 201
    answer = await hand.post("/campaigns", campaign_of(hand, card))
    assert (answer.status_code, answer.json()["error"]) == (409, "running")


async def test_withdrawing_a_card_ends_its_campaigns(room: Room, card: KnowledgeCard) -> None:
    hand = room["Rattana"]
    body = campaign_of(hand, card)
    await hand.post("/campaigns", body)
    await put(hand, replace(card, version=2, state=CardState.WITHDRAWN))
    found = await room.database.read(lambda t: campaigns.get(t, body["campaign_id"]))
    assert found is not None
    assert found.state is State.STOPPED
    assert (await hand.post("/campaigns", campaign_of(hand, card))).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"audiences": "youth"}, 422),
        ({"audiences": "network"}, 422),
        ({"audiences": "citizen,network"}, 422),
        ({"audiences": "everybody"}, 422),
        ({"card_id": "f" * 32}, 404),
        ({"centre": "loei"}, 403),
        ({"day": "2026-12-24"}, 422),
        ({"signature": b64(bytes(64))}, 403),
    ],
)
async def test_a_campaign_that_may_not_be_is_refused(
    room: Room, card: KnowledgeCard, given: dict[str, str], status: int
) -> None:
    hand = room["Rattana"]
    signature = given.pop("signature", None)
    body = campaign_of(hand, card, **given)
    if signature is not None:
        body["signature"] = signature
    assert (await hand.post("/campaigns", body)).status_code == status
    assert await room.database.read(lambda t: campaigns.newest(t, 9)) == ()


@pytest.mark.parametrize("name", ["Somchai", "Admin", "Wichai"])
async def test_others_neither_send_nor_stop(room: Room, card: KnowledgeCard, name: str) -> None:
    hand = room["Rattana"]
    body = campaign_of(hand, card)
    await hand.post("/campaigns", body)
    other = room[name]
    assert (await other.post("/campaigns", campaign_of(other, card))).status_code == 403
    stop = f"/campaigns/{body['campaign_id']}/stop"
    assert (await other.post(stop, {})).status_code == 403
    found = await room.database.read(lambda t: campaigns.get(t, body["campaign_id"]))
    assert found is not None
    assert found.state is State.RUNNING
    assert (await hand.post(f"/campaigns/{an_id()}/stop", {})).status_code == 404
    if name != "Wichai":
        assert (await other.get("/campaigns")).status_code == 403
