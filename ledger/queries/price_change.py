"""What a change of many prices would do: each price at an organization and below it, as it is and as it would be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.money import Money
from ledger.models import PriceChange, Service, TariffPrice
from ledger.permissions import CATALOG_VIEW, PRICE_EDIT
from ledger.rules.pricing import PriceStep
from orgs.queries import tree
from orgs.queries.access import organizations_for, where

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class PriceTerms:
    """Whose prices change from which day on, and how: those of an organization and below it, of a category ('' all)."""

    organization: Organization
    category: str
    starts_on: date
    step: PriceStep


class Outcome(StrEnum):
    CHANGES = "changes"
    SAME = "same"
    SET = "set"
    NEGATIVE = "negative"
    CURRENCY = "currency"


@dataclass(frozen=True)
class PlannedPrice:
    """One price that is in force on the day: at its organization, and `source` the row that it follows.

    The organization's own row ends the day before; one that it has from above stays and is overridden here. `ends_on` is
    the last day of the new price.
    """

    organization: Organization
    service: Service
    source: TariffPrice
    outcome: Outcome
    new_minor: int
    ends_on: date | None

    @property
    def old(self) -> Money:
        return self.source.price

    @property
    def new(self) -> Money:
        return Money(self.new_minor, self.source.currency)

    @property
    def is_own(self) -> bool:
        return self.source.organization_id == self.organization.pk


def price_changes_for(actor: Actor) -> QuerySet[PriceChange]:
    """Changes at organizations whose catalog the actor may see, the last first."""
    rows = PriceChange.objects.filter(where(actor, CATALOG_VIEW, "organization"))
    return rows.select_related("organization").order_by("-made_at", "-pk")


def plan(actor: Actor, terms: PriceTerms) -> list[PlannedPrice]:
    """Every price that the actor may change there: at the organization itself what is in force, own or from above, and
    below it the prices that organizations have of their own. In the order of the tree, then of the services' names.
    """
    services = {one.pk: one for one in _services(terms.category)}
    top = terms.organization
    places = {
        one.pk: one
        for one in organizations_for(actor, PRICE_EDIT).filter(
            tree_id=top.tree_id, lft__gte=top.lft, rght__lte=top.rght
        )
    }
    path = [node.pk for node in tree.path_to(top)]
    on = terms.starts_on
    rows = TariffPrice.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        service__in=services,
        organization__in={*path, *places},
    ).order_by("starts_on")
    own: dict[tuple[int, int], TariffPrice] = {}
    later: dict[tuple[int, int], date] = {}
    for row in rows:
        key = (row.organization_id, row.service_id)
        if row.starts_on <= on:
            own[key] = row
        else:
            later.setdefault(key, row.starts_on)
    found = [
        _planned(terms, places[key[0]], services[key[1]], row, later.get(key))
        for key, row in own.items()
        if key[0] in places and key[0] != top.pk
    ]
    for pk in services if top.pk in places else ():
        above = [own[node, pk] for node in path if (node, pk) in own]
        if above:
            found.append(_planned(terms, places[top.pk], services[pk], above[-1], later.get((top.pk, pk))))
    return sorted(found, key=lambda one: (one.organization.lft, one.service.name, one.service.pk))


def fingerprint(terms: PriceTerms, planned: Sequence[PlannedPrice]) -> str:
    """SHA-256 over what is asked and what it would do: what the person saw is what is applied."""
    step = terms.step
    asked = [
        terms.organization.pk,
        terms.category,
        terms.starts_on.isoformat(),
        str(step.percent),
        step.amount_minor,
    ]
    rows = [
        [
            one.organization.pk,
            one.service.pk,
            one.source.pk,
            str(one.old),
            str(one.new),
            one.outcome,
            str(one.ends_on),
        ]
        for one in planned
    ]
    text = json.dumps([asked, str(step.rounding), rows], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _services(category: str) -> Iterable[Service]:
    rows = Service.objects.filter(status=Service.Status.ACTIVE)
    return rows.filter(category=category) if category else rows


def _planned(
    terms: PriceTerms, place: Organization, service: Service, source: TariffPrice, later: date | None
) -> PlannedPrice:
    new = None
    is_currency = terms.step.amount_minor is None or source.currency == terms.organization.currency
    if is_currency:
        new = terms.step.of(source.price_minor, source.currency)
    if not is_currency:
        outcome = Outcome.CURRENCY
    elif source.starts_on == terms.starts_on and source.organization_id == place.pk:
        outcome = Outcome.SET
    elif new is None:
        outcome = Outcome.NEGATIVE
    else:
        outcome = Outcome.SAME if new == source.price_minor else Outcome.CHANGES
    kept = source.price_minor if outcome != Outcome.CHANGES or new is None else new
    ends = [day for day in (source.ends_on, later - timedelta(days=1) if later else None) if day]
    return PlannedPrice(place, service, source, outcome, kept, min(ends, default=None))
