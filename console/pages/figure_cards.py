"""Facts as cards: a chart, the same numbers in a table, and a sentence on what is left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charts import Amount, Bar, Column, bars, columns, lines, share
from console.answers import TreeCentre
from console.figures.facts import ALL, INTAKE, Fact
from console.figures.naming import (
    centre_name,
    measure_name,
    order_of,
    short_name,
    value_name,
    values_name,
)
from console.figures.periods import era_of, months_between, say_span, short_month
from console.figures.tallies import Tally, spans, tallies, total
from console.words import Words

MONTHS_AT_MOST = 60
BARS_AT_MOST = 60
GOOD_RESULTS = ("substantiated", "partly")
SHARED_RESULTS = (*GOOD_RESULTS, "unsubstantiated")
"""Results that stand by themselves in the share; every other is the rest."""
ABOUT_AT_MOST = 30
"""Numbers that a chart's description reads out; the table has all."""


@dataclass(frozen=True, slots=True)
class Card:
    """*svg* is ready for the page: its words went through `charts`, which escapes them. A row is a
    name, then a number for each column of *head*."""

    name: str
    title: str
    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes cards in one language. *scope* keeps the ids of two sets on a page apart."""

    words: Words
    scope: str
    centres: Mapping[str, TreeCentre]

    def by_month(
        self, facts: Sequence[Fact], measure: str, values: Sequence[str], months: Sequence[str]
    ) -> Card:
        """A column for each of *months*, stacked by *values*. For facts of single months."""
        counts = {span.first: span.counts for span in spans(facts, measure)}
        shown = [value for value in values if any(told[value] for told in counts.values())]
        series = [value_name(self.words, measure, value) for value in shown]
        columns_ = [
            Column(
                short_month(self.words, month),
                era_of(self.words, month),
                tuple(counts[month][value] if month in counts else 0 for value in shown),
            )
            for month in months[-MONTHS_AT_MOST:]
        ]
        names = [say_span(self.words, month, month) for month in months[-MONTHS_AT_MOST:]]
        return self._over_months("months", series, columns_, names, stacked=True)

    def by_span(self, facts: Sequence[Fact], measure: str) -> Card:
        """A column for what is told of each month, or of several together."""
        words, found = self.words, spans(facts, measure)[-MONTHS_AT_MOST:]
        columns_ = [
            Column(_span_label(words, s.first, s.last), era_of(words, s.last), (s.counts.total(),))
            for s in found
        ]
        names = [say_span(words, each.first, each.last) for each in found]
        series = [measure_name(words, measure)]
        notes = (
            [words.say("figures.months_together")] if any(s.first != s.last for s in found) else []
        )
        return self._over_months(f"by_{measure}", series, columns_, names, notes=notes)

    def compared(
        self, now: Sequence[Fact], before: Sequence[Fact], first: str, last: str, b_first: str
    ) -> Card:
        """Two lines: these months, and as many before them."""
        words = self.words
        months = months_between(first, last)
        earlier = months_between(b_first, first)[: len(months)]
        counts = {span.first: span.counts for span in spans([*now, *before], INTAKE)}

        def of(month: str) -> int:
            return counts[month][ALL] if month in counts else 0

        columns_ = [
            Column(short_month(words, one), era_of(words, one), (of(one), of(other)))
            for one, other in zip(months, earlier, strict=True)
        ]
        series = [
            say_span(words, months[0], months[-1]),
            say_span(words, earlier[0], earlier[-1]),
        ]
        title = words.say("figures.compared")
        names = [short_month(words, month) for month in months]
        svg = lines(f"{self.scope}-compared", title, self._about(names, columns_), series, columns_)
        return Card("compared", title, svg, tuple(series), _rows(names, columns_), is_wide=True)

    def by_value(self, facts: Sequence[Fact], measure: str) -> Card:
        """Bars of how many have each value."""
        told = tallies(facts, measure)
        if any(order_of(measure, each.values[0]) for each in told):
            told = tuple(
                sorted(told, key=lambda t: (t.is_together, order_of(measure, t.values[0])))
            )
        return self._bars(measure, measure_name(self.words, measure), measure, told)

    def by_centre(self, facts: Sequence[Fact]) -> Card:
        """Bars of how many were filed at each centre."""
        counts = {c: total([f for f in facts if f.centre == c], INTAKE) for c in _centres(facts)}
        told = [(centre_name(self.words, self.centres, c), n) for c, n in counts.items() if n]
        told.sort(key=lambda row: (-row[1], row[0]))
        title = self.words.say("figures.centres")
        says = [(name, f"{n:,}") for name, n in told]
        return self._card("centres", title, [Bar(name, n) for name, n in told], says, [])

    def results(self, facts: Sequence[Fact]) -> Card:
        """The share of tips that were found to be true."""
        words, told = self.words, tallies(facts, "result")
        parts = [
            Bar(value_name(words, "result", value), n, self._says(each))
            for value in SHARED_RESULTS
            for each in told
            if each.values == (value,) and (n := each.n)
        ]
        rest = [t for t in told if not t.is_together and t.values[0] not in SHARED_RESULTS]
        if rest:
            parts.append(Bar(words.say("figures.other_results"), sum(each.n for each in rest)))
        parts += [
            Bar(self._name("result", each), each.n, is_mixed=True)
            for each in told
            if each.is_together
        ]
        title = words.say("figures.share")
        about = _read_out([(part.label, part.says or f"{part.amount:,}") for part in parts])
        svg = share(f"{self.scope}-share", title, about, parts) if parts else ""
        rows = tuple(self._row("result", each) for each in told)
        notes = [words.say("figures.together")] if any(t.is_together for t in told) else []
        return Card("share", title, svg, (words.say("figures.how_many"),), rows, tuple(notes))

    def _bars(self, name: str, title: str, measure: str, told: Sequence[Tally]) -> Card:
        shown = [
            Bar(self._name(measure, each), each.n, self._says(each), each.is_together)
            for each in told
        ]
        notes = [self.words.say("figures.together")] if any(t.is_together for t in told) else []
        rows = [self._row(measure, each) for each in told]
        return self._card(name, title, shown, rows, notes)

    def _card(
        self,
        name: str,
        title: str,
        shown: Sequence[Bar],
        says: Sequence[tuple[str, str]],
        notes: Sequence[str],
    ) -> Card:
        about = _read_out(says)
        svg = bars(f"{self.scope}-{name}", title, about, shown[:BARS_AT_MOST]) if shown else ""
        head = (self.words.say("figures.how_many"),)
        return Card(name, title, svg, head, tuple(says), tuple(notes))

    def _over_months(
        self,
        name: str,
        series: Sequence[str],
        told: Sequence[Column],
        names: Sequence[str],
        *,
        stacked: bool = False,
        notes: Sequence[str] = (),
    ) -> Card:
        title = self.words.say(f"figures.{name}")
        about = self._about(names, told)
        is_empty = not any(any(column.amounts) for column in told)
        ident = f"{self.scope}-{name}"
        svg = "" if is_empty else columns(ident, title, about, series, told, stacked=stacked)
        rows = () if is_empty else _rows(names, told)
        return Card(name, title, svg, tuple(series), rows, tuple(notes), is_wide=True)

    def _about(self, names: Sequence[str], told: Sequence[Column]) -> str:
        amounts = [" / ".join(_figure(each) for each in column.amounts) for column in told]
        return _read_out(list(zip(names, amounts, strict=True)))

    def _name(self, measure: str, told: Tally) -> str:
        return short_name(self.words, measure, told.values)

    def _row(self, measure: str, told: Tally) -> tuple[str, str]:
        name = values_name(self.words, measure, told.values)
        if told.is_together:
            name = self.words.say("figures.told_together", names=name)
        return name, self._says(told)

    def _says(self, told: Tally) -> str:
        n = f"{told.n:,}"
        return self.words.say("figures.at_least", n=n) if told.is_least else n


def _rows(names: Sequence[str], told: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (name, *(_figure(each) for each in column.amounts))
        for name, column in zip(names, told, strict=True)
    )


def _figure(amount: Amount) -> str:
    return f"{amount:,}"


def _read_out(says: Sequence[tuple[str, str]]) -> str:
    shown = "; ".join(f"{name}: {said}" for name, said in says[:ABOUT_AT_MOST])
    return shown + (" …" if len(says) > ABOUT_AT_MOST else "")


def _centres(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.centre for fact in facts))


def _span_label(words: Words, first: str, last: str) -> str:
    one, other = short_month(words, first), short_month(words, last)
    return other if first == last else f"{one}–{other}"
