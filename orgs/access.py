"""The plug for the kernel's question of permission: by membership."""

from __future__ import annotations

from collections.abc import Collection

from core.actors import Actor
from orgs.queries.access import foresee, is_allowed


class Access:
    """The kernel asks here whether an actor may."""

    def allowed(self, actor: Actor, permission: str, organization_id: int | None) -> bool:
        return is_allowed(actor, permission, organization_id)

    def foresee(self, actor: Actor, organization_ids: Collection[int]) -> None:
        foresee(actor, organization_ids)
