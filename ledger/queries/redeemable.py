"""One use of an entitlement line somewhere: may it be redeemed there, for how much, and who pays whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from core import locale
from core.clock import latest_today, today_in
from core.modules import why_not_offered
from core.money import Money
from ledger.models import Entitlement, EntitlementLine, PackageRedeemer, Sale, Service
from ledger.queries.answer import Answer, Deal, Rulings
from ledger.queries.place import redeems_nothing
from ledger.queries.tax import Rates, rates_of
from ledger.rules.lines import Organization as Party
from ledger.rules.modules import PACKAGES
from ledger.rules.recognition import recognition_step
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.tax import Rate, Taxed, taxed
from ledger.rules.terms import Event
from ledger.rules.validity import day_of_use

if TYPE_CHECKING:
    from orgs.models import Organization


WhyNot = Callable[["Organization", str | None], Refusal | None]


@dataclass(frozen=True)
class Redeeming:
    """An entitlement line at an organization on a day, with the rules that answer there.

    Its `line` comes with service, entitlement, package, patient and holder. `service` is what is performed: the line's,
    or one chosen for credit, None as long as none is.
    """

    line: EntitlementLine
    service: Service | None
    organization: Organization
    on: date
    seller_id: int
    redeemers: frozenset[int]
    rulings: Rulings
    rates: Rates
    taxed_later: bool

    def party(self, organization_id: int) -> Party:
        return self.rulings.party(organization_id)

    @property
    def rate(self) -> Rate | None:
        """The tax rate at which this redemption is taxed; credit always is, the rest as it was sold."""
        if self.service is None or not (self.taxed_later or self.line.is_credit):
            return None
        return self.rates.of(self.service.pk)

    def price(self, quantity: int, credit_minor: int | None = None) -> tuple[Taxed, Answer]:
        """What `quantity` of the service take as base and tax, and what the rules answer to the base.

        With `credit_minor` no more than that much credit is taken for them. Raises Refusal as `Rulings.answer`.
        """
        line, entitlement, service = self.line, self.line.entitlement, self._chosen()
        whole = self.units(quantity)
        taken = whole if credit_minor is None else credit_minor
        step = recognition_step(line.total_minor, line.quantity, line.used_units, line.booked_minor, taken)
        tax = self.rate.within(step) if self.rate else 0
        deal = Deal(
            event=Event.REDEMPTION,
            on=self.on,
            servicing_id=self.organization.pk,
            seller_id=self.seller_id,
            holder_id=entitlement.holder_id,
            service=service.code,
            category=service.category,
            package=entitlement.package.code,
            units=((service.pk, quantity),),
            part=Fraction(taken, whole),
        )
        answer = self.rulings.answer(deal, quantity=quantity, allocated_minor=step - tax)
        self.rulings.rates.require(entitlement.currency, self.party(self.organization.pk))
        return Taxed(step - tax, tax), answer

    def units(self, quantity: int) -> int:
        """How many units of the line so much of the service takes: of credit, its list price here and the tax on top."""
        if not self.line.is_credit:
            return quantity
        return taxed(self.list_minor(quantity), self.rate).gross_minor

    def list_minor(self, quantity: int) -> int:
        """The list price here of so much of the service that credit is used for, as it is asked for.

        Raises Refusal where the service costs nothing here, so that there is nothing to use credit for.
        """
        service = self._chosen()
        price = self.rulings.list_price_minor(
            ((service.pk, quantity),), self.organization.pk, self.on, self.line.entitlement.currency
        )
        if not price:
            raise Refusal(
                RefusalCode.NOT_PERMITTED,
                f"{service.name} costs nothing at {self.organization.name}; no credit is needed for it.",
            )
        return price

    def _chosen(self) -> Service:
        if self.service is None:
            raise Refusal(RefusalCode.NOT_PERMITTED, "Choose the service that the credit is used for.")
        return self.service


def redeemings(
    line_ids: Sequence[int],
    organization: Organization,
    on: date | None = None,
    *,
    service: Service | None = None,
    posting: bool = False,
) -> list[Redeeming]:
    """Entitlement lines at one organization on a day or now, in the order of their sale; the rules are read once a day.

    `service` is what credit is used for; `posting` says that what they answer is posted.
    """
    lines = list(
        EntitlementLine.objects.filter(pk__in=line_ids)
        .select_related("service", "entitlement__package", "entitlement__patient", "entitlement__holder")
        .order_by("entitlement_id", "pk")
    )
    sales = Sale.objects.filter(entitlement__in={line.entitlement_id for line in lines})
    sold = {one.entitlement_id: one for one in sales.select_related("seller")}
    redeemers: dict[int, set[int]] = {}
    for package_id, organization_id in PackageRedeemer.objects.filter(
        package__in={line.entitlement.package_id for line in lines}
    ).values_list("package_id", "organization_id"):
        redeemers.setdefault(package_id, set()).add(organization_id)
    holders = {line.entitlement.holder_id for line in lines}
    sellers = {sale.seller_id for sale in sold.values()}
    days = {
        line.entitlement_id: on or _day_of(line.entitlement, sold[line.entitlement_id].seller, organization)
        for line in lines
    }
    rulings, rates = {}, {}
    for day in set(days.values()):
        rulings[day] = Rulings(Event.REDEMPTION, day, {organization.pk, *holders, *sellers}, posting=posting)
        rates[day] = rates_of([*(line.service for line in lines), service], day)
    return [
        Redeeming(
            line=line,
            service=service if line.is_credit else line.service,
            organization=organization,
            on=days[line.entitlement_id],
            seller_id=sold[line.entitlement_id].seller_id,
            redeemers=frozenset(redeemers.get(line.entitlement.package_id, ())),
            rulings=rulings[days[line.entitlement_id]],
            rates=rates[days[line.entitlement_id]],
            taxed_later=sold[line.entitlement_id].tax_point == Sale.TaxPoint.REDEMPTION,
        )
        for line in lines
    ]


def why_not_here(here: Organization, category: str | None) -> Refusal | None:
    """Why an organization redeems nothing, or nothing of a category, whoever's entitlement it is."""
    off = PACKAGES.why_off(here) or (why_not_offered(here, category) if category is not None else "")
    if off:
        return Refusal(RefusalCode.MODULE_OFF, off)
    closed = redeems_nothing(here)
    return Refusal(RefusalCode.NOT_REDEEMABLE_HERE, closed) if closed else None


