"""Pages of service requests: Third parties > Requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.clock import now, today_in
from core.settings import why
from core.views.base import ConsoleView, found
from core.views.download import attachment
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.queries.access import organizations_for
from orgs.views.organization import OrganizationSubject
from patients.queries.patient import exportable_names
from patients.views.choice import PatientChoice
from patients.views.subject import PatientSubject
from vendors.actions import request as actions
from vendors.actions.message import answer_vendor, ask_cancellation, write_message
from vendors.conversation import conversation
from vendors.downloads import file_of, page_png
from vendors.forms.request import AnswerForm, CancelForm, MessageForm, RequestForm, SendForm
from vendors.models import RequestMessage, Result, ServiceRequest
from vendors.permissions import (
    REQUEST_APPROVE,
    REQUEST_CANCEL,
    REQUEST_CREATE,
    REQUEST_VIEW,
    REQUEST_WRITE,
)
from vendors.queries.request import (
    asking,
    at_organization,
    duplicates_of,
    listed,
    messages_of,
    needs_approval,
    requests_for,
    results_of,
    seen_patient,
    seen_patients,
)
from vendors.queries.vendor import orderable
from vendors.rules.settings import APPROVAL_ABOVE, CANCEL_AFTER_ACCEPTANCE, DUPLICATES
from vendors.rules.transitions import ACCEPTED, CANCELLED, DRAFT, STAFF, WORKING, may_move
from vendors.rules.turnaround import words
from vendors.tables.request import RequestFilter, RequestTable
from vendors.views.parts import facts_of, shown_results, timeline

if TYPE_CHECKING:
    from patients.models import Patient


class RequestNew(PatientChoice):
    """New request from the list: find the patient first."""

    permission = REQUEST_CREATE
    module = "requests"
    title = "New request"

    def url_of(self, patient: Patient) -> str:
        return reverse("request-add", args=[patient.pk])

    def get_context(self) -> dict[str, Any]:
        return {"crumbs": _crumbs()}


class LoggedRequests(ListPage, abstract=True):
    """A list of requests; patients' names only where the actor may see the patient, and that is logged."""

    permission = REQUEST_VIEW
    table_class = RequestTable
    filter_class = RequestFilter
    patient_field = "patient_id"

    def bulk_actions(self) -> list[BulkAction]:
        may = self.may(REQUEST_CANCEL)
        return [BulkAction("Cancel requests", "ban", reverse("request-cancel-many"))] if may else []

    def on_export(self, table: Any, patient_ids: Sequence[int]) -> None:
        table.patient_names = exportable_names(self.actor, patient_ids)
        if table.patient_names:
            record_patient_read(self.actor, "export", list(table.patient_names), detail="Requests")

    def get_table(self, rows: Any) -> RequestTable:
        self.table = RequestTable(rows)
        return self.table

    def on_page(self, records: Sequence[ServiceRequest]) -> None:
        self.table.asking = asking(RequestMessage.Side.VENDOR, records)
        self.table.patient_names = seen_patients(self.actor, [row.patient_id for row in records])
        if self.table.patient_names:
            record_patient_read(self.actor, "list", list(self.table.patient_names), detail="Requests")


class RequestList(LoggedRequests):
    """Every request that the actor may see."""

    permission = REQUEST_VIEW
    module = "requests"
    title = "Requests"

    def get_rows(self) -> QuerySet[ServiceRequest]:
        return listed(requests_for(self.actor))

    def get_context(self) -> dict[str, Any]:
        new = {"label": "New request", "url": reverse("request-new"), "icon": "plus", "style": "primary"}
        return {
            "description": "What was asked of vendors, and how far it is.",
            "actions": [new] if self.may(REQUEST_CREATE) else [],
            "clear_action": new if self.may(REQUEST_CREATE) else None,
        }


class OrganizationRequests(OrganizationSubject, LoggedRequests):
    """The tab of an organization: what it ordered, or was asked as a vendor."""

    permission = REQUEST_VIEW
    module = "requests"
    template = "console/detail_list.html"

    def get_rows(self) -> QuerySet[ServiceRequest]:
        return listed(at_organization(requests_for(self.actor), self.subject.pk))

    def get_context(self) -> dict[str, Any]:
        return self.about() | {"list_title": "Requests"}


