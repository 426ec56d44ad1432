"""The registry of the real bots: signed by the admin, never older, and no link leads elsewhere."""

import base64
import dataclasses
import hashlib
import tomllib
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    BotChannel,
    Forged,
    Malformed,
    NewerFormat,
    RealBot,
    Registry,
    RolledBack,
    SealingError,
    SigningKey,
    Unsigned,
    open_registry,
    parse_registry,
    render_registry,
    sign_registry,
)
from sealing.registry import AT_MOST_BYTES, BOTS_AT_MOST
from sealing.signed_text import sign_text

ADMIN = SigningKey.from_seed(b"a" * 32)
PIN = ADMIN.verify_key
ONION = "http://" + "a" * 56 + ".onion"
TELEGRAM = RealBot(BotChannel.TELEGRAM, "@saisaat_region4_bot", "ใสสะอาด เขต 4")
LINE = RealBot(BotChannel.LINE, "@123abcde", "ใสสะอาด “เขต 4”")
REGISTRY = Registry(
    version=7,
    day="2026-11-23",
    expires="2027-11-23",
    web="https://chat.example.go.th",
    onion=ONION,
    bots=(TELEGRAM, LINE),
)
BODY = render_registry(REGISTRY)
SIGNED = sign_registry(BODY, ADMIN)
LINK = b"https://t.me/saisaat_region4_bot"


def signed(body: bytes) -> bytes:
    """What a careless admin could sign with other tools."""
    return sign_text("registry", body, ADMIN)


def changed(**change: Any) -> Registry:
    return dataclasses.replace(REGISTRY, **change)


def bot(channel: BotChannel, id: str) -> RealBot:
    return RealBot(channel, id, "x")


def test_a_registry_comes_back_as_it_was() -> None:
    assert parse_registry(BODY) == REGISTRY
    assert open_registry(SIGNED, PIN, 7) == open_registry(SIGNED, PIN, 0) == REGISTRY


def test_any_toml_reader_reads_it_and_the_signature_is_a_comment() -> None:
    value = tomllib.loads(SIGNED.decode())
    assert value == tomllib.loads(BODY.decode())
    assert value["bot"][0] == {
        "channel": "telegram",
        "id": "@saisaat_region4_bot",
        "name": "ใสสะอาด เขต 4",
        "link": "https://t.me/saisaat_region4_bot",
    }
    assert value["bot"][1]["link"] == "https://line.me/R/ti/p/%40123abcde"
    assert (value["web"], value["onion"]) == (REGISTRY.web, ONION)


def test_plain_ed25519_over_the_documented_bytes_says_the_same() -> None:
    body, _, line = SIGNED.rpartition(b"# signature ")
    said = f'saisaat-statement-v1\nregistry\n{{"sha256":"{hashlib.sha256(body).hexdigest()}"}}'
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(PIN)))
    key.verify(base64.b64decode(line, validate=False), said.encode())


def test_a_registry_of_the_web_alone_is_one_all_the_same() -> None:
    alone = changed(bots=(), onion=None)
    assert parse_registry(render_registry(alone)) == alone


names = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80
)
ids = {
    BotChannel.TELEGRAM: st.from_regex(r"@[A-Za-z][A-Za-z0-9_]{3,31}", fullmatch=True),
    BotChannel.LINE: st.from_regex(r"@[a-z0-9][a-z0-9._-]{1,29}", fullmatch=True),
}
bots = st.sampled_from(BotChannel).flatmap(
    lambda channel: st.builds(RealBot, st.just(channel), ids[channel], names)
)


@settings(max_examples=60)
@given(st.lists(bots, max_size=6, unique_by=lambda each: each.key))
def test_any_bots_come_back_and_each_link_tells_its_id(listed: list[RealBot]) -> None:
    one = changed(bots=tuple(listed))
    assert parse_registry(render_registry(one)) == one
    assert len({each.link.casefold() for each in listed}) == len(listed)
    for each in listed:
        assert each.link.endswith(each.id[1:])


def test_an_older_registry_is_rolled_back() -> None:
    with pytest.raises(RolledBack):
        open_registry(SIGNED, PIN, 8)


def test_another_admins_registry_is_forged() -> None:
    with pytest.raises(Forged):
        open_registry(SIGNED, SigningKey.from_seed(b"b" * 32).verify_key, 0)


def test_the_admins_signature_on_a_roster_is_none_on_a_registry() -> None:
    with pytest.raises(Forged):
        open_registry(sign_text("roster", BODY, ADMIN), PIN, 0)


