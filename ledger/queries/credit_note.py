"""What a credit note says: what was taken back of a sale, and what was paid for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core.money import Money
from ledger.models import CreditNote, EntitlementMovement, LedgerEvent, Sale
from ledger.models.entitlement import units_text
from ledger.rules.tax import tax_due


@dataclass(frozen=True)
class Credited:
    """What one event gave back: of each service the units and their price, and what was paid out."""

    note: CreditNote
    lines: Sequence[tuple[str, str, Money]]
    tax: Money
    paid: Money
    reason: str
    is_void: bool
    is_withdrawn: bool

    @property
    def title(self) -> str:
        return "Sale voided" if self.is_void else "Refund"

    @property
    def kept(self) -> Money:
        """What was open of it and is not paid back, as a fee or a clawback."""
        return (
            Money(sum(amount.minor for _, _, amount in self.lines), self.paid.currency) + self.tax - self.paid
        )


def credit_notes_of(sale: Sale) -> QuerySet[CreditNote]:
    """The credit notes of a sale, oldest first."""
    rows = CreditNote.objects.filter(sale=sale.pk)
    return rows.select_related("event", "organization").order_by("event_id")


def credited_by(notes: Sequence[CreditNote], sale: Sale) -> list[Credited]:
    """What some credit notes of a sale say; constant queries."""
    events = [note.event_id for note in notes]
    movements = EntitlementMovement.objects.filter(
        event__in=events, entitlement_line__entitlement=sale.entitlement_id
    )
    rows = list(movements.select_related("entitlement_line__service", "entitlement_line__entitlement"))
    rows.sort(key=lambda row: row.movement_no)
    voided = set(LedgerEvent.objects.filter(voids__in=events).values_list("voids", flat=True))
    return [
        _credited(note, [row for row in rows if row.event_id == note.event_id], sale, note.event_id in voided)
        for note in notes
    ]


def _credited(
    note: CreditNote, rows: Sequence[EntitlementMovement], sale: Sale, is_withdrawn: bool
) -> Credited:
    currency, is_void = sale.currency, note.event.voids_id is not None
    lines = [
        (
            row.entitlement_line.what,
            units_text(-row.units, currency if row.entitlement_line.is_credit else ""),
            Money(-row.amount_minor, currency),
        )
        for row in rows
    ]
    tax_minor = -tax_due(note.event.inputs)
    open_minor = sum(amount.minor for _, _, amount in lines) + tax_minor
    paid_minor = open_minor if is_void else note.event.inputs.get("paid_minor", open_minor)
    return Credited(
        note=note,
        lines=lines,
        tax=Money(tax_minor, currency),
        paid=Money(paid_minor, currency),
        reason=note.event.inputs.get("reason", ""),
        is_void=is_void,
        is_withdrawn=is_withdrawn,
    )
