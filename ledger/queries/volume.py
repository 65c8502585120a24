"""How much a rule with tiers has answered at an organization in the period of a day, so that the next event goes on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum

from core.tenancy import bound_network_id
from ledger.models import RuleVolume
from ledger.rules.terms import Measure, Outcome
from ledger.rules.tiers import months_of

VOLUME_LOCK = 7


@dataclass(frozen=True)
class VolumeKey:
    """Which volume: of a rule, at the servicing organization, of what, in which months."""

    rule_id: int
    organization_id: int
    counted: str
    months: tuple[date, ...]


def volume_key(
    outcome: Outcome, *, rule_id: int, organization_id: int, currency: str, on: date
) -> VolumeKey | None:
    """The volume that an outcome's tiers look at for an event of that day; None where it has no tiers."""
    if outcome.volume is None:
        return None
    counted = "units"
    if outcome.volume.measure is Measure.AMOUNT:
        basis = next(part.basis for part in outcome.parts if part.tiers)
        counted = f"{basis} {currency}"
    return VolumeKey(rule_id, organization_id, counted, months_of(on, outcome.volume.per))


def volume_before(key: VolumeKey, *, hold: bool) -> int:
    """What has been counted. With `hold`, after waiting for the other postings that count there, until this one ends:
    two redemptions at once never take the same slice."""
    if hold:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                [VOLUME_LOCK, f"{bound_network_id()}:{key.rule_id}:{key.organization_id}"],
            )
    rows = RuleVolume.objects.filter(
        rule=key.rule_id, organization=key.organization_id, counted=key.counted, month__in=key.months
    )
    return rows.aggregate(volume=Sum("volume"))["volume"] or 0


def taken_off(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the void of an event stores, so that the volume loses what the event added."""
    added = inputs.get("volume")
    return {"volume": {**added, "size": -added["size"]}} if added else {}
