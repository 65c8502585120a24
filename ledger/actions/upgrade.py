"""Upgrading: what is left of an entitlement is given for a package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.money import Money
from ledger.actions.breakage import reversed_excess, reversed_inputs
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_may_be_served, day_for, register_here
from ledger.actions.sale import (
    Order,
    Payment,
    answer_for,
    check_currency,
    check_order,
    check_sellable,
    entitlement_of,
    inputs_of,
    told_of,
    write_sale,
)
from ledger.models import Entitlement, EntitlementLine, LedgerEvent, Package, Sale
from ledger.permissions import SALE_CREATE
from ledger.posting import Movement
from ledger.queries.answer import Rulings
from ledger.queries.entitlement import entitlements_for
from ledger.queries.sale import sale_of_event
from ledger.queries.tax_back import all_left, tax_later
from ledger.rules import events
from ledger.rules.refusals import RefusalCode
from ledger.rules.tax import tax_inputs
from ledger.rules.terms import Event
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization


@action(SALE_CREATE, audit="entitlement.upgraded")
def upgrade_entitlement(
    act: Act,
    seller: Organization,
    *,
    entitlement: Entitlement,
    package: Package,
    payments: Sequence[Payment],
    on: date | None = None,
    key: str,
) -> Sale:
    """Give what is left of an entitlement for a package, and pay the rest of its price.

    Who may: `sale:create` at the seller, for an entitlement that the actor sees. Effect: nothing is left of the old
    one; the same patient has a new one at the price of the package, from which what was open of the old one is taken
    off, with the tax that its sale took on it. Refusals: `not_permitted` (payments, day, void, expired or frozen, another holder, worth more than the package
    costs), `entitlement_exhausted`, and as for a sale. Audit: `entitlement.upgraded`. The same key and order return the
    first sale.
    """
    asked = {
        "seller": seller.pk,
        "entitlement": entitlement.pk,
        "package": package.pk,
        "payments": [[payment.method, str(payment.amount)] for payment in payments],
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.UPGRADE, key, asked, touches_two_pools=True)
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return sale_of_event(first)
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don\u2019t see this entitlement.", field="replaces")
    old = Entitlement.objects.select_related("holder", "package", "patient").get(pk=entitlement.pk)
    day = day_for(seller, on, old.starts_on)
    given = [
        line for line in old.lines.select_related("service", "entitlement").order_by("pk") if line.left_units
    ]
    back = all_left(given)
    with rules_refuse():
        later = tax_later(given, day)
    tax_back = back.records(back.gross_minor)
    back_minor = -sum(record.amount.tax_minor for record in tax_back)
    order = Order(
        seller=seller,
        package=Package.objects.select_related("holder").get(pk=package.pk),
        quantity=1,
        discount=Money(0, package.currency),
        payments=tuple(payments),
        on=day,
        given_minor=back.gross_minor,
        given_tax_minor=back_minor + later,
    )
    hold_standing(seller, order.holder)
    _check_given(old, given, order)
    with rules_refuse():
        check_order(order)
    check_may_be_served(act.actor, seller, old.patient)
    check_sellable(order)
    with rules_refuse():
        rulings = Rulings(Event.SALE, day, [seller.pk, order.holder.pk], posting=True)
        answer = answer_for(rulings, order)
        check_currency(order)
        holder = rulings.party(order.holder.pk)
        lines = rulings.rates.exchange(
            events.upgrade(
                holder,
                rulings.party(seller.pk),
                [line.open_minor for line in given],
                order.allocated,
                answer.distribution,
                order.tax.due_minor,
                back_minor,
            ),
            answer.parties,
        )
    reversal, booked = reversed_excess(old, holder, sum(line.open_minor for line in given))
    register_here(act.actor, seller, old.patient)
    event = post_command(
        act,
        command,
        organization_id=seller.pk,
        on=day,
        lines=(*lines, *reversal),
        movements=[Movement(line.pk, -line.left_units, -line.open_minor) for line in given],
        booked=booked,
        rule_version_id=answer.version_id,
        inputs={
            **inputs_of(order, old.patient, answer),
            **_given(old, given, order),
            **rulings.rates.inputs,
            **reversed_inputs(booked),
            **tax_inputs([*order.tax.at_sale, *tax_back]),
        },
        sold=entitlement_of(order, old.patient),
    )
    sale = write_sale(order, old.patient, event)
    act.about(sale)
    act.changed(
        {}, told_of(order, sale) | {"given": old.pk, "paid": str(Money(order.due_minor, order.currency))}
    )
    act.emit("package.sold", sale_id=sale.pk)
    return sale


def _check_given(old: Entitlement, given: list[EntitlementLine], order: Order) -> None:
    """Refuse an entitlement that can't be given for the package."""
    if old.status == Entitlement.Status.VOID or not given:
        raise refused(
            RefusalCode.ENTITLEMENT_EXHAUSTED,
            "Nothing is left of this entitlement to give.",
            field="replaces",
        )
    if order.on < old.starts_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement was sold on {locale.day(old.starts_on)}; it can\u2019t be given for another before.",
            field="replaces",
        )
    if old.is_frozen(order.on) or (old.expires_on is not None and old.expires_on < order.on):
        what = "frozen" if old.is_frozen(order.on) else "past its last day"
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement is {what}; what is left of it can\u2019t be given for another.",
            field="replaces",
        )
    if old.holder_id != order.holder.pk:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{old.holder.name} owes the old care and {order.holder.name} would owe the new. Choose a package of "
            f"{old.holder.name}, or refund what is left.",
            field="replaces",
        )
    if order.due_minor < 0:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"What is left is worth {Money(order.given_minor, order.currency)}, more than {order.package.name} costs. "
            "Choose a larger package, or refund what is left.",
            field="replaces",
        )


def _given(old: Entitlement, given: list[EntitlementLine], order: Order) -> dict[str, Any]:
    return {
        "given": {
            "entitlement": old.pk,
            "amount_minor": order.given_minor,
            "units": [
                {"service": line.code, "quantity": line.left_units, "amount_minor": line.open_minor}
                for line in given
            ],
        }
    }
