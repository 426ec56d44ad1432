"""Which files are worth a worker: told by the type, before the first byte.

The type is what the file's first bytes showed; it decides only whether a worker looks at all. What
the file is, the worker finds out by itself.
"""

from cleaning.outcomes import CannotClean, Nothing

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPENDOCUMENT = "application/vnd.oasis.opendocument."
_CLEANED = {
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/heic", "image/avif",
    "application/pdf", "application/zip", "audio/mpeg", "audio/mp4", "audio/3gpp", "audio/ogg",
    "audio/flac", "audio/wav",
}  # fmt: skip
_HIDES_NOTHING = {"text/plain", "text/csv"}


def may_clean(mime: str) -> CannotClean | Nothing | None:
    """The outcome, where the type alone decides it; None: a worker has to look."""
    if mime in _CLEANED or mime.startswith((_OFFICE, _OPENDOCUMENT)):
        return None
    if mime in _HIDES_NOTHING:
        return Nothing()
    return CannotClean("video" if mime.startswith("video/") else "unknown")
