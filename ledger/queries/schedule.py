"""Scheduled reports: those one may see, those that are due, and who may get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery

from core.access import allowed
from core.actors import Actor, UserActor
from core.clock import today_in
from ledger.models import ReportRecipient, ReportRun, ReportSchedule
from ledger.permissions import STATEMENT_VIEW
from ledger.queries.figures import Ask
from ledger.rules.modules import FINANCE
from ledger.rules.report import Scope
from ledger.rules.schedule import last_due, period_of
from orgs.queries.access import where

if TYPE_CHECKING:
    from datetime import date


def networks_with_schedules() -> list[int]:
    """Ids of the networks that have schedules: asked before one after the other is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_schedules()")
        return [row[0] for row in cursor.fetchall()]


def schedules_for(actor: Actor) -> QuerySet[ReportSchedule]:
    """Schedules at organizations whose statements the actor may read, with how many get them and the last run."""
    last = ReportRun.objects.filter(schedule=OuterRef("pk")).order_by("-pk")
    return (
        ReportSchedule.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
        .select_related("organization", "owner")
        .annotate(
            recipient_count=Count("recipients"),
            last_ran_at=Subquery(last.exclude(ran_at=None).values("ran_at")[:1]),
        )
    )


def due_schedules() -> QuerySet[ReportSchedule]:
    """Schedules of the bound network that are not paused, with their organizations, which stay as they are meanwhile."""
    return ReportSchedule.objects.filter(is_paused=False).select_related("organization").order_by("pk")


def runs_of(schedule: ReportSchedule) -> QuerySet[ReportRun]:
    """Its runs, newest first."""
    return ReportRun.objects.filter(schedule=schedule).order_by("-pk")


def recipients_of(schedule: ReportSchedule) -> list[Any]:
    """The people who are to get it, by name, whether they may read it or not."""
    rows = ReportRecipient.objects.filter(schedule=schedule).select_related("user")
    return [one.user for one in rows.order_by("user__name", "user_id")]


def asked_of(actor: Actor, schedule: ReportSchedule, due_on: date) -> Ask:
    """What the report asks on a day, as somebody."""
    return Ask(actor, schedule.organization, Scope(schedule.scope), period_of(schedule.period, due_on))


def may_get(actor: Actor, schedule: ReportSchedule, due_on: date | None = None) -> bool:
    """Whether somebody may read all of it now: its organization's statements, and all the books that it adds up."""
    day = due_on or last_due(schedule.every, schedule.on_day, today_in(schedule.organization.time_zone))
    place = schedule.organization
    return (
        allowed(actor, STATEMENT_VIEW, place)
        and FINANCE.off_at(place) is None
        and asked_of(actor, schedule, day).is_allowed()
    )


def actor_of(user: Any) -> UserActor:
    """A recipient as an actor, with what they hold now."""
    return UserActor.of(user.pk, user.name)
