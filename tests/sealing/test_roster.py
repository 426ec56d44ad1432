"""The roster: signed by the admin, never older, never odd."""

import dataclasses
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    BodyKey,
    Forged,
    Malformed,
    NewerFormat,
    Officer,
    Role,
    RolledBack,
    Roster,
    SigningKey,
    Unsigned,
    VerifyKey,
    days_left,
    fingerprint,
    mixed,
    officer_id,
    open_roster,
    parse_body_recipient,
    parse_roster,
    render,
    sign_roster,
)
from sealing.age import PQIdentity, PQRecipient, X25519Identity, X25519Recipient
from sealing.roster import AT_MOST_BYTES
from sealing.signed_text import sign_text

ADMIN = SigningKey.from_seed(b"a" * 32)
PIN = ADMIN.verify_key


def officer(mark: bytes, **change: Any) -> Officer:
    return dataclasses.replace(
        Officer(
            name=f"เจ้าหน้าที่ {mark.decode()}",
            age=PQIdentity.from_seed(mark * 32).recipient,
            sign=SigningKey.from_seed(mark * 32).verify_key,
            roles=(Role.OFFICER, Role.REGISTRAR),
            centres=("khon-kaen", "region-4"),
            conflicts=("agency.7",),
        ),
        **change,
    )


ROSTER = Roster(
    version=7,
    day="2026-11-23",
    expires="2027-11-23",
    recovery=PQIdentity.from_seed(b"R" * 32).recipient,
    officers=(officer(b"1"), officer(b"2", roles=(Role.AUDITOR,), centres=(), conflicts=())),
)
BODY = render(ROSTER)
SIGNED = sign_roster(BODY, ADMIN)


def signed(body: bytes) -> bytes:
    """What a careless admin could sign with other tools."""
    return sign_text("roster", body, ADMIN)


def test_a_roster_comes_back_as_it_was() -> None:
    assert parse_roster(BODY) == ROSTER
    assert open_roster(SIGNED, PIN, 7) == ROSTER
    assert open_roster(SIGNED, PIN, 0) == ROSTER


def test_any_toml_reader_reads_it_and_the_signature_is_a_comment() -> None:
    value = tomllib.loads(SIGNED.decode())
    assert value == tomllib.loads(BODY.decode())
    assert [entry["id"] for entry in value["officer"]] == [one.id for one in ROSTER.officers]
    assert SIGNED.splitlines()[-1].startswith(b"# signature ")


def test_an_empty_roster_is_one_all_the_same() -> None:
    empty = dataclasses.replace(ROSTER, officers=())
    assert parse_roster(render(empty)) == empty


@settings(max_examples=30)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80)
)
def test_any_printable_name_comes_back(name: str) -> None:
    one = dataclasses.replace(ROSTER, officers=(officer(b"1", name=name),))
    assert parse_roster(render(one)) == one


def body(mark: bytes, **change: Any) -> BodyKey:
    key = PQIdentity.from_seed(mark * 32).recipient
    return dataclasses.replace(BodyKey(f"body-{mark.decode()}", "ป.ป.ช.", "NACC", key), **change)


WITH_BODIES = dataclasses.replace(
    ROSTER, bodies=(body(b"b"), body(b"c", age=X25519Identity.generate().recipient))
)


def test_a_roster_with_bodies_comes_back_and_says_so_to_older_programs() -> None:
    written = render(WITH_BODIES)
    assert parse_roster(written) == WITH_BODIES
    assert b"schema = 2\n" in written
    assert b"schema = 1\n" in BODY  # without bodies, every older program reads it
    found = WITH_BODIES.body("body-b")
    assert found is not None
    assert found.is_post_quantum
    assert WITH_BODIES.body("nobody") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"schema = 2", b"schema = 1"),
        (b'id = "body-c"', b'id = "body-b"'),
        (b'id = "body-c"', b'id = "Body C"'),
        (b'en = "NACC"', b'en = ""'),
        (b'en = "NACC"', b'en = "NACC"\nmore = "x"'),
        (b'age = "age1', b'age = "age2'),
    ],
)
def test_a_body_that_cannot_be_is_refused(old: bytes, new: bytes) -> None:
    written = render(WITH_BODIES)
    assert old in written
    with pytest.raises(Malformed):
        parse_roster(written.replace(old, new))


def test_a_bodys_key_is_nobody_elses_and_no_point_that_opens_for_everybody() -> None:
    for taken in (ROSTER.recovery, ROSTER.officers[0].age):
        with pytest.raises(ValueError, match="no key belongs to two"):
            dataclasses.replace(ROSTER, bodies=(body(b"b", age=taken),))
    for text in (str(X25519Recipient(bytes(32))), "age1", "AGE-SECRET-KEY-1", "", "ssh-ed25519 A"):
        with pytest.raises(Malformed):
            parse_body_recipient(text)


