"""Records out of JSON: of exactly the form that a class says, or refused with the place alone."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from io import StringIO
from typing import Annotated, Any, Literal, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta
from msgspec.structs import fields, replace
from rich.console import Console

from console import answers, figure_answers
from console.records import Record, Unfit, read
from console.shelf import opening


class Inner(Record):
    id: Annotated[str, Meta(pattern=r"\A[0-9a-f]{4}\Z")]
    n: Annotated[int, Meta(ge=1, le=9)] = 1


class Outer(Inner):
    """Fields of its own behind those of another."""

    sealed: bytes | None = None
    hash: Annotated[bytes, Meta(min_length=2, max_length=2)] = b"ab"
    side: Literal["case", "reply"] = "case"
    is_so: bool = False
    inner: Inner | None = None
    many: Annotated[tuple[Inner, ...], Meta(max_length=2)] = ()
    facts: Mapping[str, str | int | bool | None] = {}
    last: str

    def __post_init__(self) -> None:
        if self.n == 9:
            raise ValueError


FITS: dict[str, Any] = {
    "id": "00ff",
    "n": 3,
    "sealed": base64.b64encode(b"sealed").decode(),
    "side": "reply",
    "is_so": True,
    "inner": {"id": "1234"},
    "many": [{"id": "1234", "n": 2}, {"id": "5678"}],
    "facts": {"a": 1, "b": None, "c": "ค", "d": True},
    "last": "ท้าย",
}


def written(**told: Any) -> bytes:
    return json.dumps({**FITS, **told}).encode()


def test_what_fits_is_read() -> None:
    found = read(Outer, written(nobody="knows"))
    assert (found.id, found.n, found.sealed, found.side) == ("00ff", 3, b"sealed", "reply")
    assert (found.is_so, found.hash, found.last) == (True, b"ab", "ท้าย")
    assert found.inner == Inner(id="1234")
    assert [each.n for each in found.many] == [2, 1]
    assert found.facts == {"a": 1, "b": None, "c": "ค", "d": True}


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"id": "00FF"}, "id"),
        ({"id": "00ff\n"}, "id"),
        ({"id": None}, "id"),
        ({"id": 1234}, "id"),
        ({"n": 0}, "n"),
        ({"n": 10}, "n"),
        ({"n": "3"}, "n"),
        ({"n": 3.0}, "n"),
        ({"n": True}, "n"),
        ({"n": None}, "n"),
        ({"n": 10**4000}, "n"),
        ({"sealed": "not base64!"}, "sealed"),
        ({"sealed": "c2VhbGVk\n"}, "sealed"),
        ({"sealed": [1]}, "sealed"),
        ({"hash": "YQ=="}, "hash"),
        ({"side": "both"}, "side"),
        ({"side": "both - at `$.secret`"}, "side"),
        ({"side": ["case"]}, "side"),
        ({"is_so": 1}, "is_so"),
        ({"is_so": "true"}, "is_so"),
        ({"inner": {}}, "inner"),
        ({"inner": []}, "inner"),
        ({"many": {"id": "1234"}}, "many"),
        ({"many": "1234"}, "many"),
        ({"many": [{"id": "1234"}, {"id": "x"}]}, "many[1].id"),
        ({"many": [{"id": "1234"}, {}]}, "many[1]"),
        ({"many": [{"id": "1234"}] * 3}, "many"),
        ({"facts": {"a secret": [1]}}, "facts[...]"),
        ({"facts": [1]}, "facts"),
        ({"n": 9}, ""),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(Unfit) as refused:
        read(Outer, written(**wrong))
    assert refused.value.args == (place,)
    assert refused.value.place == place
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"7", b'"00ff"', b"{", b"{}{}", b"\xff", b"\xef\xbb\xbf{}"),
        *(b"[" * 100_000, b'{"id": ' * 100_000, b'{"nobody": ' * 100_000),
        b'{"id": "00ff", "nobody": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id": "00ff", "n": ' + b"9" * 5000 + b"}",
        *(b'{"id": "00ff", "n": NaN}', b'{"id": "00ff", "nobody": NaN}'),
        *(b'{"id": "00ff", "n": 1e999}', b'{"id": "00ff", "n": 01}', b'{"id": "00ff",}'),
        *(b'{"id": "00ff"}{"id": "00ff"}', b'{"n": 1}', b'{"id": "00\xff"}', b'{"id": "0\n00"}'),
        json.dumps({"id": "00ff"}).encode("utf-16"),
    ],
)
def test_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(Unfit):
        read(Inner, body)


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    assert read(Inner, b'{"id": "00ff", "id": "ff00"}').id == "ff00"
    with pytest.raises(Unfit, match=r"^id$"):
        read(Inner, b'{"id": "x", "id": "ff00"}')


def test_what_nobody_knows_is_passed_over_whatever_it_is() -> None:
    body = b'{"id": "00ff", "nobody": ["\xff", %b, {"\xfe": 1.5}]}' % (b"9" * 5000)
    assert read(Inner, body) == Inner(id="00ff")


class Words(Record):
    words: str


def test_half_a_character_is_refused() -> None:
    """JSON can say one, and nothing that writes text can: it would fail somewhere later."""
    for half in (rb"\ud800", rb"\udc00", rb"\ud83d ", rb"\ud83d\u0041", b"\xed\xa0\x80", b"\xc0"):
        with pytest.raises(Unfit):
            read(Words, b'{"words": "%b"}' % half)
    assert read(Words, rb'{"words": "\ud83d\ude00"}').words == "😀"


class Sealed(Record):
    sealed: bytes


def unsealed(text: str) -> bytes | None:
    with suppress(Unfit):
        return read(Sealed, json.dumps({"sealed": text}).encode()).sealed
    return None


@given(st.text("AQYgw+/-_=ค \n", max_size=9))
def test_base64_is_never_read_more_kindly_than_by_the_standard_library(text: str) -> None:
    found = unsealed(text)
    assert found is None or found == base64.b64decode(text, validate=True)


@given(st.binary())
def test_whatever_bytes_come_as_base64_are_read(data: bytes) -> None:
    assert unsealed(base64.b64encode(data).decode()) == data


@pytest.mark.parametrize(
    "text", ["YWI", "YWI==", "YWJj=", "YW I=", "YWI=\n", "YWI=YWI=", "_-8=", "=", "Y===", "ๆ==="]
)
def test_what_is_nearly_base64_is_refused(text: str) -> None:
    assert unsealed(text) is None


class OneDay(Record):
    day: answers.Day


def is_a_day(text: str) -> bool:
    with suppress(Unfit):
        return read(OneDay, json.dumps({"day": text}).encode()).day == text
    return False


def test_a_day_is_one_that_there_is() -> None:
    def is_real(text: str) -> bool:
        with suppress(ValueError):
            return date.fromisoformat(text).isoformat() == text
        return False

    years = (0, 1, 4, 100, 400, 1900, 1999, 2000, *range(2024, 2029), 2100, 9996, 9999)
    said = [f"{y:04}-{m:02}-{d:02}" for y in years for m in range(14) for d in range(34)]
    assert [day for day in said if is_a_day(day)] == [day for day in said if is_real(day)]
    leap = [f"{year:04}-02-29" for year in range(10_000)]
    assert [day for day in leap if is_a_day(day)] == [day for day in leap if is_real(day)]
    for odd in ("20261123", "2026-W01-1", "2026-11-23\n", " 2026-11-23", "๒๐๒๖-11-23", ""):
        assert not is_a_day(odd)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*FITS]) | st.text(), inner),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*FITS]), JSON, max_size=3))
def test_whatever_comes_is_read_or_refused(spoilt: dict[str, Any]) -> None:
    with suppress(Unfit):
        found = read(Outer, written(**spoilt))
        assert isinstance(found.n, int)
        assert isinstance(found.id, str)
        assert all(isinstance(each, Inner) for each in found.many)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_bytes_come_are_refused(body: bytes) -> None:
    with pytest.raises(Unfit):
        read(Outer, body)


def kinds(kind: type[Record] = Record) -> Iterator[type[Record]]:
    """Every kind of record that the console has."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("console."):
            yield each
            yield from kinds(each)


