"""What the process does to itself before it holds any secret: no core dumps, no files for others,
room for as many open files as it may need.

On Linux both switches are needed: a core pattern that pipes to a program ignores RLIMIT_CORE, and
only a process that is not dumpable is left alone by it (core(5), prctl(2)). Not being dumpable
also keeps other programs of the same user from reading this one's memory.
"""

import ctypes
import os
import resource
import sys

FILES_OPEN = 4096
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4


def disable_core_dumps() -> None:
    """Switch core dumps off for this process, and for its children as far as the limit reaches.

    Raises OSError when the system refuses: the caller must not go on to hold secrets.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and _prctl(_PR_SET_DUMPABLE, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system refused to switch core dumps off")


def keep_files_private() -> None:
    """Let no file that this process makes from now on be readable by others."""
    os.umask(0o077)


def allow_many_files() -> None:
    """Raise the soft limit on open files as far as we may: every connection is one, every upload
    another, and a crowd must meet our own bounds before the system's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES_OPEN:
        most = FILES_OPEN if hard == resource.RLIM_INFINITY else min(FILES_OPEN, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def core_dumps_are_off() -> bool:
    """Say whether this process would leave nothing behind when it crashes."""
    is_limited = resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
    return is_limited and (sys.platform != "linux" or _prctl(_PR_GET_DUMPABLE, 0) == 0)


def _prctl(option: int, value: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))
