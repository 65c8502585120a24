"""Reads of disputes."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from core.actors import Actor
from orgs.queries.access import where
from settlement.models import Dispute
from settlement.permissions import RECONCILIATION_VIEW


def disputes_for(actor: Actor) -> QuerySet[Dispute]:
    """Disputes of which the actor may see a side."""
    rows = Dispute.objects.select_related("side", "other", "awaits")
    side, other = (where(actor, RECONCILIATION_VIEW, name) for name in ("side", "other"))
    return rows.filter(side | other) if side and other else rows


def open_disputes(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate due-from accounts with their open disputes: how many, how much, since when the oldest."""
    mine = Dispute.objects.filter(account=OuterRef("pk"), closed_at=None).order_by().values("account")
    annotated: QuerySet[Any] = rows.annotate(
        dispute_count=Coalesce(
            Subquery(mine.annotate(n=Count("pk")).values("n"), output_field=BigIntegerField()), Value(0)
        ),
        disputed_minor=Subquery(
            mine.annotate(n=Sum("amount_minor")).values("n"), output_field=BigIntegerField()
        ),
        disputed_since=Subquery(mine.annotate(n=Min("opened_at")).values("n"), output_field=DateTimeField()),
    )
    return annotated


def oldest_first(rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """Open ones first, of those the oldest; ended ones after them."""
    return rows.order_by(F("closed_at").asc(nulls_first=True), "opened_at", "pk")
