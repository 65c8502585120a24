"""Selling packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.clock import today_in
from core.ids import random_code
from core.money import Money
from core.settings import why
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_day, check_may_be_served, check_method, register_here
from ledger.models import Entitlement, LedgerEvent, Package, PackageLine, Sale
from ledger.permissions import SALE_CREATE
from ledger.posting import SoldEntitlement, SoldLine
from ledger.queries.answer import Answer, Deal, Rulings
from ledger.queries.exchange import Rates
from ledger.queries.place import sells_nothing
from ledger.queries.sale import sale_of_event
from ledger.queries.tax_quote import TaxQuote
from ledger.rules import events
from ledger.rules.modules import PACKAGES
from ledger.rules.payment import GIVEN
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.tax import tax_inputs
from ledger.rules.terms import Event
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

MOST_PACKAGES = 10_000


@dataclass(frozen=True)
class Payment:
    """A part of the price, and how it was paid: one of `PAYMENT_METHODS` that the seller takes."""

    method: str
    amount: Money


@dataclass(frozen=True)
class Payer:
    """The company that pays for its people, and whom to write to there."""

    name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Order:
    """What is sold where, how often, for how much, and how it is paid.

    `given_minor` is the worth of what is left of an entitlement that is given for it, with `given_tax_minor` of tax;
    `tops_up` one that gets more units.
    """

    seller: Organization
    package: Package
    quantity: int
    discount: Money
    payments: tuple[Payment, ...]
    on: date
    given_minor: int = 0
    given_tax_minor: int = 0
    payer: Payer = Payer()
    tops_up: Entitlement | None = None

    @property
    def holder(self) -> Organization:
        return self.package.holder or self.seller

    @property
    def currency(self) -> str:
        return self.package.currency

    @property
    def price_minor(self) -> int:
        return self.package.price_minor * self.quantity

    @property
    def asked_minor(self) -> int:
        """The price less the discount, before tax that comes on top."""
        return self.price_minor - self.discount.minor

    @property
    def total_minor(self) -> int:
        return self.asked_minor + self.tax.added_minor

    @property
    def due_minor(self) -> int:
        """What is to be paid."""
        return self.total_minor - self.given_minor

    @cached_property
    def asked(self) -> Money:
        """The same in the currency of the seller's books, as the patient pays it. Raises Refusal without a rate."""
        return Rates(self.on).convert(Money(self.due_minor, self.currency), self.seller.currency)

    @property
    def expires_on(self) -> date | None:
        days = self.package.valid_days
        return None if days is None else self.on + timedelta(days=days - 1)

    @cached_property
    def lines(self) -> list[PackageLine]:
        return list(self.package.lines.select_related("service").order_by("pk"))

    @cached_property
    def tax(self) -> TaxQuote:
        """What is asked, allocated to the lines by stand-alone price, once over everything sold, as base and tax."""
        asked = Money(self.asked_minor, self.currency)
        return TaxQuote.of(self.holder, self.lines, self.quantity, asked, self.on)

    @property
    def allocated(self) -> list[int]:
        """What is owed of each line."""
        return self.tax.allocated


@action(SALE_CREATE, audit="package.sold")
def sell_package(
    act: Act,
    seller: Organization,
    *,
    patient: Patient,
    package: Package,
    payments: Sequence[Payment],
    quantity: int = 1,
    discount: Money | None = None,
    on: date | None = None,
    payer: Payer = Payer(),
    key: str,
) -> Sale:
    """Sell a package to a patient for payments that sum to its price less the discount.

    Who may: `sale:create` at the seller, for a patient registered there or whom the actor sees (and who is then
    registered there, unless the seller wants it done before). Effect: the holder (the package's, else the seller) owes the care as contract liability,
    the patient gets an entitlement with a code, a sale rule's shares are posted. Refusals: `not_permitted`
    (quantity, payments, day, patient), `module_off`, `not_sellable_here`, `rule_conflict`, `discount_over_policy`,
    `currency_mismatch`, `period_closed`. Audit: `package.sold`. The same key and order return the first sale.
    """
    order = Order(
        seller=seller,
        package=Package.objects.select_related("holder").get(pk=package.pk),
        quantity=quantity,
        discount=discount or Money(0, package.currency),
        payments=tuple(payments),
        on=on or today_in(seller.time_zone),
        payer=payer,
    )
    command = Command(LedgerEvent.Kind.SALE, key, _asked(order, patient, on))
    first = begin(act, command)
    if first is not None:
        return sale_of_event(first)
    hold_standing(seller, order.holder)
    with rules_refuse():
        check_order(order)
    check_may_be_served(act.actor, seller, patient)
    check_sellable(order)
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
    register_here(act.actor, seller, patient)
    event = post_command(
        act,
        command,
        organization_id=seller.pk,
        on=order.on,
        lines=lines,
        rule_version_id=answer.version_id,
        inputs=inputs_of(order, patient, answer) | rulings.rates.inputs,
        sold=entitlement_of(order, patient),
    )
    sale = write_sale(order, patient, event)
    act.about(sale)
    act.changed({}, told_of(order, sale))
    act.emit("package.sold", sale_id=sale.pk)
    return sale


