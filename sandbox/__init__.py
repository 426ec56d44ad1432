"""Shutting a worker in, before it reads the first byte of a stranger's file.

Owns the one way out that a worker keeps, the order of doors, and what is said when one cannot be
shut. Standard library only. Limits
(setrlimit), no new privileges, and not being dumpable are a must: without them there is no worker.
The rest is the kernel's to give: namespaces (no network, nobody's user), Landlock (no file, no
port), seccomp (computing, reading, writing; nothing else). Each shuts alone what matters most; what
was shut is reported, so that the operator can be told what was not.

A worker may be left a window (`Window`): some folders to read and threads to start, because a
library that sets type looks for fonts while it works. It still writes nowhere, starts no program
and reaches no network; without Landlock it reads what its user reads.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
_LANDLOCK_ADD_RULE, _LANDLOCK_BENEATH = 445, 1
_LANDLOCK_VERSION = 1
_LANDLOCK_FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version knows
_LANDLOCK_PORTS = 0b11
_LANDLOCK_SCOPES = 0b11
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_CLONE_THREAD = 0x00010000
_FIRST_ARGUMENT = 16  # of a call, in what a filter is shown
_FILES_OF_A_WINDOW = 64

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
_OF_A_WINDOW = {
    # openat access faccessat faccessat2 readlink readlinkat stat lstat newfstatat statx statfs
    # fstatfs getdents64 pread64 fadvise64 fcntl set_robust_list getcwd getuid getgid geteuid
    # getegid
    "x86_64": (257, 21, 269, 439, 89, 267, 4, 6, 262, 332, 137, 138, 217, 17, 221, 72, 273, 79, 102,
               104, 107, 108),
    # openat faccessat faccessat2 readlinkat newfstatat statx statfs fstatfs getdents64 pread64
    # fadvise64 fcntl set_robust_list getcwd getuid getgid geteuid getegid
    "aarch64": (56, 48, 439, 78, 79, 291, 43, 44, 61, 67, 223, 25, 99, 17, 174, 176, 175, 177),
}  # fmt: skip
_CLONES = {"x86_64": (56, 435), "aarch64": (220, 435)}
"""clone and clone3. The second takes its flags where a filter cannot see them: it is said not to
exist, and libc asks for the first."""


@dataclass(frozen=True, slots=True)
class Window:
    """*folders* (or files) that a worker may still read, with all that lies in them. It may start
    threads, too."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Walls:
    """How much of the machine one worker may use."""

    memory_bytes: int
    cpu_s: int
    window: Window | None = None


def only_answers() -> int:
    """A way out for what this process answers, in place of its standard output. Whatever else is
    written goes nowhere from now on: errors and warnings of libraries would quote what they read.
    """
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for taken in (1, 2):
        os.dup2(nowhere, taken)
    os.close(nowhere)
    return out


def say(out: int, data: bytes) -> None:
    """All of *data*, however little the pipe takes at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(out, left) :]


def is_enough(shut: Iterable[str]) -> bool:
    """Whether what is *shut* keeps a worker that was taken over from disk and network."""
    names = set(shut)
    return "seccomp" in names or {"landlock", "namespaces"} <= names


def shut_in(walls: Walls, *, keep: int) -> tuple[str, ...]:
    """Give up everything but computing, the files open up to *keep* and what the walls' window
    shows; the names of what is shut.

    Raises OSError when a limit of MUST is refused, and ImportError where there are none (Windows),
    before anything was given up: no stranger's file may be read then. Afterwards no module can be
    imported any more.
    """
    import resource  # here, so that a program may ask about walls where none can be built

    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 4 if walls.window is None else _FILES_OF_A_WINDOW,
        resource.RLIMIT_CPU: walls.cpu_s,
        resource.RLIMIT_AS: walls.memory_bytes,
    }
    if walls.window is None:  # a thread counts as a process here
        limits[resource.RLIMIT_NPROC] = 0
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
    if sys.platform == "linux" and _landlock(walls.window):
        shut.append("landlock")
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    if sys.platform == "linux" and _seccomp(walls.window):
        shut.append("seccomp")
    return tuple(shut)


def _landlock(window: Window | None) -> bool:
    """No path, no port, no other process: a set of rules without a rule, or with those of *window*
    alone."""
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
        for folder in () if window is None else window.folders:
            _let_read(rules, folder)
        return bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _let_read(rules: int, path: Path) -> None:
    """One more path to read; one that is not there needs no rule."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | _READ_FOLDER if path.is_dir() else _READ_FILE
        rule = struct.pack("=Qi", rights, handle)
        _libc().syscall(_LANDLOCK_ADD_RULE, rules, _LANDLOCK_BENEATH, rule, 0)
    finally:
        os.close(handle)


def _seccomp(window: Window | None) -> bool:
    """Allow the calls of _ALLOWED; any other is answered with EPERM, so that whoever asks for one
    fails like anybody who is refused, and the worker can still say that it could not clean."""
    known = _ALLOWED.get(platform.machine())
    if known is None or sys.maxsize < 2**32:
        return False
    architecture, calls = known
    if window is not None:
        calls += _OF_A_WINDOW[platform.machine()]
    kill, refuse, missing, allow = 0x80000000, 0x00050000 | 1, 0x00050000 | errno.ENOSYS, 0x7FFF0000
    load, is_equal, has_bit, give = 0x20, 0x15, 0x45, 0x06
    threads = []
    if window is not None:
        clone, clone3 = _CLONES[platform.machine()]
        threads = [
            (is_equal, 0, 1, clone3),
            (give, 0, 0, missing),
            (is_equal, 0, 2, clone),
            (load, 0, 0, _FIRST_ARGUMENT),
            (has_bit, 1, 0, _CLONE_THREAD),
        ]
    filters = [
        (load, 0, 0, 4),  # the architecture
        (is_equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        *((is_equal, len(calls) - nth + len(threads), 0, call) for nth, call in enumerate(calls)),
        *threads,
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
