"""A registrar's cards: checked before they are sent, signed, believed only under a signature."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn

from bot.clock import SystemClock
from bot.desk import DeskParts, desk_app
from bot.desk.app import CentreName
from console import knowledge
from console.errors import Distrusted, Mistaken, Refused
from console.knowledge import read_draft
from console.words import words_for
from sealing import Audience, CardState, Role, SigningKey, parse_roster
from sealing.signed_text import split_text
from storage import FolderBlobs, SqliteDatabase
from storage.repositories import cards, subscriptions
from storage.repositories.subscriptions import SubscriptionRow
from tests.bot.counters import some_counting
from tests.console.conftest import Run
from tests.console.fake_world import Person, World
from tests.console.test_audit_page import at_desk_of
from tests.console.test_pages import text_of
from tests.console.test_with_the_real_desk import MEMBER_TERMS, RealDesk, real
from tests.loopback import listening
from tests.sealing.trails import SERVER_KEY

__all__ = ["real"]  # the fixture

DRAFT = """
audiences = ["youth", "citizen"]

[th]
label = "รู้ทันสินบน"
title = "รู้ทันการเรียกรับสินบน"
body = \"\"\"
ถ้าเจ้าหน้าที่เรียกเงินเพื่อเร่งเรื่อง นั่นคือสินบน
• จดวันและเวลา
\"\"\"

