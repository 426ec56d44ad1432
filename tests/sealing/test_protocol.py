"""docs/protocol.md says what the code does: its figures, its field lists, its worked examples.

Where the page gives a formula, it is worked out here from the page alone, without this package.
"""

import base64
import hashlib
import hmac
import importlib
import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from console.members.book import Book
from console.members.keeping import seal_book
from sealing import (
    Author,
    BotChannel,
    Break,
    Cost,
    DayFlaw,
    Flaw,
    Kind,
    MemberCode,
    OfficerKeys,
    Receipt,
    Role,
    SigningKey,
    age,
    bucket,
    fingerprint,
    half_locator,
    officer_id,
    open_record,
    padme,
    record_context,
    seal_grant,
    seal_part,
    seal_record,
    side_of,
    statement,
    stretch_member_code,
    stretch_receipt,
)
from sealing.bodies import BodyKey, body_to_table
from sealing.grants import _to_json as grant_json
from sealing.parts import _MAY_WRITE
from sealing.parts import _to_json as part_json
from sealing.roles import MIXES
from tests.sealing.sealed_samples import KEYS, OFFICERS_GRANT, READER, WORDS

ROOT = Path(__file__).parents[2]
A_BODY = BodyKey("nacc", "ป.ป.ช.", "NACC", age.PQIdentity.from_seed(b"n" * 32).recipient)
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
VECTORS = Path(__file__).parent / "vectors"
FIGURES = re.findall(r"^\| (.+?) \| (\d+) \| `(sealing\.\S+)` \|$", PAGE, re.M)


def example(name: str) -> dict[str, str]:
    found = re.search(rf"<!-- example: {name} -->\n```text\n(.*?)```", PAGE, re.S)
    assert found, f"protocol.md lost its example of {name}"
    lines = found.group(1).splitlines()
    return dict(line.split(": ", 1) for line in lines)


