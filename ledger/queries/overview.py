"""Figures of the overview page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncMonth

from core.actors import Actor
from core.money import Money
from ledger.models import Entitlement, EntitlementLine, LedgerEvent, Sale
from ledger.permissions import ENTITLEMENT_VIEW, SALE_VIEW
from orgs.queries.access import where


@dataclass(frozen=True)
class Month:
    """What was sold in a month, and how many services were redeemed."""

    first_on: date
    sold_minor: int
    redeemed: int


def business_by_month(actor: Actor, months: list[date], currency: str) -> list[Month]:
    """Sales in one currency and redemptions at organizations that the actor may see, for the months given."""
    sales = Sale.objects.filter(where(actor, SALE_VIEW, "seller"), sold_on__gte=months[0], currency=currency)
    sold = _by_month(sales, "sold_on", Sum("total_minor"))
    events = LedgerEvent.objects.filter(
        where(actor, SALE_VIEW, "organization"), kind="redemption", effective_on__gte=months[0]
    )
    redeemed = _by_month(events, "effective_on", Count("pk"))
    return [Month(month, sold.get(month, 0), redeemed.get(month, 0)) for month in months]


def live_entitlements(actor: Actor, on: date) -> int:
    """Entitlements with something left and not expired, owed by organizations that the actor may see."""
    rows = Entitlement.objects.filter(where(actor, ENTITLEMENT_VIEW, "holder"), status="active")
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    return rows.exclude(expires_on__lt=on).filter(Exists(left)).count()


def sold_total(months: list[Month], currency: str) -> Money:
    return Money(sum(month.sold_minor for month in months), currency)


def _by_month(rows: QuerySet, day: str, what: Sum | Count) -> dict[date, int]:
    found = rows.annotate(month=TruncMonth(day)).order_by().values_list("month").annotate(total=what)
    return {month: total or 0 for month, total in found}
