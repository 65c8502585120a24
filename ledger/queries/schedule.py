"""Scheduled reports: those one may see, those that are due, and who may get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery

from core.access import allowed
from core.actors import Actor, UserActor
from core.clock import today_in
from core.errors import Refused
from core.ports import socket
from ledger.models import ReportRecipient, ReportRun, ReportSchedule
from ledger.permissions import REPORT_SCHEDULE, STATEMENT_VIEW
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS, Kind
from ledger.queries.report_view import shown_by
from ledger.rules.modules import FINANCE
from ledger.rules.report import Scope
from ledger.rules.schedule import last_due, period_of
from ledger.rules.settings import REPORT_DOMAINS
from orgs.queries.access import where

if TYPE_CHECKING:
    from datetime import date

    from orgs.models import Organization


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
        .select_related("organization", "owner", "view")
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


def asked_of(actor: Actor, schedule: ReportSchedule, due_on: date) -> tuple[Kind, Ask]:
    """Which report is due on a day, and what it asks as somebody; what its view shows, where it follows one.

    Raises Refused where the view shows nothing to them.
    """
    if schedule.view is not None:
        return shown_by(schedule.view.query, actor, schedule.organization, due_on)
    period = period_of(schedule.period, due_on)
    return KINDS[schedule.kind], Ask(actor, schedule.organization, Scope(schedule.scope), period)


def day_due(schedule: ReportSchedule) -> date:
    """The last day on which it was due."""
    return last_due(schedule.every, schedule.on_day, today_in(schedule.organization.time_zone))


def place_of(actor: Actor, schedule: ReportSchedule) -> Organization:
    """Whose books it shows now, as far as somebody may read them; otherwise where it was scheduled."""
    try:
        return asked_of(actor, schedule, day_due(schedule))[1].organization
    except Refused:
        return schedule.organization


def may_get(actor: Actor, schedule: ReportSchedule, due_on: date | None = None) -> bool:
    """Whether somebody may read all of it now: its organization's statements, and all the books that it adds up."""
    try:
        _, ask = asked_of(actor, schedule, due_on or day_due(schedule))
    except Refused:
        return False
    place = ask.organization
    return allowed(actor, STATEMENT_VIEW, place) and FINANCE.off_at(place) is None and ask.is_allowed()


def may_send(actor: Actor, schedule: ReportSchedule, due_on: date | None = None) -> bool:
    """Whether somebody may let all of it go out by mail, wherever the books are that it shows by now."""
    if not may_get(actor, schedule, due_on):
        return False
    _, ask = asked_of(actor, schedule, due_on or day_due(schedule))
    return allowed(actor, REPORT_SCHEDULE, ask.organization)


def why_not_outside(kind: Kind, address: str) -> str:
    """Why a report may not go to an address that is nobody's in the network; empty where it may."""
    if kind.names_patients:
        return f"“{kind.title}” may name patients, so it goes to people of the network alone."
    if address.rpartition("@")[2] in REPORT_DOMAINS.at_network():
        return ""
    return f"Outside of the network reports go to {REPORT_DOMAINS.show(REPORT_DOMAINS.at_network())}."


def views_to_follow(actor: Actor, schedule: ReportSchedule | None = None) -> dict[int, str]:
    """Names of the saved views of reports that somebody sees, and of the one that a schedule follows already."""
    follows = {schedule.view.pk: schedule.view.name} if schedule and schedule.view else {}
    return follows | {one.pk: one.name for one in socket.views.of_list(actor, "report")}


def schedules_by_view(view_id: int) -> list[str]:
    """What follows a saved view, in words: it stays as long as they do."""
    rows = ReportSchedule.objects.filter(view=view_id).select_related("organization", "owner")
    return [
        f"“{one.name}” of {one.organization.name} is sent by it, scheduled by {one.owner.name}"
        for one in rows.order_by("pk")
    ]


def actor_of(user: Any) -> UserActor:
    """A recipient as an actor, with what they hold now."""
    return UserActor.of(user.pk, user.name)
