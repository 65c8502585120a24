"""Settings of one organization: what is in force, where it comes from, and changing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from core.access import require
from core.errors import Refused
from core.setting_types import Picture
from core.settings import Setting, setting_of, settings_of
from orgs.actions import setting as actions
from orgs.actions import waiver as waiver_actions
from orgs.forms.setting import CompareForm, SettingFilter, SettingForm, WaiverForm, typed_value
from orgs.models import Organization, SettingAssignment, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_REQUEST
from orgs.queries.access import organizations_for
from orgs.queries.logo import Logos, logos
from orgs.queries.setting import resolution_at, resolutions_at
from orgs.queries.whatif import Change, effect_of
from orgs.rules.cascade import Resolution
from orgs.rules.provenance import provenance, shown, word
from orgs.views.organization import OrganizationForm, OrganizationSubject

SHOWN_NAMES = 5


@dataclass(frozen=True)
class SettingRow:
    """A setting at an organization, as the page shows it."""

    setting: Setting[Any]
    resolution: Resolution
    organization: Organization
    may_change: bool = False
    asked: bool = False

    @property
    def value(self) -> str:
        return shown(self.setting, self.resolution.line)

    @property
    def logo(self) -> Logos | None:
        """The logo in force, where the setting is about it."""
        return logos(self.organization) if isinstance(self.setting.type, Picture) else None

    @property
    def word(self) -> str:
        return word(self.resolution.line)

    @property
    def is_own(self) -> bool:
        line = self.resolution.line
        return line is not None and line.organization_id == self.organization.pk

    @property
    def provenance(self) -> str:
        return provenance(self.resolution.line, self.organization)

    @property
    def without(self) -> str:
        """What it would be without the organization's own value; empty where it has none that counts."""
        if not self.is_own:
            return ""
        above = self.resolution.inherited
        return f"{shown(self.setting, above)} ({above.organization_name if above else 'Caretree’s own'})"

    @property
    def overruled(self) -> str:
        """The organization's own value that an enforced one keeps from counting."""
        here = self.resolution.here
        return shown(self.setting, here) if here and self.resolution.is_conflict and not self.is_own else ""

    @property
    def is_locked(self) -> bool:
        return self.resolution.locked_by is not None


def rows_at(organization: Organization) -> list[SettingRow]:
    """Every setting that applies to an organization, with what is in force."""
    settings = list(settings_of(organization.kind))
    found = resolutions_at(organization, [setting.key for setting in settings])
    return [SettingRow(setting, found[setting.key], organization) for setting in settings]


class OrganizationSettings(OrganizationSubject):
    """All settings of one organization: effective value, mode, where it comes from."""

    permission = SETTING_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        form = SettingFilter(request.GET)
        asked = set(
            SettingWaiver.objects.filter(
                organization=self.subject, status=SettingWaiver.Status.REQUESTED
            ).values_list("key", flat=True)
        )
        rows = [
            SettingRow(
                row.setting,
                row.resolution,
                self.subject,
                may_change=self.may(row.setting.permission, self.subject),
                asked=row.setting.key in asked,
            )
            for row in rows_at(self.subject)
            if form.keeps(row.setting, changed=row.resolution.here is not None or row.is_own)
        ]
        context = {
            "filter_form": form,
            "groups": [
                {"group": group, "rows": list(of_group)}
                for group, of_group in groupby(rows, key=lambda row: row.setting.group)
            ],
            "shown": len(rows),
            "may_ask": self.may(WAIVER_REQUEST, self.subject),
        }
        if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
            return self.page("orgs/setting_groups.html", {"organization": self.subject, **context})
        return self.page("orgs/organization_settings.html", self.about() | context)


