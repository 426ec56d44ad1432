"""A tip that attacks whoever reads it, in every field that a stranger or a desk can fill: it harms
neither the page nor the terminal."""

import re
import unicodedata

import pytest
from playwright.async_api import BrowserContext

from console.calm import calm
from sealing import Kind, Media
from tests.console import hostile_files as hostile
from tests.console.conftest import Run
from tests.console.fake_world import Person, Tip, World, claim_as
from tests.console.test_linking import link_note
from tests.console.test_pages_in_chromium import (
    DESKTOP,
    PHONE,
    Opened,
    chromium,
    opened,
    unlock,
)
from tests.console.test_previews import bomb_png, pdf, picture, says

__all__ = ["chromium", "opened"]

MARKUP = (
    "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    "<svg onload=window.hacked=1></textarea></title></style><iframe src=//evil.example>"
    "\"'><a href='javascript:window.hacked=1'>x</a><base href=//evil.example>{{7*7}}{% raw %}"
)
HIDDEN = "รูป\u202egpj.exe\u2066\u2067\u200f\u061c\u2028\u2029\ufeff\u00ad\U000e0041"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\x\x9b31m\x00\x08\x7f\r$ rm -rf /"
URL = "https://аррӏе.com/login http://evil.example javascript:window.hacked=1"
TOWER = "ก" + "\u0e49" * 3000 + "\u0336" * 3000
LONG = "ก" * 250_000  # a line of three quarters of a megabyte, about what one part can hold
ALL = MARKUP + HIDDEN + ESCAPES + URL

HARMFUL = (
    hostile.docx(hostile.paragraph("&lt;script&gt;window.hacked=1&lt;/script&gt; \u202e")),
    hostile.zip_bomb(0.2),
    hostile.looping_pdf(),
    hostile.acting_pdf(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    picture("GIF") + hostile.zipped({"A.class": "x"}),
    hostile.mp4(b"isom"),
    hostile.mp4(b"M4A "),
    hostile.wav(),
    b"name\n=cmd|' /C calc'!A0\n" + b"x" * 200_000,
)


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    malee = world.join(f"มาลี {MARKUP}"[:80], "kkn")
    form = {
        "schema": 1,
        "kind": MARKUP,
        "answers": {
            "constructor.__proto__": {"value": ALL},
            "when": {"onerror-x": ALL},
            "more": {"ids": [ALL, HIDDEN]},
        },
    }
    tip = world.file_tip(somchai, malee, form=form, is_verified=True, alias="mkm7")
    for words in (MARKUP, HIDDEN, ESCAPES, URL, TOWER, LONG, "\n" * 5000 + "\t" * 5000, ALL):
        tip.append(tip.told(words=words, question=ALL))
    for n in range(210):
        tip.append(tip.told(words=f"{n} {ALL}"))
    for name in (MARKUP, HIDDEN, ESCAPES, "../../x" * 40, "a" * 4000, "\ufffd\ufffe\uffff"):
        world.add_file(tip, picture(), name=name, mime=ALL)
    world.add_file(tip, MARKUP.encode(), name="a.png", mime="image/svg+xml")
    world.add_file(tip, bomb_png(60_000, 60_000), name="b.png")
    world.add_file(tip, picture("GIF") + MARKUP.encode(), name="polyglot.gif")
    world.add_file(tip, pdf(says("/ script \\(window.hacked=1\\)")), name="c.pdf", mime=MARKUP)
    world.add_file(tip, b"OggS" + bytes(24) + b"OpusHead" + MARKUP.encode(), media=Media.VOICE)
    for n, data in enumerate(HARMFUL):
        world.add_file(tip, data, name=f"{n}{HIDDEN}.jpg", mime="image/jpeg")
    world.officer_part(tip, malee, ALL, Kind.NOTE)
    world.officer_part(tip, malee, ALL)
    link_note(tip, malee, "a" * 32, malee)
    claim_as(tip, malee)
    tip.answer["claimed_by_name"] = ALL[:80]
    for centre in world.centres:
        centre["name_th"] = centre["name_en"] = ALL[:120]
    return tip


async def test_it_harms_no_page(
    world: World, tip: Tip, opened: Opened, chromium: BrowserContext
) -> None:
    page = chromium.pages[0]
    complaints: list[str] = []
    strangers: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append("a dialog"))
    chromium.on(
        "request",
        lambda asked: None if asked.url.startswith(opened.origin) else strangers.append(asked.url),
    )
    await unlock(page, opened)
    address = f"{opened.origin}/tips/{tip.tip_id}"
    first_file = next(p["seq"] for p in tip.answer["parts"] if p["kind"] == "file")
    looks = [f"{address}/files/{first_file + n}/look" for n in range(11 + len(HARMFUL))]
    for where in (opened.origin, address, f"{address}?upto=150", f"{address}?full=7", *looks):
        for size in (PHONE,) if where in looks[11:] else (DESKTOP, PHONE):
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of ints
            await page.goto(where)
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            told = await page.evaluate(
                """() => ({
                    hacked: window.hacked ?? null,
                    elements: document.querySelectorAll('*').length,
                    foreign: document.querySelectorAll(
                        'script:not([src="/static/desk.js"]), iframe, base, svg, object').length,
                    width: document.documentElement.scrollWidth,
                    links: [...document.querySelectorAll('[href], [src], [action], [formaction]')]
                        .flatMap(e => ['href', 'src', 'action', 'formaction']
                            .map(name => e.getAttribute(name)).filter(Boolean)),
                    text: document.body.innerText,
                    title: document.title,
                })"""
            )
            assert told["hacked"] is None
            assert told["foreign"] == 0
            assert told["width"] <= size["width"], where
            assert told["elements"] < 4000
            assert {link for link in told["links"] if not re.match(r"[/#](?!/)|\?", link)} == set()
            assert calm(told["text"]) == told["text"]
            assert calm(told["title"]) == told["title"]
            assert "7*7" in told["text"] or where in (opened.origin, *looks)
    assert strangers == []
    assert [said for said in complaints if "422" not in said] == [], (
        "nothing but pictures not shown"
    )


