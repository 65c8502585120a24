"""Tables of settings over many organizations: one setting everywhere, changes, waivers."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet

from core.settings import all_settings, setting_of
from core.tables import ExtraColumn, FileColumn, TemplateColumn, WhenColumn
from orgs.models import Organization, SettingBatch, SettingWaiver
from orgs.queries.organization import search_organizations


class SpreadFilter(django_filters.FilterSet):
    """Search by name, code or city; by kind; with a value of their own."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code or city"}),
    )
    kind = django_filters.ChoiceFilter(choices=Organization.Kind.choices, empty_label="All kinds")
    own = django_filters.BooleanFilter(
        method="with_own", label="Own value only", widget=forms.CheckboxInput, field_name="own"
    )

    class Meta:
        model = Organization
        fields = ["q", "kind", "own"]

    def search(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        return search_organizations(rows, value[:100])

    def with_own(self, rows: QuerySet[Organization], name: str, value: bool) -> QuerySet[Organization]:
        return rows.filter(pk__in=self.request.own_values) if value else rows


class SpreadTable(tables.Table):
    """One organization a row, with the value of one setting; the page reads the values of the rows it shows."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "organization-settings" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.code }}</small>",
        order_by=("name", "pk"),
        file="name",
    )
    code = ExtraColumn()
    kind = tables.Column(order_by=("kind", "name", "pk"))
    value = tables.Column(accessor="row__value", orderable=False, attrs={"cell": {"class": "nowrap"}})
    word = TemplateColumn(
        "{% load caretree %}{% status_pill record.row.word %}",
        verbose_name="How",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )
    provenance = tables.Column(
        accessor="row__provenance", verbose_name="Where it comes from", orderable=False
    )
    change = TemplateColumn(
        '{% if record.row.may_change and not record.row.is_locked %}<a class="button small" href="{% url "setting-edit" record.pk record.row.setting.key %}"'
        ' hx-get="{% url "setting-edit" record.pk record.row.setting.key %}" hx-target="#modal-body">Change<span class="sr"> at {{ record.name }}</span></a>{% endif %}',
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Organizations"
    row_header = "name"
    noun = "organizations"

    class Meta:
        model = Organization
        fields = ("name", "code", "kind")
        order_by = ("name",)


class BatchTable(tables.Table):
    """One change of many organizations a row."""

    made_at = WhenColumn(verbose_name="When", order_by=("made_at", "pk"))
    what = tables.Column(verbose_name="What", orderable=False)
    made_by = tables.Column(verbose_name="Who", orderable=False)
    undone_at = TemplateColumn(
        "{% load caretree %}{% if record.undone_at %}by {{ record.undone_by }}, {% when record.undone_at %}{% else %}–{% endif %}",
        verbose_name="Taken back",
        orderable=False,
    )
    undo = TemplateColumn(
        '{% if not record.undone_at %}<a class="button small" href="{% url "setting-undo" record.pk %}" hx-get="{% url "setting-undo" record.pk %}"'
        ' hx-target="#modal-body">Undo<span class="sr"> {{ record.what }}</span></a>{% endif %}',
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Changes of many at once"
    row_header = "what"
    noun = "changes"
    empty_text = "Apply a value to several organizations, and it can be taken back here."

    class Meta:
        model = SettingBatch
        fields = ("made_at", "what", "made_by")
        order_by = ("-made_at",)


class WaiverFilter(django_filters.FilterSet):
    """By status and setting."""

    status = django_filters.ChoiceFilter(choices=SettingWaiver.Status.choices, empty_label="All waivers")
    key = django_filters.ChoiceFilter(label="Setting", empty_label="All settings")

    class Meta:
        model = SettingWaiver
        fields = ["status", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["key"].extra["choices"] = [(one.key, one.label) for one in all_settings()]


class WaiverTable(tables.Table):
    """One waiver a row."""

    organization = TemplateColumn(
        '<a class="cell-name" href="{% url "organization-settings" record.organization_id %}">{{ record.organization.name }}</a>',
        order_by=("organization__name", "pk"),
        file="organization__name",
    )
    setting = tables.Column(accessor="key", verbose_name="Setting", order_by=("key", "pk"))
    value = tables.Column(orderable=False, attrs={"cell": {"class": "nowrap"}})
    reason = TemplateColumn(
        "{{ record.reason }}{% if record.note %}<small>{{ record.decided_by }}: {{ record.note }}</small>{% endif %}",
        orderable=False,
        file="reason",
    )
    note = FileColumn()
    ends_on = WhenColumn(verbose_name="Until", order_by=("ends_on", "pk"))
    requested_by = tables.Column(verbose_name="Asked by", orderable=False)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )
    decide = TemplateColumn(
        template_name="orgs/waiver_buttons.html",
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Waivers"
    row_header = "organization"
    noun = "waivers"
    empty_text = "A waiver is asked for on the settings page of an organization."

    class Meta:
        model = SettingWaiver
        fields = ("organization", "setting", "value", "reason", "ends_on", "requested_by", "status")
        order_by = ("-ends_on",)

    def render_setting(self, value: str) -> str:
        return setting_of(value).label

    def render_value(self, record: SettingWaiver) -> str:
        setting = setting_of(record.key)
        return setting.show(setting.type.read(record.value))
