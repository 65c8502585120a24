"""The Third Party Request Report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from core import locale
from core.validators import validate_day
from core.views.list import ListPage
from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for
from vendors.models import ServiceRequest
from vendors.permissions import REQUEST_REPORT
from vendors.queries.report import (
    Figures,
    asked_services,
    asked_vendors,
    figures,
    in_period,
    report_rows,
    with_minutes,
)
from vendors.rules.transitions import CHOICES, DRAFT, OPEN
from vendors.rules.turnaround import words
from vendors.tables.request import ReportTable


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReportFilter(django_filters.FilterSet):
    """By vendor, service, organization and everything below it, status, and the days of the request."""

    vendor = django_filters.ModelChoiceFilter(
        queryset=lambda request: asked_vendors(request.actor), empty_label="All vendors"
    )
    service = django_filters.ModelChoiceFilter(
        queryset=lambda request: asked_services(request.actor), empty_label="All services"
    )
    organization = django_filters.CharFilter(method="below")
    status = django_filters.ChoiceFilter(
        method="in_status",
        choices=[("open", "Open"), *(choice for choice in CHOICES if choice[0] != DRAFT)],
        empty_label="Any status",
    )
    first = django_filters.DateFilter(
        method="period", label="Requested from", widget=_date(), validators=[validate_day]
    )
    last = django_filters.DateFilter(
        method="period", label="Until", widget=_date(), validators=[validate_day]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations_for(self.request.actor, REQUEST_REPORT).exclude(kind="third_party")
        self.form.fields["organization"] = PlaceField(
            places, required=False, empty_label="All organizations", label="Ordered by"
        )
        self.form.order_fields(["vendor", "service", "organization", "status", "first", "last"])

    def below(self, rows: QuerySet[ServiceRequest], name: str, value: Any) -> QuerySet[ServiceRequest]:
        return rows.filter(organization__lft__range=(value.lft, value.rght))

    def in_status(self, rows: QuerySet[ServiceRequest], name: str, value: str) -> QuerySet[ServiceRequest]:
        return rows.filter(status__in=OPEN) if value == "open" else rows.filter(status=value)

    def period(self, rows: QuerySet[ServiceRequest], name: str, value: Any) -> QuerySet[ServiceRequest]:
        first, last = (value, None) if name == "first" else (None, value)
        return in_period(rows, first, last, self.request.network.time_zone)


class RequestReport(ListPage):
    """Every request that was sent, with its timestamps and amounts; open and overdue always beside turnaround."""

    permission = REQUEST_REPORT
    template = "console/report.html"
    title = "Third Party Request Report"
    table_class = ReportTable
    filter_class = ReportFilter

    def get_rows(self) -> QuerySet[ServiceRequest]:
        return report_rows(self.actor)

    def filtered(self) -> tuple[Any, QuerySet[ServiceRequest]]:
        chosen, self.rows = super().filtered()
        return chosen, self.rows

    def get_table(self, rows: Any) -> ReportTable:
        return ReportTable(rows.select_related("vendor", "organization"))

    def decorate(self, records: Sequence[ServiceRequest]) -> None:
        for record in records:
            with_minutes(record)

    def get_context(self) -> dict[str, Any]:
        found = figures(self.rows)
        return {
            "description": "Requests, how fast they were answered, and what they cost.",
            "stats": _stats(found),
            "list_title": "Requests",
            "notes": [
                "Turnaround runs from request to result.",
                f"Days are days in {self.request.network.time_zone}.",
            ],
        }


def _stats(found: Figures) -> list[dict[str, Any]]:
    def taken(value: Any) -> str:
        return "–" if value is None else words(int(value.total_seconds()) // 60)

    acceptance = "–" if found.acceptance is None else locale.percent(found.acceptance)
    few = "" if found.median is not None else "fewer than five completed"
    stats: list[dict[str, Any]] = [
        {
            "label": "Requests",
            "value": locale.number(found.total),
            "note": f"{locale.number(found.completed)} completed",
        },
        {
            "label": "Open",
            "value": locale.number(found.open),
            "note": f"{locale.number(found.overdue)} overdue",
            "tone": "bad" if found.overdue else "",
        },
        {"label": "Accepted", "value": acceptance, "note": f"{locale.number(found.rejected)} rejected"},
        {
            "label": "Turnaround, median",
            "value": taken(found.median),
            "note": few or f"90 % within {taken(found.p90)}",
        },
        {
            "label": "Past the target",
            "value": locale.number(found.breached),
            "note": f"of {locale.number(found.completed)} completed",
        },
    ]
    for quoted, billed in zip(found.quoted, found.billed, strict=True):
        stats.append(
            {"label": "Billed", "amount": billed, "value": str(billed), "note": f"of {quoted} quoted"}
        )
    return stats