def _asked(order: Order, patient: Patient, on: date | None) -> dict[str, Any]:
    payer = {"payer": [order.payer.name, order.payer.contact]} if order.payer.name else {}
    return {
        **payer,
        "seller": order.seller.pk,
        "patient": patient.pk,
        "package": order.package.pk,
        "quantity": order.quantity,
        "discount": str(order.discount),
        "payments": [[payment.method, str(payment.amount)] for payment in order.payments],
        "on": day_asked(on),
    }


def check_order(order: Order) -> None:
    """Refuse what is no order at all, and what the seller never takes."""
    check_day(order.seller, order.on)
    if not 1 <= order.quantity <= MOST_PACKAGES:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{order.quantity} packages can't be sold at once; sell 1 to {locale.number(MOST_PACKAGES)}.",
            field="quantity",
        )
    if order.discount.minor < 0:
        raise refused(RefusalCode.NOT_PERMITTED, "A discount has no sign.", field="discount")
    _check_payer(order)
    for payment in order.payments:
        check_method(order.seller, payment.method, field="payments")
        if payment.amount.minor <= 0:
            raise refused(RefusalCode.NOT_PERMITTED, "Every payment is more than zero.", field="payments")
    if order.seller.currency == order.currency:
        _check_paid(order)


def _check_paid(order: Order) -> None:
    paid, unit = sum(payment.amount.minor for payment in order.payments), order.seller.currency
    if paid != order.asked.minor and order.due_minor >= 0:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"The payments sum to {Money(paid, unit)}, but {order.asked} is due. Correct the payments.",
            field="payments",
        )


def _check_payer(order: Order) -> None:
    is_company = order.package.use == Package.Use.COMPANY
    if is_company != bool(order.payer.name.strip()) and not (order.given_minor or order.tops_up):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "Name the company that pays for its people."
            if is_company
            else f"{order.package.name} is paid by the patient; leave the company out.",
            field="payer_name",
        )


def check_sellable(order: Order) -> None:
    """Refuse a place or a package that sells nothing (`not_sellable_here`)."""
    code = RefusalCode.NOT_SELLABLE_HERE
    package, seller = order.package, order.seller
    PACKAGES.require_at(seller, field="organization")
    closed = sells_nothing(seller)
    if closed:
        raise refused(code, closed, field="organization")
    if package.status != Package.Status.ON_SALE:
        state = "has not been put on sale yet" if package.status == Package.Status.DRAFT else "is withdrawn"
        raise refused(code, f"{package.name} {state}. Choose a package that is on sale.", field="package")
    sellers = set(package.sellers.values_list("organization_id", flat=True))
    if sellers and seller.pk not in sellers:
        raise refused(
            code,
            f"{package.name} isn't sold at {seller.name}. Choose another package, or add {seller.name} "
            "to its sellers.",
            field="package",
        )
    if order.holder.status == "archived":
        raise refused(
            code, f"{order.holder.name}, which would owe the care, is archived. Change the package's holder."
        )


def check_discount(order: Order) -> None:
    cap = DISCOUNT_CAP.at(order.seller)
    if order.discount.minor * 100 > cap * order.price_minor:
        raise refused(
            RefusalCode.DISCOUNT_OVER_POLICY,
            f"A discount of {order.discount.format()} on {Money(order.price_minor, order.currency)} is too large. "
            f"Lower it. {why(DISCOUNT_CAP, order.seller)}",
            field="discount",
        )


