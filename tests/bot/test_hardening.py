"""The process leaves no core dump and no file for others. Played in a process of its own."""

import subprocess
import sys

CHECK = """
import os, resource, tempfile
from bot import hardening
assert not hardening.core_dumps_are_off()
hardening.disable_core_dumps()
hardening.keep_files_private()
assert hardening.core_dumps_are_off()
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
resource.setrlimit(resource.RLIMIT_NOFILE, (128, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
hardening.allow_many_files()
assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 1024
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/x", "w") as file:
        assert os.fstat(file.fileno()).st_mode & 0o077 == 0
print("done")
"""


def test_core_dumps_are_off_files_private_and_many_may_be_open() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "done\n", done.stderr
