"""The table and filter of exchange rates."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core.tables import ExtraWhenColumn, TemplateColumn, WhenColumn
from ledger.models import ExchangeRate


class RateFilter(django_filters.FilterSet):
    """By currency or pair, and day."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Currency or pair, as in EUR INR"}),
    )
    on = django_filters.DateFilter(label="Day", widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = ExchangeRate
        fields = ["q", "on"]

    def search(self, rows: QuerySet[ExchangeRate], name: str, value: str) -> QuerySet[ExchangeRate]:
        """Rates of every currency that is named."""
        for code in value.upper().replace("/", " ").split()[:2]:
            rows = rows.filter(Q(base=code) | Q(quote=code))
        return rows


class RateTable(tables.Table):
    """One rate a row."""

    on = WhenColumn(verbose_name="Day", order_by=("on", "pk"))
    base = TemplateColumn(
        "1 {{ record.base }}", verbose_name="One", order_by=("pair", "-on", "-pk"), file="base"
    )
    value = TemplateColumn(
        "{{ record.shown }}",
        verbose_name="Is worth",
        attrs={"cell": {"class": "num"}},
        orderable=False,
        file="plain",
    )
    quote = tables.Column(verbose_name="Of", orderable=False)
    source = tables.Column(orderable=False)
    is_corrected = TemplateColumn(
        "{% load caretree %}{% if record.is_corrected %}{% status_pill 'withdrawn' 'Corrected' %}"
        "{% else %}{% status_pill 'active' 'On record' %}{% endif %}",
        verbose_name="Status",
        attrs={"cell": {"class": "status"}},
        orderable=False,
    )
    entered_by_label = tables.Column(verbose_name="Entered by", orderable=False)
    entered_at = ExtraWhenColumn(verbose_name="Entered", orderable=False)

    caption = "Exchange rates"
    noun = "rates"
    empty_title = "No exchange rates yet"
    empty_text = (
        "Enter or import rates; from their days on, organizations that keep different currencies do business."
    )

    class Meta:
        order_by = ("-on",)
