"""The table and the filter of seals."""

from __future__ import annotations

import django_filters
import django_tables2 as tables

from audit.sealed import SEALED
from core.tables import TemplateColumn, WhenColumn


class SealFilter(django_filters.FilterSet):
    """By what is sealed."""

    kind = django_filters.ChoiceFilter(
        choices=lambda: [(one.kind, one.label) for one in SEALED.values()], empty_label="Any chain"
    )


class SealTable(tables.Table):
    """One seal a row."""

    number = tables.Column(verbose_name="Seal", attrs={"cell": {"class": "num"}}, orderable=False)
    kind = TemplateColumn(
        "{{ record.get_kind_display }}", verbose_name="Chain", file="get_kind_display", orderable=False
    )
    made_at = WhenColumn(verbose_name="Made", order_by=("made_at", "pk"))
    row_count = tables.Column(verbose_name="Rows", attrs={"cell": {"class": "num"}}, orderable=False)
    digest_text = TemplateColumn(
        '<code title="{{ record.digest_text }}">{{ record.digest_text|slice:":16" }}…</code>',
        verbose_name="SHA-256",
        file="digest_text",
        orderable=False,
    )
    sent_to = tables.Column(verbose_name="Sent to", default="–", orderable=False)
    sent_on = WhenColumn(verbose_name="Sent", orderable=False)
    checked_at = WhenColumn(verbose_name="Verified", orderable=False)
    result = TemplateColumn(
        "{% load caretree %}{% if record.checked_at %}{% if record.finding_count %}"
        '{% status_pill "failed" "Contradicted" %}{% else %}{% status_pill "verified" "Holds" %}{% endif %}{% endif %}',
        accessor="finding_count",
        verbose_name="Result",
        attrs={"cell": {"class": "status"}},
        file="finding_count",
        empty_values=(),
        orderable=False,
    )

    caption = "Seals"
    row_header = "number"
    noun = "seals"
    empty_title = "No seals yet"
    empty_text = "What was committed is sealed within a minute."

    class Meta:
        order_by = ("-made_at",)
