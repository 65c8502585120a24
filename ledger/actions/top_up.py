"""Topping up: more units of an entitlement on the same terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.money import Money
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_may_be_served, day_for, register_here
from ledger.actions.sale import (
    MOST_PACKAGES,
    Order,
    Payment,
    answer_for,
    check_currency,
    check_discount,
    check_order,
    check_sellable,
    entitlement_of,
    inputs_of,
    told_of,
    write_sale,
)
from ledger.models import Beneficiary, Entitlement, LedgerEvent, PackageLine, Sale
from ledger.permissions import SALE_CREATE
from ledger.queries.answer import Rulings
from ledger.queries.beneficiary import beneficiaries_of
from ledger.queries.entitlement import entitlements_for
from ledger.queries.sale import sale_of_event
from ledger.queries.top_up import first_of, package_lines, price_of
from ledger.rules import events
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import TOP_UP_ANEW
from ledger.rules.terms import Event
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class TopUp(Order):
    """An order of more units of `tops_up`, by code, at their part of the package's price of today."""

    units: Mapping[str, int] = field(default_factory=dict)

    @property
    def first(self) -> Entitlement:
        assert self.tops_up is not None
        return self.tops_up

    @property
    def holder(self) -> Organization:
        return self.first.holder

    @cached_property
    def price_minor(self) -> int:
        return price_of(self.first, self._of_package, dict(self.units))

    @property
    def expires_on(self) -> date | None:
        return super().expires_on if TOP_UP_ANEW.at(self.holder) else self.first.expires_on

    @cached_property
    def lines(self) -> list[PackageLine]:
        """What is bought: the package's lines, with so many units as are asked."""
        chosen = [copy(line) for line in self._of_package if self.units.get(line.code)]
        for line in chosen:
            line.quantity = self.units[line.code]
        return chosen

    @cached_property
    def _of_package(self) -> list[PackageLine]:
        return package_lines(self.first)


def order_of(
    seller: Organization,
    first: Entitlement,
    units: Mapping[str, int],
    *,
    discount: Money | None = None,
    payments: Sequence[Payment] = (),
    on: date | None = None,
) -> TopUp:
    """An order of more units of an entitlement that tops up none itself; it comes with holder and package."""
    return TopUp(
        seller=seller,
        package=first.package,
        quantity=1,
        discount=discount or Money(0, first.currency),
        payments=tuple(payments),
        on=day_for(seller, on, first.starts_on),
        tops_up=first,
        units=units,
    )


@action(SALE_CREATE, audit="entitlement.topped_up")
def top_up_entitlement(
    act: Act,
    seller: Organization,
    *,
    entitlement: Entitlement,
    units: Mapping[str, int],
    payments: Sequence[Payment],
    discount: Money | None = None,
    on: date | None = None,
    key: str,
) -> Sale:
    """Sell more units of an entitlement, by the codes of its package's lines, for their part of the package's price.

    Who may: `sale:create` at the seller, for an entitlement that the actor sees. Effect: the same patient has another
    entitlement that tops it up: of the same holder, with the same last day (or, as the holder's policy says, as many
    days as the package has from now on), for the same people. Refusals: `not_permitted` (nothing or too much chosen,
    payments, day, void or frozen), `entitlement_expired`, and as for a sale. Audit: `entitlement.topped_up`. The same
    key and order return the first sale.
    """
    asked = {
        "seller": seller.pk,
        "tops_up": entitlement.pk,
        "units": dict(sorted(units.items())),
        "discount": str(discount or ""),
        "payments": [[payment.method, str(payment.amount)] for payment in payments],
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.SALE, key, asked)
    posted = begin(act, command, entitlement_id=entitlement.pk)
    if posted is not None:
        return sale_of_event(posted)
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don\u2019t see this entitlement.")
    first = first_of(
        Entitlement.objects.select_related("holder", "package", "patient").get(pk=entitlement.pk)
    )
    order = order_of(seller, first, units, discount=discount, payments=payments, on=on)
    hold_standing(seller, order.holder)
    _check_units(order)
    with rules_refuse():
        check_order(order)
    check_may_be_served(act.actor, seller, first.patient)
    check_sellable(order)
    _check_first(order)
    with rules_refuse():
        rulings = Rulings(Event.SALE, order.on, [seller.pk, order.holder.pk], posting=True)
        answer = answer_for(rulings, order)
        check_discount(order)
        check_currency(order)
        lines = rulings.rates.exchange(
            events.sale(
                rulings.party(order.holder.pk),
                rulings.party(seller.pk),
                order.allocated,
                answer.distribution,
                order.tax.due_minor,
            ),
            answer.parties,
        )
    register_here(act.actor, seller, first.patient)
    event = post_command(
        act,
        command,
        organization_id=seller.pk,
        on=order.on,
        lines=lines,
        rule_version_id=answer.version_id,
        inputs=inputs_of(order, first.patient, answer) | rulings.rates.inputs | {"tops_up": first.pk},
        sold=entitlement_of(order, first.patient),
    )
    sale = write_sale(order, first.patient, event)
    _share(sale, first)
    act.about(sale)
    act.changed({}, told_of(order, sale) | {"tops_up": first.pk, "units": dict(units)})
    act.emit("package.sold", sale_id=sale.pk)
    return sale


def _check_units(order: TopUp) -> None:
    known = {line.code: line for line in order._of_package}
    unknown = sorted(set(order.units) - set(known))
    if unknown:
        raise refused(RefusalCode.NOT_PERMITTED, f"{order.package.name} has no {', '.join(unknown)}.")
    for code, units in order.units.items():
        line = known[code]
        most = line.quantity * MOST_PACKAGES
        if not 0 <= units <= most:
            raise refused(
                RefusalCode.NOT_PERMITTED,
                f"{units} units of {line.what} can\u2019t be bought; take at most {most}.",
            )
    if not any(units * known[code].standalone_minor for code, units in order.units.items()):
        raise refused(RefusalCode.NOT_PERMITTED, "Say how many units to buy, of what has a price.")


def _check_first(order: TopUp) -> None:
    """Refuse to top up what nobody can use any more, or now."""
    first = order.first
    if first.status == Entitlement.Status.VOID:
        raise refused(RefusalCode.NOT_PERMITTED, "The sale was voided; sell the package anew.")
    if order.on < first.starts_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement was sold on {locale.day(first.starts_on)}; it can\u2019t be topped up before.",
        )
    if first.is_frozen(order.on):
        raise refused(RefusalCode.NOT_PERMITTED, "This entitlement is frozen. End the freeze first.")
    if first.expires_on is not None and first.expires_on < order.on:
        raise refused(
            RefusalCode.ENTITLEMENT_EXPIRED,
            "This entitlement is past its last day. Extend it, or sell the package anew.",
        )


def _share(sale: Sale, first: Entitlement) -> None:
    """Who uses the first uses what tops it up."""
    Beneficiary.objects.bulk_create(
        Beneficiary(
            entitlement_id=sale.entitlement_id, patient_id=one.patient_id, reason=f"Tops up {first.code}"
        )
        for one in beneficiaries_of(first)
    )
