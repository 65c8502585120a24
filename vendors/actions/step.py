"""One step of a request: the only place that moves one from a state to another."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from core.actions import Act
from core.clock import now
from core.errors import Stale
from core.idempotency import check_key
from vendors.models import RequestTransition, ServiceRequest
from vendors.rules.transitions import ON_HOLD, check_move, side_of

LONGEST_KEY = 80


def step(
    act: Act,
    request: ServiceRequest,
    after: str,
    *,
    version: int,
    key: str,
    changes: dict[str, Any] | None = None,
    reason_code: str = "",
    reason_text: str = "",
) -> bool:
    """Move a request; False when the same key already did, so that a double click is one step.

    The update is conditional on version and state: of several people at once one succeeds. Refusals: a move
    outside the table, a stale version, a key that can't be one.
    """
    check_key(key, LONGEST_KEY)
    repeated = RequestTransition.objects.filter(request_id=request.pk, key=key, to_status=after)
    if repeated.exists():
        act.nothing_happened()
        return False
    before = request.status
    side = side_of(act.actor)
    check_move(request.number, before, after, side)
    changes = (changes or {}) | _clock(request, after)
    if reason_code:
        changes |= {"reason_code": reason_code, "reason_text": reason_text}
    unchanged = ServiceRequest.objects.filter(pk=request.pk, version=version, status=before)
    if not unchanged.update(status=after, version=F("version") + 1, **changes):
        if repeated.exists():  # the other click was committed while this one waited
            act.nothing_happened()
            return False
        current = ServiceRequest.objects.filter(pk=request.pk).values_list("status", flat=True).first()
        if current is not None:
            check_move(request.number, current, after, side)
        raise Stale("request")
    RequestTransition.objects.create(
        request_id=request.pk,
        vendor_id=request.vendor_id,
        from_status=before,
        to_status=after,
        actor_kind=act.actor.kind,
        actor_id=act.actor.id,
        actor_label=act.actor.label[:200],
        reason_code=reason_code,
        reason_text=reason_text,
        key=key,
        at=now(),
    )
    act.about(request)
    act.organization_id = request.organization_id
    act.changed({"status": before}, {"status": after})
    if reason_code:
        act.changed({}, {"reason": reason_code, "text": reason_text})
    return True


def _clock(request: ServiceRequest, after: str) -> dict[str, Any]:
    """What a step does to the net clock: it stands still on hold, and the target moves by as much."""
    if after == ON_HOLD:
        return {"held_at": now()}
    if request.status != ON_HOLD or request.held_at is None or request.target_at is None:
        return {}
    held_for = request.held_for + (now() - request.held_at)
    return {"held_at": None, "held_for": held_for, "due_at": request.target_at + held_for}
