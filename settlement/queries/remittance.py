"""What a remittance statement says: every line of one organization in a run, by where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Sum, Value, When

from core.money import Money
from ledger.queries.due_lines import due_lines_of
from settlement.models import PaymentConfirmation, Remittance, SettlementItem, SettlementRun

CARRIED, NEW, TAKEN_BACK = "carried", "new", "taken_back"
SECTION_LABELS = {
    CARRIED: "Carried forward",
    NEW: "New",
    TAKEN_BACK: "Taken back after a payout",
}
BOOKED = (SettlementRun.Status.PAYING, SettlementRun.Status.SETTLED)


@dataclass(frozen=True)
class Section:
    """One part of a statement with its total: + the organization is owed, - it owes."""

    code: str
    total: Money

    @property
    def label(self) -> str:
        return SECTION_LABELS[self.code]


def lines_of(remittance: Remittance) -> QuerySet[Any]:
    """The run's lines in an organization's books, each with its section, oldest first."""
    items = SettlementItem.objects.filter(event_id=OuterRef("event_id"), line_no=OuterRef("line_no"))
    paid_out = SettlementItem.objects.filter(event_id=OuterRef("event__voids_id"))
    rows = due_lines_of(remittance.organization_id, Exists(items.filter(run_id=remittance.run_id)))
    before = _cutoff_before(remittance)
    return rows.annotate(
        section=Case(
            When(Exists(paid_out.exclude(run_id=remittance.run_id)), then=Value(TAKEN_BACK)),
            When(Q(effective_on__lte=before) if before else Q(pk__in=[]), then=Value(CARRIED)),
            default=Value(NEW),
            output_field=CharField(),
        )
    )


def sections_of(remittance: Remittance) -> list[Section]:
    """The parts that have lines, with their totals, which sum to the net."""
    currency = remittance.run.currency
    sums = dict(lines_of(remittance).order_by().values_list("section").annotate(total=Sum("amount_minor")))
    return [Section(code, Money(sums[code], currency)) for code in SECTION_LABELS if code in sums]


@dataclass(frozen=True)
class Moved:
    """Money that moved for one payment, + to the organization, - from it; what came back has the other sign."""

    on: date
    label: str
    reference: str
    other: Any
    amount: Money


def money_moved(remittance: Remittance) -> list[Moved]:
    """What was paid of a remittance so far, whole or in part, and what the bank sent back, in order."""
    one = remittance
    own = Q(payment__payer=one.organization_id) | Q(payment__receiver=one.organization_id)
    rows = PaymentConfirmation.objects.filter(own, payment__run=one.run_id).order_by("paid_on", "pk")
    found = []
    for row in rows.select_related("payment__run", "payment__payer", "payment__receiver"):
        payment = row.payment
        is_paid = payment.payer_id == one.organization_id
        other = payment.receiver if is_paid else payment.payer
        amount = -row.amount if is_paid else row.amount
        part = " in part" if row.amount != payment.amount else ""
        label = f"{'Paid' if is_paid else 'Received'}{part}"
        found.append(Moved(row.paid_on, label, row.reference or payment.reference, other, amount))
        if row.bounced_on:
            found.append(Moved(row.bounced_on, "Came back", row.bounce_reason, other, -amount))
    return sorted(found, key=lambda each: each.on)


def _cutoff_before(remittance: Remittance) -> date | None:
    """The cut-off of the organization's settlement before this one: what is older was open then."""
    earlier = Remittance.objects.filter(
        organization=remittance.organization_id,
        run__currency=remittance.run.currency,
        run__status__in=BOOKED,
        run__number__lt=remittance.run.number,
    )
    return earlier.order_by("-run__number").values_list("run__cutoff_on", flat=True).first()
