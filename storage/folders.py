"""Making names durable: a file's name lives in its folder, and is synced with it."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* survive a power cut. Blocks; raises OSError."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
