"""Stops what goes out of the books of organizations that leave the network."""

from __future__ import annotations

from django.db.models import F

from core.actors import Actor
from core.ports import AuditRecord
from core.registries import Leavers
from ledger.models import ReportSchedule
from ledger.queries.leaving import schedules_to_pause


def pause_schedules(actor: Actor, leavers: Leavers) -> list[AuditRecord]:
    """Pause every scheduled report of their books."""
    found = list(schedules_to_pause(leavers).select_for_update(of=("self",)))
    ReportSchedule.objects.filter(pk__in=[one.pk for one in found]).update(
        is_paused=True, version=F("version") + 1
    )
    return [
        AuditRecord(
            actor,
            "report.schedule_paused",
            one._meta.label_lower,
            one.pk,
            one.organization_id,
            {"paused": False},
            {"paused": True, "reason": "It left the network."},
        )
        for one in found
    ]
