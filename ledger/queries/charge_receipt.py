"""Reads of receipts of charges: what was paid for which service, with what tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from core.actors import Actor
from core.money import Money
from ledger.models import ChargeReceipt, LedgerEvent, Service, TaxLine
from ledger.permissions import SALE_VIEW
from ledger.queries.tax_summary import TaxRow, tax_rows
from ledger.rules.exchange import exchange_of
from ledger.rules.tax import net_charged, tax_due
from orgs.queries.access import where

if TYPE_CHECKING:
    from patients.models import Patient


@dataclass(frozen=True)
class Charged:
    """What a receipt of a charge says: `price` is what is asked of the patient, and `added` the tax on top of it."""

    receipt: ChargeReceipt
    service: str
    quantity: int
    price: Money
    added: Money
    note: str
    taxes: list[TaxRow]
    payments: list[tuple[str, Money]]
    rates: list[str]
    voided_on: date | None

    @property
    def total(self) -> Money:
        return self.price + self.added


def charge_receipts_for(actor: Actor) -> QuerySet[ChargeReceipt]:
    """Receipts of organizations whose sales the actor may see, newest first; whoever shows patients logs the read."""
    return (
        ChargeReceipt.objects.filter(where(actor, SALE_VIEW, "organization"))
        .select_related("organization", "patient", "event")
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Listed:
    """A receipt as a list shows it."""

    receipt: ChargeReceipt
    service: str
    total: Money
    is_voided: bool


def charged_to(actor: Actor, patient: Patient, most: int = 100) -> list[Listed]:
    """The last receipts of a patient; constant queries."""
    receipts = list(charge_receipts_for(actor).filter(patient=patient.pk)[:most])
    codes = {one.event.inputs["service"] for one in receipts}
    names = dict(Service.objects.filter(code__in=codes).values_list("code", "name"))
    events = [one.event_id for one in receipts]
    voided = set(LedgerEvent.objects.filter(voids__in=events).values_list("voids", flat=True))
    return [
        Listed(one, names[one.event.inputs["service"]], _paid(one)[0] + _paid(one)[1], one.event_id in voided)
        for one in receipts
    ]


def charged_by(receipt: ChargeReceipt) -> Charged:
    """What a receipt says, from what its event stored."""
    event, inputs = receipt.event, receipt.event.inputs
    price, added, payments, note = _paid(receipt)
    records = TaxLine.objects.filter(event=event, organization=receipt.organization_id)
    if "rest" in inputs:  # the tax of what credit paid stands first
        records = records.filter(line_no__gt=1)
    voided = LedgerEvent.objects.filter(voids=event).first()
    return Charged(
        receipt=receipt,
        service=Service.objects.values_list("name", flat=True).get(code=inputs["service"]),
        quantity=inputs["quantity"],
        price=price,
        added=added,
        note=note,
        taxes=tax_rows(records, price.currency),
        payments=payments,
        rates=[rate.words for rate in exchange_of(inputs)],
        voided_on=voided.effective_on if voided else None,
    )


_Paid = tuple[Money, Money, list[tuple[str, Money]], str]


def _paid(receipt: ChargeReceipt) -> _Paid:
    """Price, tax on top, payments, and what there is to note."""
    inputs = receipt.event.inputs
    return _beside_credit(inputs) if "rest" in inputs else _charge(inputs, receipt.organization.currency)


def _charge(inputs: dict[str, Any], currency: str) -> _Paid:
    paid = Money(net_charged(inputs) + tax_due(inputs), currency)
    price = Money(inputs["price_minor"], currency)
    return price, paid - price, [(inputs["method"], paid)], ""


def _beside_credit(inputs: dict[str, Any]) -> _Paid:
    rest = inputs["rest"]
    currency, unit = rest["currency"], rest["price_currency"]
    whole, credit = Money(rest["price_minor"], unit), Money(rest["credit_minor"], unit)
    ways = [(one["method"], Money(one["amount_minor"], currency)) for one in rest["payments"]]
    return (
        Money(rest["paid_minor"], currency),
        Money(0, currency),
        ways,
        f"Of {whole}, {credit} was paid by credit",
    )


def charge_receipt_of(event: LedgerEvent) -> ChargeReceipt | None:
    """The receipt of an event, where a patient paid something for it."""
    return ChargeReceipt.objects.filter(event=event.pk).first()
