"""If this software is gone: npm's age-encryption opens an exported tip, words, files and all."""

import json
from pathlib import Path

from tests.console.conftest import Run
from tests.console.fake_world import Person, World, claim_as
from tests.interop.foreign import data, node, text

PHOTO = bytes(range(256)) * 700  # three age chunks, and zeros behind them


def test_a_foreign_age_opens_every_sealed_original_of_an_export(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="เห็นเขาเอาปูนของ อบต. ไป", question="what"))
    world.add_file(tip, PHOTO, name="ถนน.jpg")
    world.officer_part(tip, somchai, "จำทะเบียนได้ไหม")
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 0

    parts = sorted((out / "sealed").glob("*.age"))
    blobs = list((out / "sealed" / "blobs").glob("*.age"))
    case, reply = (_identity(out / f"identity-{side}.txt") for side in ("case", "reply"))
    *told_parts, message, reason = parts
    files = [(path, case) for path in (*told_parts, reason, *blobs)] + [(message, reply)]
    answers = node(
        *(
            {"wish": "decrypt", "identity": identity, "data": text(path.read_bytes())}
            for path, identity in files
        ),
        {"wish": "decrypt", "identity": reply, "data": text(parts[1].read_bytes())},
    )
    *opened, refused = answers
    told = [json.loads(data(answer)) for answer in (*opened[: len(parts) - 1], opened[-1])]
    assert [part["kind"] for part in told] == ["form", "words", "file", "note", "message"]
    assert told[1]["words"] == "เห็นเขาเอาปูนของ อบต. ไป"
    assert told[3]["words"] == "x"  # why it was exported
    assert told[4]["words"] == "จำทะเบียนได้ไหม"
    size = told[2]["file"]["size"]
    assert data(opened[len(parts) - 1])[:size] == PHOTO
    assert set(data(opened[len(parts) - 1])[size:]) <= {0}
    assert "refused" in refused, "the receipt's side opened what was told"


def test_a_foreign_age_opens_a_tip_that_got_new_keys_from_the_newest_key_alone(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    world.join("มาลี", "kkn")
    tip = world.file_tip(*world.people)
    claim_as(tip, somchai)
    why = ("--reason", "ย้ายงาน")
    assert run("withdraw", tip.tip_id, "--who", "มาลี", *why, person=somchai).code == 0
    assert run("reply", tip.tip_id, "--words", "ถามต่อ", person=somchai).code == 0
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 0

    form, note, message, _ = (p.read_bytes() for p in sorted((out / "sealed").glob("*.age")))
    (newest, oldest), (reply, _) = (
        _identities(out / f"identity-{side}.txt") for side in ("case", "reply")
    )
    shown = json.loads((out / "sealed" / "tip.json").read_bytes())
    rekey = json.loads(data({"data": shown["changes"][-1]["rekey"]}))
    earlier, old_part, new_part, said, refused = node(
        {"wish": "decrypt", "identity": newest, "data": rekey["earlier"]},
        {"wish": "decrypt", "identity": oldest, "data": text(form)},
        {"wish": "decrypt", "identity": newest, "data": text(note)},
        {"wish": "decrypt", "identity": reply, "data": text(message)},
        {"wish": "decrypt", "identity": oldest, "data": text(note)},
    )
    assert json.loads(data(earlier))["case"] == oldest
    assert json.loads(data(old_part))["kind"] == "form"
    assert json.loads(data(new_part))["words"] == "ย้ายงาน"
    assert json.loads(data(said))["words"] == "ถามต่อ"
    assert "refused" in refused, "the key before opened what was written since"


def test_a_foreign_age_opens_an_original_that_the_reporter_left_in(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    for key in (
        world.add_words(tip, "โทรหาผม 081-234-5678", "โทรหาผม […]"),
        world.add_cleaned(tip, PHOTO, PHOTO[:100]),
    ):
        world.give_away(tip, key)
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 0
    words, photo = (_identity(path) for path in sorted((out / "originals").glob("*-identity.txt")))
    sealed = next((out / "originals").glob("*-words.age")).read_bytes()
    blob = max((out / "sealed" / "blobs").iterdir(), key=lambda path: path.stat().st_size)
    case = _identity(out / "identity-case.txt")
    opened, file, refused = node(
        {"wish": "decrypt", "identity": words, "data": text(sealed)},
        {"wish": "decrypt", "identity": photo, "data": text(blob.read_bytes())},
        {"wish": "decrypt", "identity": case, "data": text(sealed)},
    )
    assert json.loads(data(opened))["words"] == "โทรหาผม 081-234-5678"
    assert data(file)[: len(PHOTO)] == PHOTO
    assert "refused" in refused, "the tip's own key opened an original"


def _identity(path: Path) -> str:
    return _identities(path)[-1]


def _identities(path: Path) -> list[str]:
    """The keys of an age identity file, in order."""
    lines = path.read_text(encoding="ascii").splitlines()
    return [line for line in lines if not line.startswith("#")]
