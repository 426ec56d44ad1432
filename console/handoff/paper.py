"""A finished page as text and as HTML for the printer: the same words in both. Pure."""

from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from console.calm import calm
from console.handoff.sheet import Sheet


def as_text(sheet: Sheet) -> str:
    """The page as plain text; characters that turn or hide writing are named."""
    return "\n".join(_lines(sheet)) + "\n"


def as_html(sheet: Sheet, language: str) -> str:
    """The page for the printer: nothing in it is fetched, every word is escaped."""
    templates = Environment(
        loader=PackageLoader("console.handoff", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return templates.get_template("sheet.html").render(sheet=sheet, lang=language, calm=calm)


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from (calm(sheet.title), "", calm(sheet.notice))
    for section in sheet.sections:
        yield from ("", f"== {calm(section.title)} ==")
        for row in section.rows:
            yield from ("", calm(row.label))
            yield from (f"    {line}" for line in calm(row.text).splitlines())
