"""Reads of periods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import DateField, OuterRef, QuerySet, Subquery

from core.actors import Actor
from ledger.models import PeriodClose, PeriodClosing, PeriodReopening
from ledger.permissions import STATEMENT_VIEW
from orgs.queries.access import organizations_for, where

if TYPE_CHECKING:
    from orgs.models import Organization


def books_with_close(actor: Actor) -> QuerySet[Organization]:
    """Organizations that keep books, in tree order, with the last day that is closed (`closed_through`)."""
    closed = PeriodClose.objects.filter(organization=OuterRef("pk")).values("closed_through")
    rows = organizations_for(actor, STATEMENT_VIEW).exclude(kind="third_party").exclude(status="archived")
    return rows.annotate(closed_through=Subquery(closed, output_field=DateField())).order_by("lft")


def closed_through(organization: Organization) -> date | None:
    """The last day that is closed in an organization's books."""
    rows = PeriodClose.objects.filter(organization=organization.pk)
    return rows.values_list("closed_through", flat=True).first()


def closings_for(actor: Actor) -> QuerySet[PeriodClosing]:
    """Who closed which month where, newest first."""
    rows = PeriodClosing.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("-closed_at", "-pk")


def reopenings_for(actor: Actor) -> QuerySet[PeriodReopening]:
    """Requests to reopen books whose statements the actor may read, newest first."""
    rows = PeriodReopening.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("-requested_at", "-pk")
