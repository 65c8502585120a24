"""The one question of permission: may this actor do this there?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from core.actors import Actor
from core.permissions import is_known
from core.ports import socket


class Denied(PermissionDenied):
    """The actor may not; carries what the audit trail needs."""

    def __init__(self, actor: Actor, permission: str, organization_id: int | None) -> None:
        super().__init__(f"This needs the permission {permission}.")
        self.actor = actor
        self.permission = permission
        self.organization_id = organization_id


def organization_of(target: Any) -> int | None:
    """The organization on which permission over `target` is checked.

    A target says so itself by `access_organization_id`; None means anywhere in the bound network, which for a
    network-wide permission is its parent organization.
    """
    if target is None:
        return None
    return target.access_organization_id  # type: ignore[no-any-return]


def organizations_of(target: Any) -> tuple[int | None, ...]:
    """The organizations at any of which permission over `target` is enough.

    Most targets belong to one. What several organizations know, as a patient, says `access_organization_ids`.
    """
    several: tuple[int | None, ...] | None = getattr(target, "access_organization_ids", None)
    return (organization_of(target),) if several is None else several


def allowed(actor: Actor, permission: str, target: Any = None) -> bool:
    """May the actor use the permission on the target (None: anywhere in the bound network)?"""
    if not is_known(permission):
        raise ValueError(f"Unknown permission {permission!r}: declare it in the app's permissions.py.")
    return any(socket.access.allowed(actor, permission, one) for one in organizations_of(target))


def foresee(actor: Actor, targets: Iterable[Any]) -> None:
    """Read at once what asking `allowed` about each of many targets would read one by one."""
    ids = {one for target in targets for one in organizations_of(target) if one is not None}
    socket.access.foresee(actor, ids)


def require(actor: Actor, permission: str, target: Any = None) -> None:
    """Raise `Denied` unless the actor may."""
    if not allowed(actor, permission, target):
        raise Denied(actor, permission, organization_of(target))
