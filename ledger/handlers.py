"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core import locale
from core.clock import now
from core.errors import Refused
from ledger.models import ReportRun, ReportSchedule
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS
from ledger.queries.schedule import actor_of, asked_of, may_get, recipients_of
from ledger.rules.report import Report
from ledger.tables.report_file import file_of
from orgs.actions.mail import queue_signed_mail
from orgs.queries.hostname import console_address
from people.queries.user import active_user
from work.actions.mail import Attachment


def send_report(ids: dict[str, int]) -> None:
    """`report.run`: mail a scheduled report to those who may read it now, and tell its owner who may not any more.

    A run that ran is not run again, so that the same event again sends nothing twice.
    """
    rows = ReportRun.objects.select_for_update(of=("self",)).select_related("schedule__organization")
    run = rows.get(pk=ids["run"])
    if run.ran_at is not None:
        return
    schedule, people = run.schedule, recipients_of(run.schedule)
    readers = [one for one in people if one.is_active and may_get(actor_of(one), schedule, run.due_on)]
    others = [one for one in people if one not in readers]
    if readers:
        ask = asked_of(actor_of(readers[0]), schedule, run.due_on)
        found = KINDS[schedule.kind].build(ask)
        run.note = _send(schedule, ask, found, readers)
    if others:
        _tell_owner(schedule, [one.email for one in others])
    run.sent_to = [one.email for one in readers]
    run.left_out = [one.email for one in others]
    run.ran_at = now()
    run.save(update_fields=["ran_at", "sent_to", "left_out", "note"])


def _send(schedule: ReportSchedule, ask: Ask, found: Report, readers: list[Any]) -> str:
    """Mail it to everybody, without its files where they are too large; returns what is to be noted."""
    files, note = [_file(one, found, ask, schedule.kind) for one in schedule.formats], ""
    place, period = schedule.organization, ask.period
    days = f"{locale.long_day(period.since)} to {locale.long_day(period.until)}"
    link = f"{console_address()}{reverse('report-schedule', args=[schedule.pk])}"
    for user in readers:
        subject = f"{place.name}: {schedule.name}, {days}"
        text = f"Hello {user.name},\n\n{found.title} of {place.name}, {days}.\n\nWho gets this, and when:\n{link}\n"
        try:
            queue_signed_mail(place, user.email, subject, text, files)
        except Refused as refusal:
            note = refusal.message[:300]
            queue_signed_mail(place, user.email, subject, f"{text}\n{note} The console has the report.\n")
    return note


def _file(form: str, found: Report, ask: Ask, kind: str) -> Attachment:
    name = f"{kind}-{ask.organization.code}-{ask.period.until}.{form}"
    content, content_type = file_of(form, found, ask)
    return Attachment(name, content_type, content)


def _tell_owner(schedule: ReportSchedule, left_out: list[str]) -> None:
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
