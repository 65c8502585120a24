"""One use of an entitlement line somewhere: may it be redeemed there, for how much, and who pays whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.modules import why_not_offered
from ledger.models import Entitlement, EntitlementLine, PackageRedeemer, Sale
from ledger.queries.answer import Answer, Deal, Rulings
from ledger.queries.place import redeems_nothing
from ledger.rules.lines import Organization as Party
from ledger.rules.modules import PACKAGES
from ledger.rules.recognition import recognition_step
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Event

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Redeeming:
    """An entitlement line at an organization on a day, with the rules that answer there.

    Its `line` comes with service, entitlement, package, patient and holder.
    """

    line: EntitlementLine
    organization: Organization
    on: date
    seller_id: int
    redeemers: frozenset[int]
    rulings: Rulings

    def party(self, organization_id: int) -> Party:
        return self.rulings.party(organization_id)

    def price(self, quantity: int) -> tuple[int, Answer]:
        """What `quantity` units recognize, and what the rules answer; raises Refusal as `Rulings.answer`."""
        line, entitlement = self.line, self.line.entitlement
        step = recognition_step(line.total_minor, line.quantity, line.used_units, line.booked_minor, quantity)
        deal = Deal(
            event=Event.REDEMPTION,
            on=self.on,
            servicing_id=self.organization.pk,
            seller_id=self.seller_id,
            holder_id=entitlement.holder_id,
            service=line.service.code,
            category=line.service.category,
            package=entitlement.package.code,
            units=((line.service_id, quantity),),
        )
        return step, self.rulings.answer(deal, quantity=quantity, allocated_minor=step)


def redeemings(
    line_ids: Sequence[int], organization: Organization, on: date, *, posting: bool = False
) -> list[Redeeming]:
    """Entitlement lines at one organization on one day, in the order of their sale; the rules are read once."""
    lines = list(
        EntitlementLine.objects.filter(pk__in=line_ids)
        .select_related("service", "entitlement__package", "entitlement__patient", "entitlement__holder")
        .order_by("entitlement_id", "pk")
    )
    sales = Sale.objects.filter(entitlement__in={line.entitlement_id for line in lines})
    sellers = dict(sales.values_list("entitlement_id", "seller_id"))
    redeemers: dict[int, set[int]] = {}
    for package_id, organization_id in PackageRedeemer.objects.filter(
        package__in={line.entitlement.package_id for line in lines}
    ).values_list("package_id", "organization_id"):
        redeemers.setdefault(package_id, set()).add(organization_id)
    holders = {line.entitlement.holder_id for line in lines}
    rulings = Rulings(Event.REDEMPTION, on, {organization.pk, *holders, *sellers.values()}, posting=posting)
    return [
        Redeeming(
            line=line,
            organization=organization,
            on=on,
            seller_id=sellers[line.entitlement_id],
            redeemers=frozenset(redeemers.get(line.entitlement.package_id, ())),
            rulings=rulings,
        )
        for line in lines
    ]


def check_redeemable(redeeming: Redeeming, quantity: int) -> None:
    """Refuse (raising Refusal) a place, a day or a quantity: the first reason in the order of precedence."""
    line, on, here = redeeming.line, redeeming.on, redeeming.organization
    entitlement = line.entitlement
    if on < entitlement.starts_on:
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement was sold on {locale.day(entitlement.starts_on)} and is usable from that day on.",
        )
    off = PACKAGES.why_off(here) or why_not_offered(here, line.service.category)
    if off:
        raise Refusal(RefusalCode.MODULE_OFF, off)
    closed = redeems_nothing(here)
    if closed:
        raise Refusal(RefusalCode.NOT_REDEEMABLE_HERE, closed)
    if redeeming.redeemers and here.pk not in redeeming.redeemers:
        raise Refusal(
            RefusalCode.NOT_REDEEMABLE_HERE,
            f"{entitlement.package.name} isn't redeemed at {here.name}. Send the patient to an organization "
            "that redeems it.",
        )
    if entitlement.expires_on is not None and on > entitlement.expires_on:
        raise Refusal(
            RefusalCode.ENTITLEMENT_EXPIRED,
            f"This entitlement could be used until {locale.day(entitlement.expires_on)}.",
        )
    if quantity > line.left_units:
        raise _exhausted(line, quantity)


def _exhausted(line: EntitlementLine, quantity: int) -> Refusal:
    if line.entitlement.status == Entitlement.Status.VOID:
        return Refusal(RefusalCode.ENTITLEMENT_EXHAUSTED, "The sale was voided; nothing is left to use.")
    if not line.left_units:
        message = f"{line.service.name} is used up: nothing is left of {line.quantity}."
    else:
        message = f"{quantity} of {line.service.name} can't be redeemed: {line.left_units} of {line.quantity} are left."
    return Refusal(RefusalCode.ENTITLEMENT_EXHAUSTED, message, left=line.left_units)
