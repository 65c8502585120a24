"""Receipts: one row of numbers per organization, given after the posting, outside its path."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from core.actions import Act
from ledger.models import ChargeReceipt, LedgerEvent, Sale

NUMBER_LOCK = 0x726370  # "rcp"
CHARGE_LOCK = 0x636872  # "chr"


def number_receipt(ids: dict[str, int]) -> None:
    """Give every sale of the seller that has none yet its number, in the order of posting. Idempotent."""
    seller_id = Sale.objects.values_list("seller_id", flat=True).get(pk=ids["sale_id"])
    _number(Sale.objects.filter(seller=seller_id), "receipt_number", NUMBER_LOCK, seller_id)


def number_charge_receipt(ids: dict[str, int]) -> None:
    """The same for what was paid for single services, whose numbers are a row of their own. Idempotent."""
    place_id = ChargeReceipt.objects.values_list("organization_id", flat=True).get(pk=ids["receipt_id"])
    _number(ChargeReceipt.objects.filter(organization=place_id), "number", CHARGE_LOCK, place_id)


def _number(rows: QuerySet[Any], column: str, lock: int, organization_id: int) -> None:
    """The next numbers of an organization for its rows that have none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, organization_id])
    last = rows.aggregate(last=Max(column))["last"] or 0
    unnumbered = rows.filter(**{column: None}).order_by("event_id").values_list("pk", flat=True)
    for number, pk in enumerate(unnumbered, start=last + 1):
        rows.filter(pk=pk).update(**{column: number})


def write_charge_receipt(act: Act, event: LedgerEvent, patient_id: int) -> None:
    """The document of what a patient paid where an event happened; its number follows."""
    receipt = ChargeReceipt.objects.create(
        event=event, organization_id=event.organization_id, patient_id=patient_id
    )
    act.emit("service.charged", receipt_id=receipt.pk)
