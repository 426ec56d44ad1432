"""A small network and the tips that ended in it, as the truth that no page may give away."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.figures.quarters import Quarter
from bot.figures.tables import Counted
from handlers.routing import Centre, Centres
from storage.port import Transaction
from storage.repositories import figures
from storage.repositories.figures import Basis, Counter

CENTRES = Centres(
    (
        Centre("headquarters", name_th="ส่วนกลาง", name_en="Headquarters"),
        Centre("region", "headquarters", name_th="เขต", name_en="Region"),
        Centre("khonkaen", "region", name_th="ขอนแก่น", name_en="Khon Kaen"),
        Centre("loei", "region", name_th="เลย", name_en="Loei"),
        Centre("udon", "region", name_th="อุดรธานี", name_en="Udon Thani"),
    )
)
MEASURES = ("category", "teller", "result", "acknowledged", "ended")


@dataclass(frozen=True, slots=True)
class Tip:
    """What is counted of one tip, when it ends first."""

    month: str
    centre: str = "khonkaen"
    category: str = "bribe"
    teller: str = "citizen"
    result: str = "substantiated"
    acknowledged: str = "7"
    ended: str = "30"

    def counters(self) -> tuple[Counter, ...]:
        return tuple(
            Counter(Basis.ENDED, self.month, self.centre, measure, getattr(self, measure), 1)
            for measure in MEASURES
        )


def count(t: Transaction, tips: Iterable[Tip]) -> None:
    """Count *tips* as closing does."""
    for tip in tips:
        figures.add(t, tip.counters())


def counted(tips: Iterable[Tip]) -> tuple[Counted, ...]:
    """*tips* as counters, without a database."""
    return tuple(
        Counted(tip.centre, measure, getattr(tip, measure), 1)
        for tip in tips
        for measure in MEASURES
    )


def month(quarter: str, place: int = 0) -> str:
    return Quarter.parse(quarter).months[place]
