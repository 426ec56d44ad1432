"""The server key: hidden, guarded, never overwritten, one sub-key per purpose."""

import copy
import os
import pickle
from pathlib import Path

import pytest

from bot.errors import ServerKeyUnusable
from bot.server_key import Purpose, ServerKey

KEY, SALT = b"\xc7" * 32, b"\x5a" * 32


def test_what_is_written_is_read_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        ServerKey(KEY, SALT).write_new(tmp_path / "server.key")
    finally:
        os.umask(before)
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    assert ServerKey.read(tmp_path / "server.key") == ServerKey(KEY, SALT)


def test_two_generated_keys_differ() -> None:
    assert ServerKey.generate() != ServerKey.generate()


def test_a_key_is_never_overwritten_nor_written_through_a_link(tmp_path: Path) -> None:
    path = tmp_path / "server.key"
    ServerKey(KEY, SALT).write_new(path)
    with pytest.raises(FileExistsError):
        ServerKey.generate().write_new(path)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        ServerKey.generate().write_new(tmp_path / "link")
    assert ServerKey.read(path) == ServerKey(KEY, SALT)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644])
def test_a_key_that_others_may_read_or_write_is_refused_with_the_cure(
    mode: int, tmp_path: Path
) -> None:
    path = tmp_path / "server.key"
    ServerKey(KEY, SALT).write_new(path)
    path.chmod(mode)
    with pytest.raises(ServerKeyUnusable, match="chmod 600"):
        ServerKey.read(path)


def test_a_credential_shows_the_mask_of_an_acl_and_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "server.key"
    ServerKey(KEY, SALT).write_new(path)
    path.chmod(0o440)
    assert ServerKey.read(path, is_credential=True) == ServerKey(KEY, SALT)


LINE = f"saisaat-server-key-1 {KEY.hex()} {SALT.hex()}\n"


@pytest.mark.parametrize(
    "body",
    [
        "", "# nothing\n", LINE[:-3], LINE + LINE, LINE.upper(), LINE.replace("key-1", "key-2"),
        LINE.replace(" ", "  "), "\0" * 100, LINE + "#" * 5000, "ก" * 50, LINE.replace("c7", "zz"),
    ],
)  # fmt: skip
def test_a_damaged_key_file_is_refused_and_nothing_of_it_is_said(body: str, tmp_path: Path) -> None:
    path = tmp_path / "server.key"
    path.write_text(body, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ServerKeyUnusable, match="not a Saisaat server key") as caught:
        ServerKey.read(path)
    assert "c7c7" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_missing_file_a_folder_and_a_pipe_are_plain_answers(tmp_path: Path) -> None:
    with pytest.raises(ServerKeyUnusable, match="no server key here"):
        ServerKey.read(tmp_path / "server.key")
    with pytest.raises(ServerKeyUnusable, match="cannot be read"):
        ServerKey.read(tmp_path)
    with pytest.raises(ServerKeyUnusable, match="not a plain file"):
        ServerKey.read(Path(os.devnull))


def test_neither_key_nor_salt_shows_anywhere() -> None:
    key = ServerKey(KEY, SALT)
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr({"k": key})):
        assert "c7" not in shown.lower()
        assert "\\x" not in shown
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(key)
    with pytest.raises(ValueError, match="32 bytes") as caught:
        ServerKey(KEY + b"!", SALT)
    assert "\\x" not in str(caught.value)


def test_each_purpose_has_a_key_of_its_own_that_never_changes() -> None:
    key = ServerKey(KEY, SALT)
    derived = {purpose: key.derive(purpose) for purpose in Purpose}
    assert len({*derived.values(), KEY, SALT}) == len(Purpose) + 2
    assert derived == {purpose: ServerKey(KEY, SALT).derive(purpose) for purpose in Purpose}
    assert derived[Purpose.PEPPER] == key.pepper
    # Fixed for ever: another value would make every stored receipt unfindable.
    assert derived[Purpose.PEPPER].hex() == PEPPER_OF_THE_SAMPLE
    assert key.check == CHECK_OF_THE_SAMPLE


def test_key_and_salt_both_matter() -> None:
    one = ServerKey(KEY, SALT).derive(Purpose.DRAWER)
    assert one != ServerKey(SALT, SALT).derive(Purpose.DRAWER)
    assert one != ServerKey(KEY, KEY).derive(Purpose.DRAWER)


# Computed apart, with hmac alone (RFC 5869): HMAC(HMAC(salt, key), info | 01).
PEPPER_OF_THE_SAMPLE = "33d0c079aaf30eb40e90facbcb7c23341243ce7b53be26a5e94c8d3cf7a14863"
CHECK_OF_THE_SAMPLE = "a55247ae19349c67ee5f0daab2535f27"
