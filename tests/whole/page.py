"""What stands on a page of the web chat, taken out quickly: crowds of browsers read thousands.

It trusts our pages to be well formed; whether they are is for tests/bot to say.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_CHOICE = re.compile(r'<button name="choice" value="([^"]*)"')
_ACTION = re.compile(r'<form id="chat" method="post" action="([^"]*)"')
_SAID = re.compile(r'<ol class="said".*?</ol>', re.DOTALL)
_TRAIL = re.compile(r'<section class="trail".*?</section>', re.DOTALL)
_BOX = re.compile(r"<textarea[^>]*>(.*?)</textarea>", re.DOTALL)
_CODE = re.compile(r"<output>(.*?)</output>", re.DOTALL)
_LETTER = re.compile(r"<blockquote[^>]*><bdi>(.*?)</bdi>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Page:
    """One page."""

    html: str = field(repr=False)

    @cached_property
    def hidden(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.html)}

    @cached_property
    def choices(self) -> frozenset[str]:
        """The buttons, by what they send."""
        return frozenset(_CHOICE.findall(self.html))

    @property
    def action(self) -> str:
        """Where the chat's form goes. Raises AssertionError on a page without one."""
        found = _ACTION.search(self.html)
        assert found is not None, self.text
        return unescape(found[1])

    @cached_property
    def text(self) -> str:
        """What the bot says."""
        return _read("\n".join(_SAID.findall(self.html)))

    @property
    def trail(self) -> str:
        """What was told so far."""
        return _read("\n".join(_TRAIL.findall(self.html)))

    @property
    def letters(self) -> list[str]:
        """The officers' words."""
        return [unescape(each) for each in _LETTER.findall(self.html)]

    @property
    def typed(self) -> str:
        """What stands in the box. (A browser drops the line break that opens a text area.)"""
        found = _BOX.search(self.html)
        return "" if found is None else unescape(found[1]).removeprefix("\n")

    @property
    def takes_files(self) -> bool:
        return 'type="file"' in self.html

    @property
    def code(self) -> str | None:
        """The receipt, in groups of four digits."""
        found = _CODE.search(self.html)
        return None if found is None else _TAG.sub("", found[1]).strip()


def _read(html: str) -> str:
    lines = (line.strip() for line in unescape(_TAG.sub("\n", html)).split("\n"))
    return "\n".join(line for line in lines if line)
