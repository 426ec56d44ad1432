"""Bodies' keys: added by the admin after the digits were read aloud, signed with the roster."""

import json
from pathlib import Path

import pytest

from sealing import age
from tests.console.conftest import Run
from tests.console.fake_world import Person, World


@pytest.fixture
def admin(tmp_path: Path, run: Run, world: World, somchai: Person) -> Path:
    """An admin's folder with a draft that holds one officer."""
    home, key = tmp_path / "admin", tmp_path / "recovery.age"
    assert run("roster", "init-admin", home=home).code == 0
    assert run("recovery", "make", key).code == 0
    public, card = key.with_name("recovery.age.pub"), somchai.home / "card.toml"
    added = run("roster", "add", card, "--centre", "kkn", "--recovery", public, "--yes", home=home)
    assert added.code == 0, added.err
    return home


def key_file(path: Path, recipient: object) -> Path:
    path.write_text(f"# public key of the body\n{recipient}\n", encoding="utf-8")
    return path


def shown(run: Run, home: Path) -> list[dict[str, object]]:
    assert run("roster", "sign", home=home).code == 0
    ran = run("roster", "show", "--json", home=home)
    assert ran.code == 0, ran.err
    found: list[dict[str, object]] = json.loads(ran.out)["bodies"]
    return found


def test_a_body_is_added_with_its_digits_and_signed(run: Run, admin: Path, tmp_path: Path) -> None:
    recipient = age.PQIdentity.generate().recipient
    file = key_file(tmp_path / "nacc.pub", recipient)
    ran = run("roster", "add-body", "nacc", file, "--yes", home=admin)
    assert ran.code == 0, ran.err
    (body,) = shown(run, admin)
    assert (body["body"], body["en"], body["age"]) == ("nacc", "NACC", str(recipient))
    assert str(body["fingerprint"]) in ran.out
    assert str(body["fingerprint"]) in run("roster", "show", home=admin).out


def test_an_older_kind_of_key_is_taken_with_a_warning(
    run: Run, admin: Path, tmp_path: Path
) -> None:
    file = key_file(tmp_path / "p.pub", age.X25519Identity.generate().recipient)
    ran = run("roster", "add-body", "police", file, "--yes", home=admin)
    assert ran.code == 0
    assert "older kind (age1)" in ran.err
    assert [body["is_post_quantum"] for body in shown(run, admin)] == [False]


def test_nothing_is_added_before_the_digits_were_read_aloud(
    run: Run, admin: Path, tmp_path: Path
) -> None:
    file = key_file(tmp_path / "nacc.pub", age.PQIdentity.generate().recipient)
    assert run("roster", "add-body", "nacc", file, home=admin, typed="n\n").code == 2
    assert shown(run, admin) == []


def test_what_is_no_public_key_is_refused(run: Run, admin: Path, tmp_path: Path) -> None:
    secret = age.PQIdentity.generate()
    for text in ("", "age1nonsense", secret.reveal(), f"{secret.recipient}\n{secret.recipient}"):
        file = key_file(tmp_path / "x", text)
        ran = run("roster", "add-body", "nacc", file, "--yes", home=admin)
        assert ran.code == 2
        assert secret.reveal() not in ran.err + ran.out
    good = key_file(tmp_path / "y", secret.recipient)
    assert run("roster", "add-body", "unheard", good, "--yes", home=admin).code == 2
    named = ("--th", "หน่วย", "--en", "Unheard")
    assert run("roster", "add-body", "unheard", good, "--yes", *named, home=admin).code == 0


def test_a_body_is_replaced_and_taken_out(run: Run, admin: Path, tmp_path: Path) -> None:
    first, second = (age.PQIdentity.generate().recipient for _ in range(2))
    for each in (first, second):
        file = key_file(tmp_path / "nacc.pub", each)
        assert run("roster", "add-body", "nacc", file, "--yes", home=admin).code == 0
    assert [body["age"] for body in shown(run, admin)] == [str(second)]
    assert run("roster", "remove-body", "nacc", home=admin).code == 0
    assert shown(run, admin) == []
    assert run("roster", "remove-body", "nacc", home=admin).code == 2
