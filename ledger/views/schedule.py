"""Pages of scheduled reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions import schedule as actions
from ledger.forms.report import SCOPES
from ledger.forms.schedule import ScheduleForm
from ledger.models import ReportSchedule
from ledger.permissions import REPORT_SCHEDULE, STATEMENT_VIEW
from ledger.queries.report import KINDS
from ledger.queries.schedule import (
    place_of,
    recipients_of,
    runs_of,
    schedules_for,
    views_to_follow,
)
from ledger.rules.report import Scope
from ledger.rules.schedule import next_due
from ledger.tables.schedule import ScheduleFilter, ScheduleTable
from orgs.queries.access import organizations_for
from orgs.queries.membership import people_who_may

SHOWN = 30


class ScheduleList(ListPage):
    """Which reports go out by mail."""

    permission = STATEMENT_VIEW
    module = "finance"
    nav = "report"
    title = "Scheduled reports"
    table_class = ScheduleTable
    filter_class = ScheduleFilter

    def get_rows(self) -> QuerySet[ReportSchedule]:
        return schedules_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        add = {
            "label": "Schedule report",
            "url": reverse("report-schedule-add"),
            "icon": "plus",
            "style": "primary",
        }
        return {
            "description": "Reports that go out by mail, to people who may read them on the day.",
            "crumbs": [{"label": "Reports", "url": reverse("report")}],
            "actions": [add] if self.may(REPORT_SCHEDULE) else [],
        }


class ScheduleSubject(ConsoleView, abstract=True):
    """A page about one scheduled report."""

    permission = REPORT_SCHEDULE
    module = "finance"
    nav = "report"
    subject: ReportSchedule

    def get_subject(self) -> ReportSchedule:
        return found(schedules_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    @property
    def own_url(self) -> str:
        return reverse("report-schedule", args=[self.subject.pk])


class SchedulePage(ScheduleSubject):
    """What goes out when and to whom, and what came of it."""

    permission = STATEMENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        today = today_in(one.organization.time_zone)
        readers = {user.pk for user in people_who_may(STATEMENT_VIEW, place_of(self.actor, one))}
        context = {
            "title": one.name,
            "description": self._what(),
            "crumbs": [{"label": "Scheduled reports", "url": reverse("report-schedule-list")}],
            "actions": self._buttons() if self.may(REPORT_SCHEDULE, one) else [],
            "schedule": one,
            "scope": "" if one.view else SCOPES[Scope(one.scope)],
            "next_on": None if one.is_paused else next_due(one.every, one.on_day, today),
            "recipients": [(user, user.pk in readers) for user in recipients_of(one)],
            "runs": runs_of(one)[:SHOWN],
        }
        return self.page("ledger/report_schedule.html", context)

    def _what(self) -> str:
        """Which report, and whose."""
        one = self.subject
        if one.view:
            return f"What the view “{one.view.name}” shows, scheduled at {one.organization.name}."
        return f"{KINDS[one.kind].title} of {one.organization.name}."

    def _buttons(self) -> list[dict[str, Any]]:
        word, icon = ("Resume", "play") if self.subject.is_paused else ("Pause", "pause")
        rows = (("Edit", "edit", "pencil"), (word, "pause", icon), ("Send now", "run", "send"))
        return [
            {
                "label": label,
                "url": reverse(f"report-schedule-{act}", args=[self.subject.pk]),
                "icon": icon,
                "dialog": True,
            }
            for label, act, icon in rows
        ]


class ScheduleAdd(FormPage):
    """Let a report go out by mail."""

    permission = REPORT_SCHEDULE
    module = "finance"
    nav = "report"
    title = "Schedule report"
    submit_label = "Schedule"
    success = "It goes out on its day."

    def get_form(self, data: Any = None, files: Any = None) -> ScheduleForm:
        books = organizations_for(self.actor, REPORT_SCHEDULE).exclude(kind="third_party")
        return ScheduleForm(
            data,
            views=views_to_follow(self.actor),
            books=books.exclude(status="archived").order_by("lft"),
            initial=self.get_initial(),
        )

    def get_initial(self) -> dict[str, Any]:
        """What is usual, and the report from which one came."""
        usual = {"every": "month", "month_day": 3, "formats": ["pdf"], "scope": Scope.SUBTREE.value}
        asked = {name: self.request.GET.get(name, "") for name in ("view", "kind", "scope", "organization")}
        return usual | {name: value for name, value in asked.items() if value}

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": reverse("report-schedule-list"),
            "crumbs": [{"label": "Scheduled reports", "url": reverse("report-schedule-list")}],
        }

    def perform(self, form: Any) -> ReportSchedule:
        return actions.schedule_report(self.actor, form.cleaned_data["organization"], wanted=form.wanted())

    def success_url(self, result: ReportSchedule) -> str:
        return reverse("report-schedule", args=[result.pk])


class ScheduleForms(ScheduleSubject, FormPage, abstract=True):
    """A form about one schedule, which leads back to it."""

    form_class = forms.Form

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return self.form_class(data, initial=self.get_initial())

    def get_context(self) -> dict[str, Any]:
        crumbs = [
            {"label": "Scheduled reports", "url": reverse("report-schedule-list")},
            {"label": self.subject.name, "url": self.own_url},
        ]
        return {
            "cancel_url": self.own_url,
            "crumbs": crumbs,
            "consequences": self.consequences(),
            "description": self.subject.name,
        }

    def consequences(self) -> list[str]:
        return []

    def success_url(self, result: Any) -> str:
        return self.own_url


class ScheduleEdit(ScheduleForms):
    """Change what goes out, when and to whom."""

    title = "Edit scheduled report"

    def get_form(self, data: Any = None, files: Any = None) -> ScheduleForm:
        return ScheduleForm(data, views=views_to_follow(self.actor, self.subject), initial=self.get_initial())

    def get_initial(self) -> dict[str, Any]:
        one = self.subject
        names = ("name", "kind", "scope", "period", "formats", "every")
        return {name: getattr(one, name) for name in names} | {
            "weekday": one.on_day if one.every == "week" else 1,
            "month_day": one.on_day if one.every == "month" else None,
            "view": one.view_id,
            "recipients": "\n".join([*(user.email for user in recipients_of(one)), *one.outside]),
        }

    def perform(self, form: Any) -> ReportSchedule:
        return actions.change_schedule(
            self.actor, self.subject, wanted=form.wanted(), version=self.subject.version
        )


class SchedulePause(ScheduleForms):
    """Pause it, or let it go on."""

    success = "Done."

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Resume scheduled report" if self.subject.is_paused else "Pause scheduled report"

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        return "Resume" if self.subject.is_paused else "Pause"

    def consequences(self) -> list[str]:
        if self.subject.is_paused:
            return [
                "It goes out again from the next day on which it is due; what was due meanwhile is not sent."
            ]
        return ["Nothing goes out until somebody resumes it."]

    def perform(self, form: Any) -> None:
        one = self.subject
        actions.pause_schedule(self.actor, one, paused=not one.is_paused, version=one.version)


class ScheduleRun(ScheduleForms):
    """Send it now."""

    title = "Send report now"
    submit_label = "Send"
    success = "It goes out within a minute."

    def consequences(self) -> list[str]:
        one = self.subject
        return [
            f"{locale.counted(len(recipients_of(one)) + len(one.outside), 'person', 'people')} get it by mail, as far as "
            "they may read it.",
            "The days on which it is due stay as they are.",
        ]

    def perform(self, form: Any) -> Any:
        return actions.run_now(self.actor, self.subject)
