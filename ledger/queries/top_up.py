"""Entitlements that top up another: more units on the same terms."""

from __future__ import annotations

from ledger.models import Entitlement, PackageLine, Sale
from ledger.rules.top_up import top_up_price


def first_of(entitlement: Entitlement) -> Entitlement:
    """The entitlement that this one tops up, else itself."""
    sale = Sale.objects.select_related("tops_up__package", "tops_up__holder", "tops_up__patient").get(
        entitlement=entitlement.pk
    )
    return sale.tops_up or entitlement


def together_with(entitlement: Entitlement) -> list[Entitlement]:
    """What belongs together with an entitlement, in the order of sale: the first and all that top it up, without itself."""
    first = first_of(entitlement)
    topping = Sale.objects.filter(tops_up=first.pk).values("entitlement")
    rows = Entitlement.objects.filter(pk__in=topping).order_by("pk")
    return [one for one in (first, *rows) if one.pk != entitlement.pk]


def package_lines(entitlement: Entitlement) -> list[PackageLine]:
    """What its package has now, of which more may be bought."""
    return list(entitlement.package.lines.select_related("service", "package").order_by("pk"))


def price_of(entitlement: Entitlement, lines: list[PackageLine], units: dict[str, int]) -> int:
    """What so many units by code cost today."""
    package = {line.code: (line.quantity, line.standalone_minor) for line in lines}
    return top_up_price(entitlement.package.price_minor, package, units)
