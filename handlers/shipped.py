"""The one place of this room that reads a file: data that ships inside the package.

Called at start-up by whoever wires a Book; matching and parsing never come here.
"""

from importlib import resources


def shipped(name: str) -> str:
    """Return the text of handlers/data/*name* (UTF-8), which ships with the program."""
    return (resources.files("handlers") / "data" / name).read_text(encoding="utf-8")
