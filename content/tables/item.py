"""The table and filter of content."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from content.models import ContentItem
from core.tables import TemplateColumn


class ContentFilter(django_filters.FilterSet):
    """Search by name, code or category; by kind, status and whether a copy drifted."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code or category"}),
    )
    kind = django_filters.ChoiceFilter(choices=ContentItem.Kind.choices, empty_label="All kinds")
    status = django_filters.ChoiceFilter(choices=ContentItem.Status.choices, empty_label="Any status")
    drift = django_filters.ChoiceFilter(
        choices=[
            ("behind", "Copies that drifted"),
            ("kept", "Copies kept as they are"),
            ("override", "Overrides"),
        ],
        empty_label="All content",
        label="Drift",
    )

    class Meta:
        model = ContentItem
        fields = ["q", "kind", "status", "drift"]

    def search(self, rows: QuerySet[ContentItem], name: str, value: str) -> QuerySet[ContentItem]:
        for word in value[:100].split():
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(code__icontains=word)
                | Q(category__icontains=word)
                | Q(organization__name__icontains=word)
            )
        return rows


class ContentTable(tables.Table):
    """One template, questionnaire or program a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "content" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.code }}{% if record.category %} · {{ record.category }}{% endif %}</small>",
        order_by=("name", "pk"),
    )
    kind = tables.Column(order_by=("kind", "name", "pk"))
    organization = tables.Column(verbose_name="Owner", order_by=("organization__name", "name", "pk"))
    newest = tables.Column(verbose_name="Version", attrs={"cell": {"class": "num"}}, orderable=False)
    shares_now = tables.Column(
        verbose_name="Shared with", attrs={"cell": {"class": "num wide-only"}}, orderable=False
    )
    drift = TemplateColumn(template_name="content/drift_pill.html", orderable=False)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "name", "pk"),
    )

    caption = "Content"
    row_header = "name"
    noun = "pieces of content"
    empty_title = "No content yet"
    empty_text = "Charting templates, questionnaires and programs are built here and shared with the organizations below."

    class Meta:
        model = ContentItem
        fields = ("name", "kind", "organization", "newest", "shares_now", "drift", "status")
        order_by = ("name",)

    def render_newest(self, value: Any) -> str:
        return str(value)

    def render_organization(self, record: ContentItem) -> str:
        return record.organization.name
