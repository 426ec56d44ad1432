"""saisaat-console alerts, on the real desk behind a socket of this machine."""

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from bot.alerts.alerting import Alerting
from bot.alerts.binding import Bindings, Codes
from bot.alerts.counting import Rules
from bot.alerts.email import EmailAlerts, MailServer
from bot.alerts.office import AlertOffice
from bot.alerts.quiet import Quiet
from bot.alerts.records import Records
from bot.clock import SystemClock
from bot.desk import DeskParts, desk_app
from bot.means import random_id
from bot.server_key import ServerKey
from bot.state import Drawer
from console.answers import AlertLink, parse
from console.errors import Distrusted
from sealing import parse_roster
from sealing.signed_text import split_text
from storage import FolderBlobs, SqliteDatabase
from storage.forget import ForgetStore
from tests.bot.alerts.alert_house import saying
from tests.bot.alerts.mail_server import Mailbox, mail_server
from tests.bot.counters import some_counting
from tests.console.conftest import Run
from tests.console.fake_world import World
from tests.console.test_with_the_real_desk import MEMBER_TERMS
from tests.loopback import listening
from tests.sealing.trails import SERVER_KEY


@dataclass
class OpenDesk:
    world: World
    box: Mailbox
    loop: asyncio.AbstractEventLoop | None = None
    bindings: Bindings | None = None
    servers: list[uvicorn.Server] = field(default_factory=list)

    def bind(self, person: str, code: str) -> None:
        """What the officers' bot does when the link is opened."""
        assert self.bindings is not None
        assert self.loop is not None
        work = self.bindings.bind_chat("telegram", person, code)
        assert asyncio.run_coroutine_threadsafe(work, self.loop).result(10) is not None


async def link_of(code: str) -> str:
    return f"https://t.me/saisaat_test_bot?start={code}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    place = listening()
    world = World(tmp_path / "people", f"http://127.0.0.1:{place.getsockname()[1]}")
    (tmp_path / "mail").mkdir()
    with mail_server(tmp_path / "mail", is_tls=False) as box:
        made = OpenDesk(world, box)
        thread = threading.Thread(
            target=lambda: asyncio.run(serve(made, tmp_path, place)), daemon=True
        )
        thread.start()
        while not (made.servers and made.servers[0].started):
            assert thread.is_alive()
            time.sleep(0.01)
        yield made
        made.servers[0].should_exit = True
        thread.join(10)
    place.close()


async def serve(made: OpenDesk, folder: Path, place: socket.socket) -> None:
    async with (
        await SqliteDatabase.open(folder / "open.db") as database,
        await FolderBlobs.open(folder / "open-blobs") as blobs,
        await ForgetStore.open(folder / "open-forget") as forget,
    ):
        clock, codes = SystemClock(), Codes(SystemClock())
        records = Records(Drawer(ServerKey.generate()), forget)
        made.bindings = Bindings(database, forget, records, codes, random_id)
        made.loop = asyncio.get_running_loop()

        def roster():  # type: ignore[no-untyped-def]  # the desk's
            return parse_roster(split_text(made.world.roster)[0])

        rules = Rules(Quiet("20:00-07:00"))
        alerting = Alerting(
            database, forget, records, made.bindings, clock,
            roster=roster, new_id=random_id, rules=rules,
        )  # fmt: skip
        server = MailServer("localhost", made.box.port, "starttls", "alerts@saisaat.example")
        app = desk_app(
            DeskParts(
                database=database,
                blobs=blobs,
                roster=roster,
                signed_roster=lambda: made.world.roster,
                centres={},
                origin=made.world.origin,
                clock=clock,
                session_s=900,
                members=MEMBER_TERMS,
                counting=some_counting(),
                audit_key=SERVER_KEY.verify_key,
                alerts=AlertOffice(
                    made.bindings, codes, alerting, links={"telegram": link_of},
                    email=EmailAlerts(server, saying(), clock, made.box.trusting),
                    rules=rules, new_id=random_id,
                ),
            )
        )  # fmt: skip
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        made.servers.append(uvicorn.Server(config))
        await made.servers[0].serve([place])


