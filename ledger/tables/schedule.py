"""The table and the filter of scheduled reports."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms

from core.tables import TemplateColumn, WhenColumn
from ledger.models import ReportSchedule


class ScheduleFilter(django_filters.FilterSet):
    """Search by name; those that go out or are paused."""

    q = django_filters.CharFilter(
        field_name="name",
        lookup_expr="icontains",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name"}),
    )
    is_paused = django_filters.ChoiceFilter(
        choices=[("False", "Going out"), ("True", "Paused")], empty_label="All", label="State"
    )

    class Meta:
        model = ReportSchedule
        fields = ["q", "is_paused"]


class ScheduleTable(tables.Table):
    """One schedule a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "report-schedule" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.organization.name }}</small>",
        order_by=("name", "pk"),
        file="name",
    )
    period_label = tables.Column(verbose_name="Days", orderable=False)
    rhythm = tables.Column(verbose_name="When", orderable=False)
    formats_label = tables.Column(verbose_name="Attached", orderable=False)
    recipient_count = tables.Column(
        verbose_name="People", attrs={"cell": {"class": "num"}}, order_by=("recipient_count", "pk")
    )
    owner = tables.Column(verbose_name="Owner", accessor="owner__name", orderable=False)
    last_ran_at = WhenColumn(verbose_name="Last sent", order_by=("last_ran_at", "pk"))
    state = TemplateColumn(
        '{% load caretree %}{% if record.is_paused %}{% status_pill "paused" "Paused" %}{% else %}{% status_pill "active" "Going out" %}{% endif %}',
        accessor="is_paused",
        verbose_name="State",
        attrs={"cell": {"class": "status"}},
        orderable=False,
        file="is_paused",
    )

    caption = "Scheduled reports"
    row_header = "name"
    noun = "schedules"
    empty_title = "Nothing is scheduled"
    empty_text = "A report goes out by mail on its day, to people who may read it."

    class Meta:
        order_by = ("name",)
