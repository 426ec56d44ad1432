"""Cleaning: hidden details (place, time, device, author) are taken out of a file, in a process that
can do nothing else.

This is the doorway: for `bot/evidence.py`, and for the console, before a file leaves the house.

    cleaner     the program's side: processes, time, bounded memory
    worker      the other side: shut in (the room sandbox/) before it reads the first byte
    frames      what the two say to each other
    formats/    what hides where; runs in the worker only

Laws: the program never parses a stranger's file; no byte touches a disk; what cannot be cleaned is
said to be so, never cleaned by halves.
"""

from cleaning.cleaner import Capabilities, Cleaner, CleaningRules
from cleaning.kinds import may_clean
from cleaning.outcomes import (
    DETAILS,
    REASONS,
    CannotClean,
    Cleaned,
    CleaningBroke,
    Nothing,
    Outcome,
)

__all__ = [
    "DETAILS",
    "REASONS",
    "CannotClean",
    "Capabilities",
    "Cleaned",
    "Cleaner",
    "CleaningBroke",
    "CleaningRules",
    "Nothing",
    "Outcome",
    "may_clean",
]
