"""`saisaat init`: private from the first byte, nothing overwritten, no key where data is."""

import os
from pathlib import Path

import pytest

from bot import deployment
from bot.config import load
from bot.errors import Misconfigured
from bot.server_key import ServerKey

ROOT = Path(__file__).parent.parent.parent


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def test_the_example_at_the_top_is_the_one_that_ships() -> None:
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == deployment.example()


def test_a_new_deployment_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        deployment.make(tmp_path / "d", tmp_path / "s")
    finally:
        os.umask(before)
    for path in (tmp_path / "d", tmp_path / "s", *tmp_path.glob("[ds]/**/*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_the_configuration_it_writes_is_good_and_names_the_real_places(tmp_path: Path) -> None:
    made = deployment.make(tmp_path / "d", tmp_path / "s")
    config = load(made.config)
    assert config.server_key == made.server_key == tmp_path / "s" / "server.key"
    assert config.storage.data_folder == tmp_path / "d" / "data"
    assert config.storage.forget == tmp_path / "d" / "forget" / "keys"
    assert config.storage.blobs.is_dir()
    ServerKey.read(config.server_key)


@pytest.mark.parametrize("name", ['a "quoted" name', "back\\slash", "ความลับ", "a'b", "tab\tname"])
def test_odd_names_of_folders_come_out_right(name: str, tmp_path: Path) -> None:
    if "\t" in name:
        with pytest.raises(Misconfigured, match="line break or an invisible character"):
            deployment.make(tmp_path / "d", tmp_path / name)
        assert not list(tmp_path.iterdir())
        return
    made = deployment.make(tmp_path / "d", tmp_path / name)
    assert load(made.config).server_key == tmp_path / name / "server.key"


def test_relative_paths_are_written_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = deployment.make(Path("d"), Path("s"))
    monkeypatch.chdir("/")
    assert load(made.config).server_key == tmp_path / "s" / "server.key"


def test_a_second_time_nothing_is_touched(tmp_path: Path) -> None:
    deployment.make(tmp_path / "d", tmp_path / "s")
    before = tree(tmp_path)
    for folder, secrets in (("d", "s"), ("d", "s2"), ("d2", "s")):
        with pytest.raises(Misconfigured, match="is there already"):
            deployment.make(tmp_path / folder, tmp_path / secrets)
        assert tree(tmp_path) == before


@pytest.mark.parametrize("secrets", ["d/data", "d/data/s", "d/x/../data/s", "link"])
def test_the_server_key_never_goes_into_the_data_folder(secrets: str, tmp_path: Path) -> None:
    if secrets == "link":
        (tmp_path / "link").symlink_to(tmp_path / "d" / "data")
    before = tree(tmp_path)
    with pytest.raises(Misconfigured, match="inside the data folder"):
        deployment.make(tmp_path / "d", tmp_path / secrets)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["d", "s"])
def test_a_folder_that_others_may_look_into_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name).chmod(0o755)
    with pytest.raises(Misconfigured, match="chmod 700"):
        deployment.make(tmp_path / "d", tmp_path / "s")
    assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize("name", ["d", "s"])
def test_a_file_in_the_way_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(Misconfigured, match="is a file"):
        deployment.make(tmp_path / "d", tmp_path / "s")


@pytest.mark.parametrize("name", ["d/config.toml", "s/server.key"])
def test_a_dangling_link_in_the_way_is_refused(name: str, tmp_path: Path) -> None:
    for folder in ("d", "s"):
        (tmp_path / folder).mkdir(mode=0o700)
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured, match="is there already"):
        deployment.make(tmp_path / "d", tmp_path / "s")
    assert not (tmp_path / "elsewhere").exists()


def test_every_obstacle_is_told_at_once(tmp_path: Path) -> None:
    deployment.make(tmp_path / "d", tmp_path / "s")
    (tmp_path / "s").chmod(0o755)
    with pytest.raises(Misconfigured) as caught:
        deployment.make(tmp_path / "d", tmp_path / "s")
    assert len(str(caught.value).splitlines()) == 5


def test_two_deployments_never_share_a_key(tmp_path: Path) -> None:
    one = deployment.make(tmp_path / "d1", tmp_path / "s1")
    other = deployment.make(tmp_path / "d2", tmp_path / "s2")
    assert ServerKey.read(one.server_key) != ServerKey.read(other.server_key)