def _day_of(entitlement: Entitlement, seller: Organization, here: Organization) -> date:
    return day_of_use(
        entitlement.starts_on,
        entitlement.expires_on,
        today_in(here.time_zone),
        today_in(seller.time_zone),
        latest_today(),
    )


def check_redeemable(
    redeeming: Redeeming, quantity: int, why_not: WhyNot = why_not_here, *, in_part: bool = False
) -> None:
    """Refuse (raising Refusal) a place, a day or a quantity: the first reason in the order of precedence.

    `in_part` says that credit need not cover the whole price.
    """
    line, service, on, here = redeeming.line, redeeming.service, redeeming.on, redeeming.organization
    entitlement = line.entitlement
    if on < entitlement.starts_on:
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement was sold on {locale.day(entitlement.starts_on)} and is usable from that day on.",
        )
    _check_credit(line, service)
    closed = why_not(here, service.category if service else None)
    if closed:
        raise closed
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
    if entitlement.is_frozen(on):
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement is frozen until {locale.day(entitlement.frozen_until or on)}. End the freeze first, or "
            "come back after it.",
        )
    covered = in_part and line.is_credit
    if not line.left_units or (service and not covered and redeeming.units(quantity) > line.left_units):
        raise _exhausted(redeeming, quantity)


def _check_credit(line: EntitlementLine, service: Service | None) -> None:
    """Refuse a service that credit is not for."""
    if line.is_credit and line.category and service and service.category != line.category:
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"This credit is for {line.category}; {service.name} is {service.category or 'in no category'}.",
        )


def _exhausted(redeeming: Redeeming, quantity: int) -> Refusal:
    line = redeeming.line
    if line.entitlement.status == Entitlement.Status.VOID:
        return Refusal(RefusalCode.ENTITLEMENT_EXHAUSTED, "The sale was voided; nothing is left to use.")
    if line.is_credit:
        currency = line.entitlement.currency
        left = Money(line.left_units, currency)
        costs = f"This costs {Money(redeeming.units(quantity), currency)}, and " if redeeming.service else ""
        return Refusal(
            RefusalCode.ENTITLEMENT_EXHAUSTED,
            f"{costs}{left} of the credit is left.{' Choose less, or how the rest is paid.' if costs and left else ''}",
            left=line.left_units,
        )
    if not line.left_units:
        message = f"{line.what} is used up: nothing is left of {line.quantity}."
    else:
        message = (
            f"{quantity} of {line.what} can't be redeemed: {line.left_units} of {line.quantity} are left."
        )
    return Refusal(RefusalCode.ENTITLEMENT_EXHAUSTED, message, left=line.left_units)
