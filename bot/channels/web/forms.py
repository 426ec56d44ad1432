"""What a form of ours says, parsed at the door into a type that cannot be wrong.

Fields: *form* names one rendering of the form (its events carry it, so that sending twice does
nothing twice), *screen* the question it was drawn for, *words* what was typed, *choice* the button
pressed, *command* a control of the page's frame. A *file* that comes as a text is only its name:
the button that was pressed does not upload. Other names are none of ours and ignored.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from bot.channels.web.body import Body
from bot.channels.web.refusals import Turned

AT_MOST_FIELDS = 64
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# A byte of UTF-8 takes three in a URL-encoded body; the other fields are short.
WORST_ENCODING, OTHER_FIELDS_BYTES = 3, 4096
COMMANDS = ("language",)

_LOOKS = {
    "form": re.compile(r"[A-Za-z0-9_-]{16,64}"),
    "screen": re.compile(r"[A-Za-z0-9_-]{0,64}"),
    "choice": re.compile(r"[A-Za-z0-9_.:-]{1,100}"),
    "command": re.compile("|".join(COMMANDS)),
}


@dataclass(slots=True)
class Form:
    """One submitted form; filled field by field, because a streamed one comes that way."""

    words_at_most_bytes: int
    form: str = ""
    screen: str = ""
    choice: str | None = None
    command: str | None = None
    words: str = field(default="", repr=False)
    has_unsent_file: bool = False
    _seen: set[str] = field(default_factory=set)

    def put(self, name: str, raw: bytes) -> None:
        """Take one field. Raises Turned for what no page of ours can have sent."""
        if name == "file":
            self.has_unsent_file |= bool(raw)
        if name not in ("words", *_LOOKS):
            return
        if name in self._seen:
            raise Turned(400, "broken")
        self._seen.add(name)
        text = decoded(raw)
        if name == "words":
            self.words = typed(text, self.words_at_most_bytes)
        elif _LOOKS[name].fullmatch(text):
            setattr(self, name, text)
        else:
            raise Turned(400, "broken")

    def check(self) -> None:
        """Raise Turned unless this is a form of ours: whatever is done needs its name."""
        if not self.form:
            raise Turned(400, "broken")


async def read_urlencoded(body: Body, form: Form) -> None:
    """Read a whole URL-encoded body into *form*. Raises Turned."""
    raw = await body.whole(form.words_at_most_bytes * WORST_ENCODING + OTHER_FIELDS_BYTES)
    if raw is None:
        raise Turned(413, "words_too_long")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=AT_MOST_FIELDS,
        )
    except ValueError:
        raise Turned(400, "broken") from None
    for name, value in pairs:
        form.put(name, value.encode("latin-1"))
    form.check()


def decoded(raw: bytes) -> str:
    """*raw* as text. No browser sends anything but UTF-8, and none sends a NUL."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Turned(400, "broken") from None
    if "\0" in text:
        raise Turned(400, "broken")
    return text


def typed(text: str, at_most_bytes: int) -> str:
    """What stood in the text box: browsers send each line break as two characters."""
    if len(text.encode()) > at_most_bytes:
        raise Turned(413, "words_too_long")
    return text.replace("\r\n", "\n")


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """ "multipart/form-data; boundary=x" → its type and its parameters, in lower case names."""
    kind, *rest = content_type.split(";")
    params = (item.strip().partition("=") for item in rest)
    return kind.strip().lower(), {name.lower(): value.strip('"') for name, _, value in params}
