"""httpx as a library: without the command line that it loads too where others have brought what
that needs. Three libraries for nothing, in a process that holds keys.
"""

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # how Python says: there is none

import httpx  # noqa: E402 - only now

__all__ = ["httpx"]
