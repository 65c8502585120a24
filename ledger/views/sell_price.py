"""What it comes to that is typed at the counter: price, discount, tax, and what is to be paid.

Each gives what ledger/sell_price.html shows; what can't be computed is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.clock import today_in
from core.money import Money
from ledger.actions.sale import Order
from ledger.queries.charging import charging
from ledger.queries.exchange import Rates
from ledger.queries.part_payment import part_payment
from ledger.queries.redeemable import check_redeemable, redeemings
from ledger.queries.tax_summary import tax_of_price, tax_of_quote
from ledger.rules.refusals import Refusal
from ledger.rules.tax import taxed

if TYPE_CHECKING:
    from ledger.actions.top_up import TopUp
    from ledger.models import Entitlement, EntitlementLine, Package, Service
    from orgs.models import Organization


def price_of(
    seller: Organization,
    package: Package,
    quantity: int = 1,
    discount: Money | None = None,
    given: Entitlement | None = None,
) -> dict[str, Any]:
    """What so many packages cost today."""
    worth = given.worth_minor if given else 0  # type: ignore[attr-defined]
    today = today_in(seller.time_zone)
    none = Money(0, package.currency)
    order = Order(seller, package, quantity, discount or none, (), today, worth)
    return _priced(order, worth)


def top_up_price_of(order: TopUp) -> dict[str, Any]:
    """What more units cost today."""
    return {**_priced(order), "price_label": "Price"}


def _priced(order: Order, worth: int = 0) -> dict[str, Any]:
    unit, here = order.currency, order.seller.currency
    price = {"price": Money(order.price_minor, unit), "quantity": order.quantity}
    if order.asked_minor < 0:
        return {"problem": f"The discount is more than the price of {price['price']}."}
    try:
        taxes = tax_of_quote(order.tax)
        asked = order.asked
        rate = Rates(order.on).between(unit, here).words if unit != here else ""
    except Refusal as refusal:
        return price | {"problem": refusal.message}
    return price | {
        "discount": -order.discount if order.discount.minor else None,
        "taxes": taxes,
        "given": Money(-worth, unit) if worth else None,
        "given_label": "Given for it",
        "to_pay": Money(order.due_minor, unit),
        "here": asked if rate else None,
        "rate": rate,
    }


def charge_price_of(here: Organization, service: Service, quantity: int) -> dict[str, Any]:
    """What so much of a service costs today, and who pays it."""
    try:
        found = charging(here, service, quantity, today_in(here.time_zone))
    except Refusal as refusal:
        return {"problem": refusal.message}
    return {
        "quantity": quantity,
        "price": found.price,
        "taxes": tax_of_price(found.amount, found.rate, here.currency),
        "to_pay": found.paid,
        "note": f"{found.payer} pays it, as {found.answer.rule.code} says."
        if found.payer and found.answer.rule
        else "",
    }


def part_price_of(
    here: Organization,
    line: EntitlementLine,
    service: Service,
    quantity: int,
    most: Money | None,
    *,
    may_charge: bool,
) -> dict[str, Any]:
    """What so much of a service costs today, what of it the credit of a line pays, and what is left to pay."""
    (redeeming,) = redeemings([line.pk], here, service=service)
    try:
        check_redeemable(redeeming, quantity, in_part=may_charge)
        paid = part_payment(redeeming, quantity, most)
        price = redeeming.list_minor(quantity)
    except Refusal as refusal:
        return {"problem": refusal.message}
    unit = line.entitlement.currency
    left = paid.price - paid.credit
    abroad = left and here.currency != unit
    return {
        "quantity": quantity,
        "price": Money(price, unit),
        "taxes": tax_of_price(taxed(price, redeeming.rate), redeeming.rate, unit),
        "given": -paid.credit,
        "given_label": "From the credit",
        "to_pay": left,
        "here": paid.rest if abroad else None,
        "rate": redeeming.rulings.rates.between(unit, here.currency).words if abroad else "",
    }
