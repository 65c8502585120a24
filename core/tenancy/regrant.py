"""A change of what the web role may do with a table: keys and policies stay as they are."""

from __future__ import annotations

from django.db.migrations.operations import (
    AddConstraint,
    RemoveConstraint,
    RunSQL,
    SeparateDatabaseAndState,
)

from core.tenancy.models import Tenancy, TenantPolicy
from core.tenancy.roles import WEB


def regrant(table: str, *, old: str, new: str) -> SeparateDatabaseAndState:
    """The operation of a migration that gives the web role other rights on an app's table, `app_model`."""
    model = table.partition("_")[2]
    name = f"{model}_tenancy"
    said = {} if new == Tenancy().web else {"web": new}
    return SeparateDatabaseAndState(
        database_operations=[RunSQL(_grant(table, new), _grant(table, old))],
        state_operations=[
            RemoveConstraint(model, name),
            AddConstraint(model, TenantPolicy(name=name, tenancy=said)),
        ],
    )


def _grant(table: str, rights: str) -> str:
    return f'REVOKE ALL ON "{table}" FROM {WEB}; GRANT {rights} ON "{table}" TO {WEB}'
