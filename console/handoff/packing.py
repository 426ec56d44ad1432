"""Packing a hand-off: files, page and manifest in one pass, and the last look at all that leaves.

Whoever calls decides what to do with the bytes: count them (a preview), or keep them under another
name until all is well. The same tip and the same choices give the same bytes.
"""

import asyncio
import hashlib
import html as markup
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cleaning import Cleaner
from console.calm import calm, safe_name
from console.errors import Mistaken
from console.handoff.blackout import Blackout
from console.handoff.bundle import Bundle, Write
from console.handoff.choices import Choices, Form
from console.handoff.evidence import (
    FILES_AT_MOST,
    Clean,
    Left,
    Taken,
    clean_file,
    evidence_parts,
    named,
)
from console.handoff.paper import as_html, as_text
from console.handoff.sheet import Sheet, blackout_for, full_sheet, redacted_sheet
from console.handoff.strings import TooMuch, readable
from console.office import Office, Reading, facts_of
from console.office_rows import is_application
from console.words import Words

PAGE_TXT, PAGE_PDF, EVIDENCE = "hand-off.txt", "hand-off.pdf", "evidence"
_TAG = re.compile(r"<[^<>]*>")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)

Print = Callable[[str], Awaitable[bytes | None]]
"""HTML of ours on paper; None where this machine cannot print."""


@dataclass(frozen=True, slots=True)
class Leak:
    """What was to stay here and was found in a file that leaves: its kind, and where."""

    kind: str
    where: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A finished hand-off. *sha256* (hex) is of the ZIP; *number* is short for what the officer
    reads in a preview: the page's words and the files."""

    text: str = field(repr=False)
    number: str
    sha256: str
    evidence: tuple[Taken, ...]
    left: tuple[Left, ...]
    leaks: tuple[Leak, ...]
    is_printed: bool


def nothing(_: bytes) -> None:
    """Where a preview's ZIP goes."""


async def pack(
    office: Office,
    reading: Reading,
    form: Form,
    choices: Choices,
    words: Words,
    print_page: Print,
    write: Write = nothing,
) -> Packed:
    """Pack the tip that was read. Raises Mistaken for an application, and Distrusted for a file
    that is not what was sent where nothing may be left out."""
    if is_application(reading.tip.grant.summary):
        raise Mistaken("handoff.application")
    blackout = blackout_for(reading.tip, choices)
    bundle = Bundle(write)
    if form is Form.FULL:
        evidence, left = await _add_as_held(office, reading, choices, bundle)
        leaks: list[Leak] = []
        sheet = full_sheet(words, reading.tip, evidence, left)
    else:
        evidence, left, leaks = await _add_cleaned(office, reading, choices, blackout, bundle)
        sheet = redacted_sheet(words, reading.tip, choices, blackout, evidence, left)
    text, html = as_text(sheet), as_html(sheet, words.language)
    if form is Form.REDACTED:
        leaks += await asyncio.to_thread(_leaks_on_page, sheet, text, html, blackout)
    pdf = await print_page(html)
    bundle.add(PAGE_TXT, text.encode("utf-8", "replace"))
    if pdf is not None:
        bundle.add(PAGE_PDF, pdf)
    return Packed(
        text,
        number_of(text, evidence),
        bundle.finish(office.keys.sign),
        tuple(evidence),
        tuple(left),
        tuple(dict.fromkeys(leaks)),
        pdf is not None,
    )


def number_of(text: str, evidence: Sequence[Taken]) -> str:
    """Eight digits of what leaves, so that what was read is what is sent."""
    digest = hashlib.sha256(text.encode("utf-8", "replace"))
    for taken in evidence:
        digest.update(f"\n{taken.name} {taken.sha256}".encode())
    digits = f"{int.from_bytes(digest.digest()[:8], 'big') % 10**8:08}"
    return f"{digits[:4]}-{digits[4:]}"


async def _add_cleaned(
    office: Office, reading: Reading, choices: Choices, blackout: Blackout, bundle: Bundle
) -> tuple[list[Taken], list[Left], list[Leak]]:
    evidence: list[Taken] = []
    left: list[Left] = []
    leaks: list[Leak] = []
    async with Cleaner() as cleaner:
        for part in evidence_parts(reading):
            if len(evidence) == FILES_AT_MOST:
                left.append(Left(part.seq, "too_many"))
                continue
            clean = await clean_file(office, reading, part, choices, cleaner)
            if isinstance(clean, Left):
                left.append(clean)
                continue
            taken = named(len(evidence) + 1, clean)
            try:
                leaks += await asyncio.to_thread(_leaks_in_file, taken.name, clean, blackout)
            except TooMuch:
                left.append(Left(part.seq, "unsearched"))
                continue
            bundle.add(f"{EVIDENCE}/{taken.name}", clean.data)
            evidence.append(taken)
    return evidence, left, leaks


async def _add_as_held(
    office: Office, reading: Reading, choices: Choices, bundle: Bundle
) -> tuple[list[Taken], list[Left]]:
    """The files as the tip holds them, under their own names."""
    evidence: list[Taken] = []
    left: list[Left] = []
    for part in evidence_parts(reading):
        facts = facts_of(part)
        if part.seq in choices.without:
            left.append(Left(part.seq, "chosen"))
            continue
        name = f"{len(evidence) + 1:02}-{safe_name(facts.name, str(facts.media))}"
        await bundle.add_pieces(f"{EVIDENCE}/{name}", facts.size, office.file(reading, part))
        evidence.append(Taken(name, str(facts.media), facts.size, facts.sha256))
    return evidence, left


def _leaks_on_page(sheet: Sheet, text: str, html: str, blackout: Blackout) -> list[Leak]:
    """What is found in the page: each piece of writing of the tip whole, then every line of the
    finished text and of the HTML that is not one of ours, whole."""
    shown = markup.unescape(_TAG.sub("\n", _STYLE.sub("", html)))
    ours = {calm(each) for each in sheet.frame()}
    lines = (*text.splitlines(), *shown.splitlines())
    pieces = (*sheet.texts(), *(line for line in lines if line.strip(" =") not in ours))
    kinds = dict.fromkeys(kind for piece in pieces for kind in blackout.kinds_in(piece))
    return [Leak(kind, PAGE_TXT) for kind in kinds]


def _leaks_in_file(name: str, clean: Clean, blackout: Blackout) -> list[Leak]:
    """Raises TooMuch for a file that was not searched to its end."""
    found = (blackout.kinds_in(*read) for read in readable(clean.data))
    kinds = dict.fromkeys(chain.from_iterable(found))
    return [Leak(kind, name) for kind in kinds]
