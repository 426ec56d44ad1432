"""Our files open in other people's programs, and theirs in ours."""

import json
import os
import subprocess
from pathlib import Path

import pyrage
import pytest

from sealing import age
from tests.interop import foreign

WORDS = "รับเงินใต้โต๊ะ 50,000 บาท 💸".encode()
BODIES = {
    "empty": b"",
    "words": WORDS,
    "one chunk exactly": os.urandom(age.CHUNK),
    "one byte over": os.urandom(age.CHUNK + 1),
    "three chunks": os.urandom(3 * age.CHUNK - 1),
}
bodies = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())


@bodies
def test_npm_opens_our_post_quantum_file(body: bytes) -> None:
    us = [age.PQIdentity.generate() for _ in range(3)]
    file = foreign.text(age.encrypt(body, *(one.recipient for one in us)))
    wishes = [{"wish": "decrypt", "identity": one.reveal(), "data": file} for one in us]
    assert [foreign.data(answer) for answer in foreign.node(*wishes)] == [body] * 3


@bodies
def test_we_open_npms_post_quantum_file(body: bytes) -> None:
    [theirs] = foreign.node({"wish": "generate", "kind": "pq"})
    ours = age.PQIdentity.generate()
    everyone = [theirs["recipient"], str(ours.recipient)]
    data = foreign.text(body)
    [answer] = foreign.node({"wish": "encrypt", "recipients": everyone, "data": data})
    file = foreign.data(answer)
    identity = age.parse_identity(theirs["identity"])
    assert str(identity.recipient) == theirs["recipient"]
    assert age.decrypt(file, identity) == age.decrypt(file, ours) == body


@pytest.mark.parametrize("kind", ["pq", "x25519"])
def test_npm_refuses_our_file_for_somebody_else_or_altered(kind: str) -> None:
    make = age.PQIdentity if kind == "pq" else age.X25519Identity
    mine, other = make.generate(), make.generate()
    file = age.encrypt(WORDS, mine.recipient)
    altered = file[:-1] + bytes([file[-1] ^ 1])
    answers = foreign.node(
        {"wish": "decrypt", "identity": other.reveal(), "data": foreign.text(file)},
        {"wish": "decrypt", "identity": mine.reveal(), "data": foreign.text(altered)},
    )
    assert all("refused" in answer for answer in answers)


@bodies
def test_npm_and_we_open_each_others_x25519_files(body: bytes) -> None:
    [theirs] = foreign.node({"wish": "generate", "kind": "x25519"})
    identity = age.parse_identity(theirs["identity"])
    data, recipient = foreign.text(body), theirs["recipient"]
    file = foreign.text(age.encrypt(body, age.parse_recipient(recipient)))
    made, opened = foreign.node(
        {"wish": "encrypt", "recipients": [recipient], "data": data},
        {"wish": "decrypt", "identity": theirs["identity"], "data": file},
    )
    assert age.decrypt(foreign.data(made), identity) == foreign.data(opened) == body


def test_npm_and_we_open_each_others_passphrase_files() -> None:
    passphrase = "ช้าง-horse-สมุด"
    file = foreign.text(age.encrypt(WORDS, age.ScryptRecipient(passphrase, log_n=10)))
    data = foreign.text(WORDS)
    made, opened = foreign.node(
        {"wish": "encrypt", "passphrase": passphrase, "log_n": 10, "data": data},
        {"wish": "decrypt", "passphrase": passphrase, "data": file},
    )
    ours = age.decrypt(foreign.data(made), age.ScryptIdentity(passphrase))
    assert ours == foreign.data(opened) == WORDS


@bodies
def test_debians_age_opens_our_x25519_file(body: bytes, tmp_path: Path) -> None:
    recipient = foreign.debian_age_keygen(tmp_path / "key")
    file = age.encrypt(body, age.X25519Recipient.parse(recipient))
    assert foreign.debian_age_decrypts(file, tmp_path / "key") == body


@bodies
def test_we_open_the_x25519_file_of_debians_age(body: bytes, tmp_path: Path) -> None:
    theirs = foreign.debian_age_keygen(tmp_path / "key")
    [secret] = [
        line for line in (tmp_path / "key").read_text().splitlines() if not line.startswith("#")
    ]
    ours = age.X25519Identity.generate()
    file = foreign.debian_age_encrypts(body, theirs, str(ours.recipient))
    assert age.decrypt(file, ours) == age.decrypt(file, age.parse_identity(secret)) == body


def test_debians_age_refuses_our_file_for_somebody_else(tmp_path: Path) -> None:
    foreign.debian_age_keygen(tmp_path / "key")
    file = age.encrypt(WORDS, age.X25519Identity.generate().recipient)
    with pytest.raises(subprocess.CalledProcessError):
        foreign.debian_age_decrypts(file, tmp_path / "key")


@bodies
def test_pyrage_and_we_open_each_others_x25519_files(body: bytes) -> None:
    theirs = pyrage.x25519.Identity.generate()
    ours = age.parse_identity(str(theirs))
    assert str(ours.recipient) == str(theirs.to_public())
    assert pyrage.decrypt(age.encrypt(body, ours.recipient), [theirs]) == body
    assert age.decrypt(pyrage.encrypt(body, [theirs.to_public()]), ours) == body


def test_pyrage_and_we_open_each_others_passphrase_files() -> None:
    file = age.encrypt(WORDS, age.ScryptRecipient("horse battery", log_n=10))
    assert pyrage.passphrase.decrypt(file, "horse battery") == WORDS
    file = pyrage.passphrase.encrypt(WORDS, "horse battery")
    assert age.decrypt(file, age.ScryptIdentity("horse battery")) == WORDS


def test_others_open_what_we_stream_in_odd_pieces() -> None:
    body = BODIES["three chunks"]
    theirs = pyrage.x25519.Identity.generate()
    sealing = age.Encryptor(age.parse_recipient(str(theirs.to_public())))
    pieces = [sealing.update(body[at : at + 10_007]) for at in range(0, len(body), 10_007)]
    assert pyrage.decrypt(b"".join((*pieces, sealing.finish())), [theirs]) == body


@pytest.mark.parametrize("name", ["age", "node"])
def test_a_missing_tool_fails_with_the_way_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match=f"{name} is not on the PATH; run: make tools"):
        foreign.debian_age_encrypts(b"", "age1") if name == "age" else foreign.node()


def test_the_node_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    lock = json.loads((foreign.HERE / "package-lock.json").read_text())
    packages = [one for path, one in lock["packages"].items() if path]
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages)
    assert not any("resolved" in one for one in packages)
