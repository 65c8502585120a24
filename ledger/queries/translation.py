"""Figures of some books in one currency, by the rates on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from core import locale
from core.money import decimals_of, round_half_away
from ledger.models import Account
from ledger.queries.exchange import on_record, pair_of, rate_in_force
from ledger.queries.figures import balances, by_month, less, moved
from ledger.rules.books import Figures
from ledger.rules.exchange import Rate
from ledger.rules.report import Cell, Line, Period, Table, month_end, months_before
from ledger.rules.translation import AT_AVERAGE, Moved, Translation

BEGINNING = date(1900, 1, 1)
SHOWN_DECIMALS = 10


class OneCurrency:
    """The books of a report in one currency; it reads the rates once for each last day, and knows which it used.

    With `known_at` these are the rates that were on record at that moment, whatever was entered or corrected since.
    """

    def __init__(self, currency: str, currencies: Sequence[str], known_at: datetime | None = None) -> None:
        self.currency = currency
        self._known_at = known_at
        self._others = [one for one in currencies if one != currency]
        self._of_day: dict[date, Translation] = {}

    def standing(self, books: Sequence[int], until: date) -> tuple[Figures, Figures]:
        """What stands on the accounts of some books at the end of a day, and what of it eliminates among them."""
        one = self._at(until)
        total, gone = balances(books, until)
        whole, left = self._months(books, Period(BEGINNING, until))
        return one.figures(total, whole), one.figures(gone, less_months(left, whole))

    def moved(self, books: Sequence[int], period: Period) -> tuple[Figures, Figures]:
        """The same of what moved in a period, on accounts at average rates."""
        one = self._at(period.until)
        whole, left = self._months(books, period)
        return one.moved(whole), one.moved(less_months(left, whole))

    def changed(self, books: Sequence[int], period: Period) -> tuple[Figures, Figures]:
        """How what stands changed in a period: each end at the rates of its own day, so the difference moves too."""
        total, gone = self.standing(books, period.until)
        total_before, gone_before = self.standing(books, period.since - timedelta(days=1))
        return less(total, total_before), less(gone, gone_before)

    def at_closing(self, amounts: Mapping[str, int], until: date) -> int:
        """Amounts by currency at the closing rates of a day, together, rounded once."""
        one = self._at(until)
        return round_half_away(
            sum((minor * one.at_closing(code) for code, minor in amounts.items() if minor), Fraction(0))
        )

    def at_averages(self, moved: Moved, until: date) -> dict[str, int]:
        """What moved until a day, by what it is, at the averages of its months; each rounded once."""
        return self._at(until).at_averages(moved)

    @property
    def missing(self) -> list[str]:
        """Rates that are not on record and without which nothing is shown."""
        found = [
            f"a rate between {currency} and {self.currency} for {locale.day(until)}"
            if month is None
            else f"any rate between {currency} and {self.currency} in {locale.month(month)}"
            for until, one in self._of_day.items()
            for currency, month in one.missing
        ]
        return list(dict.fromkeys(found))

    def rates_table(self) -> Table:
        """The rates that were used, as a table of the report."""
        lines = [
            Line(f"{currency}, closing {locale.day(until)}", [Cell(rate.words)])
            for until, one in sorted(self._of_day.items(), reverse=True)
            for currency, rate in sorted(one.used_closing.items())
        ]
        lines += [
            Line(f"{currency}, average of {locale.month(month)}", [Cell(self._words(currency, average))])
            for until, one in sorted(self._of_day.items(), reverse=True)
            for (currency, month), average in sorted(one.used_average.items(), reverse=True)
        ]
        return Table(
            "Exchange rates used", ("Rate", "Worth"), list({line.label: line for line in lines}.values())
        )

    def _words(self, currency: str, average: Fraction) -> str:
        worth = average * Fraction(10) ** (decimals_of(currency) - decimals_of(self.currency))
        scaled = round(worth * 10**SHOWN_DECIMALS)
        whole, fraction = divmod(scaled, 10**SHOWN_DECIMALS)
        return f"1 {currency} = {locale.decimal(whole, f'{fraction:0{SHOWN_DECIMALS}d}'.rstrip('0'))} {self.currency}"

    def _at(self, until: date) -> Translation:
        if until not in self._of_day:
            closing = {
                other: rate
                for other in self._others
                if (rate := rate_in_force(other, self.currency, until, self._known_at))
            }
            self._of_day[until] = Translation(self.currency, until, closing, self._daily(until))
        return self._of_day[until]

    def _daily(self, until: date) -> dict[str, list[Rate]]:
        """Every rate until a day, in its latest version, by the other currency."""
        pairs = {pair_of(other, self.currency): other for other in self._others}
        rows = on_record(self._known_at).filter(pair__in=pairs, on__lte=until)
        found: defaultdict[str, list[Rate]] = defaultdict(list)
        for row in rows.order_by("pair", "on", "-version").distinct("pair", "on"):
            found[pairs[row.pair]].append(row.rate)
        return found

    def _months(self, books: Sequence[int], period: Period) -> tuple[Moved, Moved]:
        """What moved by month on accounts at average rates: all of it, and what is left without what eliminates."""
        first, last = period.since.replace(day=1), period.until.replace(day=1)
        cut = [month for month in dict.fromkeys((first, last)) if not _is_whole(month, period)]
        whole: dict[tuple[date, str, str], int] = {}
        left: dict[tuple[date, str, str], int] = {}
        between = [
            first if first not in cut else months_before(first, -1),
            last if last not in cut else months_before(last, 1),
        ]
        if between[0] <= between[1]:
            codes = sorted(AT_AVERAGE)
            whole |= by_month(books, codes, between)
            left |= by_month(books, codes, between, eliminated=True)
        for month in cut:
            part = Period(max(month, period.since), min(month_end(month), period.until))
            total, gone = moved(books, part)
            for (code, currency), minor in total.items():
                if code in AT_AVERAGE:
                    whole[month, code, currency] = minor
                    left[month, code, currency] = minor + gone.get((code, currency), 0)
        return whole, left


def less_months(left: Moved, whole: Moved) -> Moved:
    """What eliminates: what is left without it, less all."""
    return {key: left.get(key, 0) - minor for key, minor in whole.items() if left.get(key, 0) != minor}


def _is_whole(month: date, period: Period) -> bool:
    return period.since <= month and month_end(month) <= period.until


def currencies_of(books: Sequence[int]) -> list[str]:
    """Every currency in which some books have an account."""
    rows = Account.objects.filter(organization__in=books).order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())
