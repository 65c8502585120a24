"""What of vendors' requests switching a module off would meet."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from core.modules import category_key, module_of
from core.registries import Impact
from vendors.models import ServiceRequest
from vendors.rules.modules import REQUESTS
from vendors.rules.transitions import OPEN


def open_by_organization(codes: Sequence[str], organization_ids: Sequence[int]) -> list[Impact]:
    """Open requests that each organization ordered: all where vendor requests go off, else those of a module."""
    rows = ServiceRequest.objects.filter(organization__in=organization_ids, status__in=OPEN).order_by()
    brought = {one for code in codes for one in module_of(code).categories}
    if REQUESTS.code not in codes and not brought:
        return []
    counts: dict[int, int] = {}
    for place, category, number in rows.values_list("organization", "service__category").annotate(
        Count("pk")
    ):
        if REQUESTS.code in codes or category_key(category) in brought:
            counts[place] = counts.get(place, 0) + number
    return [Impact(place, number, "open request", "open requests") for place, number in counts.items()]
