"""What leaving the network meets in reconciliation and settlement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import Actor
from core.money import Money
from core.registries import LeaveEffect, Leavers, LeaveStep
from ledger.queries.mutual import unsettled_claims
from orgs.queries.leaving import shortened
from settlement.models import AgreementParty, Dispute, NettingAgreement, SettlementPair, SettlementRun
from settlement.permissions import RECONCILIATION_VIEW, SETTLEMENT_VIEW
from settlement.queries.blockers import UNDER_WAY


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Disputes, settlements under way, items that nobody settled, and netting agreements; constant queries.

    What they have among themselves goes along and is in nobody's way.
    """
    yield from _disputes(actor, leavers)
    yield from _runs(actor, leavers)
    yield from _items(actor, leavers)
    yield from _agreements(actor, leavers)


def _disputes(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    inside = Q(side__in=leavers.ids), Q(other__in=leavers.ids)
    rows = Dispute.objects.filter(inside[0] | inside[1], closed_at=None).exclude(inside[0] & inside[1])
    found = list(rows.select_related("side", "other").order_by("opened_at", "pk"))
    if found:
        may = allowed(actor, RECONCILIATION_VIEW)
        yield LeaveEffect(
            LeaveStep.MONEY,
            f"{locale.counted(len(found), 'open dispute')} with other organizations",
            shortened(
                (
                    f"{one.side.name} with {one.other.name}, entry no. {one.event_id}",
                    reverse("dispute", args=[one.pk]) if may else "",
                )
                for one in found
            ),
            "End them: nobody could answer any more.",
            blocks=True,
        )


def _runs(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Settlements that net something of theirs, and have neither been paid nor cancelled."""
    own = SettlementPair.objects.filter(Q(first__in=leavers.ids) | Q(second__in=leavers.ids))
    rows = SettlementRun.objects.filter(status__in=UNDER_WAY, pk__in=own.values("run"))
    found = list(rows.order_by("number"))
    if found:
        may = allowed(actor, SETTLEMENT_VIEW)
        yield LeaveEffect(
            LeaveStep.MONEY,
            f"{locale.counted(len(found), 'settlement')} under way",
            shortened(
                (
                    f"Settlement {one.number}: {one.get_status_display().lower()}",
                    reverse("settlement", args=[one.pk]) if may else "",
                )
                for one in found
            ),
            "Confirm what is still to be paid, or cancel them: they write in its books.",
            blocks=True,
        )


def _items(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Where the items stand that make up what is due; what is due stands in the way by itself."""
    found = unsettled_claims(leavers.ids)
    if found:
        may = allowed(actor, RECONCILIATION_VIEW)
        yield LeaveEffect(
            LeaveStep.MONEY,
            f"{locale.counted(len(found), 'pair')} with items that are not settled",
            shortened(
                (_owed(one), reverse("claim", args=[one.pk]) if may else "")
                for one in found
            ),
            "A settlement that takes them pays what is due.",
        )  # fmt: skip


def _owed(claim: Any) -> str:
    amount = Money(claim.balance_minor, claim.currency)
    return f"{claim.counterparty.name} to {claim.organization.name}: {amount.format()} {amount.currency}"


def _agreements(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Those in force that they are a party of: one with nobody left on the other side ends."""
    found = list(agreements_of(leavers))
    if found:
        over = {one.pk for one in ending_agreements(leavers)}
        may = allowed(actor, SETTLEMENT_VIEW)
        yield LeaveEffect(
            LeaveStep.MONEY,
            f"{locale.counted(len(found), 'netting agreement')} that it is a party of",
            shortened(
                (
                    f"{one.name}: {'ends' if one.pk in over else 'stays in force between the others'}",
                    reverse("netting", args=[one.pk]) if may else "",
                )
                for one in found
            ),
        )


def agreements_of(leavers: Leavers) -> QuerySet[NettingAgreement]:
    """Agreements that would bind one of them after the last day."""
    rows = NettingAgreement.objects.filter(
        pk__in=AgreementParty.objects.filter(organization__in=leavers.ids).values("agreement")
    )
    later = Q(ends_on=None) | Q(ends_on__gt=leavers.last_day)
    return rows.filter(later).order_by("name", "pk")


def ending_agreements(leavers: Leavers) -> QuerySet[NettingAgreement]:
    """Of those, the ones that nobody would be left to net with under: one party outside, and that one alone."""
    others = AgreementParty.objects.exclude(organization__in=leavers.ids).values_list(
        "agreement", "with_perimeter"
    )
    left: dict[int, int] = {}
    for agreement, with_perimeter in others.filter(agreement__in=agreements_of(leavers).values("pk")):
        left[agreement] = left.get(agreement, 0) + (2 if with_perimeter else 1)
    going = [one.pk for one in agreements_of(leavers) if left.get(one.pk, 0) < 2]
    return NettingAgreement.objects.filter(pk__in=going).order_by("pk")
