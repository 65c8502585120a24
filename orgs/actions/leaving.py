"""The only place that ends an organization's place in the network."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.clock import today_in
from core.errors import Refused, Stale
from core.models import Network
from core.ports import AuditRecord, socket
from core.registries import Leavers, leave_parts
from core.tenancy import bound_network_id
from orgs.actions.mail import queue_signed_mail
from orgs.actions.membership import end_at_once
from orgs.actions.own_records import ask_at_the_end
from orgs.models import Departure, Membership, Organization
from orgs.permissions import ORGANIZATION_LEAVE
from orgs.queries import tree
from orgs.queries.leaving import (
    LeavePreview,
    contracts_to_end,
    departure_of,
    leave_preview,
    live_memberships,
    open_invitations_at,
)
from orgs.rules.structure import PARTNER

ARCHIVED = Organization.Status.ARCHIVED


@action(ORGANIZATION_LEAVE, audit="organization.left")
def leave_network(
    act: Act,
    organization: Organization,
    *,
    last_day: date,
    reason: str,
    version: int,
    shown: str | None = None,
) -> Departure:
    """End a partner's place in the network, with everything below it, as of a last day: all of it or nothing.

    Who may: `organization:leave`. Effect: it is archived with
    everything below it; roles, invitations, contracts, and what other apps share with it or let into it, end. Refusals:
    another kind than a partner, one that has left, a day ahead, no reason, a stale version, whatever blocks it, another
    preview than the one `shown`. Audit: `organization.left`, and one line of everything that ended. After commit:
    those who lose access are told, the worker makes the file of its own records.
    """
    _check_reason(reason)
    tree.lock_tree()
    current = _locked_branch(organization, version)
    check_may_leave(current)
    check_last_day(current, last_day)
    preview = leave_preview(act.actor, current, last_day)  # whoever does business there was waited for
    _check_preview(preview, shown)
    ended = [line for part in leave_parts for line in part.end(act.actor, preview.leavers)]
    ended += _archive(act.actor, preview.leavers, reason.strip())
    socket.audit.append_many(ended)
    departure = Departure.objects.create(
        organization=current,
        left_on=last_day,
        reason=reason.strip()[:500],
        effects=[asdict(effect) for effect in preview.effects if effect.is_kept],
        ended_by_id=act.actor.id,
        ended_by=act.actor.label[:200],
    )
    ask_at_the_end(act, departure)
    act.changed(
        {"status": current.status},
        {
            "status": ARCHIVED.value,
            "left_on": last_day,
            "with": [code for pk, code in preview.leavers.codes.items() if pk != current.pk],
            "reason": reason.strip(),
        },
    )
    return departure


def check_may_leave(organization: Organization) -> None:
    """Refuse an organization that never leaves by itself, or has left."""
    if organization.kind != PARTNER:
        raise Refused(
            "not_permitted", f"{organization.name} is no partner; only a partner leaves the network."
        )
    departure = departure_of(organization)
    if departure is not None:
        raise Refused(
            "not_permitted", f"{organization.name} left the network on {locale.long_day(departure.left_on)}."
        )
    if organization.status == ARCHIVED:
        raise Refused(
            "not_permitted", f"{organization.name} is archived. Reactivate it first, so that it can leave."
        )


def check_last_day(organization: Organization, last_day: date) -> None:
    """Refuse a last day that is ahead."""
    today = today_in(organization.time_zone)
    if last_day > today:
        raise Refused(
            "invalid",
            f"{locale.long_day(last_day)} is ahead: end it on its last day or later. Until then its contract says when it ends.",
            field="last_day",
        )


def end_access(actor: Actor, leavers: Leavers) -> list[AuditRecord]:
    """End roles, invitations and contracts of organizations that leave, and tell those who lose a role."""
    lines = []
    told: dict[str, list[Membership]] = {}
    for row in live_memberships(leavers.ids).select_for_update(of=("self",)):
        told.setdefault(row.user.email, []).append(row)
        old = row.ends_on
        end_at_once(row)
        lines.append(
            _line(actor, "membership.ended", row, {"until": old}, {"until": row.ends_on, "reason": _WHY})
        )
    for email, rows in told.items():
        _tell(leavers, email, rows)
    for invitation in open_invitations_at(leavers.ids).select_for_update(of=("self",)):
        invitation.revoked_at = Now()
        invitation.save(update_fields=["revoked_at"])
        lines.append(_line(actor, "invitation.revoked", invitation, {}, {"reason": _WHY}))
    for contract in contracts_to_end(leavers).select_for_update():
        old = contract.ends_on
        contract.ends_on = leavers.last_day
        contract.version += 1
        contract.save(update_fields=["ends_on", "version"])
        lines.append(
            _line(
                actor,
                "organization.contract_changed",
                contract,
                {"ends_on": old},
                {"ends_on": leavers.last_day, "reason": _WHY},
            )
        )
    return lines


_WHY = "It left the network."


def _locked_branch(organization: Organization, version: int) -> Organization:
    """The organization as it is now; it and everything below it are locked, and business there was waited for."""
    branch = tree.subtree_now(organization.pk).order_by("pk")
    # Whoever accepts an invitation locks it before the organization.
    list(open_invitations_at(list(branch.values_list("pk", flat=True))).select_for_update(of=("self",)))
    rows = {row.pk: row for row in branch.select_for_update()}
    current = rows[organization.pk]
    if current.version != version:
        raise Stale("organization")
    return current


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason_missing", "Say why: the reason is kept in the audit trail.", field="reason")


def _check_preview(preview: LeavePreview, shown: str | None) -> None:
    if preview.blockers:
        listed = "; ".join(effect.title for effect in preview.blockers)
        raise Refused("blocked", f"{preview.leavers.top.name} can’t leave yet: {listed}.")
    if shown is not None and preview.fingerprint != shown:
        raise Refused("changed", "Something changed in the meantime. Look at what would happen again.")


def _archive(actor: Actor, leavers: Leavers, reason: str) -> list[AuditRecord]:
    rows = list(Organization.objects.filter(pk__in=leavers.ids).exclude(status=ARCHIVED))
    Organization.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=ARCHIVED, version=F("version") + 1
    )
    return [
        _line(
            actor,
            "organization.archived",
            row,
            {"status": row.status},
            {"status": ARCHIVED.value, "reason": reason},
        )
        for row in rows
    ]


def _tell(leavers: Leavers, email: str, rows: list[Membership]) -> None:
    network = Network.objects.get(pk=bound_network_id())
    held = "\n".join(f"    {row.role_label} at {row.organization.name}" for row in rows)
    queue_signed_mail(
        leavers.top,
        email,
        f"{leavers.top.name} has left {network.name}",
        f"Hello {rows[0].user.name},\n\n{leavers.top.name} has left {network.name}; its last day was "
        f"{locale.long_day(leavers.last_day)}. With that ended what you held there:\n\n{held}\n\n"
        "What you hold at other organizations stays.\n",
    )


def _line(actor: Actor, verb: str, row: Any, old: dict[str, Any], new: dict[str, Any]) -> AuditRecord:
    return AuditRecord(actor, verb, row._meta.label_lower, row.pk, row.access_organization_id, old, new)
