"""Shutting a worker in, before it reads the first byte of a stranger's file.

Owns the order of doors and what is said when one cannot be shut. Standard library only. Limits
(setrlimit), no new privileges, and not being dumpable are a must: without them there is no worker.
The rest is the kernel's to give: namespaces (no network, nobody's user), Landlock (no file, no
port), seccomp (computing, reading, writing; nothing else). Each shuts alone what matters most; what
was shut is reported, so that the operator can be told what was not.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

MUST = ("limits",)
WISHED = ("namespaces", "landlock", "seccomp")
"""What a kernel may lack. With any of landlock or seccomp no file opens; seccomp or namespaces
keep the network out."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL = 9
_MODE_FILTER = 2
_FILES_OPEN_AT_MOST = 65_536
_NAMESPACES = 0x10000000 | 0x40000000 | 0x08000000  # user, network, System V IPC
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
_LANDLOCK_FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version knows
_LANDLOCK_PORTS = 0b11
_LANDLOCK_SCOPES = 0b11

_ALLOWED = {
    # read write close fstat lseek poll mmap mprotect munmap brk rt_sigaction rt_sigprocmask
    # rt_sigreturn readv writev sched_yield mremap madvise dup getpid exit futex clock_gettime
    # clock_getres gettimeofday time exit_group getrandom getrusage tgkill gettid sigaltstack
    # clock_nanosleep restart_syscall sysinfo rseq
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 19, 20, 24, 25, 28, 32, 39, 60, 202, 228, 229,
         96, 201, 231, 318, 98, 234, 186, 131, 230, 219, 99, 334),
    ),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 73, 222, 226, 215, 214, 134, 135, 139, 65, 66, 124, 216, 233, 23, 172,
         93, 98, 113, 114, 169, 94, 278, 165, 131, 178, 132, 115, 128, 179, 293),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walls:
    """How much of the machine one worker may use."""

    memory_bytes: int
    cpu_s: int


def is_enough(shut: Iterable[str]) -> bool:
    """Whether what is *shut* keeps a worker that was taken over from disk and network."""
    names = set(shut)
    return "seccomp" in names or {"landlock", "namespaces"} <= names


def shut_in(walls: Walls, *, keep: int) -> tuple[str, ...]:
    """Give up everything but computing and the files open up to *keep*; the names of what is shut.

    Raises OSError when a limit of MUST is refused: no file may be read then. Afterwards no module
    can be imported any more.
    """
    os.chdir("/")
    os.environ.clear()
    os.closerange(keep + 1, _FILES_OPEN_AT_MOST)
    if sys.platform == "linux":
        _must(_prctl(_PR_SET_PDEATHSIG, _SIGKILL))
        _must(_prctl(_PR_SET_DUMPABLE, 0))
        _must(_prctl(_PR_SET_NO_NEW_PRIVS, 1))
    shut = list(MUST)
    if sys.platform == "linux" and _libc().unshare(_NAMESPACES) == 0:
        shut.append("namespaces")
    if sys.platform == "linux" and _landlock():
        shut.append("landlock")
    _limit(walls)
    if sys.platform == "linux" and _seccomp():
        shut.append("seccomp")
    return tuple(shut)


def _limit(walls: Walls) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 4,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CPU: walls.cpu_s,
        resource.RLIMIT_AS: walls.memory_bytes,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def _landlock() -> bool:
    """No path, no port, no other process: a set of rules without a rule."""
    libc = _libc()
    version = int(libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION))
    if version < 1:
        return False
    rights = (1 << _LANDLOCK_FILES[min(version, max(_LANDLOCK_FILES))]) - 1
    ports = _LANDLOCK_PORTS if version >= 4 else 0
    scopes = _LANDLOCK_SCOPES if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, ports, scopes)[: 24 if scopes else 16 if ports else 8]
    rules = int(libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0))
    if rules < 0:
        return False
    try:
        return bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _seccomp() -> bool:
    """Allow the calls of _ALLOWED; any other is answered with EPERM, so that whoever asks for one
    fails like anybody who is refused, and the worker can still say that it could not clean."""
    known = _ALLOWED.get(platform.machine())
    if known is None or sys.maxsize < 2**32:
        return False
    architecture, calls = known
    kill, refuse, allow = 0x80000000, 0x00050000 | 1, 0x7FFF0000
    load, is_equal, give = 0x20, 0x15, 0x06
    filters = [
        (load, 0, 0, 4),  # the architecture
        (is_equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        *((is_equal, len(calls) - nth, 0, call) for nth, call in enumerate(calls)),
        (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in filters))
    program = struct.pack("@HP", len(filters), ctypes.addressof(code))
    held = ctypes.create_string_buffer(program)
    return _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(held)) == 0


def _prctl(option: int, value: int, more: int = 0) -> int:
    unsigned = ctypes.c_ulong
    return int(_libc().prctl(option, unsigned(value), unsigned(more), unsigned(0), unsigned(0)))


def _must(code: int) -> None:
    if code != 0:
        raise OSError(ctypes.get_errno(), "the system refused to shut the worker in")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
