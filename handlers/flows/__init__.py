"""The flows, one file each, and the questions that may interrupt any of them."""

from collections.abc import Mapping, Sequence

from handlers.flow import Flow
from handlers.flows.apply import APPLY
from handlers.flows.asides import ASIDES
from handlers.flows.follow import follow
from handlers.flows.member import member
from handlers.flows.receipt import RECEIPT
from handlers.flows.report import report
from handlers.flows.start import START

__all__ = ["ASIDES", "shipped_flows"]


def shipped_flows(categories: Sequence[Mapping[str, str]], files_at_most: int) -> tuple[Flow, ...]:
    """Every flow, with the deployment's categories in the order they are offered."""
    ids = tuple(category["id"] for category in categories)
    return (
        START,
        report(ids, files_at_most),
        RECEIPT,
        follow(files_at_most),
        member(ids, files_at_most),
        APPLY,
    )