class PatientRequests(PatientSubject, LoggedRequests):
    """The tab of a patient."""

    permission = REQUEST_VIEW
    template = "vendors/patient_requests.html"
    shows = "Requests"

    def get_rows(self) -> QuerySet[ServiceRequest]:
        return listed(requests_for(self.actor).filter(patient_id=self.subject.pk))

    def get_context(self) -> dict[str, Any]:
        may_order = self.may(REQUEST_CREATE, self.subject)
        return self.about() | {
            "list_title": "Requests",
            "new_url": reverse("request-add", args=[self.subject.pk]) if may_order else "",
        }


class RequestAdd(PatientSubject, FormPage):
    """Order for a patient: the first step makes a draft, which shows the price before it is sent."""

    permission = REQUEST_CREATE
    form_class = RequestForm
    title = "New request"
    submit_label = "Continue"
    shows = "New request"

    def record_version(self) -> int | None:
        return None

    def get_form(self, data: Any = None, files: Any = None) -> RequestForm:
        registered = [one.organization_id for one in self.subject.registrations.all()]
        places = organizations_for(self.actor, REQUEST_CREATE).filter(pk__in=registered, status="active")
        currency, zone = self.request.network.currency, self.request.network.time_zone
        return RequestForm(
            data,
            organizations=places.exclude(kind="third_party").order_by("lft"),
            settings=orderable(today_in(zone), currency),
        )

    def get_context(self) -> dict[str, Any]:
        return {
            "patient": self.subject,
            "description": f"For {self.subject.full_name}, born {locale.long_day(self.subject.birth_date)}",
            "cancel_url": reverse("patient-requests", args=[self.subject.pk]),
            "idempotency_key": self.request.POST.get("_key") or uuid4().hex,
            "crumbs": _crumbs(),
        }

    def perform(self, form: Any) -> ServiceRequest:
        new = form.new_request(self.subject, self.request.POST.get("_key", "")[:80] or uuid4().hex)
        return actions.draft_request(self.actor, form.cleaned_data["organization"], new=new)

    def success_url(self, result: ServiceRequest) -> str:
        return reverse("request", args=[result.pk])

    def success_message(self, result: ServiceRequest) -> str:
        return "Check the request, then send it."


