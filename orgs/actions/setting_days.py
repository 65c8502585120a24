"""What becomes of the days of settings when an organization changes its time zone."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import F

from core.clock import day_in, now
from orgs.actions.setting import go_on_after
from orgs.models import Organization, SettingAssignment, SettingWaiver
from orgs.queries.setting import lines_by_key

ONE_DAY = timedelta(days=1)


def follow_time_zone(organization: Organization, before: str) -> None:
    """Keep in force what is, and ended what has ended, where it becomes an earlier day by another time zone.

    For actions that change the time zone, under `lock_settings`. Days are those of the organization's own calendar: what
    began today would not have begun yet, and what ended yesterday would be back. What is to come keeps its days.
    """
    moment = now()
    was, today = day_in(before, moment), day_in(organization.time_zone, moment)
    if today >= was or not any(organization.pk in places for places in lines_by_key().values()):
        return
    assigned = SettingAssignment.objects.filter(organization=organization)
    assigned.filter(starts_on__gte=today, ends_on__lt=was).delete()
    assigned.filter(ends_on__gte=today, ends_on__lt=was).update(
        ends_on=today - ONE_DAY, version=F("version") + 1
    )
    for row in assigned.filter(starts_on__gt=today, starts_on__lte=was).order_by("starts_on"):
        _begin(row, today)
    waived = SettingWaiver.objects.filter(organization=organization, status=SettingWaiver.Status.GRANTED)
    waived.filter(starts_on__gte=today, ends_on__lt=was).update(
        status=SettingWaiver.Status.ENDED, version=F("version") + 1
    )
    waived.filter(ends_on__gte=today, ends_on__lt=was).update(
        ends_on=today - ONE_DAY, version=F("version") + 1
    )
    waived.filter(starts_on__gt=today, starts_on__lte=was).update(starts_on=today, version=F("version") + 1)


def _begin(row: SettingAssignment, today: date) -> None:
    """Let an assignment begin today, over what began on that day before it."""
    same = SettingAssignment.objects.filter(organization_id=row.organization_id, key=row.key)
    if row.ends_on is not None:
        go_on_after(same, today, row.ends_on)
    same.filter(starts_on=today).delete()
    row.starts_on, row.version = today, row.version + 1
    row.save(update_fields=["starts_on", "version"])
