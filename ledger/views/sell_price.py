"""What a sale at the counter comes to, while it is typed: price, discount, tax, and what is to be paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.clock import today_in
from core.money import Money
from ledger.actions.sale import Order
from ledger.queries.exchange import Rates
from ledger.queries.tax_summary import tax_of_quote
from ledger.rules.refusals import Refusal

if TYPE_CHECKING:
    from ledger.models import Entitlement, Package
    from orgs.models import Organization


def price_of(
    seller: Organization,
    package: Package,
    quantity: int = 1,
    discount: Money | None = None,
    given: Entitlement | None = None,
) -> dict[str, Any]:
    """What so many packages cost today, for ledger/sell_price.html; what can't be computed is told."""
    worth = given.worth_minor if given else 0  # type: ignore[attr-defined]
    today = today_in(seller.time_zone)
    none = Money(0, package.currency)
    order = Order(seller, package, quantity, discount or none, (), today, worth)
    if order.asked_minor < 0:
        return {
            "problem": f"The discount is more than the price of {Money(order.price_minor, package.currency)}."
        }
    try:
        taxes = tax_of_quote(order.tax)
        to_pay = Money(order.due_minor, package.currency)
        here = Rates(today).convert(to_pay, seller.currency)
    except Refusal as refusal:
        return {
            "problem": refusal.message,
            "price": Money(order.price_minor, package.currency),
            "quantity": quantity,
        }
    rate = ""
    if package.currency != seller.currency:
        rate = Rates(today).between(package.currency, seller.currency).words
    return {
        "quantity": quantity,
        "price": Money(order.price_minor, package.currency),
        "discount": -discount if discount else None,
        "taxes": taxes,
        "given": Money(-worth, package.currency) if worth else None,
        "to_pay": to_pay,
        "here": here if rate else None,
        "rate": rate,
    }
