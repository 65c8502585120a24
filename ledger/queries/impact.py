"""What of the ledger switching a module off would meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, F

from core.modules import category_key, module_of
from core.registries import Impact
from ledger.models import Entitlement, EntitlementLine, Sale, Service
from ledger.rules.modules import PACKAGES


def live_entitlements(codes: Sequence[str], organization_ids: Sequence[int]) -> list[Impact]:
    """Live entitlements that each organization owes or sold: all where packages go off, else those with lines of a module."""
    rows = EntitlementLine.objects.filter(
        entitlement__status=Entitlement.Status.ACTIVE, left_units__gt=0
    ).order_by()
    what = ""
    if PACKAGES.code not in codes:
        modules = [module_of(code) for code in codes if module_of(code).categories]
        if not modules:
            return []
        rows = rows.filter(service__in=_services({one for module in modules for one in module.categories}))
        what = f" with lines of {', '.join(module.label.lower() for module in modules)}"
    live = rows.values("entitlement")
    owed = Entitlement.objects.filter(pk__in=live, holder__in=organization_ids).order_by()
    sold = Sale.objects.filter(entitlement__in=live, seller__in=organization_ids).order_by()
    return [
        *_counted(owed.values_list("holder").annotate(Count("pk")), f"{what} that it owes"),
        *_counted(
            sold.exclude(holder=F("seller")).values_list("seller").annotate(Count("pk")), f"{what} sold there"
        ),
    ]


def _services(categories: set[str]) -> list[int]:
    rows = Service.objects.exclude(category="").values_list("pk", "category")
    return [pk for pk, category in rows if category_key(category) in categories]


def _counted(found: Iterable[tuple[int, int]], what: str) -> list[Impact]:
    return [
        Impact(place, number, f"live entitlement{what}", f"live entitlements{what}")
        for place, number in found
    ]
