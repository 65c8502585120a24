"""One value for many organizations: what it would change, applying it, taking it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.access import require
from core.errors import Refused
from core.settings import Setting, setting_of
from core.views.base import ConsoleView, found
from core.views.chosen import Chosen
from core.views.form import FormPage
from core.views.list import ListPage
from orgs.actions import setting_many
from orgs.forms.setting import (
    ApplyForm,
    ChooseSettingForm,
    typed_value,
)
from orgs.models import Organization, SettingBatch
from orgs.permissions import SETTING_VIEW
from orgs.queries.access import organizations_for
from orgs.queries.decision import batches_for
from orgs.queries.whatif import Change, Outcome, fingerprint, plan
from orgs.tables.setting import BatchTable
from orgs.views.policy import CRUMB, known_setting
from orgs.views.setting import SettingRow

OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.CHANGES: ("would change", "info"),
    Outcome.SAME: ("stay as they are", ""),
    Outcome.LOCKED: ("conflict with an enforced value", "bad"),
    Outcome.REASON: ("differ from a recommended value and need a reason", "warn"),
    Outcome.NOT_APPLICABLE: ("are of a kind that it doesn’t apply to", ""),
    Outcome.NOT_PERMITTED: ("aren’t yours to change", ""),
    Outcome.NOT_ACTIVE: ("are archived", ""),
}
SHOWN = 200


class SettingApply(ConsoleView):
    """Apply one value to many organizations: choose, see what would change, apply."""

    permission = SETTING_VIEW
    setting: Setting[Any] | None = None

    def get_subject(self) -> None:
        key = self.request.POST.get("key") or self.request.GET.get("key")
        if key:
            self.setting = known_setting(key)

    def check_permission(self) -> None:
        super().check_permission()
        if self.setting is not None:
            require(self.actor, self.setting.permission)

    def get(self, request: Any) -> HttpResponse:
        if self.setting is None:
            return self._show({"choose": ChooseSettingForm()})
        chosen = Chosen.among(self._places(), request, "organization-list")
        initial = {
            "value": typed_value(self.setting, self.setting.default),
            "organizations": list(chosen.rows.values_list("pk", flat=True)),
        }
        return self._show({"form": self._form(None, initial)})

    def post(self, request: Any) -> HttpResponse:
        if self.setting is None:
            return self._show({"choose": ChooseSettingForm(request.POST)}, status=422)
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show({"form": form}, status=422)
        chosen = form.chosen()
        change = form.change()
        if "_apply" not in request.POST:
            return self._show({"form": form} | self._dry_run(change, chosen))
        try:
            batch = setting_many.apply_to_many(
                self.actor, change, organizations=chosen, expected=request.POST.get("_expected", "")
            )
        except Refused as refusal:
            if refusal.code == "stale":
                context = {"form": form, "note": refusal.message} | self._dry_run(change, chosen)
                return self._show(context, status=409)
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self._show({"form": form} | self._dry_run(change, chosen), status=422)
        messages.success(request, f"{batch.what}. It can be taken back here.")
        return HttpResponseRedirect(reverse("setting-batches"))

    def _places(self) -> QuerySet[Organization]:
        assert self.setting is not None
        return organizations_for(self.actor, SETTING_VIEW).exclude(status=Organization.Status.ARCHIVED)

    def _form(self, data: Any, initial: dict[str, Any] | None = None) -> ApplyForm:
        assert self.setting is not None
        return ApplyForm(
            data,
            initial=initial,
            setting=self.setting,
            places=self._places(),
            currency=self.request.network.currency,
        )

    def _dry_run(self, change: Change, chosen: Sequence[Organization]) -> dict[str, Any]:
        assert self.setting is not None
        planned = plan(self.actor, change, chosen)
        counts = Counter(one.outcome for one in planned)
        order = list(Outcome)
        shown = sorted(planned, key=lambda one: order.index(one.outcome))[:SHOWN]
        return {
            "dry_run": [
                {"label": OUTCOMES[outcome][0], "tone": OUTCOMES[outcome][1], "count": counts[outcome]}
                for outcome in Outcome
                if counts[outcome]
            ],
            "rows": [
                {
                    "row": SettingRow(self.setting, one.now, one.organization),
                    "label": OUTCOMES[one.outcome][0],
                    "tone": OUTCOMES[one.outcome][1],
                }
                for one in shown
            ],
            "total": len(planned),
            "changing": counts[Outcome.CHANGES],
            "expected": fingerprint(change, planned),
            "hidden": max(0, len(planned) - SHOWN),
        }

    def _show(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        about = {
            "title": "Apply to many",
            "description": self.setting.help
            if self.setting
            else "One value for many organizations, with a dry run.",
            "crumbs": [CRUMB],
            "setting": self.setting,
        }
        return self.page("orgs/setting_apply.html", about | context, status=status)


class SettingBatches(ListPage):
    """What was changed at many organizations at once, and taking it back."""

    permission = SETTING_VIEW
    title = "Changes of many at once"
    table_class = BatchTable

    def get_rows(self) -> QuerySet[SettingBatch]:
        return batches_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        return {
            "crumbs": [CRUMB],
            "description": "Each can be taken back where nobody has changed the value since.",
        }


class SettingUndo(FormPage):
    """Take a change of many back."""

    permission = SETTING_VIEW
    form_class = forms.Form
    title = "Take this change back"
    submit_label = "Undo"

    def get_subject(self) -> SettingBatch:
        return found(batches_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def check_permission(self) -> None:
        super().check_permission()
        require(self.actor, setting_of(self.subject.key).permission)

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        text = "What stood before comes back at every organization where nobody has changed the value since."
        return {
            "description": self.subject.what,
            "consequences": [text],
            "cancel_url": self.success_url(None),
            "crumbs": [CRUMB],
        }

    def perform(self, form: Any) -> int:
        return setting_many.undo_batch(self.actor, self.subject)

    def success_url(self, result: Any) -> str:
        return reverse("setting-batches")

    def success_message(self, result: int) -> str:
        return f"Taken back at {result} organization{'s' if result != 1 else ''}."
