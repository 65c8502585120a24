"""Reads of quotes: who may see which, and what they come to."""

from __future__ import annotations

from django.db.models import QuerySet

from core.actors import Actor
from core.money import Money
from ledger.models import Quote, QuoteLine
from ledger.permissions import SALE_VIEW
from orgs.queries.access import where


def quotes_for(actor: Actor) -> QuerySet[Quote]:
    """Quotes of organizations whose sales the actor may see, the last first; whoever shows patients logs the read."""
    rows = Quote.objects.filter(where(actor, SALE_VIEW, "organization"))
    return rows.select_related("organization", "patient").order_by("-made_at", "-pk")


def lines_of_quote(quote: Quote) -> list[QuoteLine]:
    """What is offered, in the order in which it was written."""
    rows = QuoteLine.objects.filter(quote=quote.pk)
    return list(rows.select_related("quote", "package__holder", "sale__entitlement").order_by("pk"))


def total_of(quote: Quote, lines: list[QuoteLine]) -> Money:
    return Money(sum(line.total.minor for line in lines), quote.currency)
