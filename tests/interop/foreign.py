"""Foreign implementations of age, as the tests call them. A missing one fails the test: a seal
that nobody else was asked to open proves nothing.
"""

import base64
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_AT_MOST_S = 60


def node(*wishes: Mapping[str, object]) -> list[dict[str, str]]:
    """What npm's age-encryption answers to *wishes*; see age.mjs for their form."""
    program = _program("node")
    if not (HERE / "node_modules" / "age-encryption").is_dir():
        pytest.fail("npm's age-encryption is not installed for tests/interop; run: make tools")
    done = subprocess.run(
        [program, HERE / "age.mjs"],
        input=json.dumps(wishes).encode(),
        capture_output=True,
        timeout=_AT_MOST_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers


def text(data: bytes) -> str:
    """Bytes as `node` takes them."""
    return base64.b64encode(data).decode()


def data(answer: dict[str, str]) -> bytes:
    """The bytes of an answer of `node`."""
    return base64.b64decode(answer["data"])


def debian_age_encrypts(plaintext: bytes, *recipients: str) -> bytes:
    """What Debian's `age` makes of *plaintext*."""
    return _run("age", *(f"--recipient={one}" for one in recipients), given=plaintext)


def debian_age_decrypts(file: bytes, identity_file: Path) -> bytes:
    """What Debian's `age` opens *file* to; raises CalledProcessError when it refuses."""
    return _run("age", "--decrypt", f"--identity={identity_file}", given=file)


def debian_age_keygen(identity_file: Path) -> str:
    """Let Debian's `age-keygen` write a new identity and return its recipient."""
    _run("age-keygen", f"--output={identity_file}", given=b"")
    return _run("age-keygen", "-y", str(identity_file), given=b"").decode().strip()


def _run(name: str, *arguments: str, given: bytes) -> bytes:
    return subprocess.run(
        [_program(name), *arguments],
        input=given,
        capture_output=True,
        check=True,
        timeout=_AT_MOST_S,
    ).stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not on the PATH; run: make tools")
    return found
