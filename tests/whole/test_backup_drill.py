"""The drill of docs/backup.md, played as it is written."""

import re
import shlex
import shutil
from pathlib import Path

from tests.whole.deployment import make
from tests.whole.nursery import running
from tests.whole.restored import saisaat

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"


def test_the_drill_is_played_as_it_is_written(tmp_path: Path) -> None:
    thai, english = re.findall(
        r"<!-- drill -->\n```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert thai == english
    made = make(tmp_path / "made")
    with running(made):
        pass  # the first start makes the database
    kept, backups = tmp_path / "kept", tmp_path / "backups"
    kept.mkdir(mode=0o700)
    backups.mkdir(mode=0o700)
    shutil.copy(made.folder / "secrets" / "server.key", kept)
    for written, real in (
        ("/var/lib/saisaat/deployment", made.folder),
        ("/srv/saisaat-backups", backups),
        ("/srv/saisaat-drill", tmp_path / "drill"),
        ("/root/kept", kept),
    ):
        assert written in english
        english = english.replace(written, str(real))
    said = []
    for line in english.splitlines():
        program, *words = shlex.split(line)
        if program == "rm":
            for gone in words[1:]:
                shutil.rmtree(gone)
            continue
        assert program == "saisaat"
        done = saisaat(*words)
        said.append(done.stdout)
        if words[0] != "doctor":  # it may have something to say of this machine
            assert done.returncode == 0, (line, done.stderr)
    _, check, restore, doctor = said
    assert "ครบถ้วน" in check
    assert "คืนข้อมูลแล้ว" in restore
    for name in ("database", "server key", "roster", "recovery"):
        assert re.search(rf"^\[ปกติ.*· {name}: ", doctor, re.MULTILINE), doctor
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backups", "kept", "made"]
