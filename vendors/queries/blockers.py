"""What of this app stands in the way of archiving an organization, or of closing its books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse

from core import locale
from core.registries import Blocker, CloseFinding
from vendors.models import ServiceRequest
from vendors.queries.request import open_requests_at


def open_requests(organization: Any) -> list[Blocker]:
    """Requests on which somebody still waits, on either side."""
    count = open_requests_at(organization.pk).count()
    if not count:
        return []
    url = reverse("organization-requests", args=[organization.pk])
    return [Blocker(f"{count} open request{'s' if count > 1 else ''}", url)]


def unbilled_requests(organization_ids: Sequence[int], through: date) -> list[CloseFinding]:
    """Requests that vendors have done until a day and no bill was posted for."""
    rows = (
        ServiceRequest.objects.filter(
            organization__in=organization_ids,
            status="completed",
            billed_at=None,
            completed_at__date__lte=through,
        )
        .order_by()
        .values_list("organization")
        .annotate(count=Count("pk"))
    )
    return [
        CloseFinding(
            pk,
            f"{locale.counted(count, 'completed request is', 'completed requests are')} not billed yet.",
            reverse("organization-requests", args=[pk]),
        )
        for pk, count in rows
    ]