def check_currency(order: Order) -> None:
    """Refuse a price in another currency than whoever owes the care keeps, and money that is none of the seller's.

    A patient pays in the seller's currency, what the price is worth in it on the day. Raises Refusal without a rate.
    """
    holder, seller = order.holder, order.seller
    if holder.currency != order.currency:
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"{order.package.name} is priced in {order.currency} and {holder.name}, which would owe the care, keeps "
            f"{holder.currency}. Choose a package that is priced in it, or one whose care another organization owes.",
        )
    if order.discount.currency != order.currency:
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"{order.package.name} is priced in {order.currency}; so is its discount.",
            field="discount",
        )
    if any(each.amount.currency != seller.currency for each in order.payments):
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"{seller.name} keeps {seller.currency}; {order.package.name} is paid in it there.",
            field="payments",
        )
    _check_paid(order)


def answer_for(rulings: Rulings, order: Order) -> Answer:
    """What the sale rules answer; their sale price is what is paid, without tax."""
    deal = Deal(
        event=Event.SALE,
        on=order.on,
        servicing_id=order.seller.pk,
        seller_id=order.seller.pk,
        holder_id=order.holder.pk,
        package=order.package.code,
        units=tuple(
            (line.service_id, line.quantity * order.quantity) for line in order.lines if line.service_id
        ),
    )
    paid = order.due_minor - order.tax.tax_minor + order.given_tax_minor
    return rulings.answer(deal, quantity=order.quantity, sale_minor=max(0, paid))


def inputs_of(order: Order, patient: Patient, answer: Answer) -> dict[str, Any]:
    return {
        **answer.inputs,
        "holder": order.holder.pk,
        "patient": patient.pk,
        "package": order.package.code,
        "quantity": order.quantity,
        "price_minor": order.price_minor,
        "discount_minor": order.discount.minor,
        "allocated": [
            {
                "service": line.code,
                "units": line.quantity * order.quantity,
                "standalone_minor": line.standalone_minor,
                "amount_minor": part,
            }
            for line, part in zip(order.lines, order.allocated, strict=True)
        ],
        "tax_added_minor": order.tax.added_minor,
        "tax_later_minor": order.tax.tax_minor - order.tax.due_minor,
        **tax_inputs(order.tax.at_sale),
    }


def entitlement_of(order: Order, patient: Patient) -> SoldEntitlement:
    return SoldEntitlement(
        code=random_code(),
        patient_id=patient.pk,
        holder_id=order.holder.pk,
        package_id=order.package.pk,
        price_minor=sum(order.allocated),
        currency=order.currency,
        starts_on=order.on,
        expires_on=order.expires_on,
        lines=tuple(
            SoldLine(line.service_id, line.quantity * order.quantity, part, line.category)
            for line, part in zip(order.lines, order.allocated, strict=True)
        ),
    )


def write_sale(order: Order, patient: Patient, event: LedgerEvent) -> Sale:
    """The document of a sale whose event is posted."""
    return Sale.objects.create(
        event=event,
        entitlement=Entitlement.objects.get(sale_event=event),
        seller=order.seller,
        holder=order.holder,
        patient_id=patient.pk,
        package=order.package,
        quantity=order.quantity,
        price_minor=order.price_minor,
        discount_minor=order.discount.minor,
        tax_added_minor=order.tax.added_minor,
        tax_point=order.tax.point,
        total_minor=order.total_minor,
        currency=order.currency,
        payments=[
            *([{"method": GIVEN, "amount_minor": order.given_minor}] if order.given_minor else []),
            *(
                {"method": each.method, "amount_minor": each.amount.minor, "currency": each.amount.currency}
                for each in order.payments
            ),
        ],
        payer_name=order.payer.name.strip(),
        payer_contact=order.payer.contact.strip(),
        tops_up=order.tops_up,
        sold_on=order.on,
        refund=order.package.refund,
        refund_fee_minor=order.package.refund_fee_minor,
        expiry=order.package.expiry,
    )


def told_of(order: Order, sale: Sale) -> dict[str, Any]:
    """What the audit trail says of a sale."""
    return {
        "package": order.package.name,
        "quantity": order.quantity,
        "total": str(Money(order.total_minor, order.currency)),
        "discount": str(order.discount),
        "sold_on": order.on,
        "entitlement": sale.entitlement_id,
    }
