"""The page of the real bots: what the admin signed and nothing else; checked without our code."""

import base64
import hashlib
import html
import io
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image

from bot.channels.web.headers import POLICY
from bot.registry import SignedRegistry
from sealing import Registry, fingerprint
from tests.bot import rosters
from tests.bot.fake_clock import FakeClock
from tests.bot.registries import LINE, ONION, REGISTRY, TELEGRAM, signed
from tests.bot.test_web_browser import MISFITS, PHONE, THUMB_PX, ZOOMED, a_browser, needs_chromium
from tests.bot.turn_house import House
from tests.bot.web_house import Seen, Web, serving_web, set_cookies

ADMIN = rosters.ADMIN.verify_key
LISTED = replace(REGISTRY, onion=ONION)
LANGUAGES = ("th", "en")


def trusted(registry: Registry = LISTED) -> SignedRegistry:
    return SignedRegistry(registry, signed(registry), ADMIN)


class Shown:
    """What the bot has in use; a test may put another there."""

    def __init__(self, now: SignedRegistry | None) -> None:
        self.now = now


@asynccontextmanager
async def served(house: House, now: SignedRegistry | None) -> AsyncIterator[tuple[Web, Shown]]:
    shown = Shown(now)
    async with serving_web(house, registry=lambda: shown.now, clock=FakeClock()) as web:
        yield web, shown


async def page(web: Web, path: str = "/bots") -> httpx.Response:
    async with httpx.AsyncClient(base_url=web.url) as http:
        return await http.get(path)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_has_every_id_and_link_and_a_code_for_each(
    language: str, house: House
) -> None:
    async with served(house, trusted()) as (web, _):
        answer = await page(web, f"/bots?lang={language}")
    assert answer.status_code == 200
    said = html.unescape(answer.text)
    links = [TELEGRAM.link, LINE.link, LISTED.web, ONION]
    assert re.findall(r'class="id"><a href="([^"]*)"', said) == links
    assert said.count("<svg") == len(links)
    for piece in (TELEGRAM.id, LINE.id, TELEGRAM.name, LINE.name, str(ADMIN)):
        assert piece in said
    digits = re.findall(r"<span>(\d{5})</span>", said)
    assert " ".join(digits) == fingerprint(ADMIN.raw)
    assert {"th": "31 ตุลาคม 2570", "en": "31 October 2027"}[language] in said
    assert Seen(answer.text).language == language


async def test_the_page_needs_nothing_that_the_policy_forbids_and_starts_no_session(
    house: House,
) -> None:
    async with served(house, trusted()) as (web, _):
        answers = [await page(web, path) for path in ("/bots", "/bots?lang=en", "/bots.txt")]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert set_cookies(answer) == []
    for answer in answers[:2]:
        assert not re.search(
            r"<script|<img|<iframe|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text
        )
        assert set(re.findall(r'(?:src|action)="([^"]*)"', answer.text)) <= {
            "/leave?lang=th", "/leave?lang=en",
        }  # fmt: skip
        outside = re.findall(r'<a href="(http[^"]*)"([^>]*)>', answer.text)
        assert len(outside) == 4
        assert all('rel="noreferrer"' in attributes for _, attributes in outside)


async def test_the_signed_file_is_handed_out_to_the_byte_and_verifies_without_our_code(
    house: House,
) -> None:
    async with served(house, trusted()) as (web, _):
        answer = await page(web, "/bots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.content == signed(LISTED)
    *lines, last = answer.content.splitlines(keepends=True)
    said = hashlib.sha256(b"".join(lines)).hexdigest()
    statement = b'saisaat-statement-v1\nregistry\n{"sha256":"%s"}' % said.encode()
    signature = base64.b64decode(last.removeprefix(b"# signature ").strip(), validate=True)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(ADMIN)))
    key.verify(signature, statement)
    with pytest.raises(InvalidSignature):
        key.verify(signature, statement.replace(b"registry", b"roster"))
    listed = tomllib.loads(answer.text)
    assert [bot["link"] for bot in listed["bot"]] == [TELEGRAM.link, LINE.link]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_a_signed_list_nothing_is_listed_and_the_address_is_said(
    language: str, house: House
) -> None:
    async with served(house, None) as (web, _):
        answer = await page(web, f"/bots?lang={language}")
        file = await page(web, "/bots.txt")
    assert "<svg" not in answer.text
    assert 'href="http' not in answer.text
    assert "http://127.0.0.1" in answer.text
    assert (answer.status_code, file.status_code) == (200, 404)
    assert "signature" not in file.text


