"""The network's figures from the desk. The one place here that asks anything of anybody."""

from datetime import date

from console.desk_client import Desk
from console.errors import Refused
from console.figures.network import Network, months_to_ask, network_of
from console.figures.periods import Period


async def ask_network(desk: Desk, period: Period, today: date) -> Network | None:
    """What there is of *period* and of the one before; None from a desk that has no counters yet.
    Raises Refused for somebody who may not know, Distrusted for an answer that cannot be."""
    try:
        return network_of(await desk.figures(*months_to_ask(period, today)))
    except Refused as error:
        if error.key != "desk.not_found":
            raise
        return None
