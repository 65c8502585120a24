"""Statements in one currency: what stands at closing rates, what moved at the average rates of its months (IAS 21.39).

Equity came in over time too, so it is taken at the rates of then: only so the difference has what opening net assets
gained (IAS 21.41 b). Currency clearing is no asset. It says at which worth foreign balances came into the books, which
the closing rates say anew, so it is part of the difference, and what has been revalued isn't counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from core.money import round_half_away
from ledger.rules.accounts import CHART, Account, Section
from ledger.rules.books import TRANSLATION_DIFFERENCE, Figures
from ledger.rules.exchange import Rate
from ledger.rules.report import months_before

#: Accounts at closing rates; all others are at the averages of their months.
AT_CLOSING = frozenset(
    row.account.value
    for row in CHART.values()
    if row.section in (Section.ASSETS, Section.LIABILITIES) and row.account is not Account.FX_CLEARING
)
AT_AVERAGE = frozenset(
    row.account.value for row in CHART.values() if row.section not in (Section.ASSETS, Section.LIABILITIES)
)

Moved = Mapping[
    tuple[date, str, str], int
]  # (first of the month, account code, currency) -> signed minor units


@dataclass
class Translation:
    """The factors into one currency on one day; it remembers which were used, and which are missing.

    The average of a month is the arithmetic mean of the rates on record for its days, as far as the statement goes,
    each taken in the direction that is needed.
    """

    currency: str
    until: date
    closing: Mapping[str, Rate]
    daily: Mapping[str, Iterable[Rate]]
    used_closing: dict[str, Rate] = field(default_factory=dict)
    used_average: dict[tuple[str, date], Fraction] = field(default_factory=dict)
    missing: dict[tuple[str, date | None], None] = field(default_factory=dict)

    def at_closing(self, currency: str) -> Fraction:
        if currency == self.currency:
            return Fraction(1)
        rate = self.closing.get(currency)
        if rate is None:
            self.missing[currency, None] = None
            return Fraction(0)
        self.used_closing[currency] = rate
        return rate.factor(currency, self.currency)

    def at_average(self, currency: str, month: date) -> Fraction:
        if currency == self.currency:
            return Fraction(1)
        after = months_before(month, -1)
        found = [
            rate.factor(currency, self.currency)
            for rate in self.daily.get(currency, ())
            if month <= rate.on < after and rate.on <= self.until
        ]
        if not found:
            self.missing[currency, month] = None
            return Fraction(0)
        average = sum(found, Fraction(0)) / len(found)
        self.used_average[currency, month] = average
        return average

    def figures(self, standing: Figures, moved: Moved) -> Figures:
        """What stands on every account in the one currency, and the difference by which it balances.

        Each account is rounded once. An account at average rates has to be in `moved` since the beginning.
        """
        exact: defaultdict[str, Fraction] = defaultdict(Fraction)
        for (code, currency), minor in standing.items():
            if code in AT_CLOSING:
                exact[code] += minor * self.at_closing(currency) if minor else 0
        found = self._rounded(exact) | self.moved(moved)
        if standing or moved:
            found[TRANSLATION_DIFFERENCE, self.currency] = -sum(found.values())
        return found

    def moved(self, moved: Moved) -> Figures:
        """What moved on accounts at average rates."""
        of_these = {key: minor for key, minor in moved.items() if key[1] in AT_AVERAGE}
        return {(code, self.currency): minor for code, minor in self.at_averages(of_these).items()}

    def at_averages(self, moved: Moved) -> dict[str, int]:
        """What moved, by what it is, at the averages of its months; each rounded once."""
        exact: defaultdict[str, Fraction] = defaultdict(Fraction)
        for (month, code, currency), minor in moved.items():
            exact[code] += minor * self.at_average(currency, month) if minor else 0
        return {code: round_half_away(value) for code, value in exact.items()}

    def _rounded(self, exact: Mapping[str, Fraction]) -> Figures:
        return {(code, self.currency): round_half_away(value) for code, value in exact.items()}
