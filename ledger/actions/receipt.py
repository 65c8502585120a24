"""Receipts: one row of numbers per organization, given after the posting, outside its path."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max

from core.actions import Act
from ledger.models import ChargeReceipt, LedgerEvent, Sale

NUMBER_LOCK = 0x726370  # "rcp"
CHARGE_LOCK = 0x636872  # "chr"


def number_receipt(ids: dict[str, int]) -> None:
    """Give every sale of the seller that has none yet its number, in the order of posting. Idempotent."""
    seller_id = Sale.objects.values_list("seller_id", flat=True).get(pk=ids["sale_id"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, seller_id])
    sales = Sale.objects.filter(seller=seller_id)
    last = sales.aggregate(last=Max("receipt_number"))["last"] or 0
    unnumbered = sales.filter(receipt_number=None).order_by("event_id").values_list("pk", flat=True)
    for number, pk in enumerate(unnumbered, start=last + 1):
        Sale.objects.filter(pk=pk).update(receipt_number=number)


def number_charge_receipt(ids: dict[str, int]) -> None:
    """The same for what was paid for single services, whose numbers are a row of their own. Idempotent."""
    place_id = ChargeReceipt.objects.values_list("organization_id", flat=True).get(pk=ids["receipt_id"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CHARGE_LOCK, place_id])
    receipts = ChargeReceipt.objects.filter(organization=place_id)
    last = receipts.aggregate(last=Max("number"))["last"] or 0
    unnumbered = receipts.filter(number=None).order_by("event_id").values_list("pk", flat=True)
    for number, pk in enumerate(unnumbered, start=last + 1):
        ChargeReceipt.objects.filter(pk=pk).update(number=number)


def write_charge_receipt(act: Act, event: LedgerEvent, patient_id: int) -> None:
    """The document of what a patient paid where an event happened; its number follows."""
    receipt = ChargeReceipt.objects.create(
        event=event, organization_id=event.organization_id, patient_id=patient_id
    )
    act.emit("service.charged", receipt_id=receipt.pk)
