"""What a charge comes to: the list price of a service, the tax on it, and what the rules answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.money import Money
from ledger.models import Service
from ledger.queries.answer import Answer, Deal, Rulings
from ledger.queries.tax import rates_of
from ledger.rules.tax import Rate, Taxed, taxed
from ledger.rules.terms import Event

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Charging:
    """A price as it is asked for, as base and tax at a rate, with who pays; no tax is due of what no patient pays."""

    rulings: Rulings
    price: Money
    rate: Rate | None
    amount: Taxed
    answer: Answer

    @property
    def payer(self) -> str:
        """The code of the organization that pays instead of the patient; '' where the patient does."""
        distribution = self.answer.distribution
        return distribution.payer.code if distribution and distribution.payer else ""

    @property
    def paid(self) -> Money:
        """What the patient pays."""
        return Money(0 if self.payer else self.amount.gross_minor, self.price.currency)


def charging(
    organization: Organization, service: Service, quantity: int, on: date, *, posting: bool = False
) -> Charging:
    """So much of a service at an organization on a day. Raises Refusal as `Rulings.answer`, and without a price or rate."""
    deal = Deal(
        event=Event.CHARGE,
        on=on,
        servicing_id=organization.pk,
        service=service.code,
        category=service.category,
        units=((service.pk, quantity),),
    )
    currency = organization.currency
    rulings = Rulings(Event.CHARGE, on, [organization.pk], posting=posting)
    price = rulings.list_price_minor(deal.units, organization.pk, on, currency)
    rate = rates_of([service], on).of(service.pk)
    amount = taxed(price, rate)
    answer = rulings.answer(deal, quantity=quantity, allocated_minor=amount.base_minor)
    found = Charging(rulings, Money(price, currency), rate, amount, answer)
    if not found.payer:
        return found
    return Charging(rulings, found.price, None, Taxed(amount.base_minor, 0), answer)
