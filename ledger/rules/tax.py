"""Tax on what patients pay: what of a price is tax, and what of it is given back. Pure arithmetic over minor units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

from core import locale
from core.money import round_half_away
from ledger.rules.outcome import decimal_text
from ledger.rules.split import split


def percent_text(percent: Decimal | Fraction) -> str:
    """A rate in words: 18 %."""
    return f"{locale.number(decimal_text(Fraction(percent)))} %"


class Method(StrEnum):
    """How a tax code stands to prices."""

    EXEMPT = "exempt"  # no tax
    INCLUDED = "included"  # the tax is part of the price
    ADDED = "added"  # the tax comes on top of the price


class TaxPoint(StrEnum):
    """When tax on prepaid services is due (EU directive 2016/1065)."""

    SALE = "sale"  # at the sale: a single-purpose voucher
    REDEMPTION = "redemption"  # at each redemption: a multi-purpose voucher


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax code as it is on a day. Whatever has no code is exempt and has no rate."""

    tax_code_id: int
    code: str
    method: Method
    percent: Fraction

    def on(self, price_minor: int) -> int:
        """The tax on a price as it is asked for: in it, or on top of it."""
        if self.method is Method.ADDED:
            return round_half_away(price_minor * self.percent / 100)
        return self.within(price_minor)

    def within(self, paid_minor: int) -> int:
        """The tax in an amount that was paid with all tax."""
        return round_half_away(paid_minor * self.percent / (100 + self.percent))


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount of money as its base and the tax on it."""

    base_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        return self.base_minor + self.tax_minor


def taxed(price_minor: int, rate: Rate | None) -> Taxed:
    """A price as it is asked for, as base and tax."""
    return taxed_parts([(price_minor, rate)])[0]


def taxed_parts(parts: Sequence[tuple[int, Rate | None]]) -> list[Taxed]:
    """The parts of one price as base and tax.

    The parts have one sign. The tax of a code is rounded once, over the sum of its parts, and split among them by what
    they cost.
    """
    taxes = [0] * len(parts)
    for rate in dict.fromkeys(rate for _, rate in parts if rate):
        tax_minor = rate.on(sum(price for price, one in parts if one == rate))
        weights = {f"{at:06}": abs(price) for at, (price, one) in enumerate(parts) if one == rate}
        for at, tax in split(tax_minor, weights).items():
            taxes[int(at)] = tax
    return [
        Taxed(price if rate and rate.method is Method.ADDED else price - tax, tax)
        for (price, rate), tax in zip(parts, taxes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class SoldTax:
    """The tax that a sale took on one of its lines, and what of it was given back, voids undone."""

    rate: Rate
    units: int
    tax_minor: int
    back_units: int = 0
    back_minor: int = 0

    def back(self, quantity: int) -> int:
        """The tax on `quantity` more units given back: cumulative, so that all units together have all of it."""
        given = round_half_away(Fraction(self.tax_minor * (self.back_units + quantity), self.units))
        return given - self.back_minor


def kept(parts: Sequence[Taxed], kept_minor: int) -> list[Taxed]:
    """What is kept of a refund, as base and tax of each part: its share of the whole, taxed as the part is.

    So the tax on what is not paid back stays due, and of nothing kept nothing is due.
    """
    gross = {f"{at:06}": max(0, part.gross_minor) for at, part in enumerate(parts)}
    tax = {f"{at:06}": max(0, part.tax_minor) for at, part in enumerate(parts)}
    whole = sum(gross.values())
    if not whole:
        return [Taxed(0, 0) for _ in parts]
    amounts = split(kept_minor, gross)
    taxes = split(round_half_away(Fraction(kept_minor * sum(tax.values()), whole)), tax)
    return [Taxed(amounts[name] - taxes[name], taxes[name]) for name in gross]


@dataclass(frozen=True, slots=True)
class TaxRecord:
    """What one event makes due of a code, or gives back (negative), in the books of who owes the tax.

    `sale_event_id` is the sale whose tax is given back; without it the event's own. `of_rest` says that it is on what
    was paid beside credit, in the books of who took it.
    """

    organization_id: int
    service_id: int
    rate: Rate
    units: int
    amount: Taxed
    currency: str
    sale_event_id: int | None = None
    of_rest: bool = False

    @property
    def stored(self) -> dict[str, Any]:
        """As it is kept among the inputs of its event, from which the database writes its row."""
        return {
            "organization": self.organization_id,
            "service": self.service_id,
            "tax_code": self.rate.tax_code_id,
            "code": self.rate.code,
            "method": str(self.rate.method),
            "percent": decimal_text(self.rate.percent),
            "units": self.units,
            "base_minor": self.amount.base_minor,
            "tax_minor": self.amount.tax_minor,
            "currency": self.currency,
            "sale_event": self.sale_event_id,
            **({"of_rest": True} if self.of_rest else {}),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        rate = Rate(stored["tax_code"], stored["code"], Method(stored["method"]), Fraction(stored["percent"]))
        amount = Taxed(stored["base_minor"], stored["tax_minor"])
        return cls(
            stored["organization"],
            stored["service"],
            rate,
            stored["units"],
            amount,
            stored["currency"],
            stored["sale_event"],
            stored.get("of_rest", False),
        )


def tax_inputs(records: Iterable[TaxRecord]) -> dict[str, Any]:
    """What an event stores of tax: nothing where there is none."""
    stored = [record.stored for record in records]
    return {"tax": stored} if stored else {}


def tax_records(inputs: Mapping[str, Any]) -> list[TaxRecord]:
    """What an event stored of tax."""
    return [TaxRecord.of(one) for one in inputs.get("tax", ())]


def tax_due(inputs: Mapping[str, Any]) -> int:
    """The tax that an event made due, less what it gave back; that on what was paid beside credit stands with it."""
    return sum(record.amount.tax_minor for record in tax_records(inputs) if not record.of_rest)


def net_charged(inputs: Mapping[str, Any]) -> int:
    """The price of a charge without tax."""
    return int(inputs.get("net_minor", inputs["price_minor"]))


def opposite(inputs: Mapping[str, Any], sale_event_id: int | None) -> dict[str, Any]:
    """What the void of an event stores of tax: the opposite, of the sale that it voids if it voids one."""
    return tax_inputs(
        replace(
            record,
            units=-record.units,
            amount=Taxed(-record.amount.base_minor, -record.amount.tax_minor),
            sale_event_id=record.sale_event_id or sale_event_id,
        )
        for record in tax_records(inputs)
    )
