"""The table and filter of who saw a patient."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from core.tables import WhenColumn
from core.validators import validate_day


def _day(label: str, method: str) -> django_filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date"})
    return django_filters.DateFilter(label=label, method=method, widget=widget, validators=[validate_day])


class ReadsFilter(django_filters.FilterSet):
    """By who it was, how, and from one day to another."""

    q = django_filters.CharFilter(
        field_name="actor_label",
        lookup_expr="icontains",
        label="Who",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Who", "maxlength": 200}),
    )
    kind = django_filters.ChoiceFilter(
        choices=[("open", "Opened"), ("list", "Listed"), ("export", "Exported")],
        empty_label="In any way",
        label="How",
    )
    first = _day("From", "since")
    last = _day("Until", "until")

    def since(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(at__gte=_midnight(value))

    def until(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(at__lt=_midnight(value + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class ReadsTable(tables.Table):
    """One read a row."""

    actor_label = tables.Column(verbose_name="Who", order_by=("actor_label", "-pk"))
    kind = tables.Column(verbose_name="How", order_by=("kind", "-pk"))
    detail = tables.Column(verbose_name="Where in the console", default="–", orderable=False)
    at = WhenColumn(verbose_name="When", order_by=("pk",))

    caption = "Reads"
    noun = "reads"
    row_header = "actor_label"
    empty_title = "Nobody yet"
    empty_text = "Every read of a patient is listed here."

    class Meta:
        order_by = ("-at",)