@settings(max_examples=60)
@given(st.data())
def test_a_registry_changed_anywhere_is_refused(data: st.DataObject) -> None:
    registry = bytearray(SIGNED)
    registry[data.draw(st.integers(0, len(registry) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Forged, Unsigned)):
        open_registry(bytes(registry), PIN, 0)


@settings(max_examples=60)
@given(st.integers(0, len(SIGNED) - 1))
def test_a_registry_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises((Forged, Unsigned)):
        open_registry(SIGNED[:length], PIN, 0)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_and_never_break_the_reader(data: bytes) -> None:
    with pytest.raises(SealingError):
        open_registry(data, PIN, 0)
    with pytest.raises(SealingError):
        parse_registry(data)


@pytest.mark.parametrize(
    "data", [b"", BODY, SIGNED + b"\n", SIGNED + b"version = 8\n", SIGNED[:-1] + b"\r\n"]
)
def test_what_is_not_signed_last_is_unsigned(data: bytes) -> None:
    with pytest.raises(Unsigned):
        open_registry(data, PIN, 0)


def with_one(old: bytes, new: bytes) -> bytes:
    assert BODY.count(old) >= 1, old
    return BODY.replace(old, new, 1)


@pytest.mark.parametrize(
    "body",
    [
        with_one(b"schema = 1\n", b""),
        with_one(b"version = 7", b"version = 0"),
        with_one(b"version = 7", b"version = 7.0"),
        with_one(b"version = 7", b'version = "7"'),
        with_one(b'day = "2026-11-23"', b'day = "2026-11-31"'),
        with_one(b'expires = "2027-11-23"', b'expires = "2026-11-22"'),
        with_one(b'web = "https://', b'web = "http://'),
        with_one(b"chat.example.go.th", b"chat.example.go.th/path"),
        with_one(b"chat.example.go.th", b"user@chat.example.go.th"),
        with_one(b"chat.example.go.th", b"chat.example.go.th#@evil.test"),
        with_one(b"chat.example.go.th", "chat.еxample.go.th".encode()),  # a Cyrillic letter
        with_one(b"chat.example.go.th", b"chat.example.go.th\\n"),
        with_one(b"chat.example.go.th", b"CHAT.example.go.th"),
        with_one(b"chat.example.go.th", b"x" * 300 + b".go.th"),
        with_one(b".onion", b".onion.evil.test"),
        with_one(b"aaaa.onion", b"aaa.onion"),
        with_one(LINK, b"https://t.me/another_bot"),
        with_one(LINK, b"http://t.me/saisaat_region4_bot"),
        with_one(LINK, b"https://t.me.evil.test/saisaat_region4_bot"),
        with_one(LINK, b"javascript:alert(1)"),
        with_one(b'channel = "telegram"', b'channel = "line"'),
        with_one(b'"@saisaat_region4_bot"', b'"saisaat_region4_bot"'),
        with_one(b'"@saisaat_region4_bot"', '"@sаisaat_region4_bot"'.encode()),  # Cyrillic а
        with_one(b'"@saisaat_region4_bot"', b'"@saisaat region4 bot"'),
        with_one(b'name = "', b'more = "x"\nname = "'),
        with_one(b'name = "', b'name = "\\u202e'),  # turns the direction of the text
        with_one(b'name = "', b'name = "\\u0000'),
        with_one(b'name = "', b'name = "' + b"x" * 81),
        with_one(b'onion = "', b'onion = 3\n# "'),
        BODY + b'[[bot]]\nchannel = "telegram"\n',
        BODY + b"[bots]\n",
        BODY + BODY.split(b"\n\n")[1] + b"\n",
        BODY.replace(b"[[bot]]", b"[bot]", 1).split(b"\n\n[[bot]]")[0] + b"\n",
        b"\xff\n",
        b"[" * 5000 + b"\n",
    ],
)
def test_a_registry_that_is_not_as_it_must_be_is_refused_even_signed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_registry(body)
    with pytest.raises(Malformed):
        sign_registry(body, ADMIN)
    with pytest.raises(Malformed):
        open_registry(signed(body), PIN, 0)


@pytest.mark.parametrize(
    "body",
    [
        with_one(b"schema = 1", b"schema = 2"),
        with_one(b'channel = "telegram"', b'channel = "signal"'),
    ],
)
def test_what_only_a_newer_release_knows_is_said_to_be_newer(body: bytes) -> None:
    with pytest.raises(NewerFormat):
        open_registry(signed(body), PIN, 0)


def test_one_id_in_two_spellings_is_one_bot() -> None:
    with pytest.raises(ValueError, match="each once"):
        changed(bots=(TELEGRAM, bot(BotChannel.TELEGRAM, TELEGRAM.id.upper())))
    assert changed(bots=(bot(BotChannel.TELEGRAM, "@abcde"), bot(BotChannel.LINE, "@abcde")))


def test_a_registry_is_small() -> None:
    many = tuple(bot(BotChannel.LINE, f"@{nth:08}") for nth in range(BOTS_AT_MOST + 1))
    assert parse_registry(render_registry(changed(bots=many[1:])))
    with pytest.raises(ValueError, match="at most"):
        changed(bots=many)
    for size in (AT_MOST_BYTES + 1, 10 * AT_MOST_BYTES):
        with pytest.raises(Malformed):
            open_registry(b"#" * size, PIN, 0)


@pytest.mark.parametrize(
    ("today", "left"), [("2026-11-23", 365), ("2027-11-23", 0), ("2027-11-24", -1)]
)
def test_days_are_counted_to_the_last_good_one(today: str, left: int) -> None:
    assert REGISTRY.days_left(date.fromisoformat(today)) == left


@pytest.mark.parametrize(
    "web", ["https://chat.go.th:8443", "http://127.0.0.1:8080", "http://localhost", "http://[::1]"]
)
def test_a_trial_on_one_machine_may_do_without_https(web: str) -> None:
    assert parse_registry(render_registry(changed(web=web))).web == web
