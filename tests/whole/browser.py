"""A browser that can send the very same form again: after a crash, twice at once, or too late.

`Browser` reads forms out of our pages as they stand and keeps the cookie. What it is about to send
is a value (`Sent`), so that a test can repeat it, hold it back, or let two go at once. Refuses to
know what a question means: stories do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from tests.bot.web_house import multipart
from tests.whole.page import Page

WAIT_S = 60.0
File = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """One filled-in form, ready to go, as often as one likes."""

    action: str
    body: bytes = field(repr=False)
    kind: str


class Browser:
    """One person's browser; a new one is a new session."""

    def __init__(self, url: str, **headers: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=WAIT_S,
            trust_env=False,
            verify=False,  # noqa: S501  # plain http to this machine: no certificates to load
            follow_redirects=False,
            headers={"Sec-Fetch-Site": "same-origin", **headers},
            limits=httpx.Limits(max_connections=4),
        )
        self.seen = Page("")
        self.status = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    @property
    def session(self) -> str:
        """The session id in the cookie."""
        (value,) = set(self._http.cookies.values())
        return value

    @property
    def choices(self) -> frozenset[str]:
        """The buttons on the page, by what they send."""
        return self.seen.choices

    @property
    def receipt(self) -> str | None:
        """The receipt on the page, in groups of four digits."""
        return self.seen.code

    async def open(self) -> Page:
        return await self.show(await self._http.get("/"))

    def form(self, choice: str | None = None, words: str = "", *files: File) -> Sent:
        """The page's form as it would be sent now, with this pressed, typed and chosen."""
        if choice is not None:
            assert choice in self.choices, (choice, sorted(self.choices), self.seen.text)
        fields: list[tuple[str, Any]] = [*self.seen.hidden.items(), ("words", words)]
        if choice is not None:
            fields.append(("choice", choice))
        if files:
            assert self.seen.takes_files, self.seen.text
            raw = [(name, value.encode()) for name, value in fields]
            body, kind = multipart(raw, files, boundary="-----a-boundary-of-ours")
            return Sent(self.seen.action, body, kind)
        body = str(httpx.QueryParams(fields)).encode()
        return Sent(self.seen.action, body, "application/x-www-form-urlencoded")

    async def post(self, sent: Sent) -> httpx.Response:
        """Send *sent*; the raw answer, not yet shown."""
        headers = {"Content-Type": sent.kind}
        return await self._http.post(sent.action, content=sent.body, headers=headers)

    async def show(self, answer: httpx.Response) -> Page:
        """Follow *answer* to the page it leads to."""
        while answer.status_code == httpx.codes.SEE_OTHER:
            answer = await self._http.get(answer.headers["location"])
        self.status = answer.status_code
        self.seen = Page(answer.text)
        return self.seen

    async def send(self, sent: Sent) -> Page:
        return await self.show(await self.post(sent))

    async def press(self, choice: str) -> Page:
        return await self.send(self.form(choice))

    async def say(self, words: str) -> Page:
        return await self.send(self.form(None, words))

    async def upload(self, *files: File) -> Page:
        return await self.send(self.form(None, "", *files))

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path)

    async def raw(self, method: str, path: str, **how: Any) -> httpx.Response:
        return await self._http.request(method, path, **how)


T = TypeVar("T")
Act = Callable[[Browser], Sent]


def press(choice: str) -> Act:
    return lambda browser: browser.form(choice)


def say(words: str) -> Act:
    return lambda browser: browser.form(None, words)


def upload(*files: File) -> Act:
    return lambda browser: browser.form(None, "", *files)


@dataclass(frozen=True, slots=True)
class Tale:
    """What somebody tells, from the first screen to the receipt."""

    who: str | None = None
    what: Sequence[str] = ("เห็นเขาเอาปูนของหลวงไปทำถนนหน้าบ้านตัวเอง",)
    where: str | None = None
    agency: str | None = None
    files: Sequence[File] = ()
    member_code: str | None = field(default=None, repr=False)

    def acts(self) -> tuple[Act, ...]:
        """Every form, in order; the last one files the tip."""
        agency = [say(self.agency), press("yes")] if self.agency else [press("unknown")]
        who = [say(self.who), press("done")] if self.who else [press("skip")]
        what = [*(say(each) for each in self.what), press("done")]
        files = [*(upload(each) for each in self.files)]
        begin = [press("embezzlement"), press("TH-40"), *agency]
        if self.member_code is not None:
            # Nobody asks a member where: they tell it among the leads.
            leads = [*([say(self.where)] if self.where else []), *files]
            return (
                *(press("member"), say(self.member_code), press("case")),
                *(*begin, press("skip"), *what, *who, press("yesterday")),
                *(*leads, press("done" if leads else "none"), press("send")),
            )
        where = [say(self.where), press("done")] if self.where else [press("skip")]
        return (
            *(press("report"), *begin, *who, *what, press("yesterday"), *where),
            *(*files, press("done" if files else "none"), press("skip"), press("send")),
        )

    async def tell(self, browser: Browser) -> str:
        """Tell it all; the receipt."""
        await self.up_to_review(browser)
        await browser.press("send")
        assert browser.receipt is not None, browser.seen.text
        return browser.receipt

    async def up_to_review(self, browser: Browser) -> None:
        for act in self.acts()[:-1]:
            await browser.send(act(browser))
            assert browser.status < 400, (browser.status, browser.seen.text)
        assert "send" in browser.choices, browser.seen.text


async def until(attempt: Callable[[], Awaitable[T]], wait_s: float = 60.0) -> T:
    """What *attempt* gives once the server answers; it is down between two lives."""
    async with asyncio.timeout(wait_s):
        while True:
            try:
                return await attempt()
            except httpx.TransportError:
                await asyncio.sleep(0.02)
