"""Leaving the network: the guide through its steps, the end, and an organization's own records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core.access import require
from core.errors import Refused, Stale
from core.registries import LeaveStep
from core.views.base import ConsoleView, found
from core.views.download import attachment
from orgs.actions.leaving import check_last_day, check_may_leave, leave_network
from orgs.actions.own_records import ask_for_records, download_records
from orgs.forms.organization import LeaveForm
from orgs.models import Departure, OwnRecords
from orgs.permissions import ORGANIZATION_LEAVE, ORGANIZATION_RECORDS
from orgs.queries.leaving import (
    LeavePreview,
    check_takes_along,
    departure_of,
    leave_preview,
    proposed_last_day,
)
from orgs.queries.own_records import records_for, records_of
from orgs.rules.structure import PARTNER
from orgs.views.organization import OrganizationForm, OrganizationSubject

#: What each step is called, and what it says when there is nothing to do.
STEPS = {
    LeaveStep.WORK: ("What goes, what stays", "Nothing is open."),
    LeaveStep.SHARING: ("Sharing", "Nothing is shared with it or by it."),
    LeaveStep.ACCESS: ("Access", "Nobody holds a role there, and nothing was given out."),
    LeaveStep.MONEY: ("Money", "Nothing is due to or from anybody."),
    LeaveStep.STATEMENT: ("Final statement", ""),
}
RECORD_TONES = {"waiting": "warn", "ready": "ok", "failed": "bad", "erased": ""}


class OrganizationLeave(OrganizationForm):
    """The guide: every step computed from the records, then the end; afterwards what was done."""

    permission = ORGANIZATION_RECORDS
    template = "orgs/organization_leave.html"
    title = "Leave the network"
    preview: LeavePreview | None = None

    def check_permission(self) -> None:
        super().check_permission()
        check_takes_along(self.actor, self.subject)

    @cached_property
    def departure(self) -> Departure | None:
        return departure_of(self.subject)

    @cached_property
    def is_leaver(self) -> bool:
        """Whether it can be led through the guide at all."""
        return self.subject.kind == PARTNER and self.subject.status != "archived"

    def get_form(self, data: Any = None, files: Any = None) -> LeaveForm:
        return LeaveForm(data, organization=self.subject, initial={"last_day": self._proposed()})

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.actor, ORGANIZATION_LEAVE)
        form: Any = self.get_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            self._compare_version()
            check_may_leave(self.subject)
            check_last_day(self.subject, form.cleaned_data["last_day"])
        except Stale:
            return super().post(request, *args, **kwargs)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
            return self.show(form, status=422)
        self.preview = leave_preview(self.actor, self.subject, form.cleaned_data["last_day"])
        if request.POST.get("_seen") != self.preview.fingerprint:
            return self.show(form)
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> Departure:
        data = form.cleaned_data
        return leave_network(
            self.actor,
            self.subject,
            last_day=data["last_day"],
            reason=data["reason"],
            version=self.subject.version,
            shown=self.request.POST.get("_seen", ""),
        )

    def success_url(self, result: Departure) -> str:
        return reverse("organization-leave", args=[self.subject.pk])

    def success_message(self, result: Departure) -> str:
        return f"{self.subject.name} has left the network. Its own records are being made."

    def get_context(self) -> dict[str, Any]:
        context = super().get_context() | {
            "organization": self.subject,
            "description": f"{self.subject.name} · {self.subject.get_kind_display()}",
            "departure": self.departure,
            "is_leaver": self.is_leaver,
        }
        if self.departure is not None:
            return context | records_context(self) | {"steps": steps(self.departure.effects)}
        return context | (self._guide() if self.is_leaver else {})

    def _guide(self) -> dict[str, Any]:
        preview = self.preview or leave_preview(self.actor, self.subject, self._proposed())
        return records_context(self) | {
            "preview": preview,
            "steps": steps([vars(effect) for effect in preview.effects]),
            "blockers": preview.blockers,
            "is_another": "_seen" in self.request.POST and self.request.POST["_seen"] != preview.fingerprint,
            "may_end": self.may(ORGANIZATION_LEAVE),
        }

    def _proposed(self) -> date:
        return proposed_last_day(self.subject)


class Records(OrganizationSubject):
    """The files of an organization's own records: looked at while one is made, and asked for."""

    permission = ORGANIZATION_RECORDS

    def check_permission(self) -> None:
        super().check_permission()
        check_takes_along(self.actor, self.subject)

    def get(self, request: Any, pk: int) -> HttpResponse:
        return self.page("orgs/own_records.html", records_context(self) | {"organization": self.subject})

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: ask_for_records(self.actor, self.subject),
            success="Its records are being made. It goes on without this page.",
            url=reverse("organization-leave", args=[pk]) + "#records",
        )


class RecordsDownload(ConsoleView):
    """A file of own records; the download is in the trail, and in the log of whose records it holds."""

    permission = ORGANIZATION_RECORDS

    def get_subject(self) -> OwnRecords:
        return found(records_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get(self, request: Any, pk: int) -> HttpResponse:
        try:
            return attachment(download_records(self.actor, self.subject))
        except Refused as refusal:
            here = reverse("organization-leave", args=[self.subject.organization_id])
            context = {"title": "Own records", "message": refusal.message, "back_url": here}
            return self.page("orgs/own_records_gone.html", context, status=410)


def records_context(view: OrganizationSubject) -> dict[str, Any]:
    """The files of an organization and what may be done with them."""
    files = records_of(view.actor, view.subject)
    for one in files:
        one.tone = RECORD_TONES[one.status]  # type: ignore[attr-defined]
    return {
        "files": files,
        "is_being_made": any(one.status == OwnRecords.Status.WAITING for one in files),
        "may_ask": view.subject.kind == PARTNER,
    }


def steps(effects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps with what is met in each; `state` is what its pill says."""
    return [
        {
            "code": step.value,
            "title": title,
            "nothing": nothing,
            "effects": mine,
            "state": _state(mine),
        }
        for step, (title, nothing) in STEPS.items()
        for mine in [[effect for effect in effects if effect["step"] == step]]
    ]


def _state(effects: Iterable[dict[str, Any]]) -> str:
    if any(effect["blocks"] for effect in effects):
        return "blocked"
    return "ready"
