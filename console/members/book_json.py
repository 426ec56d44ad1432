"""The book as JSON, with a version. What does not fit is Malformed, whole."""

import json
from collections.abc import Mapping
from typing import Any

from console.members.book import (
    Batch,
    Book,
    Code,
    CodeState,
    Deed,
    DeedKind,
    Member,
    Order,
    OrderKind,
    Terms,
)
from sealing import Cost, Malformed
from sealing.canonical import Fields

SCHEMA = 1


def book_to_json(book: Book) -> bytes:
    table = {
        "schema": SCHEMA,
        "members": [_member(member) for member in book.members],
        "orders": [_order(order) for order in book.orders],
        "terms": None if book.terms is None else _terms(book.terms),
        "batch": None
        if book.batch is None
        else {"digest": book.batch.digest, "member_ids": list(book.batch.member_ids)},
        "finished": list(book.finished),
    }
    return json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()


def book_from_json(data: bytes) -> Book:
    """The book in *data*. Raises Malformed, and NewerFormat for a later program's."""
    try:
        table = json.loads(data)
        if not isinstance(table, dict):
            raise Malformed("not a book")
        return _book(table)
    except (ValueError, TypeError, RecursionError):
        # Not chained: the error below could quote a name.
        raise Malformed("a book that contradicts itself") from None


def _book(table: Mapping[str, object]) -> Book:
    fields = Fields(table)
    fields.schema(SCHEMA)
    terms, batch = fields.object_or_none("terms"), fields.object_or_none("batch")
    book = Book(
        members=tuple(_read_member(each) for each in fields.objects("members")),
        orders=tuple(_read_order(each) for each in fields.objects("orders")),
        terms=None if terms is None else _read_terms(terms),
        batch=None if batch is None else _read_batch(batch),
        finished=fields.texts("finished"),
    )
    fields.done()
    return book


def _terms(terms: Terms) -> dict[str, Any]:
    cost = terms.cost
    return {
        "salt": terms.salt.hex(),
        "memory_kib": cost.memory_kib,
        "time": cost.time,
        "lanes": cost.lanes,
    }


def _read_terms(table: Mapping[str, object]) -> Terms:
    fields = Fields(table)
    cost = Cost(fields.number("memory_kib"), fields.number("time"), fields.number("lanes"))
    terms = Terms(bytes.fromhex(fields.text("salt")), cost)
    fields.done()
    return terms


def _read_batch(table: Mapping[str, object]) -> Batch:
    fields = Fields(table)
    batch = Batch(fields.text("digest"), fields.texts("member_ids"))
    fields.done()
    return batch


def _member(member: Member) -> dict[str, Any]:
    return {
        "member_id": member.member_id,
        "alias": member.alias,
        "name": member.name,
        "centre": member.centre,
        "since_year": member.since_year,
        "is_retired": member.is_retired,
        "codes": [
            {
                "half": code.half.hex(),
                "is_duress": code.is_duress,
                "state": code.state.value,
                "expires_day": code.expires_day,
            }
            for code in member.codes
        ],
        "history": [
            {
                "deed_id": deed.deed_id,
                "day": deed.day,
                "by": deed.by,
                "by_name": deed.by_name,
                "kind": deed.kind.value,
                "reason": deed.reason,
            }
            for deed in member.history
        ],
    }


def _read_member(table: Mapping[str, object]) -> Member:
    fields = Fields(table)
    member = Member(
        member_id=fields.id("member_id"),
        alias=fields.text("alias"),
        name=fields.text("name"),
        centre=fields.text("centre"),
        since_year=fields.number("since_year"),
        is_retired=fields.flag("is_retired"),
        codes=tuple(map(_read_code, fields.objects("codes"))),
        history=tuple(map(_read_deed, fields.objects("history"))),
    )
    fields.done()
    return member


def _read_code(table: Mapping[str, object]) -> Code:
    fields = Fields(table)
    code = Code(
        half=bytes.fromhex(fields.text("half")),
        is_duress=fields.flag("is_duress"),
        state=fields.choice("state", CodeState),
        expires_day=fields.day("expires_day"),
    )
    fields.done()
    return code


def _read_deed(table: Mapping[str, object]) -> Deed:
    fields = Fields(table)
    deed = Deed(
        deed_id=fields.id("deed_id"),
        day=fields.day("day"),
        by=fields.id("by"),
        by_name=fields.text("by_name"),
        kind=fields.choice("kind", DeedKind),
        reason=fields.text("reason"),
    )
    fields.done()
    return deed


def _order(order: Order) -> dict[str, Any]:
    return {
        "record_id": order.record_id,
        "kind": order.kind.value,
        "centre": order.centre,
        "is_duress": order.is_duress,
        "halves": [half.hex() for half in order.halves],
        "behind": order.behind,
    }


def _read_order(table: Mapping[str, object]) -> Order:
    fields = Fields(table)
    order = Order(
        record_id=fields.id("record_id"),
        kind=fields.choice("kind", OrderKind),
        centre=fields.text("centre"),
        is_duress=fields.flag("is_duress"),
        halves=tuple(map(bytes.fromhex, fields.texts("halves"))),
        behind=fields.text_or_none("behind"),
    )
    fields.done()
    return order
