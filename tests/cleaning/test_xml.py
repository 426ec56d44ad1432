"""XML comes out saying what it said, to any reader."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.formats import Cannot, xml
from cleaning.orders import Limits

LIMITS = Limits()
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\n\t\r&<>\"'"))


@given(WORDS, WORDS)
def test_words_and_attributes_come_out_as_they_went_in(words: str, value: str) -> None:
    element = ElementTree.Element("a", {"b": value})
    element.text = words
    raw = ElementTree.tostring(element, encoding="utf-8")
    found, cleaned = xml.rewrite(raw, xml.Rules(), LIMITS)
    assert found == frozenset()
    before, after = map(ElementTree.fromstring, (raw, cleaned))
    assert (after.text or "", after.attrib) == (before.text or "", before.attrib)


def test_prefixes_stay_because_attributes_name_them() -> None:
    raw = b'<w:a xmlns:w="urn:w" xmlns:x="urn:x" Ignorable="x"><x:b w:c="1"/></w:a>'
    _, cleaned = xml.rewrite(raw, xml.Rules(), LIMITS)
    assert cleaned.partition(b"\n")[2] == raw.replace(b"/>", b"></x:b>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_name_is_found_in_any_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a author="Canary">words</a>'
    found, cleaned = xml.rewrite(
        text.encode(encoding), xml.Rules(blanks={"author": "author"}), LIMITS
    )
    assert found == {"author"}
    assert cleaned.endswith(b'<a author="">words</a>')


def test_what_is_dropped_goes_with_all_it_holds_and_nothing_behind_it() -> None:
    raw = b"<a><x>1<x>2</x>3</x><b>4</b><c>5<d>6</d></c></a>"
    rules = xml.Rules(drops={"x": "history"}, empties={"c": "author"})
    found, cleaned = xml.rewrite(raw, rules, LIMITS)
    assert found == {"history", "author"}
    assert cleaned.endswith(b"<a><b>4</b><c><d></d></c></a>")


def test_a_comment_in_the_source_is_dropped() -> None:
    found, cleaned = xml.rewrite(b"<a><!-- canary --></a>", xml.Rules(), LIMITS)
    assert (found, b"canary" in cleaned) == ({"comment"}, False)


@pytest.mark.parametrize("raw", [b"", b"<a>", b"<a/><b/>", b"\xff\xfe\xff", b"<a>&x;</a>"])
def test_what_is_no_xml_is_damaged(raw: bytes) -> None:
    with pytest.raises(Cannot, match="damaged"):
        xml.rewrite(raw, xml.Rules(), LIMITS)
