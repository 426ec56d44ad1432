"""Alerts by e-mail: verified TLS or nothing, plain text in both languages, a subject without
content."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from bot.alerts.counting import Told
from bot.alerts.email import EmailAlerts, MailServer, is_address
from bot.alerts.sending import Alert, NeverTaken, Shut
from bot.errors import Unavailable
from tests.bot.alerts.alert_house import saying
from tests.bot.alerts.mail_server import Anywhere, Mailbox, mail_server
from tests.bot.fake_clock import FakeClock

TO = "somchai@example.go.th"
ALERT = Alert("ab" * 16, TO, (Told("kkn", 3, 1, nearest_days=2),), "th")
Make = Callable[..., EmailAlerts]


def sender(
    box: Mailbox,
    tls: Literal["tls", "starttls"],
    context: Callable[[], ssl.SSLContext] | None = None,
    **more: str,
) -> EmailAlerts:
    server = MailServer("localhost", box.port, tls, "alerts@saisaat.example", **more)
    return EmailAlerts(server, saying(), FakeClock(), context or box.trusting)


@pytest.fixture(scope="module")
def box_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with mail_server(tmp_path_factory.mktemp("mail"), is_tls=True) as box:
        yield box


@pytest.fixture(scope="module")
def box_starttls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with mail_server(tmp_path_factory.mktemp("mail"), is_tls=False) as box:
        yield box


@pytest.fixture(params=["tls", "starttls"])
def both(
    request: pytest.FixtureRequest, box_tls: Mailbox, box_starttls: Mailbox
) -> tuple[Mailbox, Literal["tls", "starttls"]]:
    box = box_tls if request.param == "tls" else box_starttls
    box.got.clear(), box.raw.clear(), box.envelopes.clear(), box.logins.clear()
    box.refuses, box.says = "", "250 OK"
    return box, request.param


async def test_an_alert_to_the_letter(both: tuple[Mailbox, Literal["tls", "starttls"]]) -> None:
    await sender(*both).send(ALERT)
    (mail,) = both[0].got
    assert mail["Subject"] == "ใสสะอาด: มีงานในคิว"
    assert mail.get_content().replace("\r\n", "\n") == (
        "ขอนแก่น: ใหม่ 3 เร่งด่วน 1 · กำหนดใกล้สุดอีก 2 วัน\n\n"
        "Khon Kaen: 3 new, 1 urgent; nearest clock 2 days\n\n"
        "เปิดดูได้ที่โต๊ะเจ้าหน้าที่เท่านั้น (saisaat-console)\n\n"
        "To be read at the officer's desk only (saisaat-console).\n"
    )
    assert mail.get_content_type() == "text/plain"
    assert mail["Message-ID"] == f"<{'ab' * 16}@saisaat.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert both[0].envelopes == [("alerts@saisaat.example", [TO])]


async def test_nothing_in_it_is_loaded_or_clicked(
    both: tuple[Mailbox, Literal["tls", "starttls"]],
) -> None:
    await sender(*both).send(ALERT)
    (mail,) = both[0].got
    assert not mail.is_multipart()
    assert "http" not in mail.get_content().lower()
    assert {name.lower() for name in mail} - {"x-peer"} == {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version",
        "content-type", "content-transfer-encoding",
    }  # fmt: skip


async def test_the_same_alert_again_has_the_same_message_id(
    both: tuple[Mailbox, Literal["tls", "starttls"]],
) -> None:
    for _ in range(2):
        await sender(*both).send(ALERT)
    assert len({mail["Message-ID"] for mail in both[0].got}) == 1


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    both: tuple[Mailbox, Literal["tls", "starttls"]],
) -> None:
    with pytest.raises(Unavailable):
        await sender(*both, ssl.create_default_context).send(ALERT)
    assert both[0].got == []


async def test_another_machines_certificate_gets_no_mail(tmp_path: Path) -> None:
    with mail_server(tmp_path, is_tls=True, name="elsewhere.example") as box:
        with pytest.raises(Unavailable):
            await sender(box, "tls").send(ALERT)
        assert box.got == []


async def test_a_server_without_tls_gets_neither_mail_nor_password(box_starttls: Mailbox) -> None:
    box = Mailbox(certificate=box_starttls.certificate)
    plain = Anywhere(
        box, hostname="127.0.0.1", port=0, auth_require_tls=False, authenticator=box.authenticate
    )
    plain.start()
    try:
        box.port = plain.server.sockets[0].getsockname()[1]
        for tls in ("tls", "starttls"):
            with pytest.raises(Unavailable):
                await sender(box, tls, user="a", password="canary password").send(ALERT)  # type: ignore[arg-type]  # both of the literal
        assert box.got == []
        assert box.logins == []
    finally:
        plain.stop()


async def test_a_password_is_given_over_tls_only(
    both: tuple[Mailbox, Literal["tls", "starttls"]],
) -> None:
    await sender(*both, user="alerts", password="canary password").send(ALERT)
    assert both[0].logins == [(b"alerts", b"canary password")]
    with pytest.raises(Unavailable) as caught:
        await sender(*both, user="alerts", password="canary wrong").send(ALERT)
    assert "canary" not in repr(caught.value) + str(caught.value)
    assert caught.value.__context__ is None


async def test_refusals_are_told_apart(both: tuple[Mailbox, Literal["tls", "starttls"]]) -> None:
    box = both[0]
    for refuses, says, error in (
        ("550 no such user", "250 OK", Shut),
        ("451 try later", "250 OK", Unavailable),
        ("", "554 spam", NeverTaken),
        ("", "451 try later", Unavailable),
    ):
        box.refuses, box.says = refuses, says
        with pytest.raises(error) as caught:
            await sender(*both).send(ALERT)
        assert TO not in repr(caught.value) + str(caught.value)
        assert caught.value.__context__ is None


async def test_the_mail_that_proves_an_address_holds_the_code_and_the_time(
    both: tuple[Mailbox, Literal["tls", "starttls"]],
) -> None:
    await sender(*both).send_code(TO, "abcdefgh1234", 15, "th", "cd" * 16)
    (mail,) = both[0].got
    assert "abcd-efgh-1234" in mail.get_content()
    assert "15 นาที" in mail.get_content()
    assert b"abcd" not in both[0].raw[0].split(b"\r\n\r\n")[0], "in the headers"
    assert max(len(line) for line in both[0].raw[0].split(b"\r\n")) < 998  # SMTP's longest line


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a@b", "a@b@c.d", "a b@c.de", "a@c.de\n", "a@c.de\r\nBcc: x@y.z", "<a@c.de>",
        "a@c.de,b@c.de", "ก@c.de", "a@" + "x" * 250 + ".de", "-a@-c.de", '"a b"@c.de', "a@c.de ",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize("text", ["a@c.de", "somchai.p+x@mail.example.go.th", "o'neil@c-d.ie"])
def test_plain_addresses_are_taken(text: str) -> None:
    assert is_address(text)


async def test_a_test_alert_says_so(both: tuple[Mailbox, Literal["tls", "starttls"]]) -> None:
    await sender(*both).send(replace(ALERT, told=()))
    assert "ทดสอบ" in both[0].got[0].get_content()
