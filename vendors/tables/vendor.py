"""Tables and filters of vendors."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet

from core.tables import ExtraColumn, TemplateColumn
from vendors.queries.vendor import search_vendors


class VendorFilter(django_filters.FilterSet):
    """Search by name, code or city; by kind and status."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Name, code or city", "maxlength": 100}
        ),
    )
    kind = django_filters.ChoiceFilter(
        choices=[("third_party", "Third party"), ("partner", "Partner")], empty_label="All kinds"
    )
    status = django_filters.ChoiceFilter(
        choices=[("active", "Active"), ("suspended", "Suspended"), ("archived", "Archived")],
        empty_label="Any status",
    )

    def search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return search_vendors(rows, value[:100])


class VendorTable(tables.Table):
    """One vendor a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "vendor" record.pk %}">{{ record.name }}</a><small>{{ record.code }}</small>',
        order_by=("name", "pk"),
        file="name",
    )
    code = ExtraColumn()
    kind = tables.Column(accessor="get_kind_display", order_by=("kind", "name", "pk"))
    services = tables.Column(
        orderable=False, default="0", attrs={"cell": {"class": "num"}, "th": {"class": "num"}}
    )
    contacts = tables.Column(
        orderable=False, default="0", attrs={"cell": {"class": "num"}, "th": {"class": "num"}}
    )
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )

    caption = "Vendors"
    row_header = "name"
    noun = "vendors"
    empty_title = "No vendors yet"
    empty_text = "Third parties and partners become vendors once they are added under Organizations."

    class Meta:
        order_by = ("name",)