class RequestSubject(ConsoleView, abstract=True):
    """A page about one request that the actor may see."""

    subject: ServiceRequest

    def get_subject(self) -> ServiceRequest:
        rows = requests_for(self.actor).select_related("organization", "vendor", "service", "vendor_service")
        return found(rows, pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def key(self) -> str:
        """The form's key: a double click is one step."""
        return self.request.POST.get("_key", "")[:80] or uuid4().hex


class RequestPage(RequestSubject):
    """Status, timeline and result. Patient and result only for those who may see the patient; opening is logged."""

    permission = REQUEST_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        patient = seen_patient(self.actor, self.subject)
        if patient is not None:
            record_patient_read(self.actor, "open", [patient.pk], detail=f"Request {self.subject.number}")
        is_draft = self.subject.status == DRAFT
        send_url, waits = self.sending()
        said = messages_of(self.subject)
        duplicates = duplicates_of(self.subject) if is_draft and patient is not None else []
        context = {
            "title": f"Request {self.subject.number}",
            "description": f"{self.subject.service_name} by {self.subject.vendor.name}",
            "status": self.subject.status,
            "status_label": self.subject.get_status_display(),
            "crumbs": _crumbs(),
            "facts": facts_of(self.subject, now(), self.subject.organization.time_zone),
            "patient": patient,
            "results": shown_results(self.subject) if patient is not None else [],
            "turnaround": words(self.subject.turnaround_minutes),
            "entries": timeline(self.subject),
            "duplicates": duplicates,
            "send_form": SendForm() if send_url else None,
            "send_url": send_url,
            "send_label": "Approve and send" if needs_approval(self.subject) else "Send request",
            "waits_for_approval": waits,
            "duplicates_refused": why(DUPLICATES, self.subject.organization)
            if duplicates and DUPLICATES.at(self.subject.organization) == "refuse"
            else "",
            "cancel_url": reverse("request-cancel", args=[pk]) if self.is_cancellable() else "",
            "ask_cancel_url": reverse("request-ask-cancel", args=[pk])
            if self.may_ask_to_cancel(said)
            else "",
            "said": conversation(
                said, RequestMessage.Side.STAFF, self.reply_url, ended=not self.subject.is_open
            ),
            "message_form": MessageForm() if not is_draft and self.may(REQUEST_WRITE, self.subject) else None,
            "record_version": self.subject.version,
            "idempotency_key": uuid4().hex,
        }
        return self.page("vendors/request_detail.html", context)

    def sending(self) -> tuple[str, str]:
        """Where the person sends this draft, and why it waits for somebody else; empty where that doesn't apply."""
        request = self.subject
        if request.status != DRAFT:
            return "", ""
        if needs_approval(request):
            name, permission, waits = (
                "request-approve",
                REQUEST_APPROVE,
                why(APPROVAL_ABOVE, request.organization),
            )
        else:
            name, permission, waits = "request-send", REQUEST_CREATE, ""
        if self.may(permission, request):
            return reverse(name, args=[request.pk]), ""
        return "", waits

    def is_cancellable(self) -> bool:
        request = self.subject
        if not may_move(request.status, CANCELLED, STAFF) or not self.may(REQUEST_CANCEL, request):
            return False
        return request.status != ACCEPTED or CANCEL_AFTER_ACCEPTANCE.at(request.organization)

    def may_ask_to_cancel(self, said: Sequence[RequestMessage]) -> bool:
        """Where the vendor has to agree, and was not asked before."""
        if self.is_cancellable() or self.subject.status not in WORKING:
            return False
        asked = any(one.waits and one.kind == RequestMessage.Kind.CANCELLATION for one in said)
        return not asked and self.may(REQUEST_CANCEL, self.subject)

    def reply_url(self, one: RequestMessage) -> str:
        may = self.may(REQUEST_WRITE, self.subject)
        return reverse("request-answer", args=[self.subject.pk, one.pk]) if may else ""


class RequestSend(RequestSubject, FormPage):
    """Send a draft."""

    permission = REQUEST_CREATE
    form_class = SendForm
    title = "Send request"
    submit_label = "Send request"
    send = staticmethod(actions.send_request)

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": self.success_url(None),
            "crumbs": _crumbs(),
            "idempotency_key": self.request.POST.get("_key") or uuid4().hex,
            "intro": f"{self.subject.vendor.name} is asked for {self.subject.service_name} and bills {self.subject.buy}.",
        }

    def _compare_version(self) -> None:
        """The action compares it: a second click with the same key finds the first one's result, not a stale page."""

    def perform(self, form: Any) -> ServiceRequest:
        return self.send(
            self.actor,
            self.subject,
            version=_version(self.request),
            key=self.key(),
            duplicates_accepted=form.cleaned_data["duplicates_accepted"],
        )

    def success_url(self, result: Any) -> str:
        return reverse("request", args=[self.subject.pk])

    def success_message(self, result: ServiceRequest) -> str:
        return f"Request {result.number} was sent to {result.vendor.name}."


class RequestApprove(RequestSend):
    """Send a draft that needs approval."""

    permission = REQUEST_APPROVE
    title = "Approve and send request"
    submit_label = "Approve and send"
    send = staticmethod(actions.approve_request)


