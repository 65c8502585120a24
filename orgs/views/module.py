"""Modules and EMR profiles: Governance > Modules, and the tab of an organization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.errors import Refused
from core.modules import Module, all_modules, all_profiles, everything
from core.registries import Impact
from core.views.base import ConsoleView, found
from core.views.chosen import Chosen
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.actions import module as actions
from orgs.forms.module import OFF, ON, SwitchForm
from orgs.models import ModuleBatch, Organization
from orgs.permissions import MODULE_EDIT, MODULE_VIEW
from orgs.queries.access import organizations_for
from orgs.queries.impact import impact_of, within
from orgs.queries.module import batches_for, standings_at, switchable_for, switched_anywhere
from orgs.tables.module import WORDS, ModuleBatchTable, ModuleFilter, ModuleTable
from orgs.views.organization import OrganizationSubject

SHOWN = 200
CRUMB = {"label": "Modules", "url": "/console/modules/"}


class ModuleMatrix(ListPage):
    """Organizations x modules, a hundred organizations a page."""

    permission = MODULE_VIEW
    title = "Modules"
    table_class = ModuleTable
    filter_class = ModuleFilter
    template = "orgs/module_matrix.html"
    per_page: ClassVar[int] = 100

    def columns(self) -> Sequence[Module]:
        return all_modules()

    def get_rows(self) -> QuerySet[Organization]:
        switched = switched_anywhere(module.code for module in self.columns())
        self.request.switched_here = {  # type: ignore[attr-defined]
            pk for of_module in switched.values() for pk, one in of_module.items() if not one.is_on
        }
        rows = organizations_for(self.actor, MODULE_VIEW).exclude(kind="third_party")
        return rows.exclude(status=Organization.Status.ARCHIVED)

    def get_table(self, rows: Any) -> ModuleTable:
        return ModuleTable(rows, self.columns())

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(MODULE_EDIT):
            return []
        url = reverse("module-switch")
        return [
            BulkAction("Switch off", "circle-x", url, "state", OFF),
            BulkAction("Switch on", "circle-check", url, "state", ON),
        ]

    def on_page(self, records: Any) -> None:
        standings = standings_at([record.pk for record in records], self.columns())
        for record in records:
            record.standings = standings[record.pk]

    def get_context(self) -> dict[str, Any]:
        buttons = [
            {"label": "Changes", "url": reverse("module-batches"), "icon": "history"},
        ]
        if self.may(MODULE_EDIT):
            switch = {"label": "Switch", "url": reverse("module-switch"), "icon": "list-checks"}
            buttons.append(switch | {"style": "primary"})
        return {
            "description": "What each organization can do. It has only what the organization above has. A hundred a page.",
            "list_title": "Organizations",
            "actions": buttons,
            "choices": [
                {"label": label, "url": reverse(name), "current": reverse(name) == self.request.path}
                for label, name in (("Modules", "module-matrix"), ("EMR profiles", "profile-matrix"))
            ],
            "legend": WORDS.values(),
        }


class ProfileMatrix(ModuleMatrix):
    """Organizations x EMR profiles."""

    permission = MODULE_VIEW
    title = "EMR profiles"

    def columns(self) -> Sequence[Module]:
        return all_profiles()


class OrganizationModules(OrganizationSubject):
    """The modules and EMR profiles of one organization, and where what is off was switched off."""

    permission = MODULE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        standings = standings_at([pk], everything())[pk]
        may = switchable_for(self.actor).filter(pk=pk).exists()
        groups = [
            (title, [self._row(standings[module.code], may) for module in modules])
            for title, modules in (("Modules", all_modules()), ("EMR profiles", all_profiles()))
        ]
        return self.page("orgs/organization_modules.html", self.about() | {"groups": groups})

    def _row(self, standing: Any, may: bool) -> dict[str, Any]:
        module, off = standing.module, standing.off
        label, tone = WORDS[standing.word]
        to = ON if standing.here is not None and not standing.here.is_on else OFF
        link = f"{reverse('module-switch')}?selected={self.subject.pk}&modules={module.code}&state={to}"
        offered = standing.word == "on" or to == ON
        return {
            "module": module,
            "word": label,
            "tone": {"on": "ok", "off": "bad"}.get(tone, "warn"),
            "why": off.sentence(self.subject.name) if off else "",
            "link": link if may and offered and self.subject.kind in module.kinds else "",
            "button": "Switch on" if to == ON else "Switch off",
        }


class ModuleSwitch(ConsoleView):
    """Switch modules at organizations: choose, see what it meets, apply."""

    permission = MODULE_EDIT

    def get(self, request: Any) -> HttpResponse:
        places = Chosen.among(self._places(), request, "organization-list").rows
        known = {module.code for module in everything()}
        initial = {
            "state": ON if request.GET.get("state") == ON else OFF,
            "modules": [code for code in request.GET.getlist("modules") if code in known],
            "organizations": list(places.values_list("pk", flat=True)),
        }
        return self._show({"form": SwitchForm(initial=initial, places=self._places())})

    def post(self, request: Any) -> HttpResponse:
        form = SwitchForm(request.POST, places=self._places())
        if not form.is_valid():
            return self._show({"form": form}, status=422)
        switching, chosen = form.switching(), form.chosen()
        if "_apply" not in request.POST:
            return self._show({"form": form} | self._preview(switching, chosen))
        try:
            batch = actions.switch_modules(
                self.actor, switching, organizations=chosen, expected=request.POST.get("_expected", "")
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            status = 409 if refusal.code == "stale" else 422
            return self._show({"form": form} | self._preview(switching, chosen), status=status)
        messages.success(request, f"{batch.what}. It can be taken back here.")
        return HttpResponseRedirect(reverse("module-batches"))

    def _places(self) -> QuerySet[Organization]:
        return switchable_for(self.actor).exclude(status=Organization.Status.ARCHIVED)

    def _preview(self, switching: actions.Switching, chosen: Sequence[Organization]) -> dict[str, Any]:
        """What would change, what goes off with it, and what that meets at which organization."""
        steps = actions.steps_of(self.actor, switching, chosen)
        places = {step.organization.pk: step.organization for step in steps}
        too = [] if switching.is_on else actions.goes_off_too(switching)
        below = within(list(places.values())) if places and not switching.is_on else []
        codes = [module.code for module in (*switching.modules, *too)]
        impacts = impact_of(codes, below) if below else []
        rows = self._rows(steps, places, impacts)
        return {
            "previewed": True,
            "modules": switching.modules,
            "is_on": switching.is_on,
            "changing": len(places),
            "unchanged": len(chosen) - len(places),
            "below": len(below) - len(places),
            "too": too,
            "rows": rows,
            "totals": _totals(impacts),
            "hidden": len(places.keys() | {one.organization_id for one in impacts}) - len(rows),
            "expected": actions.fingerprint(steps),
        }

    def _rows(
        self, steps: Sequence[actions.Step], places: dict[int, Organization], impacts: Sequence[Impact]
    ) -> list[dict[str, Any]]:
        """One row an organization that is switched, or that what is switched above reaches and meets something.

        What lies below the person's reach is switched with it, and counted, but not named.
        """
        touched = {one.organization_id for one in impacts} - places.keys()
        every = [*places.values(), *organizations_for(self.actor, MODULE_VIEW).filter(pk__in=touched)]
        return [
            {
                "organization": place,
                "modules": [step.module.label for step in steps if step.organization.pk == place.pk],
                "impacts": [one.text for one in impacts if one.organization_id == place.pk],
            }
            for place in sorted(every, key=lambda one: one.lft)[:SHOWN]
        ]

    def _show(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        about = {
            "title": "Switch modules",
            "description": "At organizations below those that are yours. Nothing is deleted: switched on again, "
            "everything is there.",
            "crumbs": [CRUMB],
        }
        return self.page("orgs/module_switch.html", about | context, status=status)


def _totals(impacts: Sequence[Impact]) -> list[str]:
    """The same thing of all organizations together, such as '3 live entitlements'."""
    counts: dict[tuple[str, str], int] = {}
    for one in impacts:
        counts[one.noun, one.nouns] = counts.get((one.noun, one.nouns), 0) + one.count
    return [Impact(0, count, *nouns).text for nouns, count in counts.items()]


class ModuleBatches(ListPage):
    """What was switched, and taking it back."""

    permission = MODULE_VIEW
    title = "Changes of modules"
    table_class = ModuleBatchTable

    def get_rows(self) -> QuerySet[ModuleBatch]:
        return batches_for(self.actor)

    def on_page(self, records: Any) -> None:
        may = self.may(MODULE_EDIT)
        for record in records:
            record.may_undo = may and record.undone_at is None

    def get_context(self) -> dict[str, Any]:
        return {
            "crumbs": [CRUMB],
            "description": "Each can be taken back where nobody has switched the module since.",
        }


class ModuleUndo(FormPage):
    """Take a change of modules back."""

    permission = MODULE_EDIT
    form_class = forms.Form
    title = "Take this change back"
    submit_label = "Undo"

    def get_subject(self) -> ModuleBatch:
        return found(batches_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        text = (
            "What stood before comes back at every organization where nobody has switched the module since."
        )
        return {
            "description": self.subject.what,
            "consequences": [text],
            "cancel_url": self.success_url(None),
            "crumbs": [CRUMB],
        }

    def perform(self, form: Any) -> int:
        return actions.undo_switch(self.actor, self.subject)

    def success_url(self, result: Any) -> str:
        return reverse("module-batches")

    def success_message(self, result: int) -> str:
        return f"{result} switch{'es' if result != 1 else ''} taken back."
