"""What the actions on runs have in common."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from core import locale
from core.access import Denied
from core.actions import Act
from core.actors import Actor
from core.errors import Refused
from core.tenancy import bound_network_id
from orgs.queries.access import organizations_for
from settlement.models import SettlementRun
from settlement.rules.run import may_become

LONGEST_REASON = 500
RUNS_LOCK = 9


def refused(message: str, *, field: str = "") -> Refused:
    """`not_permitted`, the ledger's word for what can't be done so."""
    return Refused("not_permitted", message, field=field)


def lock_runs() -> None:
    """Proposals go one after the other, so that two never take the same lines; the key of the items proves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RUNS_LOCK, bound_network_id()])


def locked(run: SettlementRun) -> SettlementRun:
    """The run as it is now, held until the end of the transaction."""
    return SettlementRun.objects.select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)


def move_on(act: Act, run: SettlementRun, status: SettlementRun.Status, doing: str) -> None:
    """Put a locked run into its next state, in memory; refuses a state that does not follow."""
    if not may_become(run.status, status):
        raise refused(f"Settlement {run.number} is {run.get_status_display().lower()}; it can't be {doing}.")
    act.changed({"status": run.status}, {"status": status.value})
    run.status = status
    run.version += 1


def check_may_at(actor: Actor, permission: str, organization_ids: Collection[int]) -> None:
    """Raise `Denied` unless the actor may at every one of some organizations: their books are written."""
    covered = set(
        organizations_for(actor, permission).filter(pk__in=organization_ids).values_list("pk", flat=True)
    )
    missing = sorted(set(organization_ids) - covered)
    if missing:
        raise Denied(actor, permission, missing[0])


def clean_reason(reason: str) -> str:
    """A reason as it is kept; refuses none and too long ones."""
    said = reason.strip()
    if not said:
        raise refused("Say why: the reason is kept with the settlement.", field="reason")
    if len(said) > LONGEST_REASON or "\0" in said:
        raise refused(f"The reason has at most {locale.number(LONGEST_REASON)} characters.", field="reason")
    return said
