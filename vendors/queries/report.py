"""The Third Party Request Report: rows with their turnaround, and the figures above them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    When,
)
from django.db.models.functions import Now

from core.actors import Actor
from core.money import Money
from vendors.models import ServiceRequest
from vendors.permissions import REQUEST_REPORT
from vendors.queries.request import requests_for
from vendors.rules.settings import OVERDUE_GRACE_HOURS
from vendors.rules.transitions import DRAFT, OPEN, RUNNING

FEWEST = 5  # with fewer answers a percentile says nothing


class PercentileDisc(Aggregate):
    """The value below which a share of the rows lies, one that really occurred."""

    function = "percentile_disc"
    name = "percentile"
    output_field = DurationField()
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=float(share), **extra)


@dataclass(frozen=True)
class Figures:
    """What the report says above its rows. Percentages and percentiles are None where too little was answered."""

    total: int
    open: int
    overdue: int
    completed: int
    breached: int
    rejected: int
    acceptance: float | None
    median: timedelta | None
    p90: timedelta | None
    quoted: list[Money]
    billed: list[Money]


def report_rows(actor: Actor) -> QuerySet[ServiceRequest]:
    """Requests that were sent, where the actor may read the report, with whether they are late."""
    late = _breached() | _overdue()
    return (
        requests_for(actor, REQUEST_REPORT)
        .exclude(status=DRAFT)
        .exclude(requested_at=None)
        .annotate(is_late=Case(When(late, then=True), default=False, output_field=BooleanField()))
    )


def grace() -> timedelta:
    """How long after its target a request of the bound network is not yet late."""
    return timedelta(hours=OVERDUE_GRACE_HOURS.at_network())


def _overdue() -> Q:
    return Q(status__in=RUNNING, due_at__lt=Now() - grace())


def _breached() -> Q:
    return Q(completed_at__gt=F("due_at") + grace())


def in_period(
    rows: QuerySet[ServiceRequest], first: date | None, last: date | None, zone: str
) -> QuerySet[ServiceRequest]:
    """Requested from the first day to the last, both included, as days of a zone."""
    if first is not None:
        rows = rows.filter(requested_at__gte=_midnight(first, zone))
    if last is not None:
        rows = rows.filter(requested_at__lt=_midnight(last + timedelta(days=1), zone))
    return rows


def figures(rows: QuerySet[ServiceRequest]) -> Figures:
    """The figures of some of the report's rows, in two queries whatever their number."""
    taken = ExpressionWrapper(
        F("completed_at") - F("requested_at") - F("held_for"), output_field=DurationField()
    )
    done = Q(completed_at__isnull=False)
    found = rows.order_by().aggregate(
        total=Count("pk"),
        open=Count("pk", filter=Q(status__in=OPEN)),
        overdue=Count("pk", filter=_overdue()),
        completed=Count("pk", filter=done),
        breached=Count("pk", filter=_breached()),
        rejected=Count("pk", filter=Q(rejected_at__isnull=False)),
        accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
        median=PercentileDisc(taken, share=0.5, filter=done),
        p90=PercentileDisc(taken, share=0.9, filter=done),
    )
    answered = found.pop("accepted")
    share = answered + found["rejected"]
    enough = found["completed"] >= FEWEST
    if not enough:
        found["median"] = found["p90"] = None
    quoted, billed = _sums(rows)
    return Figures(**found, acceptance=answered / share if share else None, quoted=quoted, billed=billed)


def _sums(rows: QuerySet[ServiceRequest]) -> tuple[list[Money], list[Money]]:
    """Quoted and billed, one amount a currency."""
    found = (
        rows.order_by("currency")
        .values("currency")
        .annotate(quoted=Sum("buy_minor"), charged=Sum("billed_minor"))
    )
    quoted, billed = [], []
    for row in found:
        quoted.append(Money(int(row["quoted"]), row["currency"]))
        billed.append(Money(int(row["charged"] or 0), row["currency"]))
    return quoted, billed


def with_minutes(row: Any) -> Any:
    """The row with how long it took, net of holds and gross; None while it is open."""
    hours = row.hours
    row.taken_minutes, row.gross_minutes = (None, None) if hours is None else (hours.net, hours.gross)
    return row


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))


def asked_vendors(actor: Actor) -> QuerySet[Any]:
    """The vendors of the requests that the report covers, by name."""
    return _targets("vendor", actor)


def asked_services(actor: Actor) -> QuerySet[Any]:
    """The services of the requests that the report covers, by name."""
    return _targets("service", actor)


def _targets(key: str, actor: Actor) -> QuerySet[Any]:
    model: Any = ServiceRequest._meta.get_field(key).related_model
    rows: QuerySet[Any] = model.objects.filter(pk__in=report_rows(actor).order_by().values(key))
    return rows.order_by("name", "pk")
