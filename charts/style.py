"""The style sheets that a page with drawings links to, beside its own."""

from collections.abc import Mapping
from importlib.resources import files

STYLES = ("charts.css", "charts-dark.css")
"""The first always; the second where, and only while, the page is dark."""


def read_styles() -> Mapping[str, bytes]:
    """The bytes of each of `STYLES`."""
    return {name: files(__package__).joinpath(name).read_bytes() for name in STYLES}