def test_it_harms_no_terminal(tip: Tip, somchai: Person, run: Run) -> None:
    for arguments in (
        ("list",),
        ("list", "--json"),
        ("read", tip.tip_id),
        ("read", tip.tip_id, "--full"),
        ("read", tip.tip_id, "--json"),
        ("links", tip.tip_id),
    ):
        ran = run(*arguments, person=somchai)
        assert ran.code == 0, (arguments, ran.err)
        for stream in (ran.out, ran.err):
            odd = {c for c in stream if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")}
            assert odd <= {"\n", "\t", "\u200b", "\u200c", "\u200d"}, arguments
    whole = run("read", tip.tip_id, "--full", person=somchai).out
    assert "⟨U+001B⟩[2J" in whole
    assert "⟨U+202E⟩gpj.exe" in whole
    assert not re.search(r"^\$ rm", whole, re.MULTILINE), "no line of a tip passes for one of ours"
    assert len(run("read", tip.tip_id, person=somchai).out) < len(whole)


@pytest.mark.parametrize("odd", ["\ud800", "\udfff" * 10])
def test_broken_unicode_from_a_desk_is_shown_or_refused_and_never_a_fault(
    world: World, somchai: Person, run: Run, odd: str
) -> None:
    tip = world.file_tip(somchai)
    world.spoil("tip", lambda answer: answer.update(claimed_by_name=odd))
    world.spoil("tips", lambda answer: answer["tips"][0].update(claimed_by_name=odd))
    for arguments in (("list",), ("read", tip.tip_id)):
        assert run(*arguments, person=somchai).code in (0, 4, 5)
