"""Packages: those one may see, and those that can be sold at a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.access import allowed
from core.actors import Actor
from ledger.models import Package, PackageSeller
from ledger.permissions import PACKAGE_VIEW

if TYPE_CHECKING:
    from orgs.models import Organization


def packages_for(actor: Actor) -> QuerySet[Package]:
    """The network's packages, for whoever may see packages anywhere in it."""
    rows = Package.objects.select_related("holder")
    return rows if allowed(actor, PACKAGE_VIEW) else rows.none()


def packages_on_sale_at(organization: Organization) -> QuerySet[Package]:
    """Packages on sale there: those that name it as a seller, and those that name none; where it would owe the care
    itself, in the currency of its books."""
    sellers = PackageSeller.objects.filter(package=OuterRef("pk"))
    return (
        Package.objects.filter(status=Package.Status.ON_SALE)
        .filter(Q(holder__isnull=False) | Q(currency=organization.currency))
        .filter(Exists(sellers.filter(organization=organization)) | ~Exists(sellers))
        .select_related("holder")
        .prefetch_related("lines__service")
        .order_by("name", "pk")
    )
