"""What a completed request costs: the buy price, billed once in the books of the organization that ordered."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models.functions import Now

from core.actions import Act, action
from core.clock import today_in
from core.errors import Refused
from ledger.actions.bill import bill_vendor
from vendors.models import ServiceRequest
from vendors.permissions import REQUEST_VIEW
from vendors.rules.transitions import COMPLETED


@action(REQUEST_VIEW, audit="request.billed")
def bill_request(act: Act, request: ServiceRequest) -> ServiceRequest:
    """Bill the buy price: debit vendor cost, credit accounts payable, at the ordering organization.

    Who may: the worker. Effective on the day of completion in the organization's zone, or today if that
    period was closed in the meantime. Repeating it changes nothing. Refusals: the ledger's; the worker then
    tries again.
    """
    if request.status != COMPLETED or request.completed_at is None or request.billed_at is not None:
        act.nothing_happened()
        return request
    zone = request.organization.time_zone
    try:
        _bill(act, request, request.completed_at.astimezone(ZoneInfo(zone)).date())
    except Refused as refusal:
        if refusal.code != "period_closed":
            raise
        _bill(act, request, today_in(zone))
    ServiceRequest.objects.filter(pk=request.pk).update(billed_at=Now(), billed_minor=request.buy_minor)
    act.changed({}, {"billed": str(request.buy)})
    return request


def _bill(act: Act, request: ServiceRequest, effective_on: date) -> None:
    bill_vendor(
        act.actor,
        request.organization,
        vendor=request.vendor,
        service=request.service,
        amount=request.buy,
        effective_on=effective_on,
        key=f"request:{request.pk}:completed",
    )
