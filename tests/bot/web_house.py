"""The web chat on a real bot and a real socket, and people who use it: a browser without scripts.

`Visitor` does what a browser does with our pages: keeps the cookie, reads forms out of the HTML
and sends them as they stand. Whatever a page does not offer, it cannot press.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import httpx
import uvicorn

from bot.channels.web import WebParts, serving, web_app
from sealing import Author, Kind, Part
from sealing.age import PQRecipient
from sealing.parts import seal_part
from storage.repositories import parts as part_rows
from storage.repositories import tips
from storage.repositories.parts import PartRow
from tests.bot.turn_house import House
from tests.loopback import listening

VOID = {"meta", "link", "input", "br", "wbr"}


class Seen(HTMLParser):
    """A page as a reader without scripts or colours has it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.hidden: dict[str, str] = {}
        self.buttons: dict[str, str] = {}
        self.commands: list[str] = []
        self.bubbles: list[str] = []
        self.looks: list[str] = []
        self.trail: list[str] = []
        self.box: str | None = None
        self.file_box: dict[str, str | None] | None = None
        self.action = ""
        self.language = ""
        self.code = ""
        self.quotes: list[str] = []
        self._path: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert not self._path, f"unclosed: {self._path}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "html":
            self.language = at.get("lang") or ""
        elif tag == "form" and at.get("id") == "chat":
            self.action = at["action"] or ""
        elif tag == "input" and at.get("type") == "hidden":
            self.hidden[at["name"] or ""] = at["value"] or ""
        elif tag == "input" and at.get("type") == "file":
            self.file_box = at
        elif tag == "textarea":
            self.box = ""
        elif tag == "li" and self._within("class", "said"):
            if (at.get("class") or "") in {
                "say", "ask", "notice", "card", "letter", "receipt",
            }:  # fmt: skip
                self.looks.append(at["class"] or "")
                self.bubbles.append("")
        elif tag == "li" and self._within("class", "trail"):
            self.trail.append("")
        elif tag == "button" and at.get("name") == "choice":
            self.buttons[at["value"] or ""] = ""
        elif tag == "button" and at.get("name") == "command":
            self.commands.append(at["value"] or "")
        elif tag == "bdi":
            self.quotes.append("")
        if tag not in VOID:
            self._path.append((tag, at))

    def handle_endtag(self, tag: str) -> None:
        assert self._path, f"</{tag}> closes nothing"
        opened, _ = self._path.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._path]
        if "textarea" in tags:
            self.box = (self.box or "") + data
        elif self._within("name", "choice"):
            last = next(reversed(self.buttons))
            self.buttons[last] = (self.buttons[last] + data).strip()
        elif self._within("class", "trail") and self.trail:
            self.trail[-1] = (self.trail[-1] + data).strip()
        elif "bdi" in tags:
            self.quotes[-1] += data
        elif "output" in tags:
            self.code += data
        elif self._within("class", "said") and self.bubbles:
            self.bubbles[-1] += data

    def _within(self, name: str, value: str) -> bool:
        return any(at.get(name) == value for _, at in self._path)

    @property
    def typed(self) -> str:
        """What stands in the box. (A browser drops the newline that opens a text area.)"""
        return (self.box or "").removeprefix("\n")

    @property
    def text(self) -> str:
        return "\n".join(self.bubbles)


