"""Tables and filters of sales and entitlements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core import locale
from core.ids import clean_code
from core.tables import ExtraColumn, FileColumn, MoneyColumn, TemplateColumn, WhenColumn
from ledger.models import Beneficiary, Entitlement, Sale
from ledger.queries.beneficiary import shared_with_any
from patients.queries.patient import patients_for, search_patients


def search_box(label: str) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": label})


class SaleFilter(django_filters.FilterSet):
    """By patient, and by the days on which they were sold."""

    q = django_filters.CharFilter(method="search", label="Search", widget=search_box("Patient"))
    since = django_filters.DateFilter(
        field_name="sold_on", lookup_expr="gte", label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="sold_on", lookup_expr="lte", label="Until", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = Sale
        fields = ["q", "since", "until"]

    def search(self, rows: QuerySet[Sale], name: str, value: str) -> QuerySet[Sale]:
        return rows.filter(
            patient__in=search_patients(patients_for(self.request.actor), value[:100]).values("pk")
        )


class NamesPatients(tables.Table):
    """A table whose files name those patients whom its reader may export."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient_names: Mapping[int, str] = {}

    def export_patient(self, record: Any) -> str:
        return self.patient_names.get(record.patient_id, "Hidden")


class SaleTable(NamesPatients):
    """One sale a row."""

    package = TemplateColumn(
        '<a class="cell-name" href="{% url "sale-receipt" record.pk %}">{{ record.package.name }}</a>'
        "<small>{{ record.patient.full_name }}</small>",
        order_by=("package__name", "pk"),
        file="package__name",
    )
    seller = tables.Column(accessor="seller__name", verbose_name="Sold at", order_by=("seller__name", "pk"))
    patient = FileColumn(accessor="patient_id")
    sold_on = WhenColumn(verbose_name="Sold", order_by=("sold_on", "pk"))
    quantity = tables.Column(attrs={"cell": {"class": "num wide-only"}}, orderable=False)
    total_minor = MoneyColumn(accessor="total", verbose_name="Total", order_by=("total_minor", "pk"))

    caption = "Sales"
    noun = "sales"
    empty_title = "No sales yet"
    empty_text = "Sell a package at the counter, and it appears here."

    class Meta:
        order_by = ()  # as the query gives them, in an order that a key serves


class EntitlementFilter(django_filters.FilterSet):
    """By patient or code, and by status."""

    q = django_filters.CharFilter(method="search", label="Search", widget=search_box("Patient or code"))
    status = django_filters.ChoiceFilter(choices=Entitlement.Status.choices, empty_label="Any status")

    class Meta:
        model = Entitlement
        fields = ["q", "status"]

    def search(self, rows: QuerySet[Entitlement], name: str, value: str) -> QuerySet[Entitlement]:
        by_code = rows.filter(code=clean_code(value))
        if len(clean_code(value)) == 14 and by_code.exists():
            return by_code
        found = search_patients(patients_for(self.request.actor), value[:100])
        return rows.filter(Q(patient__in=found.values("pk")) | shared_with_any(found))


class EntitlementTable(NamesPatients):
    """One entitlement a row."""

    package = TemplateColumn(
        '<a class="cell-name" href="{% url "entitlement" record.pk %}">{{ record.package.name }}</a><small>{{ record.code }}</small>',
        orderable=False,
        file="package__name",
    )
    code = ExtraColumn()
    patient = tables.Column(accessor="patient__full_name", orderable=False)
    holder = tables.Column(accessor="holder__name", verbose_name="Care owed by", orderable=False)
    starts_on = WhenColumn(verbose_name="Sold", order_by=("starts_on", "pk"))
    expires_on = WhenColumn(verbose_name="Usable until", order_by=("expires_on", "pk"))
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        orderable=False,
    )

    caption = "Entitlements"
    noun = "entitlements"
    empty_title = "No entitlements yet"
    empty_text = "They come into being when a package is sold."

    class Meta:
        order_by = ()  # as the query gives them, in an order that a key serves

    def render_patient(self, record: Entitlement, value: str) -> str:
        return (
            "Shared by a patient whom you don\u2019t see"
            if getattr(record, "is_bearer_hidden", False)
            else value
        )


class BeneficiaryFilter(django_filters.FilterSet):
    """By patient."""

    q = django_filters.CharFilter(method="search", label="Search", widget=search_box("Patient"))

    class Meta:
        model = Beneficiary
        fields = ["q"]

    def search(self, rows: QuerySet[Beneficiary], name: str, value: str) -> QuerySet[Beneficiary]:
        return rows.filter(
            patient__in=search_patients(patients_for(self.request.actor), value[:100]).values("pk")
        )


class BeneficiaryTable(NamesPatients):
    """One patient a row who uses somebody else's entitlement; named where one sees the patient."""

    person = TemplateColumn(
        '{% if record.is_seen %}<a class="cell-name" href="{% url "patient" record.patient_id %}">'
        '{{ record.patient.full_name }}</a>{% else %}<span class="cell-name">A patient whom you don\u2019t see</span>'
        "{% endif %}<small>{{ record.reason }}</small>",
        orderable=False,
        verbose_name="May use it",
        file="reason",
    )
    patient = FileColumn(accessor="patient_id")
    added_at = WhenColumn(verbose_name="Since", orderable=False)
    used = tables.Column(
        verbose_name="Units used", orderable=False, empty_values=(), attrs={"cell": {"class": "num"}}
    )
    actions = TemplateColumn(
        '{% if table.may_remove %}{% url "entitlement-person-remove" record.entitlement_id record.pk as url %}'
        '<a class="button small" href="{{ url }}" hx-get="{{ url }}" hx-target="#modal-body">Remove</a>{% endif %}',
        verbose_name="",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "People who may use it"
    noun = "people"
    empty_title = "Nobody else yet"
    empty_text = "Add those who may use what is left of it, beside whose it is."

    class Meta:
        order_by = ()  # as the query gives them, in an order that a key serves

    def render_used(self, record: Beneficiary) -> str:
        return locale.number(record.used)  # type: ignore[attr-defined]

    def export_used(self, record: Beneficiary) -> int:
        return record.used  # type: ignore[attr-defined,no-any-return]
