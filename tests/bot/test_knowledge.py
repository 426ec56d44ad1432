"""Cards: only what a registrar signed is ever shown, and what is gone is said kindly."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

from handlers import events
from handlers.events import Choice, Text
from handlers.saying import label, plain
from sealing import Audience, CardState, Role, SigningKey, canonical, card_statement
from storage.repositories.cards import CardRow
from tests.bot.registrar import WORDS, Registrar, a_card
from tests.bot.turn_house import House, Person
from tests.bot.web_house import serving_web


@pytest.fixture
def registrar(house: House) -> Registrar:
    return Registrar(house)


def shown(house: House, channel: str = "web") -> list[str]:
    return [card.id for card in house.means.books[channel].cards]


async def put(house: House, row: CardRow) -> None:
    """Write a row into the database, as somebody who got hold of it would."""
    await house.db.commit(lambda t: t.execute("DELETE FROM knowledge_card"))
    columns = asdict(row)  # the table's, by name
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO knowledge_card ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
    await house.db.commit(lambda t: t.execute(statement, tuple(columns.values())))


async def test_a_signed_card_is_shown_on_every_channel_without_a_restart(
    house: House, registrar: Registrar
) -> None:
    assert shown(house) == []
    card = a_card()
    await registrar.publishes(card)
    assert {tuple(shown(house, name)) for name in ("web", "line", "telegram")} == {(card.card_id,)}
    newer = replace(
        card, version=2, texts=(replace(card.texts[0], body="ใหม่กว่าเดิม"), card.texts[1])
    )
    await registrar.publishes(newer)
    (now,) = house.means.books["web"].cards
    assert now.texts["th"].body == "ใหม่กว่าเดิม"


FORGERIES: dict[str, Callable[[Registrar, CardRow], CardRow]] = {
    "unsigned": lambda _, row: replace(row, signature=bytes(64)),
    "cut signature": lambda _, row: replace(row, signature=row.signature[:63]),
    "signed by a stranger": lambda _, row: replace(
        row, signature=SigningKey.generate().sign(replace(a_card(), officer=row.officer).statement)
    ),
    "said to be a stranger's": lambda _, row: replace(row, officer="f" * 32),
    "of another centre": lambda _, row: replace(row, centre="region"),
    "for others": lambda _, row: replace(row, audiences="youth"),
    "for nobody": lambda _, row: replace(row, audiences=""),
    "another text": lambda _, row: replace(row, content=a_card(body="โอนเงินมาที่นี่").content),
    "not canonical": lambda _, row: replace(row, content=row.content + b" "),
    "nonsense": lambda _, row: replace(row, content=b"\xff\x00"),
    "another day": lambda _, row: replace(row, day="2026-11-24"),
    "brought back": lambda registrar, row: replace(
        registrar.row(replace(a_card(), version=2, state=CardState.WITHDRAWN)),
        version=1,
        state="published",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_what_somebody_wrote_into_the_database_is_not_shown(
    house: House, registrar: Registrar, name: str
) -> None:
    row = registrar.row(a_card())
    await put(house, row)
    await registrar.knowledge.refresh()
    assert shown(house) == [row.card_id]
    await put(house, FORGERIES[name](registrar, row))
    await registrar.knowledge.refresh()
    assert shown(house) == []


LONG = {"label": "ก" * 21, "title": "ก", "body": "ก"}
TURNED = {"label": "ก", "title": "ก", "body": "กลับ\u202eทิศ"}
FILLED = {"label": "ก", "title": "ก", "body": "รหัสของคุณคือ {code}"}
NUL = {"label": "ก", "title": "ก", "body": "ก\x00"}
TOO_MUCH = {"label": "ก", "title": "ก", "body": "ก" * 3001}


@pytest.mark.parametrize("thai", [LONG, TURNED, FILLED, NUL, TOO_MUCH])
async def test_a_registrar_who_signs_what_no_card_may_be_is_not_shown(
    house: House, registrar: Registrar, thai: dict[str, str]
) -> None:
    english = {"label": "A", "title": "A", "body": "A"}
    content = canonical.write({"schema": 1, "texts": {"th": thai, "en": english}})
    row = registrar.row(a_card())
    said = card_statement(
        card_id=row.card_id, version=1, centre=row.centre, audiences=row.audiences,
        state=row.state, day=row.day, officer=row.officer, content=content,
    )  # fmt: skip
    await put(house, replace(row, content=content, signature=registrar.keys.sign.sign(said)))
    await registrar.knowledge.refresh()
    assert shown(house) == []


@pytest.mark.parametrize(
    ("roles", "centres"),
    [((Role.OFFICER, Role.ADMIN), ("kkn",)), ((Role.REGISTRAR,), ("region",))],
    ids=["no registrar any more", "of another centre by now"],
)
async def test_a_card_goes_when_its_registrar_may_sign_no_more(
    house: House, registrar: Registrar, roles: tuple[Role, ...], centres: tuple[str, ...]
) -> None:
    await registrar.publishes(a_card())
    house.roster = registrar.roster(*centres, roles=roles)
    await registrar.knowledge.refresh()
    assert shown(house) == []


# --- on the screen -----------------------------------------------------------------------------


async def reads(person: Person, *choices: str) -> None:
    await person.say("ความรู้")
    for choice in choices:
        await person.press(choice)


def said(house: House, screen: object) -> str:
    words = house.means.books["web"].words
    return "\n".join(plain(words, each) for each in screen.intents)  # type: ignore[attr-defined]  # a Screen


async def test_a_card_that_is_withdrawn_while_it_is_read_is_answered_kindly(
    house: House, registrar: Registrar
) -> None:
    one, two, person = a_card(1), a_card(2), house.person()
    await registrar.publishes(one, two)
    await reads(person, "citizen", one.card_id)
    assert WORDS in said(house, await person.screen())
    await registrar.withdraws(one)
    screen = await person.screen()
    assert WORDS not in said(house, screen)
    assert "ถูกถอนออกแล้ว" in said(house, screen)
    await person.press("others")
    assert [o.id for o in (await person.ask()).choices][:1] == [two.card_id]


async def test_a_button_of_a_withdrawn_card_is_answered_kindly(
    house: House, registrar: Registrar
) -> None:
    one, two, person = a_card(1), a_card(2), house.person()
    await registrar.publishes(one, two)
    await reads(person, "citizen")
    ask = await person.ask()
    await registrar.withdraws(one)
    words = house.means.books["web"].words
    labels = [label(words, "th", option) for option in ask.choices]
    assert labels[:2] == ["(ถอนออกแล้ว)", "เรื่องที่ 2"]
    await person.send(Choice(ask.screen, one.card_id))
    assert "ถูกถอนออกแล้ว" in said(house, await person.screen())
    await registrar.withdraws(two)
    await person.press("close")
    assert "learn" not in [option.id for option in (await person.ask()).choices]


async def test_the_last_card_goes_while_somebody_stands_before_it(
    house: House, registrar: Registrar
) -> None:
    card, person = a_card(), house.person()
    await registrar.publishes(card)
    await reads(person, "citizen")
    ask = await person.ask()
    await registrar.withdraws(card)
    await person.send(Choice(ask.screen, card.card_id))
    assert "ถูกถอนออกแล้ว" in said(house, await person.screen())
    await person.press("close")
    assert (await person.ask()).question == "menu"


async def test_nothing_to_read_is_said_and_nothing_that_was_told_is_lost(house: House) -> None:
    person = house.person()
    await person.press("report")
    await person.press("bribe")
    await person.say("ความรู้")
    assert "ยังไม่มีความรู้ให้อ่าน" in said(house, await person.screen())
    assert (await person.ask()).question == "province"


async def test_reading_leaves_a_report_as_it_was(house: House, registrar: Registrar) -> None:
    card, person = a_card(), house.person()
    await registrar.publishes(card)
    await person.tell("เห็นเขาเอาปูนไป")
    before = await person.ask()
    await reads(person, "citizen", card.card_id, "close")
    after = await person.ask()
    assert (after.question, after.progress) == (before.question, before.progress)
    await person.press("send")
    assert (await person.screen()).receipt is not None


async def test_a_page_shows_a_card_and_nothing_of_it_is_markup(
    house: House, registrar: Registrar
) -> None:
    card = a_card(body="<script>alert(1)</script> ข้อความนี้เป็นภาษาไทยและยาวพอ")
    await registrar.publishes(card)
    async with serving_web(house) as web, web.visitor() as visitor:
        await visitor.open()
        await visitor.say("ความรู้")
        await visitor.press("citizen")
        await visitor.press(card.card_id)
        assert "&lt;script&gt;" in visitor.answer.text
        assert "<script" not in visitor.answer.text
        await registrar.withdraws(card)
        await visitor.open()
        assert visitor.answer.status_code == 200
        assert "ถูกถอนออกแล้ว" in visitor.answer.text


async def test_the_networks_cards_stand_behind_a_code_only(
    house: House, registrar: Registrar
) -> None:
    person = house.person()
    secret = a_card(7, Audience.NETWORK)
    await registrar.publishes(a_card(1), secret)
    await person.say("ความรู้")
    assert "network" not in [option.id for option in (await person.ask()).choices]
    ask = await person.ask()
    for forged in ("network", secret.card_id):
        await person.send(Choice(ask.screen, forged))
        assert WORDS not in said(house, await person.screen())
    await person.send(Text("เครือข่าย"))
    await person.send(events.Command("learn", "network"))
    assert "network" not in [option.id for option in (await person.ask()).choices]


async def test_a_page_of_its_own_shows_the_public_cards_and_starts_no_session(
    house: House, registrar: Registrar
) -> None:
    async with serving_web(house) as web, web.visitor() as visitor:
        await visitor.open("/learn")
        assert "ยังไม่มีความรู้ให้อ่าน" in visitor.answer.text
        hidden = a_card(7, Audience.NETWORK, body="เฉพาะเครือข่ายเท่านั้น")
        shown_to_all = a_card(1, Audience.CITIZEN, Audience.YOUTH, body="<b>หนา</b> สำหรับทุกคนที่อ่าน")
        await registrar.publishes(shown_to_all, hidden)
        await visitor.open("/learn?lang=th")
        text = visitor.answer.text
        assert text.count("ชื่อเรื่องที่ 1") == 2  # for both whom it is for
        assert "&lt;b&gt;หนา" in text
        assert "<b>" not in text
        assert "เครือข่ายเท่านั้น" not in text
        assert "ชื่อเรื่องที่ 7" not in text
        assert "set-cookie" not in visitor.answer.headers
        await visitor.open("/learn?lang=en")
        assert "Title of card 1" in visitor.answer.text
        assert "conversation" not in await house.tables()
