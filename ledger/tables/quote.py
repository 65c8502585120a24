"""The table, the filter and the paper of quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core import locale
from core.clock import today_in
from core.paper import TOTAL, Column, Paper, PaperHead, Row
from core.tables import FileColumn, TemplateColumn, WhenColumn
from ledger.models import Quote, QuoteLine
from ledger.queries.quote import tax_on_top, total_of
from ledger.rules.settings import RECEIPT_NOTE
from ledger.tables.entitlement import NamesPatients
from patients.queries.patient import patients_for, search_patients

LAPSED = "lapsed"


class QuoteFilter(django_filters.FilterSet):
    """By patient or name, and by status."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Patient or name"}),
    )
    status = django_filters.ChoiceFilter(choices=Quote.Status.choices, empty_label="Any status")

    class Meta:
        model = Quote
        fields = ["q", "status"]

    def search(self, rows: QuerySet[Quote], name: str, value: str) -> QuerySet[Quote]:
        found = search_patients(patients_for(self.request.actor), value[:100])
        return rows.filter(Q(patient__in=found.values("pk")) | Q(name__istartswith=value[:100]))


class QuoteTable(NamesPatients):
    """One quote a row."""

    quote = TemplateColumn(
        '<a class="cell-name" href="{% url "quote" record.pk %}">{{ record.label }}</a><small>{{ record.who }}</small>',
        verbose_name="Quote",
        accessor="number",
        orderable=False,
        file="label",
    )
    patient = FileColumn(accessor="patient_id")
    organization = tables.Column(accessor="organization__name", verbose_name="Offered by", orderable=False)
    made_at = WhenColumn(verbose_name="Written", order_by=("made_at", "pk"))
    valid_until = WhenColumn(verbose_name="Good until", orderable=False)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.state record.state_label %}",
        attrs={"cell": {"class": "status"}},
        orderable=False,
    )

    caption = "Quotes"
    noun = "quotes"
    empty_title = "No quotes yet"
    empty_text = "Write one at the counter, for a patient or for somebody who asks."

    class Meta:
        order_by = ()  # as the query gives them, in an order that a key serves

    def export_patient(self, record: Any) -> str:
        return super().export_patient(record) if record.patient_id else record.name


def set_states(quotes: Sequence[Any]) -> None:
    """What each is today: an open one lapses by itself."""
    for one in quotes:
        lapsed = one.has_lapsed(today_in(one.organization.time_zone))
        one.state = LAPSED if lapsed else one.status
        one.state_label = "Lapsed" if lapsed else one.get_status_display()


def quote_pdf(quote: Quote, lines: list[QuoteLine], head: PaperHead) -> bytes:
    """The quote on paper."""
    paper = Paper(
        "Quote", head, made_at=quote.made_at, subtitle=quote.label, note=RECEIPT_NOTE.at(quote.organization)
    )
    paper.facts([("For", quote.who), ("Good until", quote.valid_until), ("Written by", quote.made_by)])
    rows = []
    for line in lines:
        rows.append(
            Row([line.package.name, locale.number(line.quantity), line.price, line.price * line.quantity])
        )
        if line.discount_minor:
            rows.append(Row(["Discount", "", None, -line.discount]))
    columns = [
        Column("Package", 3),
        Column("Quantity"),
        Column("Price", amount=True),
        Column(quote.currency, amount=True),
    ]
    paper.heading("What is offered")
    tax = tax_on_top(quote, lines)
    if tax.minor:
        rows.append(Row(["Tax on top", "", None, tax]))
    paper.table(columns, [*rows, Row(["Total", "", None, total_of(quote, lines)], TOTAL)])
    return paper.pdf()
