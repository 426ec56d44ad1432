"""From text to a key of the right kind. Owns the choice by prefix and nothing else."""

from .pq import PQIdentity, PQRecipient
from .x25519 import X25519Identity, X25519Recipient


def parse_recipient(text: str) -> X25519Recipient | PQRecipient:
    """Read "age1pq1…" or "age1…"; raises ValueError."""
    return (PQRecipient if text.startswith("age1pq1") else X25519Recipient).parse(text)


def parse_identity(text: str) -> X25519Identity | PQIdentity:
    """Read "AGE-SECRET-KEY-PQ-1…" or "AGE-SECRET-KEY-1…"; raises ValueError, quoting nothing."""
    is_pq = text.startswith("AGE-SECRET-KEY-PQ-1")
    return (PQIdentity if is_pq else X25519Identity).parse(text)
