"""The audit trail: of one organization, and of everything one may read."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from audit.queries.history import events
from core.tables import TemplateColumn, WhenColumn
from core.verbs import in_words, verbs_like
from core.views.list import ListPage
from orgs.permissions import AUDIT_VIEW
from orgs.queries.access import organizations_for
from orgs.queries.tree import root
from orgs.views.organization import OrganizationSubject


class AuditFilter(django_filters.FilterSet):
    """By who did it and what was done."""

    who = django_filters.CharFilter(
        field_name="actor_label",
        lookup_expr="icontains",
        label="Who",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Who"}),
    )
    verb = django_filters.CharFilter(
        method="done",
        label="What",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What, as in role granted"}),
    )

    def done(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By words, or by the beginning of the verb that stands in the trail, whose action may be no more."""
        typed = value[:100].strip()
        return rows.filter(Q(verb__in=verbs_like(typed)) | Q(verb__startswith=typed.casefold()))


class AuditTable(tables.Table):
    """One event a row."""

    at = WhenColumn(verbose_name="When", order_by=("id",))
    actor_label = tables.Column(verbose_name="Who", orderable=False)
    verb = tables.Column(verbose_name="What", orderable=False)
    subject = tables.Column(verbose_name="Record", accessor="subject_type", orderable=False)
    changes = TemplateColumn(
        template_name="orgs/audit_changes.html", verbose_name="Old and new", orderable=False
    )

    caption = "Events"
    noun = "events"
    empty_title = "Nothing yet"
    empty_text = "Every change is recorded here with its old and new values."

    class Meta:
        order_by = ("-at",)

    def render_verb(self, value: str) -> str:
        return in_words(value)

    def render_subject(self, value: str, record: Any) -> str:
        return f"{_noun(value)} {record.subject_id or ''}".rstrip()


def _noun(subject_type: str) -> str:
    """What records of a type are called; the type itself where there are none any more."""
    try:
        return str(capfirst(apps.get_model(subject_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return subject_type


class AuditList(ListPage):
    """Every event at the organizations where the actor may read the trail."""

    permission = AUDIT_VIEW
    title = "Audit"
    table_class = AuditTable
    filter_class = AuditFilter

    def get_rows(self) -> QuerySet[Any]:
        rows = events()
        covered = organizations_for(self.actor, AUDIT_VIEW)
        condition = Q(organization_id__in=covered.values("pk"))
        if covered.filter(pk=root().pk).exists():
            condition |= Q(organization_id=None)
        return rows.filter(condition)


class OrganizationActivity(OrganizationSubject, ListPage):
    """What happened at one organization."""

    permission = AUDIT_VIEW
    template = "console/detail_list.html"
    table_class = AuditTable
    filter_class = AuditFilter

    def get_rows(self) -> QuerySet[Any]:
        return events().filter(organization_id=self.subject.pk)

    def get_context(self) -> dict[str, Any]:
        return self.about() | {"list_title": "What happened here"}
