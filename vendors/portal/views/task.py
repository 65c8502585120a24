"""The worklist and one task: accept, reject, start, hold, complete, correct."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from core import locale
from core.actors import SystemActor
from core.clock import now
from core.errors import Refused, Stale
from core.ports import socket
from core.views.download import attachment
from vendors.actions import task as actions
from vendors.actions.disclosure import disclose_patient
from vendors.conversation import conversation
from vendors.downloads import file_of
from vendors.models import RequestMessage
from vendors.permissions import PORTAL_ANSWER, PORTAL_VIEW
from vendors.portal.forms import (
    FIELDS,
    ROWS,
    AcceptForm,
    CorrectionForm,
    ReasonForm,
    RejectForm,
    ResultForm,
    ValueFormSet,
    new_result,
)
from vendors.portal.views.base import PortalView
from vendors.queries.request import asking as asking_of
from vendors.queries.request import messages_of
from vendors.queries.task import Task, find_task, groups_of, patient_of, results_of, worklist
from vendors.rules.reasons import FAIL_REASONS, HOLD_REASONS, reason_words
from vendors.rules.settings import (
    ATTACHMENT_MEBIBYTES,
    OVERDUE_GRACE_HOURS,
    REJECT_NOTE_REQUIRED,
    VALUES_REQUIRED,
)
from vendors.rules.transitions import ACCEPTED, COMPLETED, IN_PROGRESS, NEW, ON_HOLD, REQUESTED, WORKING
from vendors.rules.turnaround import clock
from vendors.rules.values import MAX_VALUES, Value

PER_PAGE = 25


def clock_of(request: Any) -> Any:
    """The turnaround clock of a task; None for one that ended without a result."""
    if request.completed_at is None and not request.is_open:
        return None
    grace = timedelta(hours=OVERDUE_GRACE_HOURS.at(Task(request).vendor))
    return clock(request.hours, now(), grace)


class Worklist(PortalView):
    """The vendor's tasks in tabs, with their clocks. Names of patients are not in lists."""

    permission = PORTAL_VIEW

    def get(self, request: Any) -> HttpResponse:
        groups = groups_of(self.actor)
        chosen = next((group for group in groups if group.code == request.GET.get("tab")), None)
        if chosen is None:
            chosen = next((group for group in groups if group.count), groups[0])
        page = Paginator(worklist(self.actor, chosen), PER_PAGE).get_page(request.GET.get("page"))
        asking = asking_of(RequestMessage.Side.STAFF, page.object_list)
        tabs = [
            {
                "label": group.label,
                "url": f"?tab={group.code}",
                "current": group is chosen,
                "count": group.count,
            }
            for group in groups
        ]
        return self.page(
            "portal/worklist.html",
            {
                "tabs": tabs,
                "group": chosen,
                "page": page,
                "cards": [_card(task, asks=task.pk in asking) for task in page.object_list],
            },
        )


def _card(task: Any, *, asks: bool) -> dict[str, Any]:
    facts = [task.number, task.get_priority_display()]
    if asks:
        facts.append("waits for your answer")
    if task.promised_at and task.is_open:
        facts.append(f"promised {locale.day_and_time(task.promised_at)}")
    return {
        "title": f"{task.vendor_code} · {task.service_name}",
        "url": reverse("portal-task", args=[task.pk]),
        "subtitle": task.organization_name,
        "status": task.status,
        "status_label": task.get_status_display(),
        "clock": clock_of(task),
        "facts": facts,
    }


class TaskPage(PortalView):
    """One task. Opening a new one notes that it was received; showing the patient is logged."""

    permission = PORTAL_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        task = self.found_task
        if task.request.status == REQUESTED:
            with suppress(
                Refused
            ):  # another contact opened or answered it at the same moment: show what it is now
                actions.receive_task(self.actor, task, key="received")
            task = self.task = find_task(self.actor, pk)
        patient = patient_of(task)
        if patient is not None:
            socket.outbox.put(
                "portal.patient_opened", {"request_id": pk, "contact_id": self.visit.contact.pk}
            )
        results = results_of(task)
        for result in results:
            result.rows = [Value.stored(row) for row in result.values]  # type: ignore[attr-defined]
        status = task.request.status
        said = messages_of(task.request)
        return self.page(
            "portal/task.html",
            {
                "patient": patient,
                "results": results,
                "clock": clock_of(task.request),
                "accept_form": AcceptForm(initial={"promised_at": _suggested(task)})
                if status in NEW
                else None,
                "can_start": status == ACCEPTED,
                "can_complete": status in (ACCEPTED, IN_PROGRESS),
                "can_resume": status == ON_HOLD,
                "can_fail": status in WORKING,
                "can_correct": status == COMPLETED,
                "can_propose": status in (*NEW, *WORKING) and not _waits(said, RequestMessage.Kind.PROPOSAL),
                "reason": reason_words(task.request.reason_code, task.request.reason_text)
                if status == ON_HOLD
                else "",
                "said": conversation(
                    said, RequestMessage.Side.VENDOR, _reply_url, ended=not task.request.is_open
                ),
            },
        )