def test_a_roster_whose_bodys_key_was_changed_is_forged() -> None:
    signed_with = sign_roster(render(WITH_BODIES), ADMIN)
    other = str(PQIdentity.generate().recipient).encode()
    assert WITH_BODIES.bodies[0].is_post_quantum
    tampered = signed_with.replace(str(WITH_BODIES.bodies[0].age).encode(), other)
    assert tampered != signed_with
    with pytest.raises(Forged):
        open_roster(tampered, PIN, 0)


def test_an_older_roster_is_rolled_back() -> None:
    with pytest.raises(RolledBack):
        open_roster(SIGNED, PIN, 8)


def test_another_admins_roster_is_forged() -> None:
    with pytest.raises(Forged):
        open_roster(SIGNED, SigningKey.from_seed(b"b" * 32).verify_key, 0)


def test_the_admins_signature_on_a_card_is_none_on_a_roster() -> None:
    with pytest.raises(Forged):
        open_roster(sign_text("card", BODY, ADMIN), PIN, 0)


@settings(max_examples=60)
@given(st.data())
def test_a_roster_changed_anywhere_is_refused(data: st.DataObject) -> None:
    roster = bytearray(SIGNED)
    roster[data.draw(st.integers(0, len(roster) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Forged, Unsigned)):
        open_roster(bytes(roster), PIN, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        BODY,
        BODY + b"# signature \n",
        BODY + b"# signature AAAA\n",
        SIGNED.rstrip(b"\n"),
        SIGNED + b"\n",
        SIGNED + b"version = 8\n",
        SIGNED[:-1] + b"\r\n",
        SIGNED.replace(b"# signature ", b"# signature  "),
        SIGNED.replace(b"# signature ", b"#signature "),
        SIGNED + SIGNED.splitlines(keepends=True)[-1],
        BODY[:-1] + SIGNED.splitlines(keepends=True)[-1],
        SIGNED.splitlines(keepends=True)[-1],
        SIGNED.splitlines(keepends=True)[-1] + BODY,
    ],
)
def test_the_last_line_and_only_that_is_one_signature(data: bytes) -> None:
    with pytest.raises(Unsigned):
        open_roster(data, PIN, 0)


def test_the_signature_has_one_spelling() -> None:
    # The last letter before == carries four bits that base64 readers ignore.
    line = SIGNED.splitlines()[-1]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(line[-3]) ^ 1 :][:1]
    with pytest.raises(Unsigned):
        open_roster(BODY + line[:-3] + other + b"==\n", PIN, 0)


def test_nothing_broken_gets_signed() -> None:
    with pytest.raises(Malformed):
        sign_roster(BODY.replace(b"version = 7", b"version = 0"), ADMIN)
    with pytest.raises(ValueError, match="signature line"):
        sign_roster(SIGNED, ADMIN)
    with pytest.raises(ValueError, match="line break"):
        sign_roster(BODY.rstrip(b"\n"), ADMIN)


FIRST = ROSTER.officers[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 7", "version = 0"),
        ("version = 7", "version = -7"),
        ("version = 7", "version = true"),
        ("version = 7", "version = 7.0"),
        ("version = 7", 'version = "7"'),
        ("version = 7", "version = 9007199254740992"),
        ("version = 7", "version = 7\nversion = 8"),
        ("version = 7", "version = 7\nextra = 1"),
        ("version = 7\n", ""),
        ('day = "2026-11-23"', "day = 2026-11-23"),
        ('day = "2026-11-23"', 'day = "2026-11-31"'),
        ('expires = "2027-11-23"', 'expires = "2026-11-22"'),
        (str(ROSTER.recovery), "age1" + "q" * 58),
        (str(ROSTER.recovery), str(FIRST.age)),
        (str(ROSTER.recovery), ""),
        (FIRST.id, "0" * 32),
        (FIRST.id, ROSTER.officers[1].id),
        (str(FIRST.sign), "01" + "00" * 31),
        (str(FIRST.sign), str(ROSTER.officers[1].sign)),
        (str(FIRST.age), str(ROSTER.officers[1].age)),
        ('"officer", "registrar"', ""),
        ('"officer", "registrar"', '"oficer"'),
        ('"officer", "registrar"', '"officer", "officer"'),
        ('"officer", "registrar"', "1"),
        ('"khon-kaen", "region-4"', '"khon kaen"'),
        ('"khon-kaen", "region-4"', '"region-4", "region-4"'),
        ("[[officer]]", "[officer]"),
        ("[[officer]]", "[[officers]]"),
        ('name = "', 'name = "\\u202e'),
        ("# Saisaat", "Saisaat"),
    ],
)
def test_an_odd_roster_is_malformed_though_signed(old: str, new: str) -> None:
    assert old in BODY.decode()
    with pytest.raises(Malformed):
        open_roster(signed(BODY.replace(old.encode(), new.encode(), 1)), PIN, 0)


