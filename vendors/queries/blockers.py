"""What of this app stands in the way of archiving an organization."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.registries import Blocker
from vendors.queries.request import open_requests_at


def open_requests(organization: Any) -> list[Blocker]:
    """Requests on which somebody still waits, on either side."""
    count = open_requests_at(organization.pk).count()
    if not count:
        return []
    url = reverse("organization-requests", args=[organization.pk])
    return [Blocker(f"{count} open request{'s' if count > 1 else ''}", url)]
