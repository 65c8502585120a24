"""The figures of the overview page: what is going on in the organizations one may see."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import UserActor
from core.charts import Series, bar_chart
from core.clock import today_in
from core.models import Network
from core.money import Money
from ledger.permissions import SALE_VIEW
from ledger.queries.overview import business_by_month, live_entitlements
from orgs.queries import tree
from orgs.queries.decision import to_decide
from orgs.queries.organization import visible_organizations

MONTHS = 6


def overview(actor: UserActor, network: Network) -> dict[str, Any]:
    """Counts of organizations for everybody; sales, redemptions and live entitlements for those who may see sales."""
    waiting = to_decide(actor)
    counts = tree.counts_by_kind(visible_organizations(actor))
    stats: list[dict[str, Any]] = [
        {"label": "Organizations", "value": locale.number(sum(counts.values())), "note": _kinds(counts)},
    ]
    if waiting:
        where = f"{reverse('waiver-list')}?status=requested"
        stats.append({"label": "Waivers to decide", "value": waiting, "tone": "warn", "url": where})
    if not allowed(actor, SALE_VIEW):
        return {"stats": stats}
    today = today_in(network.time_zone)
    months = business_by_month(actor, _months_until(today), network.currency)
    this = months[-1]
    stats += [
        {
            "label": f"Sold in {locale.month_name(this.first_on)}",
            "amount": Money(this.sold_minor, network.currency),
        },
        {
            "label": f"Redeemed in {locale.month_name(this.first_on)}",
            "value": locale.number(this.redeemed),
            "note": "services",
        },
        {"label": "Live entitlements", "value": locale.number(live_entitlements(actor, today))},
    ]
    chart = bar_chart(
        f"Sales by month, {network.currency}",
        [locale.short_month(month.first_on) for month in months],
        [Series("Sold", [float(Money(month.sold_minor, network.currency).decimal()) for month in months])],
        description=f"What was sold in each of the last {MONTHS} months.",
    )
    return {"stats": stats, "chart": chart if any(month.sold_minor for month in months) else None}


def _months_until(day: date) -> list[date]:
    """The first days of the last months, the day's own last."""
    numbers = range(day.year * 12 + day.month - MONTHS, day.year * 12 + day.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _kinds(counts: dict[str, int]) -> str:
    labels = {"sub": "subs", "partner": "partners", "third_party": "third parties"}
    return ", ".join(
        f"{locale.number(counts[kind])} {label}" for kind, label in labels.items() if counts.get(kind)
    )
