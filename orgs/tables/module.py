"""Tables of modules over many organizations: the matrix, and changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.modules import Module
from core.tables import TemplateColumn
from core.templatetags.caretree import when
from orgs.forms.place import PlaceField
from orgs.models import ModuleBatch, Organization
from orgs.queries.module import Standing
from orgs.queries.organization import search_organizations, visible_organizations

#: How a module stands: its words, its tone.
WORDS = {
    "on": ("On", "on"),
    "off": ("Off", "off"),
    "above": ("Off above", "above"),
    "needs": ("Off, lacks what it needs", "above"),
}


def _cells(module: Module) -> dict[str, SafeString]:
    """How a cell of a module can look: thousands are shown, so each is written once. Its icon is the style sheet's."""
    return {
        word: format_html(
            '<td class="switched {0}" data-label="{2}"><span class="switch {0}" title="{1}">{1}</span></td>',
            tone,
            label,
            module.label,
        )
        for word, (label, tone) in WORDS.items()
    }


class ModuleColumn(tables.Column):
    """The head of one module; the table writes its cells."""

    def __init__(self, module: Module) -> None:
        super().__init__(
            verbose_name=module.label,
            empty_values=(),
            orderable=False,
            attrs={"th": {"class": "upright"}},
        )


class ModuleTable(tables.Table):
    """One organization a row, one module a column."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "organization-modules" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.code }} · {{ record.get_kind_display }}</small>",
        verbose_name="Organization",
        order_by=("lft",),
    )

    caption = "Modules of organizations"
    row_header = "name"
    noun = "organizations"
    css = "module-matrix"

    class Meta:
        model = Organization
        fields = ("name",)
        order_by = ("name",)

    def __init__(self, rows: Any, modules: Sequence[Module]) -> None:
        columns = [(module.code.replace(".", "_"), ModuleColumn(module)) for module in modules]
        super().__init__(rows, extra_columns=columns)
        self._cells = [(module.code, _cells(module)) for module in modules]

    def row_html(self, record: Any) -> SafeString:
        """The cells of an organization, which the page gave its `standings`."""
        standings: dict[str, Standing] = record.standings
        return format_html_join("", "{}", ((cells[standings[code].word],) for code, cells in self._cells))


class ModuleFilter(django_filters.FilterSet):
    """Search by name, code or city; by kind; below one organization; with something switched there."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code or city"}),
    )
    kind = django_filters.ChoiceFilter(
        choices=[one for one in Organization.Kind.choices if one[0] != "third_party"], empty_label="All kinds"
    )
    under = django_filters.CharFilter(method="below")
    own = django_filters.BooleanFilter(
        method="switched", label="Switched off here only", widget=forms.CheckboxInput, field_name="own"
    )

    class Meta:
        model = Organization
        fields = ["q", "kind", "under", "own"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = visible_organizations(self.request.actor).exclude(kind="third_party")
        self.form.fields["under"] = PlaceField(
            places, by_code=True, required=False, empty_label="Below any", label="Below"
        )
        self.form.order_fields(self.Meta.fields)

    def search(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        return search_organizations(rows, value[:100])

    def below(self, rows: QuerySet[Organization], name: str, value: Organization) -> QuerySet[Organization]:
        return rows.filter(tree_id=value.tree_id, lft__gt=value.lft, lft__lt=value.rght)

    def switched(self, rows: QuerySet[Organization], name: str, value: bool) -> QuerySet[Organization]:
        return rows.filter(pk__in=self.request.switched_here) if value else rows


class ModuleBatchTable(tables.Table):
    """One change a row."""

    made_at = tables.Column(verbose_name="When", order_by=("made_at", "pk"))
    what = tables.Column(verbose_name="What", orderable=False)
    reason = tables.Column(verbose_name="Why", orderable=False, default="–")
    made_by = tables.Column(verbose_name="Who", orderable=False)
    undone_at = TemplateColumn(
        "{% load caretree %}{% if record.undone_at %}by {{ record.undone_by }}, {% when record.undone_at %}{% else %}–{% endif %}",
        verbose_name="Taken back",
        orderable=False,
    )
    undo = TemplateColumn(
        '{% if record.may_undo %}<a class="button small" href="{% url "module-undo" record.pk %}" hx-get="{% url "module-undo" record.pk %}"'
        ' hx-target="#modal-body">Undo<span class="sr"> {{ record.what }}</span></a>{% endif %}',
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Changes of modules"
    row_header = "what"
    noun = "changes"
    empty_text = "Switch a module at some organizations, and it can be taken back here."

    class Meta:
        model = ModuleBatch
        fields = ("made_at", "what", "reason", "made_by")
        order_by = ("-made_at",)

    def render_made_at(self, value: Any) -> Any:
        return when(value)
