"""A person on the web chat: a browser without JavaScript, and a finger that taps labels.

Everything goes over real HTTP. Each person has a cookie jar of their own; a new person object is a
new session. What the page does not offer cannot be tapped: then the error says what it offers.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from deploy.demo.errors import DemoFailed, check
from deploy.demo.markup import Form, Node, forms, parse

Tell = Callable[[str, str], None]
BOT = "บอท"
WAIT_S = 60.0
RECEIPT = re.compile(r"\b[0-9]{4}(?:-[0-9]{4}){5}\b")
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a person sends."""

    name: str
    mime: str
    data: bytes = field(repr=False)


class Person:
    """Somebody with a browser. *tell* gets every word that is said, with who said it."""

    def __init__(self, name: str, url: str, tell: Tell, language: str = "th") -> None:
        self.name = name
        self._tell = tell
        self._http = httpx.Client(
            base_url=url,
            timeout=WAIT_S,
            follow_redirects=True,
            trust_env=False,
            headers={"Accept-Language": language, "Sec-Fetch-Site": "same-origin"},
        )
        self.page = Node("#page", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._http.close()

    # --- what a person does

    def open(self) -> None:
        """Open the chat's address."""
        self._show(self._http.get("/"))

    def tap(self, label: str) -> None:
        """Press the button that says *label*, or the only one that begins so."""
        form, button = self._button(label)
        self._tell(self.name, f"[{_label(button)}]")
        self._send(form, _pressed(button), encoding=button.attrs.get("formenctype"))

    def say(self, words: str) -> None:
        """Type *words* and send them."""
        form = self._box()
        self._tell(self.name, words)
        self._send(form, {form.text_field or "": words})

    def send(self, *files: File) -> None:
        """Choose files and send them."""
        form = self._box(takes_files=True)
        self._tell(self.name, f"({', '.join(file.name for file in files)})")
        self._send(form, {}, files)

    # --- what a person sees

    @property
    def bubbles(self) -> tuple[str, ...]:
        """What the bot says now, bubble by bubble."""
        lists = self.page.with_class("said")
        items = (item for said in lists for item in said.elements if item.tag == "li")
        return tuple(item.text for item in items)

    @property
    def labels(self) -> tuple[str, ...]:
        """What can be tapped now."""
        return tuple(_label(button) for form in self._forms() for button in form.buttons)

    @property
    def receipt(self) -> str:
        """The receipt on the screen. Raises DemoFailed."""
        found = RECEIPT.search("\n".join(self.bubbles))
        if found is None:
            raise DemoFailed("There is no receipt on the screen:", self.bubbles)
        return found[0]

    def sees(self, words: str) -> bool:
        """Whether the bot says *words* somewhere on the screen."""
        return any(words in bubble for bubble in self.bubbles)

    def check_sees(self, *each: str) -> None:
        """Raise DemoFailed unless the bot says all of this now."""
        for words in each:
            check(
                self.sees(words), f"{self.name} should be told “{words}” but reads:", self.bubbles
            )

    # --- the browser

    def _forms(self) -> Iterator[Form]:
        return (form for form in forms(self.page) if form.method == "post")

    def _button(self, label: str) -> tuple[Form, Node]:
        offered = [(form, button) for form in self._forms() for button in form.buttons]
        exact = [each for each in offered if _label(each[1]) == label]
        found = exact or [each for each in offered if _label(each[1]).startswith(label)]
        if exact or len(found) == 1:
            return found[0]
        raise DemoFailed(f"{self.name} finds no button “{label}”. There are:", self.labels)

    def _box(self, *, takes_files: bool = False) -> Form:
        for form in self._forms():
            if form.text_field and (form.file_field or not takes_files):
                return form
        wanted = "a file" if takes_files else "words"
        raise DemoFailed(f"The page does not take {wanted} here:", self.bubbles)

    def _send(
        self,
        form: Form,
        typed: Mapping[str, str],
        files: Iterable[File] = (),
        encoding: str | None = None,
    ) -> None:
        fields = {**form.given, **typed}
        if form.file_field is None or (encoding or form.encoding) != MULTIPART:
            self._show(self._http.post(form.action, data=fields))
            return
        # An empty file box is sent as an empty file without a name.
        sent = tuple(files) or (File("", "application/octet-stream", b""),)
        kind, body = _multipart(fields, form.file_field, sent)
        self._show(self._http.post(form.action, content=body, headers={"Content-Type": kind}))

    def _show(self, answer: httpx.Response) -> None:
        self.page = parse(answer.text)
        check(
            answer.is_success,
            f"{self.name}'s page answered {answer.status_code}:",
            self.page.text.splitlines(),
        )
        for bubble in self.bubbles:
            self._tell(BOT, bubble)


def _multipart(
    fields: Mapping[str, str], file_field: str, files: Iterable[File]
) -> tuple[str, bytes]:
    """The fields, then the files, as browsers write them (HTML, "multipart/form-data encoding")."""
    boundary = f"----{secrets.token_hex(16)}"
    body = bytearray()
    for name, value in fields.items():
        lines = value.replace("\r\n", "\n").replace("\n", "\r\n")
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        body += lines.encode() + b"\r\n"
    for file in files:
        shown = file.name.replace('"', "%22")
        disposition = f'form-data; name="{file_field}"; filename="{shown}"'
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n".encode()
        body += f"Content-Type: {file.mime}\r\n\r\n".encode() + file.data + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)


def _pressed(button: Node) -> dict[str, str]:
    name = button.attrs.get("name")
    return {name: button.attrs.get("value", "")} if name else {}


def _label(button: Node) -> str:
    """What a button says, without the number that counts it."""
    spoken = [each for each in button.elements if "number" not in each.classes]
    return " ".join(each.text for each in spoken) if spoken else button.text
