"""Plugs for the kernel's ports: permission by membership, values of settings."""

from __future__ import annotations

from typing import Any

from core.actors import Actor
from core.models import Network
from orgs.queries.access import is_allowed


class Access:
    """The kernel asks here whether an actor may."""

    def allowed(self, actor: Actor, permission: str, organization_id: int | None) -> bool:
        return is_allowed(actor, permission, organization_id)


class SettingValues:
    """Values of settings. So far one can be assigned: the depth of subs, when a network is created."""

    def value(self, organization: Any, key: str) -> Any:
        if key != "structure.max_sub_depth":
            raise KeyError(key)
        return Network.objects.values_list("max_sub_depth", flat=True).get(pk=organization.network_id)
