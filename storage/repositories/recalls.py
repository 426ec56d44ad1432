"""Which part a person's message became, so that they can take it back or change it.

Owns the tables `recall` and `recall_key`. A mark is a keyed hash; what it leads to is sealed under
a key of the forget store that many share and that dies when the platform's window is over.
"""

from storage.port import Transaction


def put(t: Transaction, mark: bytes, key_id: str, secret: bytes) -> None:
    """Remember what *mark* leads to, in place of what it led to before."""
    t.execute(
        "INSERT INTO recall (mark, key_id, secret) VALUES (?, ?, ?)"
        " ON CONFLICT (mark) DO UPDATE SET key_id = excluded.key_id, secret = excluded.secret",
        (mark, key_id, secret),
    )


def get(t: Transaction, mark: bytes) -> tuple[str, bytes] | None:
    """The key's id and the sealed way to the part."""
    found = t.row("SELECT key_id, secret FROM recall WHERE mark = ?", (mark,))
    return (found[0], found[1]) if found else None


def add_key(t: Transaction, key_id: str, secret: bytes) -> None:
    """Remember a key, and what is sealed under it of itself."""
    t.execute("INSERT INTO recall_key (key_id, secret) VALUES (?, ?)", (key_id, secret))


def keys(t: Transaction) -> tuple[tuple[str, bytes], ...]:
    """Every key with what it says of itself."""
    found = t.rows("SELECT key_id, secret FROM recall_key")
    return tuple((key_id, secret) for key_id, secret in found)


def remove_key(t: Transaction, *key_ids: str) -> None:
    """Delete keys and whatever lies under them."""
    for key_id in key_ids:
        t.execute("DELETE FROM recall WHERE key_id = ?", (key_id,))
        t.execute("DELETE FROM recall_key WHERE key_id = ?", (key_id,))
