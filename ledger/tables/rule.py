"""The table and filter of transactional rules."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core.tables import ExtraColumn, ExtraWhenColumn, TemplateColumn, WhenColumn
from ledger.models import RuleVersion

ALL_VERSIONS = "all"


class RuleFilter(django_filters.FilterSet):
    """Search by code or by what a rule says; by event and status; earlier versions too."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Code or words"}),
    )
    event = django_filters.ChoiceFilter(choices=RuleVersion.Event.choices, empty_label="All events")
    status = django_filters.ChoiceFilter(choices=RuleVersion.Status.choices, empty_label="Any status")
    versions = django_filters.ChoiceFilter(
        choices=[(ALL_VERSIONS, "All versions")],
        method="of_all",
        empty_label="Newest versions",
        label="Versions",
    )

    class Meta:
        model = RuleVersion
        fields = ["q", "event", "status", "versions"]

    def search(self, rows: QuerySet[RuleVersion], name: str, value: str) -> QuerySet[RuleVersion]:
        for word in value[:100].split():
            rows = rows.filter(Q(rule__code__icontains=word) | Q(sentence__icontains=word))
        return rows

    def of_all(self, rows: QuerySet[RuleVersion], name: str, value: str) -> QuerySet[RuleVersion]:
        """The list gives only the newest unless this is asked for."""
        return rows


class RuleTable(tables.Table):
    """One version of a rule a row."""

    code = TemplateColumn(
        '<a class="cell-name" href="{% url "rule" record.pk %}">{{ record.rule.code }}</a>'
        "<small>{{ record.sentence }}</small>",
        verbose_name="Rule",
        order_by=("rule__code", "-number"),
        file="rule__code",
    )
    sentence = ExtraColumn(verbose_name="What it says")
    event = tables.Column(order_by=("event", "rule__code", "-number"))
    number = tables.Column(
        verbose_name="Version",
        attrs={"cell": {"class": "num"}},
        order_by=("number", "rule__code"),
    )
    priority = ExtraColumn()
    starts_on = WhenColumn(verbose_name="From", order_by=("starts_on", "rule__code", "-number"))
    ends_on = WhenColumn(verbose_name="Until", order_by=("ends_on", "rule__code", "-number"))
    activated_at = ExtraWhenColumn(verbose_name="Activated")
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "rule__code", "-number"),
    )

    caption = "Rules"
    row_header = "code"
    noun = "versions"
    empty_title = "No rules yet"
    empty_text = "Without a rule a package is redeemed only where the care is owed. Write the first one."

    class Meta:
        order_by = ("code",)