def _suggested(task: Task) -> Any:
    """What was agreed to, or when it is due, or an hour from now when that is over."""
    suggested = task.request.promised_at or task.request.due_at
    if suggested is None or suggested <= now():
        suggested = now() + timedelta(hours=1)
    return timezone.localtime(suggested).replace(second=0, microsecond=0)


def _waits(said: Sequence[RequestMessage], kind: str) -> bool:
    return any(one.waits and one.kind == kind for one in said)


def _reply_url(one: RequestMessage) -> str:
    return reverse("portal-task-reply", args=[one.request_id, one.pk])


class TaskForm(PortalView, abstract=True):
    """A form about one task: typed values are kept, refusals land beside their field, stale pages answer 409."""

    permission = PORTAL_ANSWER
    form_class: ClassVar[type[forms.Form]] = forms.Form
    template: ClassVar[str] = "portal/task_form.html"
    title: ClassVar[str]
    submit_label: ClassVar[str]
    done: ClassVar[str]
    danger: ClassVar[bool] = False
    intro: ClassVar[str] = ""

    def get(self, request: Any, pk: int, **more: int) -> HttpResponse:
        return self.show(self.get_form(initial=self.get_initial()))

    def get_form(self, *args: Any, **kwargs: Any) -> forms.Form:
        return self.form_class(*args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {}

    def post(self, request: Any, pk: int, **more: int) -> HttpResponse:
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            self.perform(form, version=self.version(), key=self.key())
        except Stale as stale:
            form.add_error(None, stale.message)
            return self.show(form, status=409)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.show(form, status=409 if refusal.code == "transition" else 422)
        return HttpResponseRedirect(reverse("portal-task", args=[pk]) + f"?done={self.done}")

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        raise NotImplementedError

    def show(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        context = {
            "form": form,
            "title": self.title,
            "submit_label": self.submit_label,
            "danger": self.danger,
            "intro": self.intro,
        }
        return self.page(self.template, context | extra, status=status)

    def version(self) -> int:
        """The version that the page showed; nonsense is no version at all, and therefore stale."""
        typed = self.request.POST.get("_version", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0

    def key(self) -> str:
        return self.request.POST.get("_key", "")[:80] or f"{self.done}:{self.version()}"


class TaskAccept(TaskForm):
    form_class = AcceptForm
    title = "Accept request"
    submit_label = "Accept"
    done = "accepted"

    def get_initial(self) -> dict[str, Any]:
        return {"promised_at": _suggested(self.found_task)}

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        promised_at = form.cleaned_data["promised_at"]
        actions.accept_task(self.actor, self.found_task, promised_at=promised_at, version=version, key=key)
        self.visit.follow_ups.append(
            partial(disclose_patient, SystemActor.of("accepted request"), self.found_task.request.pk)
        )


class TaskReject(TaskForm):
    form_class = RejectForm
    title = "Reject request"
    submit_label = "Reject"
    done = "rejected"
    danger = True

    def get_form(self, *args: Any, **kwargs: Any) -> RejectForm:
        note_required = REJECT_NOTE_REQUIRED.at(self.found_task.vendor)
        return RejectForm(*args, note_required=note_required, **kwargs)

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return actions.reject_task(self.actor, self.found_task, **form.cleaned_data, version=version, key=key)


class TaskStart(TaskForm):
    title = "Start work"
    submit_label = "Start work"
    intro = "The network sees that work has begun."
    done = "started"

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return actions.start_task(self.actor, self.found_task, version=version, key=key)


class TaskHold(TaskForm):
    form_class = ReasonForm
    title = "Put on hold"
    submit_label = "Put on hold"
    intro = "While it is on hold, the time is not counted against your target."
    done = "held"
    reasons: ClassVar[dict[str, str]] = HOLD_REASONS
    perform_with: ClassVar[Any] = staticmethod(actions.hold_task)

    def get_form(self, *args: Any, **kwargs: Any) -> ReasonForm:
        return ReasonForm(*args, reasons=self.reasons, **kwargs)

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return self.perform_with(self.actor, self.found_task, **form.cleaned_data, version=version, key=key)


class TaskFail(TaskHold):
    permission = PORTAL_ANSWER
    title = "End without a result"
    submit_label = "End without a result"
    intro = "The network is told why. Nothing is billed."
    done = "failed"
    danger = True
    reasons: ClassVar[dict[str, str]] = FAIL_REASONS
    perform_with: ClassVar[Any] = staticmethod(actions.fail_task)


class TaskResume(TaskForm):
    title = "Go on"
    submit_label = "Go on"
    intro = "The clock runs again."
    done = "resumed"

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return actions.resume_task(self.actor, self.found_task, version=version, key=key)


class TaskComplete(TaskForm):
    """The PDF, a comment, and as many rows of values as one needs."""

    form_class = ResultForm
    template = "portal/task_complete.html"
    title = "Complete request"
    submit_label = "Complete"
    done = "completed"

    def get(self, request: Any, pk: int, **more: int) -> HttpResponse:
        return self.show(self.get_form(), rows=ValueFormSet(prefix="row"))

    def get_form(self, *args: Any, **kwargs: Any) -> ResultForm:
        most_mebibytes = ATTACHMENT_MEBIBYTES.at(self.found_task.vendor)
        return ResultForm(*args, most_mebibytes=most_mebibytes, **kwargs)

    def post(self, request: Any, pk: int, **more: int) -> HttpResponse:
        self.rows = ValueFormSet(request.POST, prefix="row")
        form = self.get_form(request.POST, request.FILES)
        if "more" in request.POST:
            return self.show(form, rows=_longer(request.POST))
        if not (form.is_valid() and self.rows.is_valid()):
            return self.show(form, status=422)
        return super().post(request, pk)

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return actions.complete_task(
            self.actor, self.found_task, result=new_result(form, self.rows), version=version, key=key
        )

    def show(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        context = {
            "rows": getattr(self, "rows", None),
            "values_required": VALUES_REQUIRED.at(self.found_task.vendor),
        }
        return super().show(form, status=status, **(context | extra))


class TaskCorrect(TaskComplete):
    """The result of a completed request anew: what was sent is filled in, and a row that is emptied goes."""

    permission = PORTAL_ANSWER
    title = "Correct the result"
    submit_label = "Send the corrected result"
    done = "corrected"

    def get(self, request: Any, pk: int, **more: int) -> HttpResponse:
        newest = next(iter(results_of(self.found_task)), None)
        values = [] if newest is None else newest.values
        typed = {"row-TOTAL_FORMS": str(len(values)), "row-INITIAL_FORMS": "0"}
        for n, row in enumerate(values):
            typed |= {f"row-{n}-{name}": row.get(name, "") for name in FIELDS}
        form = self.get_form(initial={"comment": newest.comment if newest else ""})
        return self.show(form, rows=_longer(MultiValueDict({name: [value] for name, value in typed.items()})))

    def get_form(self, *args: Any, **kwargs: Any) -> ResultForm:
        most_mebibytes = ATTACHMENT_MEBIBYTES.at(self.found_task.vendor)
        return CorrectionForm(*args, most_mebibytes=most_mebibytes, **kwargs)

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return actions.correct_result(
            self.actor,
            self.found_task,
            result=new_result(form, self.rows),
            reason=form.cleaned_data["reason"],
            seen=self.seen(),
            version=version,
        )

    def seen(self) -> int:
        """The version of the result that the page showed."""
        typed = self.request.POST.get("_seen", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0

    def show(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        newest = next(iter(results_of(self.found_task)), None)
        seen = self.request.POST.get("_seen", "") or (newest.version if newest else 0)
        return super().show(form, status=status, **({"seen": seen} | extra))


def _longer(posted: Any) -> Any:
    """The same rows with what was typed, and a few more."""
    data = posted.copy()
    typed = data.get("row-TOTAL_FORMS", "")
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    data["row-TOTAL_FORMS"] = str(min(count + ROWS, MAX_VALUES))
    return ValueFormSet(data, prefix="row")


class ResultFile(PortalView):
    """The vendor's own PDF, as an attachment."""

    permission = PORTAL_VIEW

    def get(self, request: Any, pk: int, version: int) -> HttpResponse:
        return attachment(
            file_of(next((one for one in results_of(self.found_task) if one.version == version), None))
        )
