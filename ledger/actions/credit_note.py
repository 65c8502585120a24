"""Numbering credit notes: one row of numbers per organization, given after the posting, outside its path."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max

from ledger.models import CreditNote, LedgerEvent, Sale

NUMBER_LOCK = 0x63726E  # "crn"


def number_credit_note(ids: dict[str, int]) -> None:
    """Write the credit note of a refund, or of the void of a sale, with its organization's next number. Idempotent."""
    event = LedgerEvent.objects.get(pk=ids["event_id"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, event.organization_id])
    if CreditNote.objects.filter(event=event).exists():
        return
    notes = CreditNote.objects.filter(organization=event.organization_id)
    CreditNote.objects.create(
        event=event,
        sale=Sale.objects.get(entitlement__lines__movements__event=event)
        if event.voids_id is None
        else Sale.objects.get(event=event.voids_id),
        organization_id=event.organization_id,
        number=(notes.aggregate(last=Max("number"))["last"] or 0) + 1,
    )
