"""Work that must come to its end once it has begun, also when whoever waits for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end. Cancelled meanwhile, it ends first; then the cancellation goes on.

    For a commit and what has to follow it at once. Keep *work* short: nobody can hurry it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue  # asked twice; the answer is the same
        raise
