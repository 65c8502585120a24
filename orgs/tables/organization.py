"""Tables and filters of organizations."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet

from core import locale
from core.tables import ExtraColumn, FileColumn, TemplateColumn
from orgs.forms.place import PlaceField
from orgs.models import Organization
from orgs.queries.organization import search_organizations, visible_organizations


class OrganizationFilter(django_filters.FilterSet):
    """Search by name, code or city; by kind and status; below one organization."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code or city"}),
    )
    kind = django_filters.ChoiceFilter(choices=Organization.Kind.choices, empty_label="All kinds")
    status = django_filters.ChoiceFilter(choices=Organization.Status.choices, empty_label="Any status")
    under = django_filters.CharFilter(method="below")

    class Meta:
        model = Organization
        fields = ["q", "under", "kind", "status"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = visible_organizations(self.request.actor)
        self.form.fields["under"] = PlaceField(
            places, by_code=True, required=False, empty_label="Below any", label="Below"
        )
        self.form.order_fields(self.Meta.fields)

    def search(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        return search_organizations(rows, value[:100])

    def below(self, rows: QuerySet[Organization], name: str, value: Organization) -> QuerySet[Organization]:
        return rows.filter(tree_id=value.tree_id, lft__gt=value.lft, lft__lt=value.rght)


class OrganizationTable(tables.Table):
    """One organization a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "organization" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.code }}{% if record.city %} · {{ record.city }}{% endif %}</small>",
        order_by=("name", "pk"),
        file="name",
    )
    kind = tables.Column(order_by=("kind", "name", "pk"))
    code = ExtraColumn()
    city = ExtraColumn()
    phone = ExtraColumn()
    email = ExtraColumn()
    currency = ExtraColumn()
    time_zone = ExtraColumn()
    below = tables.Column(accessor="below_count", orderable=False, attrs={"cell": {"class": "num wide-only"}})
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "name", "pk"),
    )

    parent = FileColumn(accessor="parent__code", verbose_name="Parent code")
    address = FileColumn()
    state = FileColumn()
    postal_code = FileColumn()
    country = FileColumn()

    caption = "Organizations"
    row_header = "name"
    noun = "organizations"

    class Meta:
        model = Organization
        fields = ("name", "kind", "below", "status")
        sequence = ("name", "code", "kind", "below", "status", "...")
        order_by = ("name",)

    def export_below(self, record: Organization) -> int:
        return record.below_count  # type: ignore[no-any-return]

    def render_below(self, value: int) -> Any:
        return locale.number(value) if value else "–"
