"""One quarter as it is published: what is shown of it, in one spelling, for ever.

    QuarterPage.data    canonical JSON: what is stored, hashed, signed and handed out
    read_page(data)     the same page again

A page holds its numbers and every name they need, and nothing that was left out of it. It names the
page before by its hash: who keeps one page can tell later whether an earlier one was altered.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.figures.quarters import Quarter
from bot.figures.suppressing import Cell
from bot.figures.tables import Label
from sealing import canonical
from sealing.canonical import JSON, Fields
from sealing.errors import Malformed

SCHEMA = 1
HASH_BYTES = 32
NO_PAGE_BEFORE = bytes(HASH_BYTES)
_HEADER = b"saisaat-public-quarter-v1\n"


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is shown; *cells* None: of this quarter it is not. *labels* name each value."""

    id: str
    title: Label
    labels: Mapping[str, Label]
    cells: tuple[Cell, ...] | None


@dataclass(frozen=True, slots=True)
class QuarterPage:
    """What is published of *quarter*. *total* None: fewer than *k* tips, and so no table either."""

    quarter: Quarter
    k: int
    previous: bytes
    total: int | None
    tables: tuple[ShownTable, ...]

    @property
    def data(self) -> bytes:
        """The page as canonical JSON."""
        return canonical.write(
            {
                "schema": SCHEMA,
                "quarter": str(self.quarter),
                "k": self.k,
                "previous": self.previous.hex(),
                "total": self.total,
                "tables": [_table(each) for each in self.tables],
            }
        )

    @property
    def hash(self) -> bytes:
        """What the page of the next quarter names as its previous: 32 bytes."""
        return hash_page(self.data)


def hash_page(data: bytes) -> bytes:
    """The hash of a page's bytes."""
    return hashlib.sha256(_HEADER + data).digest()


def read_page(data: bytes) -> QuarterPage:
    """The page in *data*. Raises Malformed, or NewerFormat for one of a later release."""
    fields = Fields(canonical.read(data))
    fields.schema(SCHEMA)
    page = QuarterPage(
        quarter=_quarter(fields.text("quarter")),
        k=fields.number("k"),
        previous=fields.raw("previous", HASH_BYTES),
        total=fields.number_or_none("total"),
        tables=tuple(_read_table(Fields(each)) for each in fields.objects("tables")),
    )
    fields.done()
    return page


def _table(table: ShownTable) -> JSON:
    cells = table.cells
    return {
        "id": table.id,
        "title": _label(table.title),
        "labels": {value: _label(label) for value, label in table.labels.items()},
        "values": list(table.labels),
        "cells": None
        if cells is None
        else [{"values": list(cell.values), "n": cell.n} for cell in cells],
    }


def _read_table(fields: Fields) -> ShownTable:
    labels = fields.object_or_none("labels") or {}
    values = fields.texts("values")
    if sorted(values) != sorted(labels):
        raise Malformed("a table names other values than it has")
    table = ShownTable(
        fields.text("id"),
        _read_label(fields.object_or_none("title")),
        {value: _read_label(labels[value]) for value in values},
        None
        if fields.is_null("cells")
        else tuple(_read_cell(Fields(each)) for each in fields.objects("cells")),
    )
    fields.done()
    return table


def _read_cell(fields: Fields) -> Cell:
    cell = Cell(fields.texts("values"), fields.number("n"))
    fields.done()
    return cell


def _label(label: Label) -> JSON:
    return {"th": label.th, "en": label.en}


def _read_label(body: JSON) -> Label:
    if not isinstance(body, dict):
        raise Malformed("a label is not an object")
    fields = Fields(body)
    label = Label(fields.text("th"), fields.text("en"))
    fields.done()
    return label


def _quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError:
        raise Malformed("no quarter") from None
