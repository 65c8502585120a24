"""Scheduling reports, changing and pausing schedules, and asking for one to be sent now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from core.actions import Act, action
from core.actors import Actor, UserActor
from core.clock import today_in
from core.errors import Refused, Stale
from core.ports import socket
from ledger.models import ReportRecipient, ReportRun, ReportSchedule
from ledger.permissions import REPORT_SCHEDULE
from ledger.queries.report import KINDS, Kind
from ledger.queries.schedule import (
    actor_of,
    asked_of,
    day_due,
    due_schedules,
    may_get,
    may_send,
    views_to_follow,
    why_not_outside,
)
from ledger.rules.report import Scope
from ledger.rules.schedule import last_due
from orgs.queries.membership import members_at

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_RECIPIENTS = 50


@dataclass(frozen=True)
class Wanted:
    """What is to be sent, when, and to which addresses."""

    name: str
    kind: str
    scope: str
    period: str
    formats: Sequence[str]
    every: str
    on_day: int
    recipients: Sequence[str]
    view_id: int | None = None  # of a saved view, which says kind, scope and period then


@action(REPORT_SCHEDULE, audit="report.scheduled")
def schedule_report(act: Act, organization: Organization, *, wanted: Wanted) -> ReportSchedule:
    """Send a report of an organization by mail, again and again.

    Who may: `report:schedule` there, for a report that they may read themselves. Effect: what follows a saved view goes
    out as the view shows it on the day, however it was changed. Refusals: it may not be read by who schedules it or by a
    recipient, an address outside of the domains that the network allows, nobody gets it, the name is taken there.
    Audit: all of it.
    """
    schedule = ReportSchedule(
        organization=organization,
        owner_id=_person(act.actor),
        starts_on=today_in(organization.time_zone),
        **_columns(wanted),
    )
    _save(act.actor, schedule, wanted)
    act.about(schedule)
    act.changed({}, asdict(wanted))
    return schedule


@action(REPORT_SCHEDULE, audit="report.schedule_changed")
def change_schedule(act: Act, schedule: ReportSchedule, *, wanted: Wanted, version: int) -> ReportSchedule:
    """Change what is sent, when, and to whom; whoever changes it owns it from then on.

    Refusals: as for a new one, a stale form. Audit: old and new values.
    """
    owner = _person(act.actor)
    current = _locked(schedule, version)
    old = _columns(current) | {"recipients": _addresses(current)}
    for name, value in _columns(wanted).items():
        setattr(current, name, value)
    current.owner_id = owner
    current.starts_on = today_in(current.organization.time_zone)
    current.version += 1
    _save(act.actor, current, wanted)
    act.changed(old, _columns(wanted) | {"recipients": _addresses(current)})
    return current


@action(REPORT_SCHEDULE, audit="report.schedule_paused")
def pause_schedule(act: Act, schedule: ReportSchedule, *, paused: bool, version: int) -> None:
    """Pause a schedule, or let it go on: what was due meanwhile is not sent. Refusals: a stale form."""
    current = _locked(schedule, version)
    act.changed({"paused": current.is_paused}, {"paused": paused})
    current.is_paused = paused
    if not paused:
        current.starts_on = today_in(current.organization.time_zone)
    current.version += 1
    current.save(update_fields=["is_paused", "starts_on", "version"])


@action(REPORT_SCHEDULE, audit="report.asked_for")
def run_now(act: Act, schedule: ReportSchedule) -> ReportRun:
    """Send it now, besides the days on which it is due; asked twice before it went out, it goes out once."""
    today = today_in(schedule.organization.time_zone)
    waiting = ReportRun.objects.filter(schedule=schedule, ran_at=None).exclude(asked_by="").first()
    if waiting:
        act.nothing_happened()
        return waiting
    run = ReportRun.objects.create(schedule=schedule, due_on=today, asked_by=act.actor.label[:200])
    act.emit("report.run", run=run.pk)
    return run


def start_due_runs() -> int:
    """Hand what is due in the bound network to the worker, once for each day on which it is due, though it be late."""
    started = 0
    for schedule in due_schedules():
        due_on = last_due(schedule.every, schedule.on_day, today_in(schedule.organization.time_zone))
        if due_on < schedule.starts_on:
            continue
        try:
            with transaction.atomic():
                run = ReportRun.objects.create(schedule=schedule, due_on=due_on)
        except IntegrityError:  # it was started already
            continue
        socket.outbox.put("report.run", {"run": run.pk})
        started += 1
    return started


def _person(actor: Actor) -> int:
    """The id of who schedules it, who is told what becomes of it."""
    if not isinstance(actor, UserActor) or actor.id is None:
        raise Refused("not_permitted", "A person schedules a report, and not the system.")
    return actor.id


def _columns(wanted: Wanted | ReportSchedule) -> dict[str, Any]:
    names = ("name", "view_id", "kind", "scope", "period", "formats", "every", "on_day")
    return {name: getattr(wanted, name) for name in names}


def _addresses(schedule: ReportSchedule) -> list[str]:
    people = ReportRecipient.objects.filter(schedule=schedule).values_list("user__email", flat=True)
    return sorted([*people, *schedule.outside])


def _locked(schedule: ReportSchedule, version: int) -> ReportSchedule:
    rows = ReportSchedule.objects.select_for_update(of=("self",)).select_related("organization", "view")
    current = rows.get(pk=schedule.pk)
    if current.version != version:
        raise Stale("report schedule")
    return current


def _save(actor: Actor, schedule: ReportSchedule, wanted: Wanted) -> None:
    """Write it down with its recipients, all of whom may read it, as may who writes it."""
    kind = _kind(actor, schedule, wanted)
    addresses = list(dict.fromkeys(address.strip().lower() for address in wanted.recipients))
    if not 1 <= len(addresses) <= MOST_RECIPIENTS:
        raise Refused("invalid", f"Name 1 to {MOST_RECIPIENTS} people.", field="recipients")
    members = members_at(addresses)
    for address, user in members.items():
        if not may_get(actor_of(user), schedule):
            raise Refused("not_permitted", f"{address} may not read this report.", field="recipients")
    schedule.outside = [address for address in addresses if address not in members]
    for address in schedule.outside:
        if why := why_not_outside(kind, address):
            raise Refused("not_permitted", f"{address} may not read this report. {why}", field="recipients")
    taken = ReportSchedule.objects.filter(organization=schedule.organization_id, name=wanted.name)
    if taken.exclude(pk=schedule.pk).exists():
        raise Refused("invalid", f"“{wanted.name}” is scheduled here already.", field="name")
    schedule.save()
    ReportRecipient.objects.filter(schedule=schedule).delete()
    ReportRecipient.objects.bulk_create(
        ReportRecipient(schedule=schedule, user_id=user.pk) for user in members.values()
    )


def _kind(actor: Actor, schedule: ReportSchedule, wanted: Wanted) -> Kind:
    """What would be sent, which whoever schedules it may read and send."""
    if wanted.view_id is not None:
        before = ReportSchedule.objects.select_related("view").filter(pk=schedule.pk).first()
        if wanted.view_id not in views_to_follow(actor, before):
            raise Refused("invalid", "Choose a view of reports that you see.", field="view")
    elif wanted.scope == Scope.CONSOLIDATED and not KINDS[wanted.kind].consolidates:
        raise Refused("invalid", f"“{KINDS[wanted.kind].title}” knows no eliminations.", field="scope")
    if not may_send(actor, schedule):
        field = "view" if wanted.view_id else "scope"
        raise Refused(
            "not_permitted", "You may not read all the books that this report adds up.", field=field
        )
    return asked_of(actor, schedule, day_due(schedule))[0]
