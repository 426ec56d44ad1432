"""What the program tells a worker on its command line; nothing of it is secret."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the inside of a file may be, whatever its outside says."""

    pixels: int = 150_000_000
    pages: int = 2_000
    objects: int = 300_000
    entries: int = 4_000
    xml_bytes: int = 16 * 1024 * 1024
    inflated_bytes: int = 160 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Orders:
    """How much of the machine a worker may use, and how much of a file it may look at."""

    memory_bytes: int
    cpu_s: int
    input_bytes: int
    limits: Limits

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        fields = json.loads(text)
        return cls(**{**fields, "limits": Limits(**fields["limits"])})
