"""Telling people that a request is overdue: once, whoever owes the result and whoever waits for it."""

from __future__ import annotations

from django.db.models.functions import Now

from core.actions import Act, action
from core.actors import SystemActor
from vendors.models import ServiceRequest
from vendors.permissions import REQUEST_VIEW
from vendors.queries.request import overdue_untold

MOST = 500  # in one go, in one network: the rest is told of in the next one


@action(REQUEST_VIEW, audit="request.escalated")
def escalate_request(act: Act, request: ServiceRequest) -> None:
    """Say that a request is overdue; who answers it, who sent it and who manages vendors are told after commit.

    Who may: the worker. Repeating it changes nothing.
    """
    untold = ServiceRequest.objects.filter(pk=request.pk, escalated_at=None)
    if not untold.update(escalated_at=Now()):
        act.nothing_happened()
        return
    act.changed({}, {"due": request.due_at})
    act.emit("request.overdue", request_id=request.pk)


def escalate_overdue() -> int:
    """Escalate what the bound network has overdue and nobody was told of; returns how many."""
    late = list(overdue_untold()[:MOST])
    for request in late:
        escalate_request(SystemActor.of("overdue requests"), request)
    return len(late)
