"""Reads of quotes: who may see which, and what they come to."""

from __future__ import annotations

from contextlib import suppress

from django.db.models import QuerySet

from core.actors import Actor
from core.money import Money
from ledger.models import Quote, QuoteLine
from ledger.permissions import SALE_VIEW
from ledger.queries.tax_quote import TaxQuote
from ledger.rules.refusals import Refusal
from orgs.queries.access import where


def quotes_for(actor: Actor) -> QuerySet[Quote]:
    """Quotes of organizations whose sales the actor may see, the last first; whoever shows patients logs the read."""
    rows = Quote.objects.filter(where(actor, SALE_VIEW, "organization"))
    return rows.select_related("organization", "patient").order_by("-made_at", "-pk")


def lines_of_quote(quote: Quote) -> list[QuoteLine]:
    """What is offered, in the order in which it was written."""
    rows = QuoteLine.objects.filter(quote=quote.pk)
    about = rows.select_related("quote", "package__holder", "sale__entitlement")
    return list(about.prefetch_related("package__lines__service").order_by("pk"))


def tax_on_top(quote: Quote, lines: list[QuoteLine]) -> Money:
    """The tax that comes on top of what is offered, at the rates of the day on which it was written.

    What has no rate is left out; its sale says so.
    """
    added = 0
    for line in lines:
        parts = sorted(line.package.lines.all(), key=lambda part: part.pk)
        holder = line.package.holder or quote.organization
        with suppress(Refusal):
            added += TaxQuote.of(holder, parts, line.quantity, line.total, quote.made_at.date()).added_minor
    return Money(added, quote.currency)


def total_of(quote: Quote, lines: list[QuoteLine]) -> Money:
    """What is offered costs, with the tax that comes on top."""
    return Money(sum(line.total.minor for line in lines), quote.currency) + tax_on_top(quote, lines)
