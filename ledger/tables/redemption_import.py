"""Tables and filters of imports of redemptions and of their lines."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet

from core.tables import TemplateColumn, WhenColumn
from ledger.models import RedemptionImport, RedemptionImportLine
from ledger.tables.entitlement import search_box

NUMBER = {"cell": {"class": "num"}}


class ImportFilter(django_filters.FilterSet):
    """By the file's name and by what became of it."""

    q = django_filters.CharFilter(
        field_name="file_name", lookup_expr="icontains", label="Search", widget=search_box("File name")
    )
    status = django_filters.ChoiceFilter(choices=RedemptionImport.Status.choices, empty_label="Any state")

    class Meta:
        model = RedemptionImport
        fields = ["q", "status"]


class ImportTable(tables.Table):
    """One file a row."""

    sent_at = WhenColumn(verbose_name="When", order_by=("sent_at", "pk"))
    file_name = TemplateColumn(
        '<a class="cell-name" href="{% url "redemption-import-page" record.pk %}">{{ record.file_name }}</a>',
        verbose_name="File",
        order_by=("file_name", "pk"),
        file="file_name",
    )
    sent_by = tables.Column(verbose_name="Who", order_by=("sent_by", "pk"))
    line_count = tables.Column(verbose_name="Lines", attrs=NUMBER)
    redeemed_count = tables.Column(verbose_name="Redeemed", attrs=NUMBER)
    repeated_count = tables.Column(verbose_name="Posted before", attrs={"cell": {"class": "num wide-only"}})
    refused_count = tables.Column(verbose_name="Refused", attrs=NUMBER)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display record.tone %}",
        verbose_name="State",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "pk"),
    )

    caption = "Imports of redemptions"
    row_header = "file_name"
    noun = "imports"
    empty_title = "No imports yet"
    empty_text = (
        "Send a file of redemptions, and what each line comes to is shown before anything is redeemed."
    )

    class Meta:
        model = RedemptionImport
        fields = (
            "sent_at", "file_name", "sent_by", "line_count", "redeemed_count", "repeated_count", "refused_count", "status",
        )  # fmt: skip
        order_by = ("-sent_at",)


class LineFilter(django_filters.FilterSet):
    """By key, entitlement, place or words, and by what became of a line."""

    q = django_filters.CharFilter(
        method="search", label="Search", widget=search_box("Key, entitlement, place or words")
    )
    outcome = django_filters.ChoiceFilter(
        choices=RedemptionImportLine.Outcome.choices, empty_label="All lines"
    )

    class Meta:
        model = RedemptionImportLine
        fields = ["q", "outcome"]

    def search(
        self, rows: QuerySet[RedemptionImportLine], name: str, value: str
    ) -> QuerySet[RedemptionImportLine]:
        typed = value[:60]
        return rows.filter(
            Q(key=typed)
            | Q(entitlement__iexact=typed)
            | Q(organization__iexact=typed)
            | Q(service__iexact=typed)
            | Q(text__icontains=typed)
        )


class LineTable(tables.Table):
    """One line of a file a row."""

    number = tables.Column(verbose_name="Line", attrs={"cell": {"class": "num"}})
    key = tables.Column(orderable=False, default="–", attrs={"cell": {"class": "nowrap"}})
    entitlement = TemplateColumn(
        '{% if record.entitlement_id %}<a href="{% url "entitlement" record.entitlement_id %}">{{ record.entitlement }}</a>'
        "{% else %}{{ record.entitlement|default:'–' }}{% endif %}",
        orderable=False,
        file="entitlement",
        attrs={"cell": {"class": "nowrap"}},
    )
    service = tables.Column(orderable=False, default="–")
    quantity = tables.Column(orderable=False, default="–", attrs={"cell": {"class": "num"}})
    on = WhenColumn(verbose_name="Day", orderable=False, default="–")
    organization = tables.Column(verbose_name="Where", orderable=False, default="–")
    outcome = TemplateColumn(
        "{% load caretree %}{% status_pill record.outcome record.get_outcome_display record.tone %}",
        verbose_name="Comes to",
        attrs={"cell": {"class": "status"}},
        orderable=False,
    )
    text = tables.Column(verbose_name="Why", orderable=False, default="–")

    caption = "Lines"
    row_header = "key"
    noun = "lines"
    empty_title = "No lines"
    empty_text = "They are listed once the file was read."

    class Meta:
        model = RedemptionImportLine
        fields = (
            "number",
            "key",
            "entitlement",
            "service",
            "quantity",
            "on",
            "organization",
            "text",
            "outcome",
        )
        order_by = ("number",)
