"""Several currencies: rates as exact fractions, cash that is kept in another currency, and gains and losses on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core import locale
from core.money import Money, decimals_of, round_half_away
from ledger.rules.accounts import Account
from ledger.rules.lines import Line, Reason, What, minus

Factor = Callable[[str, str], Fraction]

#: What is settled in units of its currency, so that its worth in another one changes with the rate (IAS 21.16).
#: A contract liability is settled in care; besides, a package is priced in its holder's own currency.
MONETARY = (
    Account.CASH,
    Account.ACCOUNTS_RECEIVABLE,
    Account.DUE_FROM,
    Account.DUE_TO,
    Account.ACCOUNTS_PAYABLE,
    Account.REFUND_PAYABLE,
    Account.UNCLAIMED_PROPERTY,
    Account.TAX_PAYABLE,
    Account.NETTING_CLEARING,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is worth `value` of `quote` on a day; `id` is where that is on record."""

    id: int
    base: str
    quote: str
    on: date
    value: Decimal

    def factor(self, source: str, target: str) -> Fraction:
        """How many minor units of `target` one minor unit of `source` is; the other way round the exact inverse."""
        if {source, target} != {self.base, self.quote}:
            raise ValueError(
                f"A rate between {self.base} and {self.quote} says nothing of {source} and {target}."
            )
        worth = Fraction(self.value)
        return (worth if source == self.base else 1 / worth) * Fraction(10) ** (
            decimals_of(target) - decimals_of(source)
        )

    @property
    def plain(self) -> str:
        """The number as it was quoted, without zeros that say nothing."""
        return f"{self.value.normalize():f}"

    @property
    def words(self) -> str:
        """1 USD = 83.12 INR, of 5 Jan 2026"""
        return f"1 {self.base} = {locale.number(self.plain)} {self.quote}, of {locale.day(self.on)}"

    @property
    def stored(self) -> dict[str, str | int]:
        """What an event keeps of it, so that its lines can be computed again."""
        return {
            "id": self.id,
            "from": self.base,
            "to": self.quote,
            "on": self.on.isoformat(),
            "rate": self.plain,
        }

    @classmethod
    def read(cls, stored: Mapping[str, str | int]) -> Rate:
        """The rate that an event kept."""
        return cls(
            int(stored["id"]),
            str(stored["from"]),
            str(stored["to"]),
            date.fromisoformat(str(stored["on"])),
            Decimal(stored["rate"]),
        )


def factor_of(rates: Iterable[Rate]) -> Factor:
    """The factors that some rates give; KeyError for a pair that none is about."""
    known = {frozenset((rate.base, rate.quote)): rate for rate in rates}
    return lambda source, target: known[frozenset((source, target))].factor(source, target)


def converted(minor: int, factor: Fraction) -> int:
    """An amount in another currency's minor units, rounded once."""
    return round_half_away(minor * factor)


def exchange_cash(lines: Iterable[Line], homes: Mapping[int, str], factor: Factor) -> tuple[Line, ...]:
    """Put cash into the currency that its organization keeps, by the clearing account of either currency.

    `homes` says who keeps what. Every other line stays in the currency of the event, so that whatever mirrors does.
    """
    found: list[Line] = []
    for each in lines:
        home = homes[each.organization_id]
        if each.account is not Account.CASH or each.currency == home:
            found.append(each)
            continue
        worth = converted(each.amount_minor, factor(each.currency, home))
        found.append(replace(each, account=Account.FX_CLEARING))
        if worth:
            why = (Reason(What.EXCHANGED, worth, Money(each.amount_minor, each.currency)),)
            found += [
                Line(each.organization_id, Account.CASH, home, worth, reasons=why),
                Line(each.organization_id, Account.FX_CLEARING, home, -worth, reasons=minus(why)),
            ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Position:
    """What monetary lines of one organization in a foreign currency come to that came about on one day: debit +."""

    organization_id: int
    currency: str
    since: date
    amount_minor: int


def difference(amounts: Iterable[tuple[int, Fraction]], now: Fraction) -> int:
    """What foreign amounts gained, debit +, since the rates at which they came about; rounded once over all of them."""
    return round_half_away(sum((minor * (now - then) for minor, then in amounts), Fraction(0)))


def gain_lines(organization_id: int, home: str, gain_minor: int) -> tuple[Line, ...]:
    """Book a gain (+) or a loss (-): the worth of what is foreign changes, in the organization's own books alone."""
    if not gain_minor:
        return ()
    why = (Reason(What.GAIN, gain_minor, organization_id),)
    return (
        Line(organization_id, Account.FX_CLEARING, home, gain_minor, reasons=why),
        Line(organization_id, Account.FX_GAIN_LOSS, home, -gain_minor, reasons=minus(why)),
    )


def taken_first(
    lots: Sequence[tuple[date, int]], gone_minor: int, taken_minor: int
) -> list[tuple[date, int]]:
    """The lots, and parts of them, that make up an amount, oldest first, after what is gone of them."""
    found: list[tuple[date, int]] = []
    for since, minor in lots:
        gone = min(minor, gone_minor)
        part = min(minor - gone, taken_minor)
        if part:
            found.append((since, part))
        gone_minor -= gone
        taken_minor -= part
    return found


def exchange_of(inputs: Mapping[str, Any]) -> tuple[Rate, ...]:
    """The rates that an event was posted with, from what was stored of it; none where all was in one currency."""
    return tuple(Rate.read(stored) for stored in inputs.get("exchange", ()))
