"""What is open between organizations when books are closed: disputes about what lies in the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse

from core import locale
from core.registries import CloseFinding
from settlement.models import Dispute


def disputed_items(organization_ids: Sequence[int], through: date) -> list[CloseFinding]:
    """Items effective until a day that somebody disputes, told at either side."""
    asked = set(organization_ids)
    rows = Dispute.objects.filter(
        Q(side__in=asked) | Q(other__in=asked), closed_at=None, event__effective_on__lte=through
    ).values_list("side_id", "other_id")
    counted = Counter(one for sides in rows for one in sides if one in asked)
    return [
        CloseFinding(
            pk,
            f"{locale.counted(count, 'item is', 'items are')} disputed.",
            reverse("dispute-list"),
        )
        for pk, count in counted.items()
    ]
