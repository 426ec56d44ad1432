"""Files copied so that they are known: hostile ones are named, and nothing half is left."""

import errno
import os
from hashlib import sha256
from pathlib import Path

import pytest

from storage import Missing, StorageError, Unavailable, copying
from storage.blobs import DAY_S
from storage.copying import Known, Strange

DATA = os.urandom(3_000_001)
KNOWN = Known(len(DATA), sha256(DATA).hexdigest())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


def test_a_copy_is_private_says_only_the_day_and_is_known(source: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert copying.copy(source, tmp_path / "copy") == KNOWN
    finally:
        os.umask(before)
    facts = (tmp_path / "copy").stat()
    assert (tmp_path / "copy").read_bytes() == DATA
    assert facts.st_mode & 0o777 == 0o600
    assert facts.st_mtime % DAY_S == 0


@pytest.mark.parametrize("change", ["altered", "longer", "shorter"])
def test_another_file_than_the_wanted_one_is_not_copied(
    source: Path, tmp_path: Path, change: str
) -> None:
    other = {"altered": b"\0" + DATA[1:], "longer": DATA + b"\0", "shorter": DATA[:-1]}[change]
    source.write_bytes(other)
    for look in (
        lambda: copying.copy(source, tmp_path / "copy", KNOWN),
        lambda: copying.look_at(source, KNOWN),
    ):
        with pytest.raises(Strange, match="altered"):
            look()
    assert not (tmp_path / "copy").exists()


def test_links_folders_and_pipes_are_refused_and_missing_is_said(
    source: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(Strange):
            copying.copy(tmp_path / name, tmp_path / "copy")
        with pytest.raises(Strange):
            copying.read_small(tmp_path / name, 100)
    with pytest.raises(Missing):
        copying.copy(tmp_path / "nothing", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_nothing_is_written_over_or_through_a_link(source: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"before")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(StorageError):
            copying.copy(source, tmp_path / name)
    assert (tmp_path / "there").read_bytes() == b"before"
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_is_called_one_and_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Unavailable, match="the disk is full"):
        copying.copy(source, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_small_file_that_is_too_long_is_not_read(source: Path) -> None:
    with pytest.raises(Strange, match="too long"):
        copying.read_small(source, len(DATA) - 1)
    assert copying.read_small(source, len(DATA)) == DATA
