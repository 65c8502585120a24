"""Numbering receipts: one row of numbers per seller, given after the sale, outside the posting path."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max

from ledger.models import Sale

NUMBER_LOCK = 0x726370  # "rcp"


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
