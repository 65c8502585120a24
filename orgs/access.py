"""The plug for the kernel's question of permission: by membership."""

from __future__ import annotations

from core.actors import Actor
from orgs.queries.access import is_allowed


class Access:
    """The kernel asks here whether an actor may."""

    def allowed(self, actor: Actor, permission: str, organization_id: int | None) -> bool:
        return is_allowed(actor, permission, organization_id)
