"""Counting for a desk under test, under a server key that nobody else has."""

from bot.figures.book import FigureBook
from bot.figures.counting import TipCounting
from bot.figures.measures import shipped_measures
from bot.server_key import ServerKey


def a_book() -> FigureBook:
    return FigureBook(ServerKey.generate())


def some_counting(book: FigureBook | None = None) -> TipCounting:
    """Counts by the shipped measures into *book*."""
    return TipCounting(book or a_book(), shipped_measures())
