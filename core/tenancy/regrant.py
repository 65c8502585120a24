"""A change of what the web role and the portal may do with a table: keys and policies stay as they are."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import (
    AddConstraint,
    RemoveConstraint,
    RunSQL,
    SeparateDatabaseAndState,
)

from core.tenancy.models import Tenancy, TenantPolicy
from core.tenancy.roles import PORTAL, WEB


def regrant(table: str, *, old: dict[str, Any], new: dict[str, Any]) -> SeparateDatabaseAndState:
    """The operation of a migration that gives other rights on an app's table, `app_model`; both as `Tenancy` takes them."""
    model = table.partition("_")[2]
    name = f"{model}_tenancy"
    return SeparateDatabaseAndState(
        database_operations=[RunSQL(_grants(table, Tenancy(**new)), _grants(table, Tenancy(**old)))],
        state_operations=[
            RemoveConstraint(model, name),
            AddConstraint(model, TenantPolicy(name=name, tenancy=new)),
        ],
    )


def _grants(table: str, tenancy: Tenancy) -> str:
    held = {WEB: tenancy.web, PORTAL: tenancy.portal}
    given = [f'GRANT {rights} ON "{table}" TO {role}' for role, rights in held.items() if rights]
    return "; ".join([f'REVOKE ALL ON "{table}" FROM {WEB}, {PORTAL}', *given])
