"""The header: what the grammar allows and nothing else, whatever length arrives."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import age
from tests.sealing.age import forge

BODY_48 = forge.base64_(bytes(48)) + b"\n"

SOUND = {
    "one stanza": forge.STANZA,
    "no body": b"-> test\n\n",
    "a body that fills its line": b"-> test\n" + BODY_48 + b"\n",
    "a body of two lines": b"-> test\n" + BODY_48 + b"AAAA\n",
    "every visible character": b"-> " + bytes(range(33, 127)) + b" --- ->\n\n",
    "two stanzas": forge.STANZA + b"-> other a b c\n\n",
    "a kind of another letter case": b"-> x25519\n\n",
}

MALFORMED = {
    "no stanza": b"",
    "an arrow without kind": b"->\n\n",
    "an arrow and a space": b"-> \n\n",
    "no space after the arrow": b"->test\n\n",
    "two spaces after the arrow": b"->  test\n\n",
    "two spaces between arguments": b"-> test  a\n\n",
    "a space at the end": b"-> test \n\n",
    "a tab": b"-> test\ta\n\n",
    "a control character": b"-> test\x00\n\n",
    "a letter beyond ASCII": "-> testé\n\n".encode(),
    "a bad arrow": b"- > test\n\n",
    "carriage returns": b"-> test\r\nAAAA\r\n",
    "a stanza without its last line": b"-> test\n",
    "a full line and no short one": b"-> test\n" + BODY_48,
    "a line of 65": b"-> test\n" + BODY_48[:-1] + b"A\n\n",
    "a line of 68": b"-> test\n" + BODY_48[:-1] + b"AAAA\n\n",
    "text after a short line": b"-> test\nAAAA\nAAAA\n",
    "an empty line between stanzas": forge.STANZA + b"\n" + forge.STANZA,
    "padding": b"-> test\nAA==\n",
    "padding bits": b"-> test\nAB\n",
    "a length no base64 has": b"-> test\nAAAAA\n",
    "the other base64 alphabet": b"-> test\nAA-_\n",
    "a space in the body": b"-> test\nAA AA\n",
    "a leading newline": b"\n" + forge.STANZA,
}


@pytest.mark.parametrize("stanzas", SOUND.values(), ids=SOUND.keys())
def test_what_the_grammar_allows_is_read(stanzas: bytes) -> None:
    file = forge.file(head=forge.header(stanzas))
    assert age.decrypt(file, forge.Knows()) == b"age"


@pytest.mark.parametrize("stanzas", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_the_grammar_forbids_is_refused_although_the_mac_is_right(stanzas: bytes) -> None:
    with pytest.raises(age.Malformed):
        age.decrypt(forge.file(head=forge.header(stanzas)), forge.Knows())


@pytest.mark.parametrize(
    "version",
    [
        b"age-encryption.org/v2\n",
        b"age-encryption.org/v1 \n",
        b"age-encryption.org/v1\r\n",
        b"age-encryption.org/v11\n",
        b"\nage-encryption.org/v1\n",
        b"AGE-ENCRYPTION.ORG/V1\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    ],
)
def test_another_version_or_format_is_refused(version: bytes) -> None:
    with pytest.raises(age.Malformed):
        age.decrypt(forge.file(head=forge.header(forge.STANZA, version=version)), forge.Knows())


def test_something_else_is_refused_at_its_first_byte() -> None:
    with pytest.raises(age.Malformed):
        age.Decryptor(forge.Knows()).update(b"%PDF")


def mac_lines() -> Iterator[tuple[str, bytes]]:
    covered = forge.VERSION + forge.STANZA + b"---"
    mac = forge.base64_(forge.mac(covered))
    yield "no space", mac
    yield "two spaces", b"  " + mac
    yield "a space at the end", b" " + mac + b" "
    yield "padding", b" " + mac + b"="
    yield "a carriage return", b" " + mac + b"\r"
    yield "an argument", b" " + mac + b" A"
    yield "short", b" " + mac[:-1]
    yield "long", b" " + mac + b"A"
    yield "empty", b""
    # 43 letters hold two bits more than 32 bytes: the last letter has three wrong siblings.
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    sibling = alphabet[alphabet.index(mac[-1]) + 1]
    yield "padding bits", b" " + mac[:-1] + bytes([sibling])


@pytest.mark.parametrize("line", [line for _, line in mac_lines()], ids=[n for n, _ in mac_lines()])
def test_a_mac_line_of_another_form_is_refused(line: bytes) -> None:
    head = forge.VERSION + forge.STANZA + b"---" + line + b"\n"
    with pytest.raises(age.Malformed):
        age.decrypt(forge.file(head=head), forge.Knows())


def test_a_mac_under_another_file_key_is_tampering() -> None:
    head = forge.header(forge.STANZA, file_key=bytes(16))
    with pytest.raises(age.Tampered, match="header"):
        age.decrypt(forge.file(head=head), forge.Knows())


def test_an_added_stanza_is_tampering() -> None:
    head = forge.header(forge.STANZA).replace(b"---", b"-> added\n\n---")
    with pytest.raises(age.Tampered, match="header"):
        age.decrypt(forge.file(head=head), forge.Knows())


def test_nothing_is_opened_before_the_header_is_authentic() -> None:
    head = forge.header(forge.STANZA, file_key=bytes(16))
    opening = age.Decryptor(forge.Knows())
    with pytest.raises(age.Tampered):
        opening.update(forge.file(head=head))
    with pytest.raises(ValueError, match="ended"):
        opening.finish()


def test_the_longest_header_is_read_and_one_byte_more_is_not() -> None:
    room = age.MAX_HEADER - len(forge.header(b"-> \n\n"))
    longest = forge.header(b"-> " + b"a" * room + b"\n\n")
    assert len(longest) == age.MAX_HEADER
    assert age.decrypt(forge.file(head=longest), forge.Knows()) == b"age"
    longer = forge.header(b"-> " + b"a" * (room + 1) + b"\n\n")
    with pytest.raises(age.Malformed, match="longer"):
        age.decrypt(forge.file(head=longer), forge.Knows())


def test_a_million_stanzas_are_refused_at_once() -> None:
    file = forge.file(head=forge.header(b"-> a\n\n" * 1_000_000))
    tracemalloc.start()
    with pytest.raises(age.Malformed, match="longer"):
        age.decrypt(file, forge.Knows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * age.MAX_HEADER


@pytest.mark.parametrize("piece", [b"-> a\n\n", b"A" * 64 + b"\n", b"x" * 50_000])
def test_a_header_without_end_takes_bounded_memory(piece: bytes) -> None:
    opening = age.Decryptor(forge.Knows())
    tracemalloc.start()
    opening.update(forge.VERSION)
    fed = len(forge.VERSION)
    while fed + len(piece) < age.MAX_HEADER:
        opening.update(piece)
        fed += len(piece)
    with pytest.raises(age.Malformed, match="longer"):
        opening.update(piece * 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * age.MAX_HEADER
    with pytest.raises(ValueError, match="ended"):
        opening.update(piece)


def test_every_cut_of_the_header_is_a_truncation() -> None:
    file = forge.file()
    for length in range(len(file)):
        with pytest.raises(age.Truncated):
            age.decrypt(file[:length], forge.Knows())


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_surprise(noise: bytes) -> None:
    with pytest.raises(age.AgeError):
        age.decrypt(noise, forge.Knows())


@given(st.text("->- \n\rAB=/+\x00v1", max_size=80))
@settings(max_examples=200)
def test_headerlike_noise_never_surprises(noise: str) -> None:
    file = forge.VERSION + noise.encode() + b"\n--- " + b"A" * 43 + b"\n" + forge.NONCE
    with pytest.raises(age.AgeError):
        age.decrypt(file, forge.Knows())


@pytest.mark.parametrize("wrong", ["new\nline", "sp ace", "", "ไทย"])
def test_a_recipient_of_ones_own_cannot_write_a_broken_stanza(wrong: str) -> None:
    class Careless:
        def wrap(self, file_key: bytes) -> age.Stanza:
            return age.Stanza("test", (wrong,), b"")

    with pytest.raises(ValueError, match="visible"):
        age.encrypt(b"", Careless())


def test_stanzas_of_any_body_length_come_back() -> None:
    class Carries:
        def __init__(self, body: bytes) -> None:
            self.stanza = age.Stanza("test", ("one", "two"), body)

        def wrap(self, file_key: bytes) -> age.Stanza:
            self.file_key = file_key
            return self.stanza

        def unwrap(self, stanzas: object) -> bytes | None:
            return self.file_key if stanzas == (self.stanza,) else None

    for length in range(150):
        both = Carries(bytes(range(length)))
        assert age.decrypt(age.encrypt(b"words", both), both) == b"words"