def test_a_roster_of_a_newer_release_is_said_to_be_newer() -> None:
    with pytest.raises(NewerFormat):
        open_roster(signed(BODY.replace(b"schema = 1", b"schema = 2")), PIN, 0)


def test_a_recipient_to_whom_nothing_can_be_sealed_never_gets_into_a_roster() -> None:
    unusable = PQRecipient.from_raw(ROSTER.recovery.raw[:-32] + bytes(32))
    body = BODY.replace(str(ROSTER.recovery).encode(), str(unusable).encode())
    with pytest.raises(Malformed, match="usable"):
        sign_roster(body, ADMIN)


def test_too_long_a_roster_is_refused_before_any_work() -> None:
    with pytest.raises(Malformed, match="longer"):
        open_roster(b"#" * (AT_MOST_BYTES + 1), PIN, 0)


def test_officers_are_found_by_id_and_by_centre() -> None:
    assert ROSTER.officer(FIRST.id) == FIRST
    assert ROSTER.officer("0" * 32) is None
    assert ROSTER.of_centre("region-4") == (FIRST,)
    assert ROSTER.of_centre("region-4", Role.AUDITOR) == ()
    assert ROSTER.of_centre("region") == ()


def test_a_new_verify_key_is_a_new_officer() -> None:
    other = dataclasses.replace(FIRST, sign=ROSTER.officers[1].sign)
    assert other.id != FIRST.id
    assert FIRST.id == officer_id(FIRST.sign)
    assert FIRST.fingerprint != dataclasses.replace(FIRST, age=ROSTER.officers[1].age).fingerprint
    assert FIRST.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("today", "left"),
    [(date(2027, 11, 22), 1), (date(2027, 11, 23), 0), (date(2027, 11, 24), -1)],
)
def test_the_last_good_day_is_counted(today: date, left: int) -> None:
    assert days_left(ROSTER, today) == left


def test_a_fingerprint_is_six_groups_of_five_digits() -> None:
    groups = fingerprint(SIGNED).split(" ")
    assert [len(group) for group in groups] == [5] * 6
    assert "".join(groups).isdecimal()
    assert fingerprint(SIGNED) == fingerprint(SIGNED) != fingerprint(BODY)


@pytest.mark.parametrize(
    "change",
    [{"version": 0}, {"day": "x"}, {"expires": "2026-01-01"}, {"officers": (FIRST, FIRST)}],
    ids=["version", "day", "expires", "officers"],
)
def test_an_impossible_roster_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the rules speaks is not the point
        dataclasses.replace(ROSTER, **change)


def test_a_pin_is_a_verify_key() -> None:
    assert VerifyKey.parse(str(PIN)) == PIN


def test_a_lead_is_an_officer_of_their_centres_and_nothing_else() -> None:
    lead = officer(b"3", roles=(Role.LEAD,), centres=("loei",))
    with_lead = dataclasses.replace(ROSTER, officers=(*ROSTER.officers, lead))
    assert with_lead.of_centre("loei") == (lead,)
    assert with_lead.of_centre("loei", Role.REGISTRAR) == ()
    assert lead.has(Role.OFFICER)
    assert lead.leads("loei")
    assert not lead.leads("khon-kaen")
    assert not FIRST.leads("khon-kaen")
    assert parse_roster(render(with_lead)) == with_lead


@pytest.mark.parametrize("other", [Role.OFFICER, Role.LEAD, Role.REGISTRAR, Role.ADMIN])
def test_an_auditor_of_their_own_work_is_never_signed_and_is_none(other: Role) -> None:
    both = officer(b"3", roles=(other, Role.AUDITOR))
    body = render(dataclasses.replace(ROSTER, officers=(both,)))
    with pytest.raises(Malformed, match="never one person's"):
        sign_roster(body, ADMIN)
    # Signed by another program, it takes nobody's tips away: it is read, and audits nothing.
    (read,) = open_roster(signed(body), PIN, 0).officers
    assert read.has(other)
    assert not read.has(Role.AUDITOR)


def test_who_has_two_roles_that_are_better_apart_is_named_and_signed() -> None:
    small = dataclasses.replace(
        ROSTER,
        officers=(
            officer(b"3", roles=(Role.ADMIN, Role.LEAD)),
            officer(b"4", roles=(Role.AUDITOR, Role.FIGURES)),
        ),
    )
    assert [(one.id, mix.one, mix.other) for one, mix in mixed(small)] == [
        (small.officers[0].id, Role.ADMIN, Role.LEAD)
    ]
    assert small.officers[1].has(Role.AUDITOR)
    assert open_roster(sign_roster(render(small), ADMIN), PIN, 0) == small
