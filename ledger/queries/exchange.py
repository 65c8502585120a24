"""Exchange rates on record, and those that are in force on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from core import locale
from core.access import allowed
from core.actors import Actor
from core.money import Money
from core.settings import why
from ledger.models import ExchangeRate
from ledger.permissions import RATE_VIEW
from ledger.rules.exchange import Rate, converted, exchange_cash
from ledger.rules.lines import Line, Organization
from ledger.rules.quoted import RateLine
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.settings import EXCHANGE_RATE_DAYS
from orgs.queries import tree


def rates_for(actor: Actor) -> QuerySet[ExchangeRate]:
    """The network's rates, newest first, for whoever may see them anywhere in it."""
    later = ExchangeRate.objects.filter(
        pair=OuterRef("pair"), on=OuterRef("on"), version__gt=OuterRef("version")
    )
    rows = ExchangeRate.objects.annotate(is_corrected=Exists(later)).order_by("-on", "-pk")
    return rows if allowed(actor, RATE_VIEW) else rows.none()


def pair_of(currency: str, other: str) -> str:
    """How a pair is called, whichever way round."""
    return "".join(sorted((currency, other)))


def latest_of(keys: Iterable[tuple[str, date]]) -> dict[tuple[str, date], ExchangeRate]:
    """What is on record for pairs and days, in its latest version, by pair and day; one query."""
    asked = set(keys)
    rows = ExchangeRate.objects.filter(pair__in={pair for pair, _ in asked}, on__in={on for _, on in asked})
    return {(row.pair, row.on): row for row in rows.order_by("version") if (row.pair, row.on) in asked}


def on_record(known_at: datetime | None) -> QuerySet[ExchangeRate]:
    """Every rate and correction that had been entered by a moment, or by now."""
    return ExchangeRate.objects.filter(entered_at__lte=known_at) if known_at else ExchangeRate.objects.all()


def rate_in_force(currency: str, other: str, on: date, known_at: datetime | None = None) -> Rate | None:
    """The latest rate of a pair at or before a day, and not older than the policy allows."""
    oldest = on - timedelta(days=EXCHANGE_RATE_DAYS.at_network())
    rows = on_record(known_at).filter(pair=pair_of(currency, other), on__range=(oldest, on))
    row = rows.order_by("-on", "-version").first()
    return row.rate if row else None


def rate_on(currency: str, other: str, on: date) -> Rate:
    """The same; raises Refusal `currency_mismatch` that says what is missing and where it goes."""
    rate = rate_in_force(currency, other, on)
    if rate is None:
        raise Refusal(
            RefusalCode.CURRENCY_MISMATCH,
            f"{_missing(currency, other, on)} {why(EXCHANGE_RATE_DAYS, tree.root())}",
            currency=currency,
            other_currency=other,
            on=on.isoformat(),
        )
    return rate


def _missing(currency: str, other: str, on: date) -> str:
    return (
        f"{currency} and {other} meet here, and there is no exchange rate between them for {locale.day(on)}. "
        "Enter it under Exchange rates."
    )


class Rates:
    """The rates of one event's day, read as they are asked for; it stores those that were used.

    `known` is shared by the events of a day, so that each rate is read once for all of them.
    """

    def __init__(self, on: date, known: dict[str, Rate] | None = None) -> None:
        self.on = on
        self._used: dict[str, Rate] = {}
        self._known = {} if known is None else known

    def between(self, currency: str, other: str) -> Rate:
        """Raises Refusal as `rate_on`."""
        pair = pair_of(currency, other)
        if pair not in self._known:
            self._known[pair] = rate_on(currency, other, self.on)
        self._used[pair] = self._known[pair]
        return self._used[pair]

    def use(self, others: Rates) -> None:
        """What was worked out with other rates of the day is used."""
        self._used |= others._used

    def factor(self, source: str, target: str) -> Fraction:
        return self.between(source, target).factor(source, target)

    def convert(self, amount: Money, currency: str) -> Money:
        """An amount in another currency, rounded once; as it is where it has that one."""
        if amount.currency == currency:
            return amount
        return Money(converted(amount.minor, self.factor(amount.currency, currency)), currency)

    def require(self, currency: str, organization: Organization) -> None:
        """Refuse (`currency_mismatch`) where it keeps another currency and there is no rate: what is owed in a foreign
        currency could never be valued."""
        if organization.currency != currency:
            self.between(currency, organization.currency)

    def exchange(self, lines: Iterable[Line], organizations: Collection[Organization]) -> tuple[Line, ...]:
        """The lines of an event with cash in the currency of each one's books. Raises Refusal as `rate_on`."""
        homes = {each.id: each.currency for each in organizations}
        found = tuple(lines)
        for each in found:
            if each.currency != homes[each.organization_id]:
                self.between(each.currency, homes[each.organization_id])
        return exchange_cash(found, homes, self.factor)

    @property
    def inputs(self) -> dict[str, Any]:
        """What a posting keeps; nothing where all was in one currency."""
        return {"exchange": [rate.stored for rate in self._used.values()]} if self._used else {}


def told_of(lines: Sequence[RateLine]) -> list[tuple[RateLine, str]]:
    """What each line of a file would do: new, a correction of what is on record, nothing, or what is wrong with it."""
    before = latest_of(line.quoted.key for line in lines if line.quoted)
    return [(line, _result(line, before)) for line in lines]


def _result(line: RateLine, before: Mapping[tuple[str, date], ExchangeRate]) -> str:
    if line.quoted is None:
        return "wrong"
    row = before.get(line.quoted.key)
    if row is None:
        return "new"
    return "on record already" if row.says(line.quoted) else f"corrects {row.rate.words}"


class History:
    """The rates of one pair until a day, each in its latest version: what an amount was worth when it came about."""

    def __init__(self, currency: str, other: str, until: date) -> None:
        self._pair = (currency, other)
        rows = ExchangeRate.objects.filter(pair=pair_of(currency, other), on__lte=until)
        self._rates = [row.rate for row in rows.order_by("on", "-version").distinct("on")]
        self._days = [rate.on for rate in self._rates]

    def factor(self, on: date) -> Fraction:
        """By the latest rate at or before a day, whatever its age: what was posted was checked when it was. Raises
        Refusal without any."""
        at = bisect_right(self._days, on)
        if not at:
            raise Refusal(RefusalCode.CURRENCY_MISMATCH, _missing(*self._pair, on))
        return self._rates[at - 1].factor(*self._pair)
