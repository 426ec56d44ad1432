"""Files made once by us and by others; they must open for as long as this project exists."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sealing import age

FOLDER = Path(__file__).parent.parent / "vectors" / "age"
INDEX = tomllib.loads((FOLDER / "vectors.toml").read_text(encoding="utf-8"))


def identity(vector: dict[str, Any]) -> age.Identity:
    if "passphrase" in vector:
        return age.ScryptIdentity(vector["passphrase"])
    return age.parse_identity(vector["identity"])


@pytest.mark.parametrize("vector", INDEX["file"], ids=lambda vector: vector["name"])
def test_a_file_of_the_past_opens(vector: dict[str, Any]) -> None:
    opened = age.decrypt((FOLDER / vector["name"]).read_bytes(), identity(vector))
    assert len(opened) == vector["bytes"]
    assert hashlib.sha256(opened).hexdigest() == vector["sha256"]


def test_every_file_in_the_folder_is_listed() -> None:
    assert {path.name for path in FOLDER.glob("*.age")} == {one["name"] for one in INDEX["file"]}


@pytest.mark.parametrize("pair", INDEX["key"], ids=["X25519", "post-quantum"])
def test_published_keys_belong_together(pair: dict[str, str]) -> None:
    ours = age.parse_identity(pair["identity"])
    assert str(ours.recipient) == pair["recipient"]
    assert age.parse_recipient(pair["recipient"]) == ours.recipient
    assert ours.reveal() == pair["identity"]
