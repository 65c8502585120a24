"""Settlements that are proposed by themselves, as the policy of a network says; approving them stays with people."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from core.actors import SystemActor
from core.clock import today_in
from orgs.queries import tree
from settlement.actions.run import NothingOpen, Proposal, propose_run
from settlement.models import SettlementRun
from settlement.queries.agreement import currencies_agreed
from settlement.rules.schedule import due_cutoff
from settlement.rules.settings import SETTLEMENT_CYCLE, SETTLEMENT_LAG_DAYS, SETTLEMENT_METHOD

POLICY = SystemActor.of("settlements are proposed every week or month")


def propose_due() -> list[SettlementRun]:
    """The runs that are due today in the bound network, each once: what was proposed before is not proposed again."""
    root = tree.root()
    cutoff = due_cutoff(SETTLEMENT_CYCLE.at(root), SETTLEMENT_LAG_DAYS.at(root), today_in(root.time_zone))
    if cutoff is None:
        return []
    return propose_all(POLICY, cutoff, SETTLEMENT_METHOD.at(root), key=f"every {SETTLEMENT_CYCLE.at(root)}")


def propose_all(actor: SystemActor, cutoff: date, method: str, *, key: str) -> list[SettlementRun]:
    """A run at the parent organization for each currency in which something is open under agreements."""
    root, runs = tree.root(), []
    for currency in currencies_agreed(cutoff):
        name = ":".join([key, cutoff.isoformat(), method, currency])
        if SettlementRun.objects.filter(key=name).exists():
            continue
        with suppress(NothingOpen):
            runs.append(propose_run(actor, root, proposal=Proposal(cutoff, method, (), currency), key=name))
    return runs