def metas(hint: object) -> Iterator[Meta]:
    for each in get_args(hint):
        if isinstance(each, Meta):
            yield each
        else:
            yield from metas(each)


KINDS = sorted({*kinds()}, key=lambda kind: (kind.__module__, kind.__name__))


def test_every_kind_is_looked_at() -> None:
    assert {answers.TipDetail, figure_answers.EndedPeriod, opening.Trouble} <= {*KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_pattern_is_of_the_whole_text(kind: type[Record]) -> None:
    for meta in (each for field in fields(kind) for each in metas(field.type)):
        if meta.pattern is not None:
            assert meta.pattern.startswith("\\A")
            assert meta.pattern.endswith("\\Z")


@pytest.mark.parametrize("kind", [*KINDS, Outer], ids=lambda kind: kind.__name__)
def test_a_record_shows_nothing(kind: type[Record]) -> None:
    assert kind.__repr__ is Record.__repr__
    assert kind.__rich_repr__ is Record.__rich_repr__


def test_nothing_of_a_record_is_shown() -> None:
    one = Outer(id="s3cr", last="s3cr", many=(Inner(id="s3cr"),))
    paper = StringIO()
    Console(file=paper).print(one, [one])
    assert "Outer" in paper.getvalue()
    assert "s3cr" not in f"{one}{one!r}{[one]}{paper.getvalue()}"


def test_a_record_never_changes() -> None:
    one = Inner(id="00ff")
    with pytest.raises(AttributeError):
        one.n = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del one.id
    assert replace(one, n=2) == Inner(id="00ff", n=2) != one
    assert {one, Inner(id="00ff", n=1)} == {one}
    assert one != Outer(id="00ff", last="")


def test_a_record_is_made_with_its_fields_alone_and_by_their_names() -> None:
    with pytest.raises(TypeError):
        Inner(n=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Inner("00ff")  # type: ignore[misc]
    with pytest.raises(TypeError):
        Inner(id="00ff", nobody="knows")  # type: ignore[call-arg]


def test_what_a_record_tells_can_be_read_again() -> None:
    one = read(Outer, written())
    assert read(Outer, json.dumps(msgspec.to_builtins(one)).encode()) == one
    assert read(Outer, msgspec.json.encode(one)) == one