[en]
label = "Spot a bribe"
title = "How to spot a bribe"
body = "If an official asks for money to hurry, that is a bribe."
"""


@pytest.fixture
def rattana(world: World) -> Person:
    return world.join("รัตนา", "kkn", roles=(Role.REGISTRAR,))


# --- what is written -----------------------------------------------------------------------------


def test_a_draft_is_read_with_its_ends_trimmed() -> None:
    draft = read_draft(DRAFT.encode())
    assert draft.audiences == (Audience.CITIZEN, Audience.YOUTH)
    thai, english = draft.texts
    assert (thai.language, english.language) == ("th", "en")
    assert thai.body.endswith("• จดวันและเวลา")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[en]", "[fr]", "knowledge.file_unknown"),
        ('label = "Spot a bribe"\n', "", "knowledge.missing"),
        ('label = "Spot a bribe"', 'label = "  "', "knowledge.missing"),
        ('label = "Spot a bribe"', "label = 7", "knowledge.missing"),
        ('label = "Spot a bribe"', f'label = "{"a" * 21}"', "knowledge.bad_long"),
        ('label = "Spot a bribe"', 'label = "สินบน"', "knowledge.bad_language"),
        ("that is a bribe.", "that is {a} bribe.", "knowledge.bad_sign"),
        ("that is a bribe.", "that is\\u202e a bribe.", "knowledge.bad_sign"),
        ("that is a bribe.", "x" * 3001, "knowledge.bad_long"),
        ('"citizen"]', '"everybody"]', "knowledge.no_audience"),
        ('audiences = ["youth", "citizen"]', "", "knowledge.no_audience"),
        ('audiences = ["youth", "citizen"]', "audiences = []", "knowledge.no_audience"),
        ("[th]", "[th", "knowledge.file_bad"),
        ("[th]", 'more = "x"\n[th]', "knowledge.file_unknown"),
        ("• จด", "• " + "ก" * 70_000, "knowledge.file_long"),
    ],
)
def test_what_no_card_may_be_is_named_before_anything_is_sent(old: str, new: str, key: str) -> None:
    assert old in DRAFT
    with pytest.raises(Mistaken) as mistaken:
        read_draft(DRAFT.replace(old, new).encode())
    assert mistaken.value.key == key
    for language in ("th", "en"):
        assert words_for(language).say(key, **mistaken.value.params)


def test_noise_is_no_draft() -> None:
    with pytest.raises(Mistaken):
        read_draft(b"\xff\xfe\x00")


def test_every_way_a_text_can_be_wrong_has_words() -> None:
    table = words_for("th").table
    assert {f"knowledge.bad_{wrong}" for wrong in ("empty", "long", "sign", "language")} <= set(
        table
    )
    assert {f"knowledge.state_{state}" for state in (*CardState, "hidden", "unverified")} <= set(
        table
    )
    assert {f"audience.{audience}" for audience in Audience} <= set(table)
    assert {f"campaign_state.{each}" for each in ("running", "stopped", "done")} <= set(table)


def test_checking_sends_nothing(run: Run, rattana: Person, tmp_path: Path) -> None:
    path = tmp_path / "knowledge.toml"
    path.write_text(DRAFT, encoding="utf-8")
    done = run("cards", "write", path, "--check", person=rattana)
    assert done.code == 0
    assert "Nothing was sent" in done.out
    assert run("cards", "write", "-", "--check", person=rattana, typed=DRAFT).code == 0
    path.write_text(DRAFT.replace("Spot a bribe", "x" * 30), encoding="utf-8")
    bad = run("cards", "write", path, person=rattana)
    assert (bad.code, bad.exception) == (2, None)
    assert "label" in bad.err
    assert run("cards", "write", tmp_path / "none.toml", person=rattana).code == 2


# --- with the real desk --------------------------------------------------------------------------


async def test_a_registrar_writes_replaces_sends_stops_and_withdraws(
    rattana: Person, real: RealDesk
) -> None:
    draft = read_draft(DRAFT.encode())
    async with real.office(rattana) as office:
        card = await knowledge.publish(office, draft)
        (listed,) = await knowledge.cards(office)
        assert (listed.card, listed.shown.is_shown) == (card, True)
        newer = await knowledge.publish(
            office, replace(draft, audiences=(Audience.YOUTH,)), instead_of=card.card_id[:8]
        )
        assert (newer.card_id, newer.version) == (card.card_id, 2)

        campaign_id = await knowledge.send(office, card.card_id, [])
        with pytest.raises(Refused) as refused:
            await knowledge.send(office, card.card_id, ["youth"])
        assert refused.value.key == "campaign.running"
        (campaign,) = (await office.desk.campaigns()).campaigns
        assert (campaign.campaign_id, campaign.audiences) == (campaign_id, "youth")
        assert await knowledge.stop(office, campaign_id[:10]) is True
        assert await knowledge.stop(office, campaign_id[:10]) is False

        gone = await knowledge.withdraw(office, card.card_id)
        assert (gone.version, gone.state) == (3, CardState.WITHDRAWN)
        with pytest.raises(Mistaken):
            await knowledge.withdraw(office, card.card_id)
        for which in ("", card.card_id[:5], "f" * 32):
            with pytest.raises(Mistaken):
                await knowledge.find(office, which)


@pytest.mark.parametrize("audiences", [["citizen"], ["network"], ["everybody"]])
async def test_a_card_is_sent_to_its_own_audiences_only(
    rattana: Person, real: RealDesk, audiences: list[str]
) -> None:
    draft = replace(read_draft(DRAFT.encode()), audiences=(Audience.NETWORK, Audience.YOUTH))
    async with real.office(rattana) as office:
        card = await knowledge.publish(office, draft)
        with pytest.raises(Mistaken):
            await knowledge.send(office, card.card_id, audiences)
        assert (await office.desk.campaigns()).campaigns == ()


async def test_who_is_no_registrar_or_of_several_centres_is_told(
    world: World, real: RealDesk
) -> None:
    draft = read_draft(DRAFT.encode())
    officer = world.join("เจ้าหน้าที่", "kkn")
    both = world.join("สองศูนย์", "kkn", "udn", roles=(Role.REGISTRAR,))
    async with real.office(officer) as office:
        with pytest.raises(Mistaken) as mistaken:
            await knowledge.publish(office, draft)
        assert mistaken.value.key == "knowledge.not_registrar"
    async with real.office(both) as office:
        with pytest.raises(Mistaken) as mistaken:
            await knowledge.publish(office, draft)
        assert mistaken.value.key == "knowledge.which_centre"
        assert (await knowledge.publish(office, draft, centre="udn")).centre == "udn"


async def test_a_card_that_the_desk_made_up_is_neither_shown_nor_sent(
    rattana: Person, real: RealDesk
) -> None:
    async with real.office(rattana) as office:
        card = await knowledge.publish(office, read_draft(DRAFT.encode()))
        forged = SigningKey.generate().sign(card.statement)
        await real.database.commit(
            lambda t: t.execute("UPDATE knowledge_card SET signature = ?", (forged,))
        )
        (listed,) = await knowledge.cards(office)
        assert (listed.card, listed.label("th")) == (None, "")
        for deed in (
            knowledge.withdraw(office, card.card_id),
            knowledge.send(office, card.card_id, []),
        ):
            with pytest.raises(Distrusted):
                await deed
        assert await real.database.read(cards.count_published) == 1


# --- on the command line -------------------------------------------------------------------------


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[World]:
    """The real desk on a socket of this machine, and a world whose consoles know it."""
    place = listening()
    world = World(tmp_path / "people", f"http://127.0.0.1:{place.getsockname()[1]}")
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        async with (
            await SqliteDatabase.open(tmp_path / "open.db") as database,
            await FolderBlobs.open(tmp_path / "open-blobs") as blobs,
        ):
            app = desk_app(
                DeskParts(
                    database=database,
                    blobs=blobs,
                    roster=lambda: parse_roster(split_text(world.roster)[0]),
                    signed_roster=lambda: world.roster,
                    centres={"kkn": CentreName("ขอนแก่น", "Khon Kaen")},
                    origin=world.origin,
                    clock=SystemClock(),
                    session_s=900,
                    members=MEMBER_TERMS,
                    counting=some_counting(),
                    audit_key=SERVER_KEY.verify_key,
                )
            )
            await database.commit(lambda t: subscriptions.add(t, SUBSCRIBER))
            config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
            servers.append(uvicorn.Server(config))
            await servers[0].serve([place])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not (servers and servers[0].started):
        assert thread.is_alive()
        time.sleep(0.01)
    yield world
    servers[0].should_exit = True
    thread.join(10)
    place.close()


SUBSCRIBER = SubscriptionRow("a" * 32, "telegram", "youth", "b" * 32, "2027-11-23", b"sealed")


def test_cards_and_campaigns_from_the_command_line(
    open_desk: World, run: Run, tmp_path: Path
) -> None:
    rattana = open_desk.join("รัตนา", "kkn", roles=(Role.REGISTRAR,))
    path = tmp_path / "knowledge.toml"
    path.write_text(DRAFT, encoding="utf-8")
    assert "no cards yet" in run("cards", "list", person=rattana).out
    assert run("cards", "write", path, person=rattana).code == 0
    listed = run("cards", "list", person=rattana)
    assert "Spot a bribe" in listed.out
    assert "citizens, young people" in listed.out
    (card,) = json.loads(run("cards", "list", "--json", person=rattana).out)["cards"]
    assert (card["is_verified"], card["is_shown"], card["version"]) == (True, True, 1)
    whole = run("cards", "show", card["card"][:8], person=rattana, lang="th")
    assert "│ ถ้าเจ้าหน้าที่เรียกเงิน" in whole.out
    assert "│ If an official" in whole.out
    path.write_text(DRAFT.replace("Spot a bribe", "Bribes"), encoding="utf-8")
    again = run("cards", "write", path, "--instead-of", card["card"], person=rattana)
    assert "version 2" in again.out

    assert "Nothing was ever sent" in run("campaigns", "list", person=rattana).out
    sent = run("campaigns", "send", card["card"][:8], "--audience", "youth", person=rattana)
    assert sent.code == 0
    shown = run("campaigns", "list", person=rattana)
    assert "1 account" in shown.out
    assert "sending" in shown.out
    (campaign,) = json.loads(run("campaigns", "list", "--json", person=rattana).out)["campaigns"]
    assert campaign["audiences"] == "youth"
    refused = run("campaigns", "send", card["card"][:8], person=rattana)
    assert (refused.code, refused.exception) == (4, None)
    stopped = run("campaigns", "stop", campaign["campaign_id"][:8], person=rattana)
    assert "Stopped" in stopped.out
    assert run("cards", "withdraw", card["card"][:8], person=rattana).code == 0
    assert "withdrawn" in run("cards", "list", person=rattana).out
    officer = open_desk.join("เจ้าหน้าที่", "kkn")
    assert run("cards", "write", path, person=officer).code == 2
    assert run("campaigns", "list", person=officer).code == 4


# --- on the page ---------------------------------------------------------------------------------


async def test_cards_and_campaigns_on_the_page(open_desk: World, run: Run, tmp_path: Path) -> None:
    rattana = open_desk.join("รัตนา", "kkn", roles=(Role.REGISTRAR,))
    path = tmp_path / "knowledge.toml"
    path.write_text(DRAFT, encoding="utf-8")

    async def at_terminal(*words: object) -> str:
        return (await asyncio.to_thread(run, *words, person=rattana)).out

    async with at_desk_of(rattana) as browser:
        await browser.unlock()
        empty = text_of(await browser.get("/campaigns"))
        assert "ยังไม่มีการ์ด" in empty
        assert "ยังไม่เคยส่ง" in empty
        await at_terminal("cards", "write", path)
        (card,) = json.loads(await at_terminal("cards", "list", "--json"))["cards"]
        await at_terminal("campaigns", "send", card["card"], "--audience", "youth")
        (sent,) = json.loads(await at_terminal("campaigns", "list", "--json"))["campaigns"]
        page = text_of(await browser.get("/campaigns"))
        assert "รู้ทันสินบน ประชาชน, เยาวชน ขอนแก่น" in page
        assert "รู้ทันสินบน กำลังส่ง" in page
        asks = await browser.get(f"/campaigns/{sent['campaign_id']}/stop")
        assert "คนที่ยังไม่ได้รับจะไม่ได้รับ" in text_of(asks)
        stopped = await browser.post(f"/campaigns/{sent['campaign_id']}/stop")
        assert "หยุดแล้ว ข้อความที่ออกไปก่อนหน้า" in text_of(stopped)
        again = await browser.post(f"/campaigns/{sent['campaign_id']}/stop")
        assert "จบไปก่อนแล้ว" in text_of(again)
        assert (await browser.get(f"/campaigns/{'0' * 32}/stop")).status_code == 404
