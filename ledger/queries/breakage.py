"""Reads of breakage: what was sold and recognized of a package, and what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from core.money import Money
from ledger.models import BreakagePool, Entitlement, EntitlementMovement, LedgerEvent, Package

if TYPE_CHECKING:
    from orgs.models import Organization


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


def booked_of(holder: Organization, package: Package) -> Money:
    """What is booked as breakage of a holder's sales of a package."""
    found = BreakagePool.objects.filter(holder=holder, package=package).values_list("booked_minor", flat=True)
    return Money(found.first() or 0, package.currency)


def expecting_breakage() -> list[tuple[Package, Organization]]:
    """Packages of which some is expected never to be used, with everybody who owes care that was sold with them."""
    sold = (
        Entitlement.objects.exclude(package__breakage_percent=None)
        .select_related("package", "holder")
        .order_by("package__code", "package", "holder__code", "holder")
        .distinct("package__code", "package", "holder__code", "holder")
    )
    return [(one.package, one.holder) for one in sold]
