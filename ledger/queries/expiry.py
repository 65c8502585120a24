"""Reads of what has expired and waits for its entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from core.clock import now, today_in
from core.money import Money
from ledger.models import Entitlement

CHUNK = 2_000


@dataclass(frozen=True)
class Expired:
    """An entitlement whose last day has passed, with something left; `on` is the day of its entry."""

    entitlement: Entitlement
    on: date
    open: Money


def expired_by(until: date | None = None) -> Iterator[Expired]:
    """What has expired by a day, or by today at its holder: the longest expired first."""
    day = until or now().date() + timedelta(days=1)  # the date may be ahead of UTC's by one
    rows = (
        Entitlement.objects.filter(
            status=Entitlement.Status.ACTIVE, expires_on__lt=day, lines__left_units__gt=0
        )
        .annotate(open_minor=Sum("lines__open_minor"))
        .select_related("holder", "package")
        .order_by("expires_on", "pk")
    )
    for one in rows.iterator(CHUNK):
        on = until or today_in(one.holder.time_zone)
        if one.expires_on is not None and one.expires_on < on:
            yield Expired(one, on, Money(one.open_minor, one.currency))