@dataclass
class Visitor:
    """One browser."""

    http: httpx.AsyncClient
    seen: Seen = field(init=False)
    answer: httpx.Response = field(init=False)

    async def open(self, path: str = "/") -> Seen:
        return await self._show(await self.http.get(path))

    async def press(self, choice: str, words: str = "") -> Seen:
        assert choice in self.seen.buttons, (choice, self.seen.buttons)
        return await self.send(choice=choice, words=words)

    async def say(self, words: str) -> Seen:
        return await self.send(words=words)

    async def send(self, **fields: str) -> Seen:
        """Send the form that stands on the page, with *fields* set."""
        body = {**self.seen.hidden, **fields}
        return await self._show(await self.http.post(self.seen.action, data=body))

    async def upload(self, *files: tuple[str, bytes, str], **fields: str) -> Seen:
        body = {**self.seen.hidden, **fields}
        sent = [("file", each) for each in files]
        return await self._show(await self.http.post(self.seen.action, data=body, files=sent))

    async def command(self, command: str, words: str = "") -> Seen:
        assert command in self.seen.commands
        return await self.send(command=command, words=words)

    async def follow(self) -> Seen:
        return await self._show(self.answer)

    async def _show(self, answer: httpx.Response) -> Seen:
        while answer.status_code == 303:
            answer = await self.http.get(answer.headers["location"])
        self.answer = answer
        self.seen = Seen(answer.text)
        return self.seen

    async def tell(self, *words: str, until: str = "send") -> Seen:
        """From the greeting to the review, saying *words* when asked what happened."""
        seen = await self.press("report")
        for _ in range(30):
            if until in seen.buttons:
                return seen
            if "what" in seen.action or "เล่าเท่าที่เห็น" in seen.text or "Tell what you" in seen.text:
                for each in words:
                    seen = await self.say(each)
                seen = await self.press("done")
                continue
            offered = ("TH-40", "unknown", "skip", "none", "forgotten", "done")
            ids = list(seen.buttons)
            seen = await self.press(next((each for each in offered if each in ids), ids[0]))
        raise AssertionError("the report never came to its end")


@dataclass
class Web:
    """A web chat that is being served."""

    house: House
    port: int
    url: str

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator[Visitor]:
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as http:
            visitor = Visitor(http)
            await visitor.open()
            yield visitor

    async def told(self) -> list[Part]:
        """What officers could read of the only tip there is."""
        from tests.bot.turn_house import SOMCHAI

        (tip_id,) = await self.house.tip_ids()
        return await self.house.read_as(SOMCHAI, tip_id)

    async def officer_writes(self, words: str, tip_id: str | None = None) -> None:
        """Put an officer's message into the tip *tip_id*, or the only one there is."""
        if tip_id is None:
            (tip_id,) = await self.house.tip_ids()

        def add(t: Any) -> None:
            tip, head = tips.get(t, tip_id), part_rows.head(t, tip_id)
            assert tip is not None
            part_id = self.house.means.new_id()
            part = Part(
                tip_id, part_id, head.seq + 1, head.hash, Author.OFFICER, "2026-11-24",
                Kind.MESSAGE, words=words, officer="ab" * 16,
            )  # fmt: skip
            sealed = seal_part(part, PQRecipient.from_raw(tip.reply_recipient))
            row = PartRow(
                part_id, tip_id, part.seq, sealed.hash, sealed.data, "reply", "officer",
                "message", part.day, len(sealed.data), None, "ab" * 16, b"s" * 64,
            )  # fmt: skip
            part_rows.append(t, row, previous=head.hash)

        await self.house.db.commit(add)


def parts_of(house: House, **changed: Any) -> WebParts:
    """The web chat's parts on *house*."""

    async def forget(person: str) -> object:
        return await house.turns.forget_person("web", person)

    made = WebParts(
        turns=house.turns,
        screens=house.screens,
        evidence=house.evidence,
        forget=forget,
        book=lambda: house.means.books["web"],
        public_url="http://127.0.0.1",
        version="1.2.3",
    )
    return replace(made, **changed)


@asynccontextmanager
async def serving_web(house: House, **changed: Any) -> AsyncIterator[Web]:
    """Serve the web chat on a free port of this machine."""
    with listening() as place:
        port = place.getsockname()[1]
        app = changed.pop("app", None) or web_app(parts_of(house, **changed))
        config = uvicorn.Config(app, **serving.settings())
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[place])
        try:
            yield Web(house, port, f"http://127.0.0.1:{port}")
        finally:
            server.force_exit = True
            await server.shutdown(sockets=[place])


def multipart(
    fields: Sequence[tuple[str, bytes]],
    files: Sequence[tuple[str, bytes, str]] = (),
    boundary: str = "--------xyz",
) -> tuple[bytes, str]:
    """A multipart body by hand, and its Content-Type."""
    out = bytearray()
    for name, value in fields:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        out += value + b"\r\n"
    for filename, data, mime in files:
        out += f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
        out += f'name="file"; filename="{filename}"\r\nContent-Type: {mime}\r\n\r\n'.encode()
        out += data + b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return bytes(out), f"multipart/form-data; boundary={boundary}"


def set_cookies(answer: httpx.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


def form_ids(html: str) -> list[str]:
    return re.findall(r'name="form" value="([^"]+)"', html)
