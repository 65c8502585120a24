"""Tables and filters of imports and of what a dry run says."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core.tables import ExtraColumn, TemplateColumn, WhenColumn
from orgs.imports.row import REMEDIES
from orgs.models import ImportLine, OrganizationImport


class ImportFilter(django_filters.FilterSet):
    """By the file's name and by what became of it."""

    q = django_filters.CharFilter(
        field_name="file_name",
        lookup_expr="icontains",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "File name"}),
    )
    status = django_filters.ChoiceFilter(choices=OrganizationImport.Status.choices, empty_label="Any state")

    class Meta:
        model = OrganizationImport
        fields = ["q", "status"]


class ImportTable(tables.Table):
    """One import a row."""

    made_at = WhenColumn(verbose_name="When", order_by=("made_at", "pk"))
    file_name = TemplateColumn(
        '<a class="cell-name" href="{% url "organization-import-page" record.pk %}">{{ record.file_name }}</a>'
        "<small>{{ record.form }}</small>",
        verbose_name="File",
        order_by=("file_name", "pk"),
        file="file_name",
    )
    form = ExtraColumn(verbose_name="Format")
    made_by = tables.Column(verbose_name="Who", order_by=("made_by", "pk"))
    new = tables.Column(accessor="new_count", verbose_name="New", attrs={"cell": {"class": "num"}})
    changed = tables.Column(
        accessor="changed_count", verbose_name="Changed", attrs={"cell": {"class": "num"}}
    )
    equal = tables.Column(
        accessor="equal_count", verbose_name="Equal", attrs={"cell": {"class": "num wide-only"}}
    )
    refused = tables.Column(
        accessor="refused_count", verbose_name="Refused", attrs={"cell": {"class": "num"}}
    )
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display record.tone %}",
        verbose_name="State",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "pk"),
    )

    caption = "Imports"
    row_header = "file_name"
    noun = "imports"
    empty_title = "No imports yet"
    empty_text = "Send a file, and what it would do is shown before anything is written."

    class Meta:
        model = OrganizationImport
        fields = ("made_at", "file_name", "form", "made_by", "new", "changed", "equal", "refused", "status")
        order_by = ("-made_at",)


class ImportLineFilter(django_filters.FilterSet):
    """By code or words, and by what the line comes to."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Code, line or words"}),
    )
    outcome = django_filters.ChoiceFilter(choices=ImportLine.Outcome.choices, empty_label="All lines")

    class Meta:
        model = ImportLine
        fields = ["q", "outcome"]

    def search(self, rows: QuerySet[ImportLine], name: str, value: str) -> QuerySet[ImportLine]:
        typed = value[:100]
        return rows.filter(Q(code__icontains=typed) | Q(place__icontains=typed) | Q(text__icontains=typed))


class ImportLineTable(tables.Table):
    """One line of the dry run a row."""

    place = tables.Column(
        verbose_name="Where", order_by=("position",), default="–", attrs={"cell": {"class": "nowrap"}}
    )
    code = TemplateColumn(
        '{% if record.organization_id %}<a href="{% url "organization" record.organization_id %}">{{ record.code }}</a>'
        "{% else %}{{ record.code|default:'–' }}{% endif %}",
        order_by=("code", "pk"),
        file="code",
    )
    value = tables.Column(orderable=False, default="–")
    text = tables.Column(verbose_name="What", orderable=False)
    remedy = tables.Column(verbose_name="What to do", empty_values=(), orderable=False, accessor="sort")
    outcome = TemplateColumn(
        "{% load caretree %}{% status_pill record.outcome record.get_outcome_display record.tone %}",
        verbose_name="Comes to",
        attrs={"cell": {"class": "status"}},
        order_by=("position",),
    )

    caption = "Lines"
    row_header = "code"
    noun = "lines"
    empty_title = "Nothing to report"
    empty_text = "Every line says what is there already."

    class Meta:
        model = ImportLine
        fields = ("place", "code", "value", "text", "remedy", "outcome")
        order_by = ("outcome",)

    def render_remedy(self, record: ImportLine) -> Any:
        return REMEDIES.get(record.sort, "–")

    def export_remedy(self, record: ImportLine) -> str | None:
        return REMEDIES.get(record.sort)
