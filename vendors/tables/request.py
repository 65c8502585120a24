"""Tables and filters of service requests."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html

from core.tables import ExtraColumn, ExtraWhenColumn, FileColumn, MoneyColumn, TemplateColumn, WhenColumn
from vendors.models import ServiceRequest
from vendors.queries.request import search_requests
from vendors.rules.transitions import CHOICES, OPEN
from vendors.rules.turnaround import words

STATUS_CHOICES = [("open", "Open"), *CHOICES]
_NUMBER = {"cell": {"class": "num"}, "th": {"class": "num"}}


class RequestFilter(django_filters.FilterSet):
    """Search by number; by status and priority."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Number", "maxlength": 40}),
    )
    status = django_filters.ChoiceFilter(method="in_status", choices=STATUS_CHOICES, empty_label="Any status")
    priority = django_filters.ChoiceFilter(
        choices=ServiceRequest.Priority.choices, empty_label="Any priority"
    )

    def search(self, rows: QuerySet[ServiceRequest], name: str, value: str) -> QuerySet[ServiceRequest]:
        return search_requests(rows, value[:40])

    def in_status(self, rows: QuerySet[ServiceRequest], name: str, value: str) -> QuerySet[ServiceRequest]:
        return rows.filter(status__in=OPEN) if value == "open" else rows.filter(status=value)


class RequestTable(tables.Table):
    """One request a row; the patient's name only for those who may see the patient."""

    number = TemplateColumn(
        '<a class="cell-name nowrap" href="{% url "request" record.pk %}">{{ record.number }}</a>'
        "<small>{{ record.service_name }}</small>",
        order_by=("pk",),
        file="number",
    )
    patient = tables.Column(accessor="patient_id", orderable=False)
    vendor = tables.Column(accessor="vendor__name", verbose_name="Vendor", order_by=("vendor__name", "pk"))
    organization = tables.Column(
        accessor="organization__name", verbose_name="Ordered by", order_by=("organization__name", "pk")
    )
    service = ExtraColumn(accessor="service_name", verbose_name="Service")
    priority = ExtraColumn()
    requested_at = WhenColumn(
        verbose_name="Requested", order_by=("requested_at", "pk"), attrs={"cell": {"class": "wide-only"}}
    )
    due_at = WhenColumn(verbose_name="Due", order_by=("due_at", "pk"))
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}"
        "{% if record.pk in table.asking %}<small>waits for an answer</small>{% endif %}",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )

    caption = "Requests"
    row_header = "number"
    noun = "requests"
    empty_title = "No requests yet"
    empty_text = "Order a service from a vendor on a patient's page, or with New request."

    class Meta:
        order_by = ("-number",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient_names: dict[int, str] = {}
        self.asking: set[int] = set()

    def render_patient(self, record: ServiceRequest) -> str:
        return self.patient_names.get(record.patient_id, "Hidden")


class ReportTable(tables.Table):
    """The report's rows: timestamps, turnaround against target, amounts."""

    number = TemplateColumn(
        '<a class="cell-name nowrap" href="{% url "request" record.pk %}">{{ record.number }}</a>'
        "<small>{{ record.service_name }}</small>",
        order_by=("pk",),
        file="number",
    )
    vendor = tables.Column(accessor="vendor__name", verbose_name="Vendor", orderable=False)
    organization = tables.Column(accessor="organization__name", verbose_name="Ordered by", orderable=False)
    channel = tables.Column(
        accessor="get_channel_display", orderable=False, attrs={"cell": {"class": "wide-only"}}
    )
    requested_at = WhenColumn(verbose_name="Requested", order_by=("requested_at", "pk"))
    received_at = ExtraWhenColumn(verbose_name="Received")
    accepted_at = WhenColumn(verbose_name="Accepted", orderable=False, attrs={"cell": {"class": "wide-only"}})
    started_at = ExtraWhenColumn(verbose_name="Started")
    completed_at = WhenColumn(verbose_name="Completed", order_by=("completed_at", "pk"))
    rejected_at = ExtraWhenColumn(verbose_name="Rejected")
    cancelled_at = ExtraWhenColumn(verbose_name="Cancelled")
    target_at = ExtraWhenColumn(verbose_name="Target")
    due_at = ExtraWhenColumn(verbose_name="Due")
    promised_at = ExtraWhenColumn(verbose_name="Promised")
    turnaround = tables.Column(empty_values=(), orderable=False, attrs=_NUMBER, verbose_name="Turnaround")
    quoted = MoneyColumn(accessor="buy", verbose_name="Quoted", orderable=False)
    billed = MoneyColumn(accessor="billed", verbose_name="Billed", orderable=False)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )

    service = ExtraColumn(accessor="service_name", verbose_name="Service")
    vendor_code = ExtraColumn()
    priority = ExtraColumn()
    reason = ExtraColumn(accessor="reason_code", verbose_name="Reason")
    target_minutes = FileColumn(accessor="turnaround_minutes", verbose_name="Target minutes")
    gross_minutes = FileColumn(accessor="gross_minutes", verbose_name="Minutes with holds")
    late = FileColumn(accessor="is_late", verbose_name="Late")

    caption = "Requests"
    row_header = "number"
    noun = "requests"
    css = "dense"
    empty_title = "No requests in this period"

    class Meta:
        order_by = ("-number",)

    def export_turnaround(self, record: Any) -> int | None:
        """In minutes."""
        return record.taken_minutes  # type: ignore[no-any-return]

    def render_turnaround(self, record: Any) -> str:
        target = words(record.turnaround_minutes)
        if record.taken_minutes is None:
            return format_html("–<small>of {}</small>", target)
        late = "bad" if record.is_late else ""
        return format_html(
            '<span class="{}">{}</span><small>of {}</small>', late, words(record.taken_minutes), target
        )
