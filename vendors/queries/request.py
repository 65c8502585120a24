"""Reads of service requests: one predicate says which of them an actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from core.actors import Actor
from orgs.queries.access import where
from patients.queries.patient import patients_for
from vendors.models import RequestMessage, RequestTransition, Result, ServiceRequest
from vendors.permissions import REQUEST_VIEW
from vendors.rules.settings import APPROVAL_ABOVE, DUPLICATE_DAYS, OVERDUE_GRACE_HOURS
from vendors.rules.transitions import CANCELLED, DRAFT, ENTERED_IN_ERROR, FAILED, OPEN, REJECTED, RUNNING


def requests_for(actor: Actor, permission: str = REQUEST_VIEW) -> QuerySet[ServiceRequest]:
    """Requests ordered by organizations where the actor holds the permission."""
    return ServiceRequest.objects.filter(where(actor, permission, "organization"))


def listed(rows: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
    """Rows as lists show them: with vendor and organization, newest first."""
    return rows.select_related("vendor", "organization").order_by("-id")


def search_requests(rows: QuerySet[ServiceRequest], typed: str) -> QuerySet[ServiceRequest]:
    """By number, with or without its prefix and signs."""
    bare = "".join(char for char in typed.upper() if char.isalnum())
    bare = bare.removeprefix("SR")
    if not bare:
        return rows if not typed.strip() else rows.none()
    start = f"SR-{bare[:4]}" + (f"-{bare[4:8]}" if len(bare) > 4 else "")
    return rows.filter(number__gte=start, number__lt=start + "\N{LATIN SMALL LETTER Z}")


def at_organization(rows: QuerySet[ServiceRequest], organization_id: int) -> QuerySet[ServiceRequest]:
    """Requests that an organization ordered, or was asked as a vendor."""
    return rows.filter(Q(organization=organization_id) | Q(vendor=organization_id))


def open_requests_at(organization_id: int) -> QuerySet[ServiceRequest]:
    """Open requests that concern an organization on either side: what stands in the way of archiving it."""
    return at_organization(ServiceRequest.objects.filter(status__in=OPEN), organization_id)


def overdue_untold() -> QuerySet[ServiceRequest]:
    """What is overdue in the bound network and nobody was told of, the longest first."""
    grace = timedelta(hours=OVERDUE_GRACE_HOURS.at_network())
    rows = ServiceRequest.objects.filter(status__in=RUNNING, escalated_at=None, due_at__lt=Now() - grace)
    return rows.order_by("due_at", "id")


def duplicates_of(request: ServiceRequest) -> list[ServiceRequest]:
    """Other requests of the last days (a setting) for the same patient and service, of whatever vendor, that still count."""
    return list(
        ServiceRequest.objects.filter(
            patient_id=request.patient_id,
            service_id=request.service_id,
            requested_at__gt=Now() - timedelta(days=DUPLICATE_DAYS.at(request.organization)),
        )
        .exclude(pk=request.pk)
        .exclude(status__in=[DRAFT, REJECTED, CANCELLED, FAILED, ENTERED_IN_ERROR])
        .select_related("vendor", "organization")
        .order_by("-id")[:5]
    )


def needs_approval(request: ServiceRequest) -> bool:
    """Is it a draft whose sell price is above what the ordering organization sends without approval?"""
    if request.status != DRAFT:
        return False
    limit = APPROVAL_ABOVE.at(request.organization)
    return bool(limit) and Decimal(request.sell.decimal()) > limit


def seen_patients(actor: Actor, patient_ids: Iterable[int]) -> dict[int, str]:
    """Names of those of some patients whom the actor may see, in one query; whoever shows them logs the read."""
    rows = patients_for(actor).filter(pk__in=set(patient_ids))
    return {row.pk: row.full_name for row in rows}


def seen_patient(actor: Actor, request: ServiceRequest) -> Any | None:
    """The patient of a request, if the actor may see patients where this one is registered."""
    return patients_for(actor).filter(pk=request.patient_id).first()


def timeline_of(request: ServiceRequest) -> list[RequestTransition]:
    """Every step, newest first."""
    return list(RequestTransition.objects.filter(request=request).order_by("-id"))


def messages_of(request: ServiceRequest) -> list[RequestMessage]:
    """What was said about it, newest first."""
    return list(RequestMessage.objects.filter(request=request.pk).order_by("-id"))


def asking(side: str, requests: Iterable[ServiceRequest]) -> set[int]:
    """Which of these open requests wait for an answer to what a side asked, by their ids, in one query."""
    ids = [one.pk for one in requests if one.is_open]
    waiting = RequestMessage.objects.filter(request__in=ids, side=side, answered_at=None)
    return set(waiting.exclude(kind=RequestMessage.Kind.MESSAGE).values_list("request_id", flat=True))


def waiting_messages(actor: Actor, side: str) -> QuerySet[RequestMessage]:
    """What one side asked about requests that the actor may see, and the other has not answered."""
    waiting = RequestMessage.objects.filter(request__in=requests_for(actor), side=side, answered_at=None)
    return waiting.exclude(kind=RequestMessage.Kind.MESSAGE).select_related("request").order_by("id")


def results_of(request: ServiceRequest) -> list[Result]:
    """The versions of the result, newest first."""
    return list(
        Result.objects.filter(request=request)
        .select_related("file")
        .defer("file__content")
        .order_by("-version")
    )
