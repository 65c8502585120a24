"""The table and the filter of seals."""

from __future__ import annotations

import django_filters
import django_tables2 as tables

from audit.sealed import SEALED
from core.tables import FileColumn, TemplateColumn, WhenColumn


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
        '<code class="digest">{{ record.digest_text }}</code>',
        verbose_name="SHA-256",
        file="digest_text",
        orderable=False,
    )
    sent_to = TemplateColumn(
        "{% load caretree %}{% if record.sent_to %}{{ record.sent_to }}<small>{% when record.sent_on %}</small>"
        "{% else %}–{% endif %}",
        verbose_name="Sent to",
        file="sent_to",
        orderable=False,
    )
    sent_on = FileColumn(verbose_name="Sent on")
    checked_at = TemplateColumn(
        '{% load caretree %}{% if record.checked_at %}{% if record.finding_count %}{% status_pill "failed" "Contradicted" "bad" %}'
        '{% else %}{% status_pill "ok" "Holds" "good" %}{% endif %}<small>{% when record.checked_at %}</small>{% else %}–{% endif %}',
        verbose_name="Verified",
        file="checked_at",
        orderable=False,
    )
    finding_count = FileColumn(verbose_name="Findings")

    caption = "Seals"
    row_header = "number"
    noun = "seals"
    empty_title = "No seals yet"
    empty_text = "What was committed is sealed within a minute."

    class Meta:
        order_by = ("-made_at",)
