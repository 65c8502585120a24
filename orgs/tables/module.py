"""Tables of modules over many organizations: the matrix, and changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.modules import Module
from core.tables import TemplateColumn
from core.templatetags.caretree import icon, when
from orgs.forms.place import PlaceField
from orgs.models import ModuleBatch, Organization
from orgs.queries.module import Standing
from orgs.queries.organization import search_organizations, visible_organizations

#: How a module stands: its words, its icon, its tone.
WORDS = {
    "on": ("On", "check", "on"),
    "off": ("Off", "x", "off"),
    "above": ("Off above", "minus", "above"),
    "needs": ("Off, lacks what it needs", "minus", "above"),
}


def _cells() -> dict[str, SafeString]:
    """The few cells that the matrix is made of: thousands are shown, so each is written once."""
    return {
        word: format_html(
            '<span class="switch {}" title="{}">{}<span class="switch-word">{}</span></span>',
            tone,
            label,
            icon(name, 15),
            label,
        )
        for word, (label, name, tone) in WORDS.items()
    } | {"": format_html('<span class="sr">{}</span>', "Doesn’t apply")}


class ModuleColumn(tables.Column):
    """How one module stands at each organization; the page gives each row its `standings`."""

    def __init__(self, module: Module, cells: dict[str, SafeString]) -> None:
        super().__init__(
            verbose_name=module.label,
            empty_values=(),
            orderable=False,
            attrs={"th": {"class": "upright"}, "td": {"class": "switched"}},
        )
        self.module = module
        self.cells = cells

    def render(self, record: Any) -> SafeString:
        standing: Standing = record.standings[self.module.code]
        return self.cells[standing.word if record.kind in self.module.kinds else ""]


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
        cells = _cells()
        columns = [(module.code.replace(".", "_"), ModuleColumn(module, cells)) for module in modules]
        super().__init__(rows, extra_columns=columns)


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
