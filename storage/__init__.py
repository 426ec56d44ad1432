"""Storage: what the server keeps, how it commits, and how it forgets.

Doorway: the `Database` port and its errors, the SQLite twin, the forget store and the blobs. Rows
are read and written through `storage.repositories`.
"""

from storage.blobs import BlobStore, BlobWriter, FolderBlobs
from storage.forget import ForgetStore, Kept
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
    "BlobStore",
    "BlobWriter",
    "Conflict",
    "Database",
    "FolderBlobs",
    "ForgetStore",
    "InUse",
    "Kept",
    "Missing",
    "Misuse",
    "NewerDatabase",
    "SqliteDatabase",
    "StorageError",
    "Transaction",
    "Unavailable",
    "Value",
]
