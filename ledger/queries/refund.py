"""Until when an entitlement is refunded, where, for how much, and why not: the terms of whoever owes the care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from core import locale
from core.money import Money
from core.settings import why
from ledger.models import Package
from ledger.permissions import ENTITLEMENT_REFUND
from ledger.queries.catalog import list_prices
from ledger.queries.entitlement import redeemed_units
from ledger.queries.sale import terms_of
from ledger.queries.tax import rates_of
from ledger.queries.tax_summary import tax_of_sale
from ledger.rules.refund import after_clawback, after_fee
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.settings import REFUND_ELSEWHERE, REFUND_WINDOW_DAYS
from ledger.rules.tax import taxed
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.rules.structure import THIRD_PARTY

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor
    from ledger.models import Entitlement, Sale
    from orgs.models import Organization


def refund_places(actor: Actor, entitlement: Entitlement) -> QuerySet[Organization]:
    """Where the actor may pay out refunds: the holder, and others as far as `not_elsewhere` is ''."""
    holder = entitlement.holder
    others = Q(status="active") & ~Q(kind=THIRD_PARTY)
    return organizations_for(actor, ENTITLEMENT_REFUND).filter(others | Q(pk=holder.pk))


def not_elsewhere(entitlement: Entitlement) -> str:
    """Why nobody but its holder pays it out; '' where others may."""
    holder = entitlement.holder
    if REFUND_ELSEWHERE.at(holder):
        return ""
    return (
        f"{holder.name} owes this care and pays its refunds out itself. Send the patient there. "
        f"{why(REFUND_ELSEWHERE, holder)}"
    )


def refunded_until(entitlement: Entitlement) -> date | None:
    """The last day of its refund window; None without one."""
    window = REFUND_WINDOW_DAYS.at(entitlement.holder)
    return entitlement.starts_on + timedelta(days=window) if window else None


def never_refunded(entitlement: Entitlement) -> str:
    """Why it is not refunded at all; '' where it is."""
    if terms_of(entitlement).refund == Package.Refund.NONE:
        return f"{entitlement.package.name} was sold as not refunded."
    return ""


@dataclass(frozen=True)
class PaidOut:
    """What a refund pays: minor units, by which policy, and the arithmetic in sentences."""

    policy: str
    amount_minor: int
    arithmetic: tuple[str, ...]


def refunded_whole(entitlement: Entitlement) -> bool:
    """Whether its policy refunds all that remains at once, and no part of it."""
    return terms_of(entitlement).refund == Package.Refund.LIST_PRICE_CLAWBACK


def paid_out(entitlement: Entitlement, allocated_minor: int) -> PaidOut:
    """What refunding units that were sold for so much, with tax, pays; raises Refusal where a list price is missing."""
    terms, currency = terms_of(entitlement), entitlement.currency
    allocated = Money(allocated_minor, currency)
    if terms.refund == Package.Refund.LIST_PRICE_CLAWBACK:
        used = _used_at_list_price(entitlement, terms)
        paid = after_clawback(allocated_minor, terms.total_minor, used)
        told = (
            f"{Money(terms.total_minor, currency)} paid - {Money(used, currency)} used at list price, at least 0 "
            f"and at most {allocated} = {Money(paid, currency)}"
        )
    elif terms.refund == Package.Refund.ALLOCATED_PRICE_LESS_FEE:
        paid = after_fee(allocated_minor, terms.refund_fee_minor)
        told = f"{allocated} - {Money(terms.refund_fee_minor, currency)} fee = {Money(paid, currency)}"
    else:
        paid, told = allocated_minor, f"{allocated} allocated to what is unused"
    return PaidOut(terms.refund, paid, (told,))


def refund_sentence(entitlement: Entitlement) -> str:
    """What a refund of it pays, as a sentence about its holder."""
    terms, holder = terms_of(entitlement), entitlement.holder.name
    if terms.refund == Package.Refund.LIST_PRICE_CLAWBACK:
        return (
            f"{holder} pays back the price less what was used at its list price of that day; "
            "all that is left is given up at once."
        )
    tax = ", with the tax that their sale took" if tax_of_sale(terms) else ""
    less = ""
    if terms.refund == Package.Refund.ALLOCATED_PRICE_LESS_FEE:
        less = f", less a fee of {Money(terms.refund_fee_minor, entitlement.currency).format()}"
    return f"{holder} pays the allocated price of these units back{tax}{less}; they can't be used any more."


def _used_at_list_price(entitlement: Entitlement, sale: Sale) -> int:
    """What was used costs, with tax, at the seller's list prices of the sale's day; credit costs what it is."""
    lines = list(entitlement.lines.select_related("service"))
    seller = sale.seller
    rates = rates_of((line.service for line in lines), entitlement.starts_on)
    path = [node.pk for node in tree.path_to(seller)]
    prices = list_prices([line.service_id for line in lines if line.service_id], path, entitlement.starts_on)
    redeemed = redeemed_units(entitlement)
    used = 0
    for line in lines:
        unit = Money(1, entitlement.currency) if line.service_id is None else prices.get(line.service_id)
        if redeemed.get(line.pk) and (unit is None or unit.currency != entitlement.currency):
            raise Refusal(
                RefusalCode.NOT_PERMITTED,
                f"{line.what} had no list price in {entitlement.currency} at {seller.name} on "
                f"{locale.day(entitlement.starts_on)}, at which what was used is charged. Set one for that day.",
            )
        price = redeemed.get(line.pk, 0) * (unit.minor if unit else 0)
        used += taxed(price, rates.of(line.service_id)).gross_minor
    return used


def too_late_to_refund(entitlement: Entitlement, on: date) -> str:
    """Why a day lies after the refund window; '' within it."""
    until = refunded_until(entitlement)
    if until is None or on <= until:
        return ""
    passed = (on - entitlement.starts_on).days
    return (
        f"This was sold {locale.counted(passed, 'day')} before, on {locale.day(entitlement.starts_on)}; "
        f"that is too long ago to be refunded. {why(REFUND_WINDOW_DAYS, entitlement.holder)}"
    )
