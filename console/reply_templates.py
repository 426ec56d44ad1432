"""Prepared words to a reporter: out of data/templates.toml, and the officer's own.

A template may hold a few names in braces, which are filled from the tip when it is picked; any
other brace is an error that names the template. What a tip says is filled in as it is, and never
read as a template again. `templates_for` reads the officer's file anew each time.
"""

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from console.acting import MESSAGE_AT_MOST
from console.bodies import Body
from console.days import say_day
from console.errors import Mistaken
from console.office import Office
from console.present import centre_name
from console.words import LANGUAGES, words_for
from sealing.canonical import is_label

OWN = "templates.toml"
"""The officer's own templates, in the folder of their console."""
REPLY, REFER_OUT = "reply", "refer_out"
OWN_AT_MOST_BYTES = 256 * 1024

_OF_A_TIP = frozenset({"status", "filed", "today", "centre"})
_FILLED = {REPLY: _OF_A_TIP, REFER_OUT: _OF_A_TIP | {"body", "hotline"}}
_NEEDED = ("id", "language", "title", "body")
_TITLE_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class Template:
    """Prepared words in one language. *is_own*: the officer's."""

    id: str
    language: str
    title: str
    body: str
    use: str = REPLY
    is_own: bool = False

    @property
    def name(self) -> str:
        """How it is picked: its id and language."""
        return f"{self.id}.{self.language}"

    @property
    def needs(self) -> frozenset[str]:
        """The names that it fills in."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.body) if name)

    def filled(self, facts: Mapping[str, str]) -> str:
        """The words with *facts* in them, which has all that it needs."""
        return self.body.format_map(facts).strip()


def parse_templates(toml_text: str, *, is_own: bool = False) -> tuple[Template, ...]:
    """Read `[[template]]` tables. Raises Mistaken, which names the template and what is wrong."""
    try:
        read = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise Mistaken("templates.not_toml", why=str(error)) from None
    rows = read.pop("template", [])
    if read or not isinstance(rows, list):
        raise Mistaken("templates.other_tables")
    found: dict[str, Template] = {}
    for number, row in enumerate(rows, 1):
        template = _template(number, row, is_own)
        if template.name in found:
            raise Mistaken("templates.twice", template=template.name)
        found[template.name] = template
    return tuple(found.values())


@cache
def shipped_templates() -> tuple[Template, ...]:
    """The templates that come with the program, in their order."""
    text = files("console").joinpath("data/templates.toml").read_text(encoding="utf-8")
    return parse_templates(text)


def templates_for(folder: Path | None, use: str = REPLY) -> tuple[Template, ...]:
    """What an officer can pick from for *use*: their own in *folder* first. Raises Mistaken: their
    file is at fault."""
    own = () if folder is None else _own(folder / OWN)
    names = {each.name for each in own}
    shipped = (each for each in shipped_templates() if each.name not in names)
    return tuple(each for each in (*own, *shipped) if each.use == use)


def find_template(templates: Iterable[Template], named: str, language: str) -> Template:
    """The template called *named*, "ID" (in *language*) or "ID.LANGUAGE". Raises Mistaken."""
    known = {each.name: each for each in templates}
    wanted = named.strip()
    found = known.get(wanted) or known.get(f"{wanted}.{language}")
    if found is None:
        raise Mistaken("templates.unknown", known=", ".join(sorted(known)))
    return found


def referral(templates: Iterable[Template], body: Body, language: str) -> Template:
    """The sentence prepared for referring to *body*: with its number, if it has one that was
    checked. Raises Mistaken when there is none in *language*."""
    named = "referred_call" if body.number is not None else "referred"
    return find_template(templates, named, language)


async def filled(office: Office, tip_id: str, template: Template, body: Body | None = None) -> str:
    """The words of *template* for a tip, said in the template's language."""
    shown = (await office.read(tip_id)).tip.shown
    words, centres = words_for(template.language), await office.centres()
    facts = {
        "status": words.label("status", shown.status),
        "filed": say_day(shown.filed_day, template.language),
        "today": say_day(office.today().isoformat(), template.language),
        "centre": centre_name(words, shown.centre, centres),
    }
    if body is not None:
        facts |= {"body": body.name(template.language), "hotline": body.number or ""}
    return template.filled(facts)


def _own(path: Path) -> tuple[Template, ...]:
    try:
        with path.open("rb") as source:
            raw = source.read(OWN_AT_MOST_BYTES + 1)
        text = raw.decode("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise Mistaken("templates.unreadable", path=path) from None
    if len(raw) > OWN_AT_MOST_BYTES:
        raise Mistaken("templates.unreadable", path=path)
    return parse_templates(text, is_own=True)


def _template(number: int, row: object, is_own: bool) -> Template:
    if not isinstance(row, dict):
        raise Mistaken("templates.other_tables")
    name = str(row.get("id", number))[:64]
    for key in _NEEDED:
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise Mistaken("templates.lacks", template=name, field=key)
    if unknown := sorted(set(row) - {*_NEEDED, "use"}):
        raise Mistaken("templates.unknown_field", template=name, field=str(unknown[0])[:64])
    template = Template(
        row["id"], row["language"], row["title"], row["body"], row.get("use", REPLY), is_own
    )
    _check(template)
    return template


def _check(template: Template) -> None:
    name = template.name[:80]
    if not is_label(template.id):
        raise Mistaken("templates.bad_field", template=name, field="id")
    if template.language not in LANGUAGES:
        raise Mistaken("templates.bad_field", template=name, field="language")
    if template.use not in _FILLED:
        raise Mistaken("templates.bad_field", template=name, field="use")
    if len(template.title) > _TITLE_AT_MOST or not template.title.isprintable():
        raise Mistaken("templates.bad_field", template=name, field="title")
    if len(template.body) > MESSAGE_AT_MOST:
        raise Mistaken("templates.bad_field", template=name, field="body")
    known = _FILLED[template.use]
    try:
        pieces = tuple(string.Formatter().parse(template.body))
    except ValueError:
        raise Mistaken("templates.braces", template=name, known=_braced(known)) from None
    for _, field, form, conversion in pieces:
        if field is not None and (field not in known or form or conversion):
            raise Mistaken("templates.braces", template=name, known=_braced(known))


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