async def test_the_page_follows_the_registry_in_use(house: House) -> None:
    async with served(house, trusted()) as (web, shown):
        assert LINE.id in (await page(web)).text
        shown.now = trusted(replace(LISTED, version=4, bots=(TELEGRAM,)))
        later = await page(web)
        assert LINE.id not in later.text
        assert later.text.count("<svg") == 3
        shown.now = None
        assert TELEGRAM.id not in (await page(web)).text


@pytest.mark.parametrize(
    ("expires", "is_warned"), [("2026-11-22", True), ("2026-11-23", False), ("2026-11-24", False)]
)
async def test_a_list_past_its_last_good_day_says_so(
    expires: str, is_warned: bool, house: House
) -> None:
    async with served(house, trusted(replace(LISTED, expires=expires))) as (web, _):
        assert ('class="warning"' in (await page(web)).text) is is_warned


async def test_a_name_that_is_markup_stays_a_name(house: House) -> None:
    evil = replace(TELEGRAM, name="<script>alert(1)</script>\"'&{{7*7}}")
    async with served(house, trusted(replace(LISTED, bots=(evil,)))) as (web, _):
        answer = await page(web)
    Seen(answer.text)
    assert "<script" not in answer.text
    assert evil.name in html.unescape(answer.text)


async def test_every_page_of_the_chat_leads_there(house: House) -> None:
    async with served(house, trusted()) as (web, _), web.visitor() as visitor:
        assert 'href="/bots?lang=th"' in visitor.seen.html
        assert 'href="/bots?lang=en"' in (await visitor.open("/?lang=en")).html
        assert 'href="/bots?lang=th"' in (await visitor.open("/nowhere")).html


@needs_chromium
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_cheap_phone_and_every_code_is_drawn_as_it_must_be(
    scheme: str, language: str, house: House
) -> None:
    async with served(house, trusted()) as (web, _), a_browser(PHONE, scheme) as (tab, asked):
        await tab.goto(f"{web.url}/bots?lang={language}")
        assert await tab.evaluate(MISFITS, THUMB_PX) == []
        codes = await tab.locator(".qr svg").all()
        links = [TELEGRAM.link, LINE.link, LISTED.web, ONION]
        assert len(codes) == len(links)
        for code, link in zip(codes, links, strict=True):
            seen = modules(await code.screenshot(), link)
            assert seen == [
                list(row) for row in segno.make_qr(link, error="m").matrix_iter(border=4)
            ]
        assert all(url.startswith(web.url) for url in asked)


@needs_chromium
async def test_it_fits_when_it_is_zoomed_four_times(house: House) -> None:
    async with served(house, trusted()) as (web, _), a_browser(ZOOMED, "dark") as (tab, _):
        await tab.goto(f"{web.url}/bots")
        assert await tab.evaluate(MISFITS, THUMB_PX) == []


def modules(screenshot: bytes, link: str) -> list[list[int]]:
    """The squares of a code as a camera sees them, its white border too: 1 is dark."""
    wide = segno.make_qr(link, error="m").symbol_size(border=4)[0]
    with Image.open(io.BytesIO(screenshot)) as picture:
        grey = picture.convert("L")
        step_x, step_y = grey.width / wide, grey.height / wide
        return [
            [
                int(value(grey, (column + 0.5) * step_x, (row + 0.5) * step_y) < 128)
                for column in range(wide)
            ]
            for row in range(wide)
        ]


def value(grey: Image.Image, x: float, y: float) -> int:
    found = grey.getpixel((int(x), int(y)))
    assert isinstance(found, int)
    return found