class SettingCompare(OrganizationSubject):
    """The settings of two organizations side by side."""

    permission = SETTING_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        form = CompareForm(request.GET or None)
        places = organizations_for(self.actor, SETTING_VIEW).exclude(pk=self.subject.pk)
        places = places.exclude(status=Organization.Status.ARCHIVED)
        form.fields["other"].set_places(places)  # type: ignore[attr-defined]
        other, pairs, equal = None, [], 0
        if form.is_bound and form.is_valid():
            other = form.cleaned_data["other"]
            theirs = {row.setting.key: row for row in rows_at(other)}
            both = [
                (row, theirs[row.setting.key]) for row in rows_at(self.subject) if row.setting.key in theirs
            ]
            differing = [pair for pair in both if pair[0].value != pair[1].value]
            equal = len(both) - len(differing)
            pairs = both if form.cleaned_data["all"] else differing
        context = {"form": form, "other": other, "pairs": pairs, "equal": equal}
        return self.page("orgs/setting_compare.html", self.about() | context)


class SettingSubject(OrganizationForm, abstract=True):
    """A form about one setting of an organization; afterwards the organization's settings."""

    setting: Setting[Any]

    def get_subject(self) -> Organization:
        organization: Organization = super().get_subject()
        try:
            self.setting = setting_of(self.kwargs["key"])
        except KeyError:
            raise Http404("There is no such setting.") from None
        return organization

    def record_version(self) -> int | None:
        return None

    @property
    def resolution(self) -> Resolution:
        return resolution_at(self.subject, self.setting.key)

    def get_context(self) -> dict[str, Any]:
        back = self.success_url(None)
        crumbs = [*super().get_context()["crumbs"], {"label": "Settings", "url": back}]
        return {
            "description": f"{self.subject.name}. {self.setting.help}",
            "crumbs": crumbs,
            "cancel_url": back,
            "setting": self.setting,
        }

    def success_url(self, result: Any) -> str:
        return reverse("organization-settings", args=[self.subject.pk])


class SettingChange(SettingSubject, abstract=True):
    """A change of a setting: who may view settings and change those of its group; noticed if outdated."""

    permission = SETTING_VIEW

    def check_permission(self) -> None:
        super().check_permission()
        require(self.actor, self.setting.permission, self.subject)

    def seen(self) -> str:
        return str(self.request.POST.get("_seen", ""))

    def get_context(self) -> dict[str, Any]:
        shown = self.seen() if self.request.method == "POST" else actions.seen_at(self.subject, self.setting)
        return super().get_context() | {"seen": shown}


