"""Reads of unclaimed property: what is held, what of it is due to the state, and what a payment gave away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Sum

from core.actors import Actor
from core.clock import today_in
from core.money import Money
from ledger.models import Account, LedgerEvent, UnclaimedItem
from ledger.permissions import STATEMENT_VIEW, UNCLAIMED_PAY
from ledger.queries.mutual import with_balance
from ledger.rules.accounts import Account as Code
from ledger.rules.settings import DORMANCY_MONTHS
from ledger.rules.unclaimed import dormant_until
from orgs.queries.access import organizations_for, where

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Held:
    """What a holder keeps as unclaimed property: how many items, worth how much, and what of it is due to the state."""

    items: int
    total: Money
    due: Money


def holders_for(actor: Actor) -> QuerySet[Organization]:
    """The organizations that ever held unclaimed property, of those whose statements the actor may read."""
    held = UnclaimedItem.objects.filter(holder=OuterRef("pk"))
    return organizations_for(actor, STATEMENT_VIEW).filter(Exists(held)).order_by("name", "pk")


def unclaimed_for(actor: Actor, permission: str = STATEMENT_VIEW) -> QuerySet[UnclaimedItem]:
    """Items of holders whose statements the actor may read, those dormant for longest first."""
    rows = UnclaimedItem.objects.filter(where(actor, permission, "holder"))
    return _told(rows)


def unclaimed_of(holder: Organization) -> QuerySet[UnclaimedItem]:
    """What an organization holds and held, with whether it `is_due` to the state; whoever calls asked for it there."""
    rows = UnclaimedItem.objects.filter(holder=holder.pk).annotate(
        is_due=ExpressionWrapper(is_due(holder), output_field=BooleanField())
    )
    return _told(rows)


def payable_for(actor: Actor) -> QuerySet[UnclaimedItem]:
    """Those of them that the actor may pay."""
    return unclaimed_for(actor, UNCLAIMED_PAY)


def is_due(holder: Organization) -> Q:
    """The condition that an item which a holder keeps is due to the state today."""
    last = dormant_until(today_in(holder.time_zone), DORMANCY_MONTHS.at(holder))
    return Q(holder=holder.pk, payment=None, dormant_on__lte=last)


def held_by(holders: Iterable[Organization]) -> dict[int, Held]:
    """What each of some holders keeps, in one query."""
    asked = {one.pk: one for one in holders}
    if not asked:
        return {}
    due = reduce(or_, map(is_due, asked.values()))
    rows = (
        UnclaimedItem.objects.filter(holder__in=list(asked), payment=None)
        .values("holder")
        .annotate(n=Count("pk"), total=Sum("amount_minor"), due=Sum("amount_minor", filter=due, default=0))
    )
    found = {row["holder"]: (row["n"], row["total"], row["due"]) for row in rows}
    kept = {pk: found.get(pk, (0, 0, 0)) for pk in asked}
    return {
        pk: Held(n, Money(total, asked[pk].currency), Money(late, asked[pk].currency))
        for pk, (n, total, late) in kept.items()
    }


def by_hand(holder: Organization, held: Held) -> Money:
    """What stands on the account besides the items, because somebody entered it by hand."""
    accounts = Account.objects.filter(
        organization=holder.pk, code=Code.UNCLAIMED_PROPERTY, currency=holder.currency
    )
    balance = sum(one.balance_minor for one in with_balance(accounts))  # type: ignore[attr-defined]
    return Money(-balance, holder.currency) - held.total


def payments_for(actor: Actor) -> QuerySet[LedgerEvent]:
    """Payments of unclaimed property by holders whose statements the actor may read."""
    rows = LedgerEvent.objects.filter(kind=LedgerEvent.Kind.UNCLAIMED_PAYMENT)
    return rows.filter(where(actor, STATEMENT_VIEW, "organization")).select_related("organization")


def paid_by(payment: LedgerEvent) -> QuerySet[UnclaimedItem]:
    """What a payment was of, also after it was voided."""
    paid = [item["event"] for item in payment.inputs["items"]]
    return _told(UnclaimedItem.objects.filter(event__in=paid))


def _told(rows: QuerySet[UnclaimedItem]) -> QuerySet[UnclaimedItem]:
    """Those dormant for longest first, with what a list says of them."""
    return rows.select_related("entitlement__patient", "entitlement__package", "holder", "payment").order_by(
        "dormant_on", "pk"
    )