def table(marker: str) -> list[list[str]]:
    found = re.search(rf"<!-- {marker} -->\n\|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
    assert found, f"protocol.md lost its table of {marker}"
    rows = found.group(1).splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def first_names(marker: str) -> list[str]:
    return [row[0].strip("`[]") for row in table(marker)]


def expand(root: bytes, info: bytes) -> bytes:
    """HKDF-Expand (RFC 5869) for one block."""
    return hmac.new(root, info + b"\x01", hashlib.sha256).digest()


def argon2(password: bytes, shown: dict[str, str], purpose: bytes) -> bytes:
    memory, passes, lanes = map(int, shown["memory KiB, passes, lanes"].split())
    return Argon2id(
        salt=bytes.fromhex(shown["salt"]),
        length=32,
        iterations=passes,
        lanes=lanes,
        memory_cost=memory,
        ad=purpose,
    ).derive(password)


def deployment(shown: dict[str, str]) -> dict[str, Any]:
    return {
        "salt": bytes.fromhex(shown["salt"]),
        "pepper": bytes.fromhex(shown["pepper"]),
        "cost": Cost(*map(int, shown["memory KiB, passes, lanes"].split())),
    }


@pytest.mark.parametrize(("figure", "value", "place"), FIGURES)
def test_a_figure_is_the_one_in_the_code(figure: str, value: str, place: str) -> None:
    parts = place.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        break
    for name in parts[cut:]:
        found = getattr(found, name)
    assert found == int(value), figure


def test_the_page_has_figures() -> None:
    assert len(FIGURES) >= 20


def test_lengths_are_those_of_the_page() -> None:
    sized = {"bucket": bucket, "padme": padme}
    for call, value in example("padding").items():
        name, length = call.removesuffix(")").split("(")
        assert sized[name](int(length)) == int(value)


def test_padme_is_the_formula_of_the_page() -> None:
    for length in (2, 3, 9, 100, 1025, 65537, 10**6 + 1, 50_000_000):
        exponent = math.floor(math.log2(length))
        step = 2 ** (exponent - (math.floor(math.log2(exponent)) + 1 if exponent else 0))
        assert padme(length) == -(-length // max(step, 1)) * max(step, 1)


def test_sealed_sizes_are_those_of_the_page() -> None:
    part, grant = (
        len(seal_part(WORDS, KEYS.case.recipient).data),
        len(seal_grant(OFFICERS_GRANT, READER.recipient)),
    )
    inside = padme(50_000_000)
    tags = 16 * math.ceil(inside / age.CHUNK)
    assert example("sealed sizes") == {
        "a part of the smallest bucket": str(part),
        "any grant": str(grant),
        "a file of 50000000 bytes": str(part - bucket(0) - 16 + inside + tags),
    }


def test_every_field_is_on_the_page() -> None:
    part, grant = part_json(WORDS), grant_json(OFFICERS_GRANT)
    assert first_names("fields: part") == sorted(part)
    assert first_names("fields: grant") == sorted(grant)
    summary = grant["summary"]
    assert isinstance(summary, dict)
    assert first_names("fields: summary") == sorted(summary)
    rekeys = vectors("rekeys")
    assert first_names("fields: rekey") == sorted(json.loads(rekeys["rekeys"][0]["data"]))
    assert first_names("fields: earlier") == sorted(json.loads(rekeys["plain"][0]))
    told = [json.loads(case["plain"]) for case in vectors("parts")["parts"]]
    for name in ("file", "original", "key"):
        held = [each[name] for each in told if each[name]]
        assert held
        assert {tuple(sorted(each)) for each in held} == {tuple(first_names(f"fields: {name}"))}


def test_every_key_of_the_toml_files_is_on_the_page() -> None:
    roster = tomllib.loads(vectors("files")["roster"])
    assert first_names("fields: roster") == [*roster, "body"]
    assert first_names("fields: body") == list(body_to_table(A_BODY))
    assert first_names("fields: officer") == list(roster["officer"][0])
    assert first_names("fields: card") == list(tomllib.loads(vectors("files")["card"]))
    roles = next(row for row in table("fields: officer") if row[0] == "`roles`")
    assert re.findall(r"`(\w+)`", roles[1]) == list(Role)
    registry = tomllib.loads(signed_text("registry").decode())
    assert first_names("fields: registry") == list(registry)
    assert first_names("fields: bot") == list(registry["bot"][0])
    links = {row[0].strip("`"): row[1:] for row in table("links")}
    assert set(links) == set(BotChannel)
    for bot in registry["bot"]:
        allowed, link = (cell.strip("`") for cell in links[bot["channel"]])
        assert re.fullmatch(allowed, bot["id"])
        assert link.replace("…", bot["id"].removeprefix("@")) == bot["link"]


def test_every_kind_of_part_is_on_the_page() -> None:
    said = {
        (kind.strip("`"), author, side)
        for kind, authors, _, side in table("kinds")
        for author in authors.split(", ")
    }
    assert said == {
        (kind.value, author.value, side_of(author, kind).value)
        for kind in Kind
        for author in Author
        if author in _MAY_WRITE[kind]
    }


def test_every_finding_is_on_the_page() -> None:
    assert first_names("breaks") == list(Break)


def test_every_statement_is_on_the_page() -> None:
    said = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in table("statements")}
    made = {
        case["kind"]: list(json.loads(case["statement"].split("\n")[2]))
        for case in vectors("statements")["signed"]
    }
    assert said == made | {name: ["sha256"] for name in ("roster", "registry", "backup", "card")}


def test_every_flaw_of_an_audit_trail_is_on_the_page() -> None:
    assert first_names("flaws") == list(Flaw)
    assert first_names("day flaws") == list(DayFlaw)


def test_the_example_of_an_audit_entry_is_right() -> None:
    shown = example("audit")
    assert set(first_names("fields: audit entry")) == set(json.loads(shown["entry"]))
    digest = hashlib.sha256(b"saisaat-audit-v1\n" + shown["entry"].encode()).hexdigest()
    assert digest == shown["hash"]
    said = {"by": "server", "day": "2026-11-23", "head": digest, "seq": 1}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(shown["server key seed"]))
    signed = key.sign(f"saisaat-statement-v1\naudit-day\n{text}".encode())
    assert signed.hex() == shown["head signed"]


def test_the_example_of_a_statement_is_right() -> None:
    shown = example("statement")
    said = f"{shown['header']}\n{shown['kind']}\n{shown['fields']}".encode()
    assert statement(shown["kind"], **json.loads(shown["fields"])) == said
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(shown["seed"]))
    assert key.sign(said).hex() == shown["signature"]
    ours = SigningKey.from_seed(bytes.fromhex(shown["seed"])).verify_key
    assert (str(ours), officer_id(ours)) == (shown["verify key"], shown["officer id"])
    assert hashlib.sha256(ours.raw).hexdigest()[:32] == shown["officer id"]


def test_the_fields_of_a_handed_over_book_are_those_of_the_code() -> None:
    keys = OfficerKeys.generate("ราชัน")
    sealed = seal_book(Book(), keys, keys.id, keys.age.recipient, "2026-11-23")
    inside = age.decrypt(sealed, keys.age)
    assert first_names("fields: member book") == sorted(json.loads(inside))
    assert len(inside) == padme(len(inside.rstrip(b" ")))


