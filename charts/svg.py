"""The elements of a drawing. Every word goes through ElementTree, which escapes it; colours are
attributes for a bare page and classes for the style sheets, never a `style`, which a strict policy
refuses.
"""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

from charts.text import FONT, plain

SERIES = ("#0b6670", "#e08214", "#5b4a9e", "#b8336a", "#4f7f1f", "#6d6d6d")
"""Colours that differ in lightness too, for who tells hues apart badly; the dark ones are in
charts-dark.css. Each series has a pattern besides, so that it is told apart in grey."""
OVER = "#ffffff"
LINE = "#c9d3cf"
HIDDEN = "#566569"
HATCH_ID = "hatch"


@dataclass
class Drawing:
    """One `<svg>`; *ident* begins every id in it, so that many drawings share a page."""

    ident: str
    title: str
    about: str
    root: Element = field(init=False)
    _defs: Element = field(init=False)

    def __post_init__(self) -> None:
        self.ident = re.sub(r"[^A-Za-z0-9_-]", "-", self.ident)
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "chart",
                "role": "img",
                "aria-labelledby": f"{self.ident}-title {self.ident}-about",
                "width": "100%",
                "font-size": str(FONT),
                "fill": "currentColor",
            },
        )
        SubElement(self.root, "title", id=f"{self.ident}-title").text = plain(self.title)
        SubElement(self.root, "desc", id=f"{self.ident}-about").text = plain(self.about)
        self._defs = SubElement(self.root, "defs")

    def finish(self, height: float) -> str:
        self.root.set("height", number(height))
        if not len(self._defs):
            self.root.remove(self._defs)
        return tostring(self.root, encoding="unicode")

    def text(
        self, x: str, y: float, words: str, *, anchor: str = "start", kind: str = "", dx: float = 0
    ) -> Element:
        one = SubElement(self.root, "text", {"x": x, "y": number(y)})
        if anchor != "start":
            one.set("text-anchor", anchor)
        if dx:
            one.set("dx", number(dx))
        if kind:
            one.set("class", kind)
        one.text = plain(words)
        return one

    def line(self, x1: str, y1: float, x2: str, y2: float, kind: str = "chart-grid") -> None:
        place = {"x1": x1, "y1": number(y1), "x2": x2, "y2": number(y2)}
        stroke = HIDDEN if kind == "chart-axis" else LINE
        SubElement(self.root, "line", {**place, "class": kind, "stroke": stroke})

    def rect(
        self, x: str, y: float, width: str, height: float, paint: dict[str, str], hint: str = ""
    ) -> Element:
        place = {"x": x, "y": number(y), "width": width, "height": number(max(height, 0))}
        one = SubElement(self.root, "rect", {**place, **paint})
        if hint:
            SubElement(one, "title").text = plain(hint)
        return one

    def series(self, n: int) -> dict[str, str]:
        """How the area of series *n* (from 0) is painted: the first plain, the others with a
        pattern over their colour."""
        n %= len(SERIES)
        if n == 0:
            return {"class": "chart-s1", "fill": SERIES[0]}
        return {"fill": f"url(#{self._pattern(n)})"}

    def untold(self) -> dict[str, str]:
        """How an amount is painted that is not told."""
        name = f"{self.ident}-{HATCH_ID}"
        if not self._has(name):
            pattern = self._tile(name, 6, "rotate(45)")
            stroke = {"x1": "0", "y1": "0", "x2": "0", "y2": "6", "stroke-width": "3"}
            SubElement(pattern, "line", {**stroke, "class": "chart-untold", "stroke": HIDDEN})
        edge = {"stroke": HIDDEN, "stroke-dasharray": "3 2", "class": "chart-untold"}
        return {"fill": f"url(#{name})", **edge}

    def _pattern(self, n: int) -> str:
        name = f"{self.ident}-p{n + 1}"
        if not self._has(name):
            pattern = self._tile(name, 8)
            ground = {"width": "8", "height": "8", "class": f"chart-s{n + 1}", "fill": SERIES[n]}
            SubElement(pattern, "rect", ground)
            for tag, attributes in _MARKS[n - 1]:
                shown = {"class": "chart-over", "fill": OVER} if tag == "circle" else {
                    "class": "chart-over-line", "stroke": OVER, "fill": "none"
                }  # fmt: skip
                SubElement(pattern, tag, {**attributes, **shown})
        return name

    def _tile(self, name: str, size: int, turned: str = "") -> Element:
        tile = {"id": name, "width": str(size), "height": str(size)}
        if turned:
            tile["patternTransform"] = turned
        return SubElement(self._defs, "pattern", {**tile, "patternUnits": "userSpaceOnUse"})

    def _has(self, name: str) -> bool:
        return any(one.get("id") == name for one in self._defs)


def number(value: float) -> str:
    """A number as short as it can be: 12, 12.5."""
    return f"{round(value, 2):g}" if abs(value) < 10_000 else f"{value:.0f}"


def percent(value: float) -> str:
    return f"{round(value, 3):g}%"


_MARKS: tuple[tuple[tuple[str, dict[str, str]], ...], ...] = (
    (("circle", {"cx": "4", "cy": "4", "r": "1.6"}),),
    (("path", {"d": "M0 2H8", "stroke-width": "1.5"}),),
    (("path", {"d": "M2 0V8", "stroke-width": "1.5"}),),
    (("path", {"d": "M0 4H8M4 0V8", "stroke-width": "1"}),),
    (("path", {"d": "M2 2L6 6M6 2L2 6", "stroke-width": "1.2"}),),
)
