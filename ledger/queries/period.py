"""Reads of periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection
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


def closed_at(organization: Organization, books: Sequence[int], until: date) -> datetime | None:
    """When the last of some books, of an organization's report, closed for a day; None where one is open.

    Books that had not moved by then don't count, so that an organization that is added later changes nothing.
    """
    sql = """
        SELECT max(closed.at) FILTER (WHERE close.closed_through >= %(until)s), count(*), count(closed.at) FILTER (
               WHERE close.closed_through >= %(until)s)
          FROM unnest(%(books)s::bigint[]) AS book (id)
          LEFT JOIN ledger_periodclose close
            ON close.network_id = app.network_id() AND close.organization_id = book.id
          LEFT JOIN LATERAL (
               SELECT max(closed_at) AS at FROM ledger_periodclosing
                WHERE network_id = app.network_id() AND organization_id = book.id AND what = 'reopened'
                  AND month <= %(until)s) reopened ON true
          LEFT JOIN LATERAL (
               SELECT min(closed_at) AS at FROM ledger_periodclosing
                WHERE network_id = app.network_id() AND organization_id = book.id AND what = 'closed'
                  AND month >= date_trunc('month', %(until)s::timestamp)
                  AND closed_at > coalesce(reopened.at, '-infinity')) closed ON true
         WHERE book.id = %(own)s OR EXISTS (
               SELECT 1 FROM ledger_journalline line
                WHERE line.network_id = app.network_id() AND line.organization_id = book.id
                  AND line.effective_on <= %(until)s)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"books": list(books), "own": organization.pk, "until": until})
        last, moved, closed = cursor.fetchone()
    return last if moved == closed else None


def closings_for(actor: Actor) -> QuerySet[PeriodClosing]:
    """Who closed which month where, newest first."""
    rows = PeriodClosing.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("-closed_at", "-pk")


def reopenings_for(actor: Actor) -> QuerySet[PeriodReopening]:
    """Requests to reopen books whose statements the actor may read, newest first."""
    rows = PeriodReopening.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("-requested_at", "-pk")
