"""The desk's routes for alerts: an officer's own, and nobody else's; hostile bodies get a 4xx."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from bot.alerts.binding import ASKED_AT_MOST, CODE_S, MAIL_LETTERS, MAIL_TRIES, SENT_AT_MOST
from bot.alerts.counting import Rules
from bot.alerts.email import EmailAlerts, MailServer
from bot.alerts.office import AlertOffice
from bot.alerts.quiet import Quiet
from bot.desk import DeskParts, desk_app
from bot.errors import Unavailable
from bot.means import random_id
from sealing import OfficerKeys
from tests.bot.alerts.alert_house import AlertHouse, alert_house, saying
from tests.bot.alerts.mail_server import Mailbox, mail_server
from tests.bot.counters import some_counting
from tests.bot.desk_room import MEMBER_TERMS, ORIGIN, SERVER_KEY, Hand, Session
from tests.bot.turn_house import MALEE, SOMCHAI

PREFIX = "/desk/v1"


@dataclass
class Desk:
    made: AlertHouse
    http: httpx.AsyncClient
    box: Mailbox

    async def signed_in(self, keys: OfficerKeys) -> Session:
        hand = Hand(keys, self.http, "2026-11-23")
        await hand.sign_in()
        assert hand.session is not None
        return hand.session


async def link_of(code: str) -> str:
    return f"https://t.me/saisaat_test_bot?start={code}"


async def nobody_there(code: str) -> str:
    raise Unavailable("away")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(alert_house(tmp_path))
        (tmp_path / "mail").mkdir()  # before anything runs
        box = stack.enter_context(mail_server(tmp_path / "mail", is_tls=True))
        server = MailServer("localhost", box.port, "tls", "alerts@saisaat.example")
        office = AlertOffice(
            made.bindings, made.codes, made.alerting,
            links={"telegram": link_of, "line": nobody_there},
            email=EmailAlerts(server, saying(), made.house.clock, box.trusting),
            rules=Rules(Quiet("20:00-07:00", ("sun",))), new_id=random_id,
        )  # fmt: skip
        app = desk_app(
            DeskParts(
                database=made.house.db,
                blobs=made.house.blobs,
                roster=lambda: made.roster,
                signed_roster=lambda: b"",
                centres={},
                origin=ORIGIN,
                clock=made.house.clock,
                session_s=900,
                members=MEMBER_TERMS,
                counting=some_counting(),
                audit_key=SERVER_KEY.verify_key,
                alerts=office,
            )
        )
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN + PREFIX)
        )
        yield Desk(made, http, box)


async def test_without_a_token_nothing_is_said(desk: Desk) -> None:
    assert (await desk.http.get("/alerts")).status_code == 401
    for path in ("links", "email", "email/confirm", "wishes", "test", f"places/{'0' * 32}/remove"):
        assert (await desk.http.post(f"/alerts/{path}", json={})).status_code == 401, path


async def test_a_link_binds_and_shows_in_the_list(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    empty = (await desk.http.get("/alerts", auth=me)).json()
    assert empty == {
        "channels": ["line", "telegram", "email"], "places": [], "hours": None, "days": None,
        "breaks_quiet": False, "language": "th", "usual_hours": "20:00-07:00",
        "usual_days": ["sun"],
    }  # fmt: skip
    asked = {"channel": "telegram", "language": "en"}
    made = await desk.http.post("/alerts/links", json=asked, auth=me)
    assert made.status_code == 201
    code = made.json()["link"].partition("=")[2]
    assert await desk.made.bindings.bind_chat("telegram", "canary person", code)
    shown = (await desk.http.get("/alerts", auth=me)).text
    assert '"channel":"telegram"' in shown
    assert '"language":"en"' in shown
    assert "canary" not in shown


async def test_an_address_is_bound_by_the_code_that_was_mailed_to_it(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    address = {"address": "somchai@example.go.th"}
    assert (await desk.http.post("/alerts/email", json=address, auth=me)).status_code == 201
    (mail,) = desk.box.got
    assert mail["To"] == "somchai@example.go.th"
    code = next(line.strip() for line in mail.get_content().splitlines() if line.startswith("    "))
    wrong = await desk.http.post("/alerts/email/confirm", json={"code": "0"}, auth=me)
    assert (wrong.status_code, wrong.json()["error"]) == (403, "wrong_code")
    other = await desk.signed_in(MALEE)
    stolen = await desk.http.post("/alerts/email/confirm", json={"code": code}, auth=other)
    assert stolen.status_code == 403
    right = await desk.http.post("/alerts/email/confirm", json={"code": code}, auth=me)
    assert right.status_code == 204
    (place,) = (await desk.http.get("/alerts", auth=me)).json()["places"]
    assert place["shown"] == "s…@example.go.th"


async def test_an_officer_touches_no_other_officers_alerts(desk: Desk) -> None:
    await desk.made.bind(SOMCHAI.id, "somchai")
    me, other = await desk.signed_in(SOMCHAI), await desk.signed_in(MALEE)
    (place,) = (await desk.http.get("/alerts", auth=me)).json()["places"]
    path = f"/alerts/places/{place['binding_id']}/remove"
    assert (await desk.http.get("/alerts", auth=other)).json()["places"] == []
    assert (await desk.http.post(path, auth=other)).status_code == 404
    assert (await desk.http.post("/alerts/test", auth=other)).json() == {"places": 0}
    assert (await desk.http.post(path, auth=me)).status_code == 204
    assert (await desk.http.post(path, auth=me)).status_code == 404


async def test_wishes_are_kept(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    wishes = {"hours": "22:15-06:00", "days": ["sat"], "breaks_quiet": True, "language": "en"}
    assert (await desk.http.post("/alerts/wishes", json=wishes, auth=me)).status_code == 404
    await desk.made.bind(SOMCHAI.id, "somchai")
    assert (await desk.http.post("/alerts/wishes", json=wishes, auth=me)).status_code == 204
    shown = (await desk.http.get("/alerts", auth=me)).json()
    assert {key: shown[key] for key in wishes} == wishes


async def test_a_test_reaches_every_place(desk: Desk) -> None:
    await desk.made.bind(SOMCHAI.id, "somchai")
    me = await desk.signed_in(SOMCHAI)
    assert (await desk.http.post("/alerts/test", auth=me)).json() == {"places": 1}
    await desk.made.sending.send_due()
    assert len(desk.made.phone.texts("somchai")) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("links", {"channel": "sms"}),
        ("links", {"channel": "telegram", "officer": "0" * 32}),
        ("email", {"address": "a@c.de\r\nBcc: x@y.z"}),
        ("email", {"address": "a@c.de,b@c.de"}),
        ("email", {"address": ["a@c.de"]}),
        ("email", {"address": "a@" + "x" * 5000 + ".de"}),
        ("email/confirm", {"code": "x" * 65}),
        ("email/confirm", {"code": None}),
        ("wishes", {"hours": "20:10-07:00"}),
        ("wishes", {"hours": "", "days": ["sat", "sat"]}),
        ("wishes", {"hours": "", "days": ["saturday"]}),
        ("wishes", {"language": "xx"}),
        ("places/x/remove", {}),
    ],
)
async def test_other_bodies_are_refused_and_not_repeated(
    path: str, body: dict[str, object], desk: Desk
) -> None:
    me = await desk.signed_in(SOMCHAI)
    answer = await desk.http.post(f"/alerts/{path}", json=body, auth=me)
    assert answer.status_code == 422
    assert "c.de" not in answer.text
    assert desk.box.got == []


async def test_nobody_can_have_mail_sent_without_end(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    answers = [
        await desk.http.post("/alerts/email", json={"address": f"v{n}@example.org"}, auth=me)
        for n in range(ASKED_AT_MOST + 3)
    ]
    assert [each.status_code for each in answers] == [201] * ASKED_AT_MOST + [403] * 3
    assert len(desk.box.got) == ASKED_AT_MOST


async def test_who_spends_every_code_still_has_no_mail_sent_without_end(desk: Desk) -> None:
    """After a few wrong tries a code is gone, and was as good as a new letter to anybody."""
    me = await desk.signed_in(SOMCHAI)
    for _ in range(SENT_AT_MOST):
        asked = await desk.http.post("/alerts/email", json={"address": "v@example.org"}, auth=me)
        assert asked.status_code == 201
        for _ in range(MAIL_TRIES):
            wrong = {"code": "0" * MAIL_LETTERS}
            await desk.http.post("/alerts/email/confirm", json=wrong, auth=me)
    asked = await desk.http.post("/alerts/email", json={"address": "v@example.org"}, auth=me)
    assert (asked.status_code, asked.json()["error"]) == (403, "too_many_places")
    assert len(desk.box.got) == SENT_AT_MOST
    desk.made.house.clock.advance(CODE_S + 1)
    me = await desk.signed_in(SOMCHAI)
    asked = await desk.http.post("/alerts/email", json={"address": "v@example.org"}, auth=me)
    assert asked.status_code == 201


async def test_nobody_uses_up_a_platforms_quota_with_tests(desk: Desk) -> None:
    """LINE takes so many messages a month of all officers together."""
    await desk.made.bind(SOMCHAI.id, "somchai")
    me, malee = await desk.signed_in(SOMCHAI), await desk.signed_in(MALEE)
    answers = [await desk.http.post("/alerts/test", auth=me) for _ in range(SENT_AT_MOST + 3)]
    assert [each.status_code for each in answers] == [200] * SENT_AT_MOST + [403] * 3
    await desk.made.sending.send_due()
    assert len(desk.made.phone.texts("somchai")) == SENT_AT_MOST
    assert (await desk.http.post("/alerts/test", auth=malee)).status_code == 200


async def test_a_platform_that_is_away_is_said_to_be(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    line = await desk.http.post("/alerts/links", json={"channel": "line"}, auth=me)
    assert line.status_code == 503
    desk.box.refuses = "451 later"
    mail = await desk.http.post("/alerts/email", json={"address": "a@c.de"}, auth=me)
    assert mail.status_code == 503


async def test_who_left_the_roster_is_let_in_no_more(desk: Desk) -> None:
    me = await desk.signed_in(SOMCHAI)
    desk.made.roster = replace(desk.made.roster, officers=desk.made.roster.officers[1:])
    assert (await desk.http.get("/alerts", auth=me)).status_code == 401
