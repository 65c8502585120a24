"""Changing many list prices at once, from a day on, and taking it back until that day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from core import locale
from core.access import require
from core.actions import Act, action
from core.clock import now, today_in
from core.errors import Refused
from core.tenancy import bound_network_id
from ledger.models import PriceChange, TariffPrice
from ledger.permissions import PRICE_EDIT
from ledger.queries.price_change import Outcome, PlannedPrice, PriceTerms, fingerprint, plan

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_PRICES = 20_000
PRICES_LOCK = 0x707263  # "prc"
BATCH = 2000


@action(PRICE_EDIT, audit="prices.changed")
def change_prices(act: Act, organization: Organization, *, terms: PriceTerms, seen: str) -> PriceChange:
    """Change the list prices of services at an organization and below it, from a day on, as a preview showed it.

    Who may: `price:edit` there; below it, prices where the actor may not stay. `seen` is the preview's `fingerprint`.
    Effect: each price ends the day before and another follows until the day on which it would have ended. Refusals:
    `not_permitted` (a day that has passed, nothing changes, too many), `stale` (another preview by now). Audit: how
    many, and how.
    """
    if terms.organization.pk != organization.pk:
        raise ValueError("The prices of the organization itself are changed.")
    if terms.starts_on < today_in(organization.time_zone):
        raise Refused(
            "not_permitted",
            f"{locale.day(terms.starts_on)} has passed; choose today or a later day.",
            field="starts_on",
        )
    _lock_prices()
    planned = plan(act.actor, terms)
    if seen != fingerprint(terms, planned):
        raise Refused(
            "stale", "Prices or organizations changed since the preview. Look again before you apply it."
        )
    chosen = [one for one in planned if one.outcome == Outcome.CHANGES]
    if not chosen:
        raise Refused("not_permitted", "No price would change; see the preview for the reasons.")
    if len(chosen) > MOST_PRICES:
        raise Refused(
            "not_permitted",
            f"{locale.number(len(chosen))} prices are too many at once; choose a category or a smaller part of the "
            f"tree, at most {locale.number(MOST_PRICES)}.",
        )
    change = _write(act, terms, chosen)
    act.about(change)
    told = {"prices": len(chosen), "category": terms.category, "starts_on": terms.starts_on}
    act.changed({}, told | {"percent": str(change.percent or ""), "amount": change.amount_minor})
    return change


@action(PRICE_EDIT, audit="prices.change_undone")
def undo_price_change(act: Act, change: PriceChange) -> int:
    """Take a change of many prices back before it is in force; says how many prices went.

    Who may: `price:edit` at its organization, and at every other whose price it changed. Effect: its prices go, and
    those that they followed go on until the day on which these would have ended. Refusals: `not_permitted` (undone
    already, or in force).
    """
    _lock_prices()
    current = (
        PriceChange.objects.select_related("organization").select_for_update(of=("self",)).get(pk=change.pk)
    )
    if current.undone_at is not None:
        raise Refused("not_permitted", f"{current.undone_by} took this back already.")
    if current.starts_on <= today_in(current.organization.time_zone):
        raise Refused(
            "not_permitted",
            f"These prices are in force since {locale.day(current.starts_on)}. Change them again from a later day on.",
        )
    made = list(TariffPrice.objects.filter(change=current).select_related("organization", "follows"))
    for place in {one.organization_id: one.organization for one in made}.values():
        require(act.actor, PRICE_EDIT, place)
    followed = []
    for one in made:
        if one.follows is not None:
            one.follows.ends_on = one.ends_on
            followed.append(one.follows)
    TariffPrice.objects.filter(change=current).delete()
    TariffPrice.objects.bulk_update(followed, ["ends_on"], batch_size=BATCH)
    current.undone_at, current.undone_by = now(), act.actor.label[:200]
    current.save(update_fields=["undone_at", "undone_by"])
    act.changed({"prices": len(made)}, {"prices": 0})
    return len(made)


def _lock_prices() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PRICES_LOCK, bound_network_id()])


def _write(act: Act, terms: PriceTerms, chosen: list[PlannedPrice]) -> PriceChange:
    step = terms.step
    change = PriceChange.objects.create(
        organization=terms.organization,
        category=terms.category,
        starts_on=terms.starts_on,
        percent=None if step.percent is None else Decimal(step.percent.numerator) / step.percent.denominator,
        amount_minor=step.amount_minor,
        currency=terms.organization.currency,
        rounding=str(step.rounding),
        prices=len(chosen),
        made_by=act.actor.label[:200],
        made_at=now(),
    )
    ended = [one.source.pk for one in chosen if one.is_own]
    TariffPrice.objects.filter(pk__in=ended).update(ends_on=terms.starts_on - timedelta(days=1))
    TariffPrice.objects.bulk_create(
        (
            TariffPrice(
                service=one.service,
                organization=one.organization,
                starts_on=terms.starts_on,
                ends_on=one.ends_on,
                price_minor=one.new_minor,
                currency=one.source.currency,
                change=change,
                follows=one.source if one.is_own else None,
            )
            for one in chosen
        ),
        batch_size=BATCH,
    )
    return change
