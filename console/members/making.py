"""Fresh codes: drawn, and stretched to the halves that the desk gets. A code lives in this process
only, until it is on paper or has been on the screen.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from console.members.book import Terms
from sealing import MemberCode, generate_alias, half_locator

DRAWS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Made:
    """A code that its owner does not have yet."""

    member_id: str
    code: MemberCode = field(repr=False)
    half: bytes = field(repr=False)
    is_duress: bool
    expires_day: str


def draw_alias(taken: Iterable[str]) -> str:
    """An alias that is not *taken*, also not by somebody who retired."""
    used = frozenset(taken)
    for _ in range(DRAWS_AT_MOST):
        alias = generate_alias()
        if alias not in used:
            return alias
    raise AssertionError("aliases have run out")


async def make_codes(
    wanted: Sequence[tuple[str, str]],
    terms: Terms,
    *,
    is_duress: bool,
    expires_day: str,
    on_made: Callable[[], None] = lambda: None,
) -> tuple[Made, ...]:
    """A code for each (member id, alias) of *wanted*. Slow on purpose; *on_made* after each."""
    made = []
    for member_id, alias in wanted:
        code = MemberCode.generate(alias)
        half = await asyncio.to_thread(half_locator, code, salt=terms.salt, cost=terms.cost)
        made.append(Made(member_id, code, half, is_duress, expires_day))
        on_made()
    return tuple(made)