class SettingEdit(SettingChange):
    """Give a setting a value here."""

    permission = SETTING_VIEW
    form_class = SettingForm
    template = "orgs/setting_form.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.setting.label

    def get_form(self, data: Any = None, files: Any = None) -> SettingForm:
        return SettingForm(
            data, files, initial=self.get_initial(), setting=self.setting, currency=self.subject.currency
        )

    def get_initial(self) -> dict[str, Any]:
        here, line = self.resolution.here, self.resolution.line
        value = self.setting.default if line is None else self.setting.type.read(line.value)
        return {
            "value": typed_value(self.setting, value),
            "mode": (here.mode if here and here.mode in self.setting.modes else self.setting.modes[0]).value,
            "reason": here.reason if here else "",
        }

    def get_context(self) -> dict[str, Any]:
        row = SettingRow(self.setting, self.resolution, self.subject)
        context = super().get_context() | {"row": row}
        if self.subject.kind not in self.setting.kinds:
            context["blockers"] = [
                {"text": f"It doesn’t apply to a {self.subject.get_kind_display().lower()}."}
            ]
        elif row.is_locked:
            waiver = reverse("waiver-request", args=[self.subject.pk, self.setting.key])
            context["blockers"] = [{"text": f"{row.provenance} Ask for a waiver.", "url": waiver}]
        elif "_preview" in self.request.POST:
            context |= self._preview()
        return context

    def _preview(self) -> dict[str, Any]:
        """What saving would do, here and below."""
        form = self.get_form(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return {}
        new = form.new()
        effect = effect_of(Change(self.setting, new.value, new.mode, new.reason), self.subject)
        changed_names = self._names(row for row, _, _ in effect.changed)
        return {
            "effect": effect,
            "changed_names": changed_names,
            "more": len(effect.changed) - len(changed_names),
            "overruled_names": self._names(effect.overruled),
        }

    def _names(self, rows: Iterable[Organization]) -> list[str]:
        """The first names among some organizations, of those whose settings the person sees."""
        seen = organizations_for(self.actor, SETTING_VIEW).filter(pk__in=[row.pk for row in rows])
        return list(seen.order_by("lft").values_list("name", flat=True)[:SHOWN_NAMES])

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "_preview" in request.POST:
            form = self.get_form(request.POST, request.FILES)
            if form.is_valid():
                try:
                    actions.check_reason(self.resolution, self.subject, self.setting, form.new())
                except Refused as refusal:
                    form.add_error("reason", refusal.message)
            return self.show(form, status=200 if form.is_valid() else 422)
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> SettingAssignment:
        return actions.assign_setting(
            self.actor,
            self.subject,
            setting=self.setting,
            new=form.new(),
            seen=self.seen(),
            picture=form.picture,
        )

    def success_message(self, result: SettingAssignment) -> str:
        return f"“{self.setting.label}” is now {_stored(self.setting, result.value)} at {self.subject.name}."


class SettingInherit(SettingChange):
    """Return a setting to inheriting."""

    permission = SETTING_VIEW
    template = "orgs/setting_inherit.html"
    submit_label = "Return to inherit"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Return “{self.setting.label}” to inherit"

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        row = SettingRow(self.setting, self.resolution, self.subject)
        context = super().get_context() | {"row": row}
        if self.resolution.here is None:
            return context | {"blockers": [{"text": f"{self.subject.name} has no value of its own."}]}
        effect = effect_of(Change(self.setting), self.subject)
        others = sum(1 for changed, _, _ in effect.changed if changed.pk != self.subject.pk)
        lines = [
            f"{self.subject.name}: {row.value} becomes {shown(self.setting, self.resolution.inherited)}."
        ]
        if others:
            lines.append(f"{others} organization{'s' if others > 1 else ''} below get another value, too.")
        return context | {"consequences": lines}

    def perform(self, form: Any) -> None:
        actions.inherit_setting(self.actor, self.subject, setting=self.setting, seen=self.seen())

    def success_message(self, result: None) -> str:
        return f"{self.subject.name} inherits “{self.setting.label}” again."


class WaiverRequest(SettingSubject):
    """Ask for an exception to an enforced value."""

    permission = WAIVER_REQUEST
    title = "Ask for a waiver"
    submit_label = "Ask for waiver"

    def get_form(self, data: Any = None, files: Any = None) -> WaiverForm:
        value = self.setting.default
        initial = {"value": typed_value(self.setting, value)}
        return WaiverForm(data, initial=initial, setting=self.setting, currency=self.subject.currency)

    def get_context(self) -> dict[str, Any]:
        row = SettingRow(self.setting, self.resolution, self.subject)
        context = super().get_context() | {"row": row}
        if not row.is_locked:
            text = f"Nothing above {self.subject.name} enforces it; change the value itself."
            return context | {"blockers": [{"text": text, "url": self.success_url(None)}]}
        return context | {"intro": f"{self.setting.label} is {row.value}. {row.provenance}"}

    def perform(self, form: Any) -> SettingWaiver:
        data = form.cleaned_data
        return waiver_actions.request_waiver(
            self.actor,
            self.subject,
            setting=self.setting,
            value=data["value"],
            reason=data["reason"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
        )

    def success_message(self, result: SettingWaiver) -> str:
        return "The waiver was asked for. Whoever enforces the value decides."

    def success_url(self, result: Any) -> str:
        if result is not None and waiver_actions.may_decide(self.actor, result):
            return reverse("waiver-decide", args=[result.pk])
        return super().success_url(result)


def _stored(setting: Setting[Any], stored: Any) -> str:
    return setting.show(setting.type.read(stored))
