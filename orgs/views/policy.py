"""Settings over the whole network: where they are set, changing many at once, waivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core import locale
from core.access import require
from core.clock import today_in
from core.errors import Refused
from core.settings import NETWORK_WIDE, Setting, all_settings, setting_of
from core.views.base import ConsoleView, found
from core.views.chosen import Chosen
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.actions import setting_many
from orgs.actions import waiver as waiver_actions
from orgs.forms.setting import (
    ApplyForm,
    ChooseSettingForm,
    DecisionForm,
    NoteForm,
    PolicyFilter,
    typed_value,
)
from orgs.models import Organization, SettingBatch, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.queries.decision import batches_for, decidable, to_decide, waivers_for
from orgs.queries.setting import lines_by_key, lines_of, resolution_of, resolutions_at
from orgs.queries.whatif import Change, Outcome, fingerprint, plan
from orgs.tables.setting import BatchTable, SpreadFilter, SpreadTable, WaiverFilter, WaiverTable
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
CRUMB = {"label": "Policies", "url": "/console/settings/"}


class SettingList(ConsoleView):
    """Every setting: its value at the top, and where it is set."""

    permission = SETTING_VIEW

    def get(self, request: Any) -> HttpResponse:
        top = tree.topmost(organizations_for(self.actor, SETTING_VIEW))
        assert top is not None
        form = PolicyFilter(request.GET)
        resolutions = resolutions_at(top, [setting.key for setting in all_settings()])
        own = self._own_values()
        waiting = to_decide(self.actor)
        rows = [
            {
                "row": SettingRow(setting, resolutions[setting.key], top),
                "own": own[setting.key],
                "is_network_wide": setting.kinds == NETWORK_WIDE,
            }
            for setting in all_settings()
            if form.keeps(setting, changed=bool(own[setting.key]))
        ]
        context = {
            "title": "Policies",
            "description": f"Every setting, its value at {top.name}, and where it is set.",
            "filter_form": form,
            "rows": rows,
            "top": top,
            "actions": [
                {
                    "label": f"Waivers, {waiting} to decide" if waiting else "Waivers",
                    "url": reverse("waiver-list"),
                    "icon": "shield-check",
                },
                {"label": "Changes", "url": reverse("setting-batches"), "icon": "history"},
                {
                    "label": "Apply to many",
                    "url": reverse("setting-apply"),
                    "icon": "list-checks",
                    "style": "primary",
                },
            ],
        }
        if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
            return self.page("orgs/setting_rows.html", context)
        return self.page("orgs/setting_list.html", context)

    def _own_values(self) -> Counter[str]:
        """By key, how many of the organizations one may see have a value of their own today."""
        by_key = lines_by_key()
        places = {place for of_key in by_key.values() for place in of_key}
        seen = set(
            organizations_for(self.actor, SETTING_VIEW).filter(pk__in=places).values_list("pk", flat=True)
        )
        today = today_in(self.request.network.time_zone)
        return Counter(
            key
            for key, of_key in by_key.items()
            for place, lines in of_key.items()
            if place in seen and any(line.covers(today) and not line.waiver for line in lines)
        )


def known_setting(key: str) -> Setting[Any]:
    """A setting by its key, or Http404."""
    try:
        return setting_of(key)
    except KeyError:
        raise Http404("There is no such setting.") from None


class SettingOf(ConsoleView, abstract=True):
    """A page about one setting."""

    setting: Setting[Any]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.setting = known_setting(kwargs["key"])


class SettingSpread(SettingOf, ListPage):
    """One setting over all organizations that it applies to."""

    permission = SETTING_VIEW
    table_class = SpreadTable
    filter_class = SpreadFilter

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.setting.label

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(self.setting.permission):
            return []
        url = reverse("setting-apply")
        return [BulkAction("Apply a value", "list-checks", url, "key", self.setting.key)]

    def get_rows(self) -> QuerySet[Organization]:
        self.request.own_values = list(lines_of(self.setting.key))  # type: ignore[attr-defined]
        return (
            organizations_for(self.actor, SETTING_VIEW)
            .filter(kind__in=self.setting.kinds)
            .exclude(status=Organization.Status.ARCHIVED)
        )

    def decorate(self, records: Any) -> None:
        resolutions = resolution_of(self.setting.key, [record.pk for record in records])
        changeable = set(
            organizations_for(self.actor, self.setting.permission)
            .filter(pk__in=[record.pk for record in records])
            .values_list("pk", flat=True)
        )
        for record in records:
            record.row = SettingRow(
                self.setting, resolutions[record.pk], record, may_change=record.pk in changeable
            )

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.setting.help} Caretree’s own value: {self.setting.show(self.setting.default)}.",
            "crumbs": [CRUMB],
            "list_title": "Organizations",
            "actions": self._actions() if self.may(self.setting.permission) else [],
        }

    def _actions(self) -> list[dict[str, Any]]:
        """For many, and for all at once: at the topmost organization where the actor may."""
        many = f"{reverse('setting-apply')}?key={self.setting.key}"
        found: list[dict[str, Any]] = [{"label": "Apply to many", "url": many, "icon": "list-checks"}]
        top = tree.topmost(organizations_for(self.actor, self.setting.permission))
        if top is not None:
            edit = reverse("setting-edit", args=[top.pk, self.setting.key])
            found.append(
                {
                    "label": f"Change at {top.name}",
                    "url": edit,
                    "icon": "pencil",
                    "style": "primary",
                    "dialog": True,
                }
            )
        return found


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


class WaiverList(ListPage):
    """Exceptions to enforced values: asked for, granted, refused, ended."""

    permission = SETTING_VIEW
    title = "Waivers"
    table_class = WaiverTable
    filter_class = WaiverFilter

    def get_rows(self) -> QuerySet[SettingWaiver]:
        return waivers_for(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(WAIVER_DECIDE):
            return []
        return [
            BulkAction("Decide", "gavel", reverse("waiver-decide-many")),
            BulkAction("End", "calendar-x", reverse("waiver-end-many")),
        ]

    def decorate(self, records: Any) -> None:
        mine = decidable(self.actor, records)
        for record in records:
            record.may_decide = record.pk in mine

    def get_context(self) -> dict[str, Any]:
        return {
            "crumbs": [CRUMB],
            "description": "Time-limited exceptions to enforced values. They lapse by themselves.",
        }


class WaiverForm(FormPage, abstract=True):
    """A form about one waiver; afterwards the list."""

    permission: ClassVar[str] = WAIVER_DECIDE

    def get_subject(self) -> SettingWaiver:
        return found(waivers_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def permission_target(self) -> Any:
        """Deciding is asked for where the value is enforced."""
        place = waiver_actions.decides_at(self.subject)
        return Organization.objects.get(pk=place) if place else self.subject

    def get_context(self) -> dict[str, Any]:
        waiver, setting = self.subject, setting_of(self.subject.key)
        value = setting.show(setting.type.read(waiver.value))
        return {
            "description": f"{waiver.organization.name}: “{setting.label}”",
            "intro": f"{waiver.requested_by} asks for “{value}” from {locale.long_day(waiver.starts_on)} until "
            f"{locale.long_day(waiver.ends_on)}: {waiver.reason}",
            "cancel_url": self.success_url(None),
            "crumbs": [CRUMB, {"label": "Waivers", "url": reverse("waiver-list")}],
        }

    def success_url(self, result: Any) -> str:
        return reverse("waiver-list")


class WaiverDecide(WaiverForm):
    """Grant or refuse a waiver."""

    permission = WAIVER_DECIDE
    form_class = DecisionForm
    title = "Decide about a waiver"
    submit_label = "Decide"

    def perform(self, form: Any) -> SettingWaiver:
        data = form.cleaned_data
        return waiver_actions.decide_waiver(
            self.actor,
            self.subject,
            grant=data["decision"] == "grant",
            note=data["note"],
            version=self.subject.version,
        )

    def success_message(self, result: SettingWaiver) -> str:
        return f"The waiver for {self.subject.organization.name} was {result.status}."


class WaiverEnd(WaiverForm):
    """End a granted waiver before its day."""

    permission = WAIVER_DECIDE
    form_class = NoteForm
    title = "End this waiver"
    submit_label = "End waiver"

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {
            "danger": True,
            "consequences": ["The enforced value counts again at once."],
        }

    def perform(self, form: Any) -> SettingWaiver:
        return waiver_actions.end_waiver(
            self.actor, self.subject, note=form.cleaned_data["note"], version=self.subject.version
        )

    def success_message(self, result: SettingWaiver) -> str:
        return f"The waiver for {self.subject.organization.name} has ended."
