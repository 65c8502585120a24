"""Reads of settlement runs, their payments and remittance statements."""

from __future__ import annotations

from django.db.models import F, Func, Q, QuerySet

from core.actors import Actor
from orgs.queries.access import where
from settlement.models import (
    BankAccount,
    PaymentConfirmation,
    Remittance,
    SettlementPair,
    SettlementPayment,
    SettlementRun,
)
from settlement.permissions import SETTLEMENT_VIEW


def runs_for(actor: Actor) -> QuerySet[SettlementRun]:
    """Runs of organizations where the actor may see settlements, newest first."""
    rows = SettlementRun.objects.filter(where(actor, SETTLEMENT_VIEW, "organization"))
    return rows.select_related("organization", "event").order_by("-number")


def remittances_for(actor: Actor) -> QuerySet[Remittance]:
    """What runs came to for organizations where the actor may see settlements, newest first."""
    rows = Remittance.objects.filter(where(actor, SETTLEMENT_VIEW, "organization"))
    rows = rows.annotate(net_minor=F("owed_minor") - F("owes_minor"))
    return rows.select_related("organization", "run", "run__organization").order_by("-run__number", "pk")


def payments_for(actor: Actor) -> QuerySet[SettlementPayment]:
    """Payments of runs that the actor may see, from or to organizations where they may see settlements."""
    rows = SettlementPayment.objects.filter(where(actor, SETTLEMENT_VIEW, "run__organization"))
    payer, receiver = where(actor, SETTLEMENT_VIEW, "payer"), where(actor, SETTLEMENT_VIEW, "receiver")
    if payer and receiver:
        rows = rows.filter(payer | receiver)
    return rows.select_related("run", "run__organization", "payer", "receiver").order_by("number")


def confirmations_for(actor: Actor) -> QuerySet[PaymentConfirmation]:
    """What arrived for payments that the actor may see, oldest first."""
    return (
        PaymentConfirmation.objects.filter(payment__in=payments_for(actor).order_by().values("pk"))
        .select_related("payment__run__organization", "payment__payer", "payment__receiver")
        .order_by("paid_on", "pk")
    )


def payments_of(remittance: Remittance) -> QuerySet[SettlementPayment]:
    """The payments of a run that one organization makes or gets."""
    own = Q(payer=remittance.organization_id) | Q(receiver=remittance.organization_id)
    rows = SettlementPayment.objects.filter(own, run=remittance.run_id)
    return rows.select_related("run", "payer", "receiver").order_by("number")


def pairs_of(remittance: Remittance) -> QuerySet[SettlementPair]:
    """What one organization and every other owed one another in a run, the largest net amounts first."""
    own = Q(first=remittance.organization_id) | Q(second=remittance.organization_id)
    rows = SettlementPair.objects.filter(own, run=remittance.run_id)
    net = Func(F("first_owes_minor") - F("second_owes_minor"), function="abs")
    return rows.select_related("first", "second", "agreement").order_by(net.desc(), "pk")


def bank_accounts_for(actor: Actor) -> QuerySet[BankAccount]:
    """Bank accounts of organizations where the actor may see settlements; those in use first."""
    rows = BankAccount.objects.filter(where(actor, SETTLEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("is_closed", "organization__name", "currency", "pk")
