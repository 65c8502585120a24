"""Why an organization can't be archived: settlements that it takes part in are under way."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core import locale
from core.registries import Blocker
from settlement.models import Remittance, SettlementRun

UNDER_WAY = (SettlementRun.Status.PROPOSED, SettlementRun.Status.APPROVED, SettlementRun.Status.PAYING)


def archive_blockers_of(organization: Any) -> list[Blocker]:
    """Runs that are neither settled nor cancelled: they would write in its books, or money is to come."""
    count = Remittance.objects.filter(organization=organization, run__status__in=UNDER_WAY).count()
    if not count:
        return []
    text = f"{locale.counted(count, 'settlement')} under way: settle or cancel what is proposed"
    return [Blocker(text, reverse("remittance-list"))]
