"""Ends what organizations that leave the network have netted under."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Greatest

from core.actors import Actor
from core.ports import AuditRecord
from core.registries import Leavers
from settlement.models import NettingAgreement
from settlement.queries.leaving import ending_agreements


def end_agreements(actor: Actor, leavers: Leavers) -> list[AuditRecord]:
    """End the agreements that nobody else is left of: with the last day, or the day on which they would have begun."""
    found = list(ending_agreements(leavers).select_for_update(of=("self",)))
    NettingAgreement.objects.filter(pk__in=[one.pk for one in found]).update(
        ends_on=Greatest(F("starts_on"), leavers.last_day), version=F("version") + 1
    )
    return [
        AuditRecord(
            actor,
            "netting.ended",
            one._meta.label_lower,
            one.pk,
            one.organization_id,
            {"ends_on": one.ends_on},
            {"ends_on": max(one.starts_on, leavers.last_day), "reason": "It left the network."},
        )
        for one in found
    ]
