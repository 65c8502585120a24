"""Tables and filters of people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core.tables import ExtraColumn, ExtraWhenColumn, TemplateColumn, WhenColumn
from orgs.models import Invitation, Membership
from orgs.queries.access import roles_day
from orgs.rules.roles import ROLE_CHOICES

SOON = timedelta(days=30)


class MembershipFilter(django_filters.FilterSet):
    """Search by name or e-mail; by role; current or ended."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or e-mail"}),
    )
    role = django_filters.ChoiceFilter(choices=ROLE_CHOICES, empty_label="All roles")
    state = django_filters.ChoiceFilter(
        choices=[("current", "Current"), ("ending", "Ends within 30 days"), ("ended", "Ended")],
        method="by_state",
        empty_label="Current and ended",
        label="State",
    )

    class Meta:
        model = Membership
        fields = ["q", "role", "state"]

    def search(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        for word in value[:100].split():
            rows = rows.filter(Q(user__name__icontains=word) | Q(user__email__icontains=word))
        return rows

    def by_state(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        today = roles_day()
        if value == "ending":
            return rows.filter(ends_on__range=(today, today + SOON))
        current = Q(ends_on=None) | Q(ends_on__gte=today)
        return rows.filter(current) if value == "current" else rows.exclude(current)


class PeopleHereFilter(MembershipFilter):
    """Whoever asks for no state sees the current ones."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and "state" not in data:
            data = data.copy()
            data["state"] = "current"
        super().__init__(data, *args, **kwargs)


class MembershipTable(tables.Table):
    """One membership a row."""

    person = TemplateColumn(
        '<span class="cell-name">{{ record.user.name }}</span><small>{{ record.user.email }}</small>',
        order_by=("user__name", "pk"),
        file="user__name",
    )
    email = ExtraColumn(accessor="user__email", verbose_name="E-mail")
    role = tables.Column(accessor="role_label", order_by=("role", "pk"))
    organization = TemplateColumn(
        '<a href="{% url "organization-people" record.organization_id %}">{{ record.organization.name }}</a>',
        order_by=("organization__name", "pk"),
        file="organization__name",
    )
    scope = tables.Column(verbose_name="Where")
    starts_on = WhenColumn(verbose_name="From")
    ends_on = WhenColumn(verbose_name="Until")
    end = TemplateColumn(
        '{% if record.may_end %}<a class="button small" href="{% url "membership-end" record.pk %}"'
        ' hx-get="{% url "membership-end" record.pk %}" hx-target="#modal-body">End'
        '<span class="sr"> {{ record.role_label }} of {{ record.user.name }}</span></a>{% endif %}',
        orderable=False,
        verbose_name="Actions",
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "People and roles"
    noun = "roles"

    class Meta:
        model = Membership
        fields = ("person", "email", "role", "organization", "scope", "starts_on", "ends_on")
        order_by = ("person",)

    def render_scope(self, record: Membership) -> Any:
        return "Here only" if record.scope == "this" else "Here and below"


class InvitationFilter(django_filters.FilterSet):
    """Search by name or e-mail; by role, and by what became of it."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or e-mail"}),
    )
    role = django_filters.ChoiceFilter(choices=ROLE_CHOICES, empty_label="All roles")
    state = django_filters.ChoiceFilter(
        choices=[(one, one.capitalize()) for one in ("waiting", "expired", "accepted", "revoked")],
        empty_label="Any state",
        label="State",
    )

    class Meta:
        model = Invitation
        fields = ["q", "role", "state"]

    def search(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        for word in value[:100].split():
            rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return rows


class InvitationTable(tables.Table):
    """One invitation a row."""

    person = TemplateColumn(
        '<span class="cell-name">{{ record.name }}</span><small>{{ record.email }}</small>',
        order_by=("name", "pk"),
        file="name",
    )
    email = ExtraColumn(verbose_name="E-mail")
    role = tables.Column(accessor="role_label", order_by=("role", "pk"))
    organization = TemplateColumn(
        '<a href="{% url "organization-people" record.organization_id %}">{{ record.organization.name }}</a>',
        order_by=("organization__name", "pk"),
        file="organization__name",
    )
    created_at = WhenColumn(verbose_name="Invited", order_by=("created_at", "pk"))
    expires_at = WhenColumn(verbose_name="Valid until", order_by=("expires_at", "pk"))
    accepted_at = ExtraWhenColumn(verbose_name="Accepted")
    revoked_at = ExtraWhenColumn(verbose_name="Revoked")
    state = TemplateColumn(
        "{% load caretree %}{% status_pill record.state %}",
        attrs={"cell": {"class": "status"}},
        order_by=("state", "pk"),
    )

    caption = "Invitations"
    row_header = "person"
    noun = "invitations"
    empty_title = "Nobody was invited yet"
    empty_text = "Invite a person to a role on the page of an organization’s people."

    class Meta:
        order_by = ("-created_at",)
