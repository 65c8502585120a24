"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from core import locale
from core.actors import UserActor
from core.clock import now
from core.errors import Refused
from ledger.models import ReportRun, ReportSchedule
from ledger.queries.figures import Ask
from ledger.queries.report import Kind
from ledger.queries.schedule import (
    actor_of,
    asked_of,
    may_get,
    may_send,
    recipients_of,
    why_not_outside,
)
from ledger.rules.report import Report
from ledger.tables.report_file import file_of
from orgs.actions.mail import queue_signed_mail
from orgs.queries.hostname import console_address
from orgs.queries.membership import members_at
from people.queries.user import active_user
from work.actions.mail import Attachment


def send_report(ids: dict[str, int]) -> None:
    """`report.run`: mail a scheduled report to those who may read it now, and tell its owner who may not any more.

    A run that ran is not run again, so that the same event again sends nothing twice.
    """
    rows = ReportRun.objects.select_for_update(of=("self",))
    run = rows.select_related("schedule__organization", "schedule__view").get(pk=ids["run"])
    if run.ran_at is not None:
        return
    schedule = run.schedule
    readers, run.left_out = _readers(schedule, run.due_on)
    if readers:
        kind, ask = asked_of(readers[0].actor, schedule, run.due_on)
        run.note = _send(schedule, kind, ask, readers)
    if run.left_out:
        _tell_owner(schedule, run.left_out)
    run.sent_to = [one.address for one in readers]
    run.ran_at = now()
    run.save(update_fields=["ran_at", "sent_to", "left_out", "note"])


@dataclass(frozen=True)
class _Reader:
    """Who gets it: as whom it is made for them, and how they are greeted."""

    address: str
    actor: UserActor
    name: str = ""  # empty outside, where nobody knows the console


def _readers(schedule: ReportSchedule, due_on: date) -> tuple[list[_Reader], list[str]]:
    """Those who may get it on a day, and the addresses of those who may not.

    Addresses outside get what its owner may still send, as far as the network lets it out; what its view shows by now
    may be other books than when it was scheduled, so then the owner has to be able to send it to anybody at all.
    """
    people = recipients_of(schedule)
    everybody = [*(one.email for one in people), *schedule.outside]
    owner = active_user(schedule.owner_id)
    sends = owner is not None and may_send(actor_of(owner), schedule, due_on)
    if schedule.view is not None and not sends:
        return [], everybody
    readers = [
        _Reader(one.email, actor_of(one), one.name)
        for one in people
        if one.is_active and may_get(actor_of(one), schedule, due_on)
    ]
    if owner is not None and sends and schedule.outside:
        kind, _ = asked_of(actor_of(owner), schedule, due_on)
        joined = members_at(schedule.outside)  # by now they get what their own roles let them
        readers += [
            _Reader(one, actor_of(owner))
            for one in schedule.outside
            if one not in joined and not why_not_outside(kind, one)
        ]
    got = {one.address for one in readers}
    return readers, [one for one in everybody if one not in got]


def _send(schedule: ReportSchedule, kind: Kind, ask: Ask, readers: list[_Reader]) -> str:
    """Mail it to everybody, without its files where they are too large; returns what is to be noted."""
    found = kind.build(ask)
    files, note = [_file(one, found, ask, kind.code) for one in schedule.formats], ""
    place, period = ask.organization, ask.period
    days = f"{locale.long_day(period.since)} to {locale.long_day(period.until)}"
    link = f"{console_address()}{reverse('report-schedule', args=[schedule.pk])}"
    for one in readers:
        subject = f"{place.name}: {schedule.name}, {days}"
        text = f"Hello,\n\n{found.title} of {place.name}, {days}.\n"
        if one.name:
            text = f"Hello {one.name},\n\n{found.title} of {place.name}, {days}.\n\nWho gets this, and when:\n{link}\n"
        try:
            queue_signed_mail(place, one.address, subject, text, files)
        except Refused as refusal:
            note = refusal.message[:300]
            queue_signed_mail(place, one.address, subject, f"{text}\n{note} The console has the report.\n")
    return note


def _file(form: str, found: Report, ask: Ask, kind: str) -> Attachment:
    name = f"{kind}-{ask.organization.code}-{ask.period.until}.{form}"
    content, content_type = file_of(form, found, ask)
    return Attachment(name, content_type, content)


def _tell_owner(schedule: ReportSchedule, left_out: Sequence[str]) -> None:
    owner = active_user(schedule.owner_id)
    if owner is None:
        return
    link = f"{console_address()}{reverse('report-schedule', args=[schedule.pk])}"
    text = (
        f"Hello {owner.name},\n\n“{schedule.name}” was not sent to {', '.join(left_out)}: they may not read it (any more)."
        f" Give them a role that may, or take them off:\n{link}\n"
    )
    place = schedule.organization
    queue_signed_mail(place, owner.email, f"{place.name}: {schedule.name} was not sent to everybody", text)
