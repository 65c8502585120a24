"""A price that credit pays a part of: what the credit pays, and what the patient pays beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.money import Money
from ledger.models import Service
from ledger.queries.answer import Deal, Rulings
from ledger.queries.place import charges_nothing
from ledger.queries.redeemable import Redeeming
from ledger.rules.modules import CHARGES
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.tax import Rate, Taxed, TaxRecord
from ledger.rules.terms import Event


@dataclass(frozen=True)
class PartPayment:
    """`credit` of the `price` in the currency of the entitlement, and the `rest` in that of whoever performs."""

    price: Money
    credit: Money
    rest: Money
    rate: Rate | None

    @property
    def taxed(self) -> Taxed:
        """The rest as base and tax: whoever takes it owes the tax, as on any price with tax that is paid there."""
        tax = self.rate.within(self.rest.minor) if self.rate else 0
        return Taxed(self.rest.minor - tax, tax)

    def record(self, organization_id: int, service_id: int, quantity: int) -> TaxRecord | None:
        if self.rate is None or not self.rest.minor:
            return None
        return TaxRecord(
            organization_id, service_id, self.rate, quantity, self.taxed, self.rest.currency, of_rest=True
        )

    def inputs(self, payments: Sequence[tuple[str, Money]]) -> dict[str, Any]:
        """What a posting stores of it."""
        if self.credit == self.price:
            return {}
        return {
            "rest": {
                "price_minor": self.price.minor,
                "credit_minor": self.credit.minor,
                "price_currency": self.price.currency,
                "paid_minor": self.rest.minor,
                "net_minor": self.taxed.base_minor,
                "currency": self.rest.currency,
                "payments": [{"method": method, "amount_minor": amount.minor} for method, amount in payments],
            }
        }


def part_payment(redeeming: Redeeming, quantity: int, most: Money | None = None) -> PartPayment:
    """As much of the price by credit as there is, or as is wanted at `most`; the rest is paid there.

    Raises Refusal where no price is, and where the rest may not be charged there.
    """
    currency = redeeming.line.entitlement.currency
    whole = redeeming.units(quantity)
    credit = min(whole, redeeming.line.left_units, *([most.minor] if most else []))
    if credit < whole:
        _check_charged(redeeming)
    here = redeeming.party(redeeming.organization.pk)
    rest = redeeming.rulings.rates.convert(Money(whole - credit, currency), here.currency)
    return PartPayment(Money(whole, currency), Money(credit, currency), rest, redeeming.rate)


def _check_charged(redeeming: Redeeming) -> None:
    """Refuse a rest where nothing is charged, or where a rule of charges would have a say: one rule answers an event."""
    here, service = redeeming.organization, redeeming.service
    assert service is not None
    closed = CHARGES.why_off(here)
    if closed:
        raise Refusal(RefusalCode.MODULE_OFF, closed)
    if closed := charges_nothing(here):
        raise Refusal(RefusalCode.NOT_SELLABLE_HERE, closed)
    if service.status != Service.Status.ACTIVE:
        raise Refusal(RefusalCode.NOT_SELLABLE_HERE, f"{service.name} is retired. Choose another service.")
    deal = Deal(
        event=Event.CHARGE,
        on=redeeming.on,
        servicing_id=here.pk,
        service=service.code,
        category=service.category,
    )
    rule = Rulings(Event.CHARGE, redeeming.on, [here.pk]).match(deal)
    if rule is not None:
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"The rule {rule.code} says what becomes of a charge for {service.name} at {here.name}, so it is charged as a "
            "whole. Charge it without credit, or use credit for the whole price.",
            rule=rule.code,
        )
