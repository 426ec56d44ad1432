"""What a worker is asked, what it may cost, and the words that its two processes share."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from sandbox import MUST, WISHED

_MIB = 1024 * 1024
PAGE_ENDS = "\f"
REASONS = (
    *("damaged", "too_large", "too_long", "locked", "no_text", "busy", "died", "not_a_kind"),
    *("no_page", "unprotected"),
)
"""Why a file is not shown: keys of the words (`preview.…`)."""
WALLS = (*MUST, *WISHED)
"""What shuts a worker in (the room sandbox/): keys of the words (`wall.…`)."""


@dataclass(frozen=True, slots=True)
class Orders:
    """How much one file may cost."""

    memory_bytes: int = 768 * _MIB
    cpu_s: int = 10
    at_most_s: float = 20.0
    """From the start of its worker to the end of its answer, waiting for a place not counted."""
    wait_s: float = 30.0
    at_once: int = 2
    pixels: int = 64_000_000
    side_px: int = 1600
    """The longer side of what is drawn."""
    pages: int = 20
    """Of how many pages, sheets or slides the text is read."""
    drawn_pages: int = 500
    """Up to which page a PDF or a TIFF is drawn, one at a time."""
    text_chars: int = 200_000
    input_bytes: int = 32 * _MIB
    answer_bytes: int = 16 * _MIB
    members: int = 5000
    inflated_bytes: int = 96 * _MIB
    """Of a document that is a ZIP archive: how many members, and how much of them is unpacked."""
    deep: int = 256
    """How many elements of XML may lie in one another."""
    search_s: float = 2.0
    """How long a PDF's objects are searched for what acts by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one worker; *page*, of what has several (1 is the first); *is_trial*: nothing
    is asked but how it is shut in."""

    orders: Orders
    page: int = 1
    is_trial: bool = False

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        told = json.loads(text)
        return cls(Orders(**told.pop("orders")), **told)
