"""What was decided about settings: changes of many at once, and waivers."""

from __future__ import annotations

from django.db.models import QuerySet

from core.actors import Actor
from core.settings import all_settings
from orgs.models import SettingBatch, SettingWaiver
from orgs.permissions import SETTING_VIEW
from orgs.queries.access import organizations_for, where


def batches_for(actor: Actor) -> QuerySet[SettingBatch]:
    """One's own changes; everybody's for whoever sees the settings of the parent organization."""
    rows = SettingBatch.objects.filter(key__in=_known())
    if organizations_for(actor, SETTING_VIEW).filter(parent=None).exists():
        return rows
    return rows.filter(made_by_id=actor.id)


def waivers_for(actor: Actor) -> QuerySet[SettingWaiver]:
    """The waivers of organizations whose settings one sees."""
    rows = SettingWaiver.objects.filter(where(actor, SETTING_VIEW, "organization"), key__in=_known())
    return rows.select_related("organization")


def _known() -> list[str]:
    """The keys that are declared: what a release took out is kept and not shown."""
    return [setting.key for setting in all_settings()]
