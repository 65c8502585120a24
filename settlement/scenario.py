"""The steps `net` and `settle` of scenario files, as the product's own actions."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from core.money import Money
from ledger.queries.due_lines import currencies_due
from ledger.scenario import schema
from ledger.scenario.run_steps import register_step
from ledger.scenario.run_world import ALWAYS, FIRST, SECOND, World
from orgs.queries import tree
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.payment import settle_run
from settlement.actions.run import NothingOpen, Proposal, approve_run, propose_run
from settlement.models import NettingAgreement, SettlementRun
from settlement.queries.content import content_hash

if TYPE_CHECKING:
    from orgs.models import Organization


def register_steps() -> None:
    register_step(schema.Net, _net)
    register_step(schema.Settle, _settle)


def _net(step: schema.Net, world: World) -> None:
    """One proposal for each currency in which the organizations owe one another, or keep their books: as a rule one.

    Where nothing is open there is none, and its result is empty.
    """
    organizations = [world.organizations[code] for code in step.organizations]
    currencies = sorted({one.currency for one in organizations} | currencies_due(organizations))
    runs = []
    for currency in currencies:
        _agree(world, currency)
        proposal = Proposal(step.on, str(step.method), organizations, currency)
        key = step.id if len(currencies) == 1 else f"{step.id} {currency}"
        with suppress(NothingOpen):
            runs.append(propose_run(FIRST, tree.root(), proposal=proposal, key=key))
    world.runs[step.id] = runs
    world.results[step.id] = {
        f"{payment.payer.code}->{payment.receiver.code}": payment.amount_minor
        for run in runs
        for payment in run.payments.select_related("payer", "receiver")
    }


def _settle(step: schema.Settle, world: World) -> None:
    """Approve as a second person, then settle with everything paid."""
    runs = world.runs[step.of]
    for run in runs:
        run.refresh_from_db()
        if run.status == SettlementRun.Status.PROPOSED:
            approve_run(SECOND, run, seen_hash=content_hash(run))
        key = step.id if len(runs) == 1 else f"{step.id} {run.currency}"
        settled = settle_run(FIRST, run, on=step.on, key=key)
        assert settled.event is not None
        world.events[step.id] = settled.event


def _agree(world: World, currency: str) -> None:
    """The organizations of a scenario have netting agreements with one another."""
    if NettingAgreement.objects.filter(currency=currency).exists():
        return
    parties: list[Organization] = [one for one in world.organizations.values() if one.keeps_books]
    signed = Signed(
        name=f"Scenario, {currency}",
        method=NettingAgreement.Method.MULTILATERAL,
        legal_basis="as in the scenario",
        minimum=Money(0, currency),
        signed_on=ALWAYS,
        signed_by="the scenario",
        starts_on=ALWAYS,
        parties=parties,
    )
    sign_agreement(FIRST, tree.root(), signed=signed)
