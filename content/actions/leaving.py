"""Ends what is shared with organizations that leave the network, or by them."""

from __future__ import annotations

from content.queries.leaving import shares_across
from core.actors import Actor
from core.clock import now
from core.ports import AuditRecord
from core.registries import Leavers


def end_sharing(actor: Actor, leavers: Leavers) -> list[AuditRecord]:
    """End every share across the border; copies stay whose they are."""
    lines = []
    for share in shares_across(leavers).select_for_update(of=("self",)):
        share.ended_at, share.ended_by = now(), actor.label[:200]
        share.save(update_fields=["ended_at", "ended_by"])
        old = {"mode": share.mode, "organization": share.organization.code}
        item = share.item
        lines.append(
            AuditRecord(
                actor,
                "content.share_ended",
                item._meta.label_lower,
                item.pk,
                item.organization_id,
                old,
                {"mode": None, "reason": f"{leavers.top.name} left the network."},
            )
        )
    return lines
