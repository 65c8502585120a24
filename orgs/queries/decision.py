"""What was decided about settings: changes of many at once, and waivers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from core.access import allowed
from core.actors import Actor
from core.clock import now
from core.settings import all_settings
from orgs.models import SettingBatch, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE
from orgs.queries.access import organizations_for, where
from orgs.queries.setting import lines_by_key, places_of
from orgs.rules.cascade import resolve

MOST_WAITING = 200


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


def decidable(actor: Actor, waivers: Sequence[SettingWaiver]) -> set[int]:
    """The ids of those waivers that the actor may decide: where the value is enforced. Constant queries."""
    places, lines = places_of([waiver.organization_id for waiver in waivers]), lines_by_key()
    moment = now()
    enforcers: dict[int, int] = {}
    for waiver in waivers:
        place = places[waiver.organization_id]
        locked_by = resolve(place.path, lines.get(waiver.key, {}), moment).locked_by
        if locked_by is not None:
            enforcers[waiver.pk] = locked_by.organization_id
    rows = organizations_for(actor, WAIVER_DECIDE).filter(pk__in=set(enforcers.values()))
    mine = set(rows.values_list("pk", flat=True))
    return {pk for pk, place_id in enforcers.items() if place_id in mine}


def to_decide(actor: Actor) -> int:
    """How many waivers wait for the actor's decision. Constant queries."""
    if not allowed(actor, WAIVER_DECIDE):
        return 0
    waiting = waivers_for(actor).filter(status=SettingWaiver.Status.REQUESTED)
    return len(decidable(actor, list(waiting[:MOST_WAITING])))


def _known() -> list[str]:
    """The keys that are declared: what a release took out is kept and not shown."""
    return [setting.key for setting in all_settings()]
