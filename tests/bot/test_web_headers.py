"""What every answer carries, what the cookie is, and who may send our forms."""

import io
import logging
import re
import tarfile
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.web import WebParts, web_app
from bot.channels.web.headers import POLICY
from bot.channels.web.session import Site, new_session
from tests.bot.turn_house import House
from tests.bot.web_house import Web, parts_of, serving_web, set_cookies

ONION = "http://" + "a" * 56 + ".onion"


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house) as served:
        yield served


def inside(parts: WebParts, url: str) -> httpx.AsyncClient:
    """A client of the app itself, under any address."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(web_app(parts)), base_url=url)


ANSWERS: tuple[tuple[str, str, dict[str, str] | None, int], ...] = (
    ("GET", "/", None, 200),
    ("HEAD", "/", None, 200),
    ("GET", "/static/web.css", None, 200),
    ("GET", "/favicon.ico", None, 204),
    ("GET", "/bots", None, 200),
    ("GET", "/bots.txt", None, 404),
    ("GET", "/source", None, 200),
    ("GET", "/say", None, 303),
    ("GET", "/leave", None, 303),
    ("GET", "/nowhere", None, 404),
    ("GET", "/static/%2e%2e/app.py", None, 404),
    ("DELETE", "/", None, 405),
    ("POST", "/leave", {}, 200),
    ("POST", "/say", {"form": "too short"}, 400),
)


async def test_every_answer_carries_the_same_guards(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url) as http:
        for method, path, body, status in ANSWERS:
            answer = await http.request(method, path, data=body)
            assert answer.status_code == status, path
            headers = answer.headers
            assert headers["content-security-policy"] == POLICY
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "camera=()" in headers["permissions-policy"]
            assert "strict-transport-security" not in headers
            assert "server" not in headers


def test_the_policy_lets_nothing_in_but_our_own_style() -> None:
    assert POLICY == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


async def test_pages_need_nothing_that_the_policy_forbids(web: Web) -> None:
    async with web.visitor() as visitor:
        pages = [visitor.seen.html, (await visitor.tell()).html, (await visitor.press("send")).html]
    for html in pages:
        assert not re.search(r"<script|<img|<svg|<iframe|\sstyle=|\son[a-z]+=|javascript:", html)
        assert set(re.findall(r'(?:src|action)="([^"]*)"', html)) <= {
            "/say?lang=th",
            "/leave?lang=th",
        }
        assert set(re.findall(r'<link[^>]*href="([^"]*)"', html)) == {"/static/web.css"}


async def test_the_only_cookie_is_a_random_number_that_dies_with_the_browser(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url) as http:
        first = set_cookies(await http.get("/"))
        assert set_cookies(await http.get("/")) == []
    async with httpx.AsyncClient(base_url=web.url) as http:
        second = set_cookies(await http.get("/"))
    for (cookie,) in (first, second):
        assert re.fullmatch(r"saisaat=[A-Za-z0-9_-]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert first != second


def test_a_session_id_has_more_than_128_random_bits() -> None:
    made = {new_session() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(each) * 6 >= 128 for each in made)
    assert all(Site("http://a").session({"cookie": f"saisaat={each}"}) == each for each in made)


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "saisaat",
        "=;;=",
        "saisaat=",
        "saisaat=short",
        "other=" + "a" * 32,
        "saisaat=" + "ก" * 32,
        "saisaat=" + "a" * 33,
        "saisaat=" + "a" * 31 + "/",
    ],
)
def test_what_does_not_look_like_our_cookie_is_none(cookie: str) -> None:
    assert Site("http://a").session({"cookie": cookie}) is None


async def test_over_https_the_cookie_is_bound_to_the_host_and_https_is_remembered(
    house: House,
) -> None:
    parts = parts_of(house, public_url="https://chat.example", onion_url=ONION)
    async with inside(parts, "https://chat.example") as http:
        answer = await http.get("/")
    (cookie,) = set_cookies(answer)
    assert cookie.startswith("__Host-saisaat=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert answer.headers["onion-location"] == ONION


async def test_over_tor_without_https_the_cookie_still_works(house: House) -> None:
    parts = parts_of(house, public_url="https://chat.example", onion_url=ONION)
    async with inside(parts, ONION) as http:
        answer = await http.get("/")
    (cookie,) = set_cookies(answer)
    assert cookie.startswith("saisaat=")
    assert "Secure" not in cookie
    assert "strict-transport-security" not in answer.headers
    assert "onion-location" not in answer.headers


SENT_FROM: tuple[tuple[dict[str, str], bool], ...] = (
    ({"sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "none"}, True),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "same-site"}, False),
    ({"origin": "null"}, True),
    ({"origin": "http://127.0.0.1"}, True),
    ({"origin": "https://evil.example"}, False),
    ({"origin": "http://127.0.0.1", "sec-fetch-site": "cross-site"}, False),
    ({}, True),
)


async def test_forms_of_other_sites_are_refused(web: Web) -> None:
    for headers, is_ours in SENT_FROM:
        async with web.visitor() as visitor:
            seen = visitor.seen
            form = {**seen.hidden, "choice": "report"}
            before = await web.house.tables()
            answer = await visitor.http.post(seen.action, data=form, headers=headers)
            assert answer.status_code == (303 if is_ours else 403), headers
            assert (await web.house.tables() == before) == (not is_ours)
            left = await visitor.http.post("/leave", headers=headers)
            assert left.status_code == (200 if is_ours else 403)


async def test_nothing_about_a_visitor_is_logged(
    web: Web, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"user-agent": "CANARY-AGENT", "x-forwarded-for": "203.0.113.77"}
    async with web.visitor(**headers) as visitor:
        caplog.clear()
        await visitor.http.get("/CANARY-PATH?CANARY=QUERY")
        await visitor.http.post("/say", data={"form": "CANARY"})
        await visitor.tell("CANARY words")
    said = "".join(capfd.readouterr())
    ours = [r for r in caplog.records if r.name.partition(".")[0] not in ("httpx", "httpcore")]
    said += "".join(str(vars(record)) for record in ours)
    assert "CANARY" not in said
    assert "203.0.113" not in said


async def test_the_source_is_the_running_programs_own(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url) as http:
        packed = (await http.get("/source")).content
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = tar.getnames()
        inside = tar.extractfile("saisaat-1.2.3/bot/channels/web/source.py")
        assert inside is not None
        assert b"This program's own source" in inside.read()
    for room in ("bot", "handlers", "sealing", "storage"):
        assert any(name.startswith(f"saisaat-1.2.3/{room}/") for name in names)
    assert {name.rpartition(".")[2] for name in names if "/bot/" in name} <= {
        "py", "html", "css", "toml",
    }  # fmt: skip
