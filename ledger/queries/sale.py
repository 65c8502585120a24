"""Reads of sales: the documents behind receipts."""

from __future__ import annotations

from django.db.models import QuerySet

from core.actors import Actor
from ledger.models import Entitlement, LedgerEvent, Sale
from ledger.permissions import SALE_VIEW
from orgs.queries.access import where


def sales_for(actor: Actor) -> QuerySet[Sale]:
    """Sales at organizations whose sales the actor may see, newest first; whoever shows patients logs the read."""
    return (
        Sale.objects.filter(where(actor, SALE_VIEW, "seller"))
        .select_related("seller", "holder", "package", "entitlement", "patient", "event", "tops_up")
        .order_by("-pk")
    )


def sale_of_event(event: LedgerEvent) -> Sale:
    """The document that a sale's event belongs to."""
    return Sale.objects.select_related("entitlement").get(event=event)


def terms_of(entitlement: Entitlement) -> Sale:
    """The document of the sale that it came from, with the terms on which it was sold; with its seller."""
    return Sale.objects.select_related("seller").get(entitlement=entitlement)
