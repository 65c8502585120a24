"""One act on several ticked requests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet

from core.views.bulk import BulkPage
from vendors.actions.request import cancel_request
from vendors.forms.request import CancelForm
from vendors.models import ServiceRequest
from vendors.permissions import REQUEST_CANCEL
from vendors.queries.request import requests_for
from vendors.rules.settings import CANCEL_AFTER_ACCEPTANCE
from vendors.rules.transitions import ACCEPTED, CANCELLED, STAFF, may_move


class RequestsCancel(BulkPage):
    """Cancel several requests before work began."""

    permission = REQUEST_CANCEL
    form_class = CancelForm
    title = "Cancel requests"
    submit_label = "Cancel"
    nouns = ("request", "requests")
    done = "cancelled"
    list_route = "request-list"
    effects = ("The vendors are told, and lose sight of the patients.",)

    def get_rows(self) -> QuerySet[ServiceRequest]:
        return requests_for(self.actor).select_related("organization", "vendor").order_by("pk")

    def why_not(self, record: ServiceRequest) -> str:
        if not may_move(record.status, CANCELLED, STAFF):
            return f"is {record.get_status_display().lower()}"
        if record.status == ACCEPTED and not CANCEL_AFTER_ACCEPTANCE.at(record.organization):
            return f"was accepted by {record.vendor.name}; ask there whether it can still be stopped"
        return ""

    def do(self, record: ServiceRequest, form: Any) -> ServiceRequest:
        return cancel_request(
            self.actor, record, version=record.version, key=uuid4().hex, **form.cleaned_data
        )
