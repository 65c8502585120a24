"""Waivers: the list, deciding about one, ending one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from core import locale
from core.settings import setting_of
from core.views.base import found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.actions import waiver as waiver_actions
from orgs.forms.setting import (
    DecisionForm,
    NoteForm,
)
from orgs.models import Organization, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE
from orgs.queries.decision import decidable, waivers_for
from orgs.tables.setting import WaiverFilter, WaiverTable
from orgs.views.policy import CRUMB


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
