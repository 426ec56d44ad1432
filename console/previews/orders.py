"""The numbers of a preview, and the words that its two processes share."""

import json
from dataclasses import asdict, dataclass
from typing import Self

_MIB = 1024 * 1024
HEAD_AT_MOST = 4096
PAGE_ENDS = "\f"
REASONS = ("damaged", "too_large", "too_long", "locked", "no_text", "busy", "died", "not_a_kind")
"""Why a file is not shown: keys of the words (`preview.…`)."""


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
    text_chars: int = 200_000
    input_bytes: int = 32 * _MIB
    answer_bytes: int = 16 * _MIB

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))
