"""Reads of breakage: what was sold and recognized of a package, and what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from ledger.models import BreakagePool, EntitlementMovement, LedgerEvent

if TYPE_CHECKING:
    from ledger.models import Entitlement


@dataclass(frozen=True)
class Pattern:
    """What a holder sold of a package, less what was given back or expired, and what redemption recognized of it."""

    sold_minor: int
    recognized_minor: int


def pattern_of(holder_id: int, package_id: int, until: date) -> Pattern:
    """The sales and redemptions effective by a day; a void counts as what it voids."""
    redeemed = Q(what=LedgerEvent.Kind.REDEMPTION)
    found = (
        EntitlementMovement.objects.filter(
            entitlement_line__entitlement__holder=holder_id,
            entitlement_line__entitlement__package=package_id,
            event__effective_on__lte=until,
        )
        .annotate(what=Coalesce("event__voids__kind", "event__kind"))
        .aggregate(
            sold=Sum("amount_minor", filter=~redeemed), recognized=Sum("amount_minor", filter=redeemed)
        )
    )
    return Pattern(found["sold"] or 0, -(found["recognized"] or 0))


def pool_of(entitlement: Entitlement) -> BreakagePool | None:
    """The pool that an entitlement belongs to; None before the first breakage run of its package."""
    return BreakagePool.objects.filter(holder=entitlement.holder_id, package=entitlement.package_id).first()
