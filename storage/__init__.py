"""Storage: what the server keeps, how it commits, and how it forgets.

Doorway: the `Database` port and its errors, the SQLite twin, the forget store and the blobs. Rows
are read and written through `storage.repositories`.
"""

from storage.port import (
    Conflict,
    Database,
    InUse,
    Missing,
    Misuse,
    NewerDatabase,
    StorageError,
    Transaction,
    Unavailable,
    Value,
)
from storage.sqlite import SqliteDatabase

__all__ = [
    "Conflict",
    "Database",
    "InUse",
    "Missing",
    "Misuse",
    "NewerDatabase",
    "SqliteDatabase",
    "StorageError",
    "Transaction",
    "Unavailable",
    "Value",
]