@pytest.mark.parametrize("name", ["roster", "registry", "card"])
def test_a_signed_text_is_signed_as_the_page_says(name: str) -> None:
    text = signed_text(name)
    body = text[: text.rindex(b"# signature ")]
    seed = bytes.fromhex(vectors("files")["officer"]["sign"]) if name == "card" else b"a" * 32
    said = json.dumps({"sha256": hashlib.sha256(body).hexdigest()}, separators=(",", ":"))
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(f"saisaat-statement-v1\n{name}\n{said}".encode())
    assert text == body + b"# signature " + base64.b64encode(signature) + b"\n"


def test_the_example_of_a_receipt_is_right() -> None:
    shown = example("receipt")
    digits = shown["typed"].replace(" ", "")
    rows, state = example("damm"), "0"
    for digit in digits[:-1]:
        state = rows[state][int(digit)]
    assert (state, digits[-1]) == (shown["check digit"], shown["check digit"])
    half = argon2(digits.encode(), shown, b"saisaat/receipt/v1")
    root = hmac.new(bytes.fromhex(shown["pepper"]), half, hashlib.sha256).digest()
    assert expand(root, b"saisaat/receipt/v1/locator").hex() == shown["locator"]
    assert expand(root, b"saisaat/receipt/v1/identity").hex() == shown["seed"]
    keys = stretch_receipt(Receipt.parse(shown["typed"]), **deployment(shown))
    assert (keys.locator.hex(), keys.identity.seed.hex()) == (shown["locator"], shown["seed"])


def test_the_example_of_a_member_code_is_right() -> None:
    shown = example("member code")
    code = MemberCode.parse(shown["typed"])
    assert (code.letters, code.alias) == (shown["letters"], shown["alias"])
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    total = 0
    for place, letter in enumerate(shown["letters"][-2::-1]):
        product = alphabet.index(letter) * (2 if place % 2 == 0 else 1)
        total += product // 32 + product % 32
    assert alphabet[-total % 32] == shown["check letter"] == shown["letters"][-1]
    half = argon2(shown["letters"].encode(), shown, b"saisaat/member-code/v1")
    assert (
        half_locator(code, salt=bytes.fromhex(shown["salt"]), cost=deployment(shown)["cost"])
        == half
    )
    root = hmac.new(bytes.fromhex(shown["pepper"]), half, hashlib.sha256).digest()
    assert expand(root, b"saisaat/member-code/v1/locator").hex() == shown["locator"]
    assert stretch_member_code(code, **deployment(shown)).hex() == shown["locator"]


def test_the_example_of_a_fingerprint_is_right() -> None:
    shown = example("fingerprint")
    digest = hashlib.sha256(b"saisaat/fingerprint/v1\n" + shown["data"].encode()).digest()
    runs = [digest[start : start + 5] for start in range(0, 30, 5)]
    groups = [f"{int.from_bytes(run, 'big') % 100_000:05}" for run in runs]
    assert " ".join(groups) == shown["fingerprint"] == fingerprint(shown["data"].encode())


def test_the_example_of_the_drawer_is_right() -> None:
    shown = example("drawer")
    key, server_key = bytes.fromhex(shown["key"]), bytes.fromhex(shown["server key"])
    items = shown["context items"].split(" ")
    context = b"".join(len(item).to_bytes(4, "big") + item.encode() for item in items)
    assert context.hex() == shown["context"] == record_context(*items).hex()
    body, nonce = shown["body"].encode(), bytes.fromhex(shown["nonce"])
    extracted = hmac.new(server_key, key, hashlib.sha256).digest()
    cipher = ChaCha20Poly1305(expand(extracted, b"saisaat/drawer/v1" + context))
    plain = (len(body).to_bytes(4, "big") + body).ljust(1024, b"\0")
    record = b"\x01" + nonce + cipher.encrypt(nonce, plain, b"\x01")
    assert record == seal_record(key, server_key, context, body, nonce=nonce)
    assert open_record(key, server_key, context, record) == body
    assert record.hex().startswith(shown["record begins"])
    assert len(record) == int(shown["record bytes"])


def signed_text(name: str) -> bytes:
    if name == "registry":
        newest: str = vectors("registry")["registries"][-1]["signed"]
        return newest.encode()
    text: str = vectors("files")[name]
    return text.encode()


def vectors(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return value


def test_the_page_names_every_pair_of_roles_that_is_better_apart() -> None:
    rows = [
        (one.strip("`"), other.strip("`"), says == "refused") for one, other, says in table("mixes")
    ]
    assert rows == [(mix.one, mix.other, mix.is_refused) for mix in MIXES]
    (roles,) = [row[1] for row in table("fields: officer") if row[0] == "`roles`"]
    assert re.findall(r"`(\w+)`", roles) == [role.value for role in Role]
