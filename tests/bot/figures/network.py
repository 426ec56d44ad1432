"""A small network and the tips that ended in it, as the truth that no page may give away."""

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass

from bot.figures.book import FigureBook
from bot.figures.quarters import Quarter
from bot.figures.tables import Counted
from bot.server_key import ServerKey
from handlers.routing import Centre, Centres
from storage.port import Transaction
from storage.repositories.figures import COUNTED, YES, Basis, Counter

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

    def values(self) -> tuple[tuple[str, str], ...]:
        return (COUNTED, YES), *((measure, getattr(self, measure)) for measure in MEASURES)


KEY = ServerKey(b"k" * 32, b"s" * 32)


def count(t: Transaction, tips: Iterable[Tip], key: ServerKey = KEY) -> None:
    """Count *tips* as closing does."""
    counters = Tally(
        (tip.month, tip.centre, measure, value) for tip in tips for measure, value in tip.values()
    )
    FigureBook(key).add(t, (Counter(Basis.ENDED, *of, n) for of, n in counters.items()))


def counted(tips: Iterable[Tip]) -> tuple[Counted, ...]:
    """*tips* as counters, without a database."""
    return tuple(
        Counted(tip.centre, measure, value, 1) for tip in tips for measure, value in tip.values()
    )


def month(quarter: str, place: int = 0) -> str:
    return Quarter.parse(quarter).months[place]
