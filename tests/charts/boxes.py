"""Where the words of a drawing stand when it is so many pixels wide."""

from dataclasses import dataclass
from itertools import combinations
from xml.etree.ElementTree import Element, fromstring

from charts.text import FONT, LINE, width

SVG = "{http://www.w3.org/2000/svg}"
ROOMY = 520


@dataclass(frozen=True)
class Box:
    words: str
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right - 0.01
            and other.left < self.right - 0.01
            and self.top < other.bottom - 0.01
            and other.top < self.bottom - 0.01
        )


def read(svg: str) -> Element:
    return fromstring(svg)  # noqa: S314  # our own drawing: that it parses is what is tested


def boxes(svg: str, wide: float) -> list[Box]:
    found = []
    for text in read(svg).iter(f"{SVG}text"):
        if "chart-wide" in text.get("class", "") and wide < ROOMY:
            continue
        takes = width(text.text or "")
        at = pixels(text.get("x", "0"), wide) + float(text.get("dx", "0"))
        left = at - takes * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
        y = float(text.get("y", "0"))
        found.append(Box(text.text or "", left, left + takes, y - FONT, y + (LINE - FONT) / 2))
    return found


def pixels(x: str, wide: float) -> float:
    return float(x.removesuffix("%")) * (wide / 100 if x.endswith("%") else 1)


def overlapping(svg: str, wide: float) -> list[tuple[str, str]]:
    return [(a.words, b.words) for a, b in combinations(boxes(svg, wide), 2) if a.meets(b)]


def outside(svg: str, wide: float) -> list[str]:
    return [box.words for box in boxes(svg, wide) if box.left < -0.5 or box.right > wide + 0.5]
