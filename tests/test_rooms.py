"""The rooms keep apart: imports point inward, and each room refuses what it must not know.

The rule is read from the source, not from a running program, so imports inside functions count too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    *("bot", "handlers", "storage", "sealing", "console", "charts", "sandbox", "cleaning"),
    *("guard", "bench", "tests"),
}
MAY_IMPORT = {
    "guard": {"guard"},
    "handlers": {"handlers", "guard"},
    "sealing": {"sealing"},
    "storage": {"storage", "handlers", "sealing"},
    "charts": {"charts"},
    "sandbox": {"sandbox"},
    "cleaning": {"cleaning", "sandbox"},
    "bot": {"bot", "handlers", "sealing", "storage", "charts", "sandbox", "cleaning"},
    "console": {"console", "sealing", "charts", "sandbox", "cleaning", "guard"},
}
DOES_IO_OR_READS_A_CLOCK = {
    "asyncio", "aiosqlite", "http", "httpx", "os", "pathlib", "shutil", "socket", "sqlite3",
    "subprocess", "tempfile", "threading", "time",
}  # fmt: skip
PURE = ("charts", "guard", "handlers", "sealing")
OPENS_A_SEAL_FOR_OFFICERS = {
    *("open_grant", "open_keys", "open_admin_key", "open_recovery"),
    *("open_earlier", "all_keys", "open_server_key"),
}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Each (top-level module, full dotted name or imported name) that *path* imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").split(".")[0] if node.level == 0 else path_room(path)
            for alias in node.names:
                yield top, alias.name


def path_room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_point_inward(room: str) -> None:
    assert sources(room), f"{room}/ has no source: the rule would hold of nothing"
    wrong = {
        f"{path.relative_to(ROOT)} imports {top}"
        for path in sources(room)
        for top, _ in imported(path)
        if top in ROOMS - MAY_IMPORT[room]
    }
    assert not wrong


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_do_no_io_and_read_no_clock(room: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(room)
        for top, name in imported(path)
        if top in DOES_IO_OR_READS_A_CLOCK and name not in {"urandom"}
    }
    assert not wrong


def test_the_bot_never_takes_a_function_that_opens_a_seal_for_officers() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("bot")
        for _, name in imported(path)
        if name in OPENS_A_SEAL_FOR_OFFICERS
    }
    assert not wrong


@pytest.mark.parametrize(
    ("worker", "stays_out"),
    [
        ("console.paper.worker", {"asyncio", "cryptography", "httpx"}),
        ("console.previews.worker", {"asyncio", "cryptography", "httpx", "pypdf"}),
        ("console.previews.reader", {"asyncio", "httpx", "pypdfium2"}),
        ("console.previews.drawer", {"asyncio", "cryptography", "httpx", "pypdf", "pypdfium2"}),
    ],
)
def test_a_worker_loads_nothing_of_the_side_that_starts_it(
    worker: str, stays_out: set[str]
) -> None:
    code = f"import sys, {worker}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert worker in loaded
    assert not loaded & stays_out


def test_the_console_loads_no_command_line_of_a_library() -> None:
    code = "import sys, console.desk_client; print(*(n for n, m in sys.modules.items() if m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "httpx" in loaded
    assert not loaded & {"httpx._main", "click", "rich", "pygments"}


def test_the_console_loads_no_pydantic() -> None:
    assert not {
        path for path in sources("console") for top, _ in imported(path) if top == "pydantic"
    }
    code = "import sys, console.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "console.records" in loaded
    assert not loaded & {"pydantic", "pydantic_core"}
