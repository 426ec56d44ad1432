"""Facts about the deployment itself, by name.

Owns the table `setting`.
"""

from storage.port import Conflict, Transaction


def get(t: Transaction, name: str) -> str | None:
    """The value, or None when it was never put."""
    found = t.row("SELECT value FROM setting WHERE name = ?", (name,))
    return None if found is None else str(found[0])


def put(t: Transaction, name: str, value: str) -> None:
    """Set the value."""
    if not t.execute("UPDATE setting SET value = ? WHERE name = ?", (value, name)):
        t.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))


def raise_to(t: Transaction, name: str, number: int) -> None:
    """Set a number that only ever grows (the highest roster version). Raises Conflict if lower."""
    highest = get(t, name)
    if highest is not None and number < int(highest):
        raise Conflict(f"{name} has been higher")
    put(t, name, str(number))
