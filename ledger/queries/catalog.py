"""Reads of services and their list prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core.access import allowed
from core.actors import Actor
from core.money import Money
from core.search_key import prefix
from ledger.models import Service, TariffPrice
from ledger.permissions import CATALOG_VIEW
from orgs.queries import tree
from orgs.queries.access import where

if TYPE_CHECKING:
    from orgs.models import Organization


def services_for(actor: Actor) -> QuerySet[Service]:
    """The network's services in order of name, for whoever may see the catalog anywhere in the network."""
    if not allowed(actor, CATALOG_VIEW):
        return Service.objects.none()
    return Service.objects.order_by("name", "pk")


def names_of_offered(codes: Sequence[str]) -> dict[str, str]:
    """By code, the names of those services that are active."""
    rows = Service.objects.filter(code__in=codes, status=Service.Status.ACTIVE)
    return dict(rows.values_list("code", "name"))


def search_services(rows: QuerySet[Service], typed: str) -> QuerySet[Service]:
    """Those whose search key starts with what was typed."""
    return rows.filter(prefix("search_key", typed))


def categories() -> list[str]:
    """The categories in use, in order."""
    return list(
        Service.objects.exclude(category="")
        .order_by("category")
        .values_list("category", flat=True)
        .distinct()
    )


def prices_of(actor: Actor, service: Service) -> QuerySet[TariffPrice]:
    """The list prices of a service at organizations whose catalog the actor may see, newest first."""
    return (
        TariffPrice.objects.filter(where(actor, CATALOG_VIEW, "organization"), service=service)
        .select_related("organization")
        .order_by("organization__lft", "-starts_on")
    )


def list_price(service: Service, organization: Organization, on: date) -> Money | None:
    """The unit list price in force on a day: the nearest organization at or above that has one."""
    return list_prices([service.pk], [node.pk for node in tree.path_to(organization)], on).get(service.pk)


def list_prices(service_ids: Iterable[int], path_ids: list[int], on: date) -> dict[int, Money]:
    """Unit list prices in force on a day by service; `path_ids` go from the root down to the organization."""
    in_force = TariffPrice.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        service__in=list(service_ids),
        organization__in=path_ids,
        starts_on__lte=on,
    )
    nearest: dict[int, tuple[int, Money]] = {}
    for price in in_force:
        depth = path_ids.index(price.organization_id)
        if price.service_id not in nearest or depth > nearest[price.service_id][0]:
            nearest[price.service_id] = depth, Money(price.price_minor, price.currency)
    return {service_id: price for service_id, (_, price) in nearest.items()}