def test_an_officer_adds_a_chat_sets_quiet_hours_and_ends_it(desk: OpenDesk, run: Run) -> None:
    malee = desk.world.join("มาลี", "kkn")
    assert "alerts add telegram | email" in run("alerts", "list", person=malee).out
    added = run("alerts", "add", "telegram", person=malee, lang="th")
    assert added.code == 0, added
    assert "ภายใน 15 นาที" in added.out
    assert "█" in added.out or "▄" in added.out, "no QR code"
    found = re.search(r"https://t\.me/saisaat_test_bot\?start=([0-9a-z]{26})", added.out)
    assert found is not None
    desk.bind("malee's phone", found[1])
    listed = run("alerts", "list", person=malee, lang="th")
    assert "เทเลแกรม" in listed.out
    assert "ไม่แจ้งช่วง 20:00-07:00 (ตามที่โต๊ะตั้งไว้)" in listed.out
    quiet = run("alerts", "quiet", "21:00-06:30", "--days", "sat,sun", "--urgent", person=malee)
    assert quiet.code == 0, quiet
    shown = json.loads(run("alerts", "list", "--json", person=malee).out)
    assert (shown["hours"], shown["days"]) == ("21:00-06:30", ["sat", "sun"])
    assert shown["breaks_quiet"] is True
    said = run("alerts", "list", person=malee).out
    assert "quiet from 21:00-06:30 and all day on: Saturday, Sunday" in said
    assert "urgent alerts come in quiet hours too" in said
    assert "1" in run("alerts", "test", person=malee).out
    assert run("alerts", "quiet", "none", person=malee).code == 0
    assert "alerts at any hour" in run("alerts", "list", person=malee).out
    short = shown["places"][0]["binding_id"][:8]
    assert run("alerts", "remove", "zz", person=malee).code == 2
    assert run("alerts", "remove", short, person=malee).code == 0
    assert "alerted nowhere" in run("alerts", "list", person=malee).out


def test_an_address_is_added_with_the_code_from_the_mail(desk: OpenDesk, run: Run) -> None:
    malee = desk.world.join("มาลี", "kkn")
    address = "malee@example.go.th"
    later = run("alerts", "add", "email", address, person=malee, typed="\n")
    assert later.code == 2
    assert f"alerts add email {address} --code" in later.err
    (mail,) = desk.box.got
    code = re.search(r"([0-9a-z]{4}-){2}[0-9a-z]{4}", mail.get_content())
    assert code is not None
    wrong = run("alerts", "add", "email", address, "--code", "0000", person=malee)
    assert wrong.code == 4
    assert "not right" in wrong.err
    assert run("alerts", "add", "email", address, "--code", code[0], person=malee).code == 0
    assert "m…@example.go.th" in run("alerts", "list", person=malee).out
    typed = run("alerts", "add", "email", address, person=malee, typed="x\n")
    assert typed.code == 4


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("add", "sms"), 2, "The ways there are"),
        (("add", "email"), 2, "Give the address too"),
        (("add", "line"), 4, "does not send alerts that way"),
        (("quiet", "20:10-07:00"), 2, "Write hours in quarters"),
        (("quiet", "none", "--days", "saturday"), 2, "Write days as"),
        (("quiet", "--days", "sat"), 2, "Say the hours too"),
        (("quiet", "none"), 2, "alerted nowhere yet"),
        (("test",), 2, "alerted nowhere yet"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    arguments: tuple[str, ...], code: int, says: str, desk: OpenDesk, run: Run
) -> None:
    malee = desk.world.join("มาลี", "kkn")
    ran = run("alerts", *arguments, person=malee)
    assert (ran.code, ran.exception) == (code, None), ran
    assert says in ran.err


@pytest.mark.parametrize(
    "link",
    [
        "https://t.me.evil.example/bot?start=" + "a" * 26,
        "https://evil.example/?start=" + "a" * 26,
        "http://t.me/bot?start=" + "a" * 26,
        "https://t.me/bot?start=" + "a" * 25 + "\n",
        "https://t.me/bot?start=" + "a" * 27,
        "tg://resolve?domain=bot&start=" + "a" * 26,
        "https://line.me/R/oaMessage/../../evil/?" + "a" * 26,
    ],
)
def test_a_desk_that_shows_another_link_is_not_believed(link: str) -> None:
    with pytest.raises(Distrusted):
        parse(AlertLink, json.dumps({"link": link, "expires_s": 900}).encode())


def test_both_platforms_own_links_are_taken() -> None:
    for link in (
        "https://t.me/saisaat_test_bot?start=" + "a" * 26,
        "https://line.me/R/oaMessage/%40123abcde/?" + "0" * 26,
    ):
        assert parse(AlertLink, json.dumps({"link": link, "expires_s": 1}).encode()).link == link