class RequestCancel(RequestSubject, FormPage):
    """Cancel a request before work began, with a reason."""

    permission = REQUEST_CANCEL
    form_class = CancelForm
    title = "Cancel request"
    submit_label = "Cancel request"

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return CancelForm(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": self.success_url(None),
            "crumbs": _crumbs(),
            "danger": True,
            "idempotency_key": self.request.POST.get("_key") or uuid4().hex,
            "consequences": [
                "The vendor is no longer asked, and no longer sees the patient.",
                "Nothing is billed.",
            ],
        }

    def perform(self, form: Any) -> ServiceRequest:
        return actions.cancel_request(
            self.actor, self.subject, version=self.subject.version, key=self.key(), **form.cleaned_data
        )

    def success_url(self, result: Any) -> str:
        return reverse("request", args=[self.subject.pk])

    def success_message(self, result: ServiceRequest) -> str:
        return f"Request {result.number} was cancelled."


class RequestWrite(RequestSubject, FormPage):
    """Write to the vendor."""

    permission = REQUEST_WRITE
    form_class: ClassVar[type[forms.Form]] = MessageForm
    title = "Write to the vendor"
    submit_label = "Send"

    def record_version(self) -> int | None:
        return None

    def get_context(self) -> dict[str, Any]:
        key = self.request.POST.get("_key") or uuid4().hex
        return {"cancel_url": self.success_url(None), "crumbs": _crumbs(), "idempotency_key": key}

    def perform(self, form: Any) -> RequestMessage:
        return write_message(self.actor, self.subject, **form.cleaned_data, key=self.key())

    def success_url(self, result: Any) -> str:
        return reverse("request", args=[self.subject.pk])

    def success_message(self, result: RequestMessage) -> str:
        return f"{self.subject.vendor.name} is told."


class RequestAnswer(RequestWrite):
    """Answer a question of the vendor, or the time that it proposes."""

    permission = REQUEST_WRITE
    title = "Answer the vendor"
    submit_label = "Answer"

    @cached_property
    def asked(self) -> RequestMessage:
        return found(RequestMessage.objects.filter(request=self.subject.pk), pk=self.kwargs["message"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> AnswerForm:
        return AnswerForm(data, proposes=self.asked.kind == RequestMessage.Kind.PROPOSAL)

    def get_context(self) -> dict[str, Any]:
        (said,) = conversation([self.asked], RequestMessage.Side.STAFF, lambda one: "", ended=True)
        return super().get_context() | {"intro": f"{said.title}. {said.text}".strip()}

    def perform(self, form: Any) -> RequestMessage:
        typed = form.cleaned_data
        agreed = typed.get("agreed") != "no"
        return answer_vendor(self.actor, self.subject, asked=self.asked, text=typed["text"], agreed=agreed)


class RequestAskCancel(RequestWrite):
    """Ask a vendor that has begun whether a request can still be stopped."""

    permission = REQUEST_CANCEL
    form_class = CancelForm
    title = "Ask to cancel"
    submit_label = "Ask the vendor"

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return CancelForm(data)

    def get_context(self) -> dict[str, Any]:
        told = ["The vendor has begun, so it has to agree.", "Until then the request stays as it is."]
        return super().get_context() | {"consequences": told}

    def perform(self, form: Any) -> RequestMessage:
        return ask_cancellation(self.actor, self.subject, **form.cleaned_data, key=self.key())


class ResultView(RequestSubject, abstract=True):
    """Something of a result: only for those who may see the patient, and logged."""

    def result(self) -> Result | None:
        patient = seen_patient(self.actor, self.subject)
        if patient is None:
            return None
        record_patient_read(self.actor, "open", [patient.pk], detail=f"Result of {self.subject.number}")
        return next((one for one in results_of(self.subject) if one.version == self.kwargs["version"]), None)


class ResultFile(ResultView):
    """The PDF of a result, as an attachment."""

    permission = REQUEST_VIEW

    def get(self, request: Any, pk: int, version: int) -> HttpResponse:
        return attachment(file_of(self.result()))


class ResultPage(ResultView):
    """One page of the PDF, as an image made by the server."""

    permission = REQUEST_VIEW

    def get(self, request: Any, pk: int, version: int, number: int) -> HttpResponse:
        return page_png(self.result(), number)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "Requests", "url": reverse("request-list")}]


def _version(request: Any) -> int:
    typed = request.POST.get("_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
