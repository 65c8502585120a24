"""The table and the filter of tax codes."""

from __future__ import annotations

from decimal import Decimal

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet

from core.search_key import prefix
from core.tables import ExtraColumn, TemplateColumn
from ledger.models import TaxCode
from ledger.rules.tax import percent_text


class TaxCodeFilter(django_filters.FilterSet):
    """By name, status and how they stand to prices."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name"}),
    )
    status = django_filters.ChoiceFilter(choices=TaxCode.Status.choices, empty_label="Any status")
    method = django_filters.ChoiceFilter(choices=TaxCode.Method.choices, empty_label="Any kind")

    class Meta:
        model = TaxCode
        fields = ["q", "status", "method"]

    def search(self, rows: QuerySet[TaxCode], name: str, value: str) -> QuerySet[TaxCode]:
        return rows.filter(prefix("search_key", value[:100]))


class TaxCodeTable(tables.Table):
    """One tax code a row, with the rate of today."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "tax-code" record.pk %}">{{ record.name }}</a><small>{{ record.code }}</small>',
        order_by=("name", "pk"),
        file="name",
    )
    code = ExtraColumn()
    method = tables.Column(verbose_name="Stands to prices", order_by=("method", "name", "pk"))
    percent = tables.Column(
        default="\u2013", verbose_name="Rate today", orderable=False, attrs={"cell": {"class": "num"}}
    )
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "name", "pk"),
    )

    caption = "Tax codes"
    noun = "tax codes"
    empty_title = "No tax codes yet"
    empty_text = "Services without one are exempt, as most healthcare is. Add one for what is taxed."

    class Meta:
        order_by = ("name",)

    def render_percent(self, value: Decimal) -> str:
        return percent_text(value)
