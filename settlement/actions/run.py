"""Proposing, approving and cancelling settlement runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING
from typing import TYPE_CHECKING

from django.db.models import Max

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.clock import now, today_in
from core.errors import Refused, Stale
from core.idempotency import check_key
from core.money import decimals_of
from ledger.rules.netting import NetPayment, Owed, bilateral, multilateral, positions
from orgs.queries import tree
from orgs.queries.organization import hold_standing, organization_codes, organization_names
from settlement.actions.parts import check_may_at, clean_reason, lock_runs, locked, move_on, refused
from settlement.models import (
    Remittance,
    SettlementItem,
    SettlementPair,
    SettlementPayment,
    SettlementRun,
)
from settlement.permissions import SETTLEMENT_APPROVE, SETTLEMENT_PROPOSE
from settlement.queries.agreement import Coverage, coverage
from settlement.queries.content import content_hash
from settlement.queries.netting import (
    Scope,
    hash_of_items,
    netted_accounts,
    netted_pairs,
    open_pairs,
    scope_of,
    take_items,
)
from settlement.rules.proposal import PairOwed, worth_paying
from settlement.rules.settings import SETTLEMENT_MINIMUM

if TYPE_CHECKING:
    from orgs.models import Organization

Method = SettlementRun.Method
Status = SettlementRun.Status
LONGEST_KEY = 120
WRITTEN_AT_ONCE = 5000


@dataclass(frozen=True)
class Proposal:
    """What to net: lines effective until a day, between some organizations, or below `organization` where none is named."""

    cutoff_on: date
    method: str
    organizations: Sequence[Organization] = ()
    currency: str = ""

    def asked(self, organization: Organization) -> str:
        """SHA-256 of what is asked for, so that a retry is told from another proposal."""
        said = [
            organization.pk,
            self.cutoff_on.isoformat(),
            self.method,
            sorted(one.pk for one in self.organizations),
            self.currency,
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class NothingOpen(Refused):
    """There is nothing that a settlement would net."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            "nothing_open",
            f"Nothing is open until {locale.day(proposal.cutoff_on)} that this would net: what is disputed, covered by no "
            "agreement, or in another settlement stays as it is.",
            field="cutoff_on",
        )


@action(SETTLEMENT_PROPOSE, audit="settlement.proposed")
def propose_run(act: Act, organization: Organization, *, proposal: Proposal, key: str) -> SettlementRun:
    """Collect what is open, net it, and say who would pay whom.

    Who may: `settlement:propose` at every organization whose lines are netted. Effect: the lines belong to the run
    until it is cancelled; what is below the minimum, disputed or covered by no agreement stays open. Refusals:
    `not_permitted` (named organizations that owe one another without a netting agreement, an archived one, fewer than
    two), `nothing_open`, `idempotency_conflict`. Audit: `settlement.proposed` with its figures. The same key and proposal return the
    first run.
    """
    check_key(key, LONGEST_KEY)
    lock_runs()
    payload_hash = proposal.asked(organization)
    first = SettlementRun.objects.filter(key=key).first()
    if first is not None:
        if first.payload_hash != payload_hash:
            raise Refused("idempotency_conflict", "This key was used before, for another settlement.")
        act.nothing_happened()
        return first
    scope, pairs, under = _worked_out(act.actor, organization, proposal)
    run = SettlementRun.objects.create(
        organization=organization,
        key=key,
        payload_hash=payload_hash,
        number=(SettlementRun.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        method=proposal.method,
        currency=scope.currency,
        cutoff_on=proposal.cutoff_on,
        proposed_at=now(),
        proposed_by_id=act.actor.id,
        proposed_by_label=act.actor.label,
    )
    take_items(run, scope, pairs)
    _write_down(run, pairs, under)
    if not run.item_count:
        raise NothingOpen(proposal)
    act.about(run)
    act.changed(
        {},
        {
            "number": run.number,
            "cutoff_on": run.cutoff_on,
            "method": run.method,
            "lines": run.item_count,
            "gross": str(run.gross),
            "net": str(run.net),
        },
    )
    return run


@action(SETTLEMENT_APPROVE, audit="settlement.approved")
def approve_run(act: Act, run: SettlementRun, *, seen_hash: str) -> SettlementRun:
    """Approve a proposal as it was seen: `seen_hash` is the content hash that was shown.

    Who may: `settlement:approve` at every organization of the run, and not who proposed it. Refusals: `not_permitted`
    (who proposed it, no proposal), `stale` (the content is not what was seen). Audit: `settlement.approved` with the
    hash.
    """
    current = locked(run)
    check_may_at(act.actor, SETTLEMENT_APPROVE, _organizations_of(current))
    move_on(act, current, Status.APPROVED, "approved")
    if proposed_it(act.actor, current):
        raise refused("Somebody else than who proposed a settlement has to approve it. Ask a colleague.")
    found = content_hash(current, hash_of_items(current))
    if found != seen_hash:
        raise Stale(
            "settlement",
            "A bank account or the settlement itself was changed since you opened this page. Look at it again, then "
            "approve it.",
        )
    current.content_hash = found
    current.approved_at = now()
    current.approved_by_id = act.actor.id
    current.approved_by_label = act.actor.label
    days = max(current.pairs.values_list("agreement__payment_days", flat=True), default=0)
    current.pay_on = today_in(current.organization.time_zone) + timedelta(days=days)
    current.save()
    act.changed({}, {"content_hash": found})
    return current


@action(SETTLEMENT_APPROVE, audit="settlement.approval_withdrawn")
def withdraw_approval(act: Act, run: SettlementRun, *, reason: str) -> SettlementRun:
    """Make an approved run one that waits again, as long as nothing of it was paid.

    Refusals: `not_permitted` (not approved, paid in part, no reason). Audit: with the reason.
    """
    current = locked(run)
    check_may_at(act.actor, SETTLEMENT_APPROVE, _organizations_of(current))
    move_on(act, current, Status.PROPOSED, "opened again")
    act.changed({"approved_by": current.approved_by_label}, {"reason": clean_reason(reason)})
    current.content_hash = ""
    current.approved_at = current.approved_by_id = current.pay_on = None
    current.approved_by_label = ""
    current.save()
    return current


@action(SETTLEMENT_PROPOSE, audit="settlement.cancelled")
def cancel_run(act: Act, run: SettlementRun, *, reason: str) -> SettlementRun:
    """Cancel a run of which nothing was paid; its lines are open again.

    Refusals: `not_permitted` (paid in part or settled, no reason). Audit: with the reason.
    """
    current = locked(run)
    check_may_at(act.actor, SETTLEMENT_PROPOSE, _organizations_of(current))
    move_on(act, current, Status.CANCELLED, "cancelled")
    current.reason = clean_reason(reason)
    current.save()
    SettlementItem.objects.filter(run_id=current.pk).delete()
    act.changed({}, {"reason": current.reason})
    return current


def _worked_out(
    actor: Actor, organization: Organization, proposal: Proposal
) -> tuple[Scope, list[PairOwed], Coverage]:
    """What the run would net: its scope, the pairs, and the agreements that cover them."""
    books = _books(organization, proposal)
    scope = scope_of(books, proposal.currency or organization.currency, proposal.cutoff_on)
    pairs = open_pairs(scope)
    found = coverage(scope.currency, scope.until)
    if proposal.method == Method.MULTILATERAL:
        found = found.for_all(pairs)
    covered = [(pair, agreement) for pair in pairs if (agreement := found.between(pair))]
    if proposal.organizations and len(covered) < len(pairs):
        raise _not_covered(next(pair for pair in pairs if not found.between(pair)), proposal, scope)
    least = _smallest_payment(organization, scope.currency)
    worth = worth_paying(
        [replace(pair, minimum_minor=max(least, agreement.minimum_minor)) for pair, agreement in covered],
        multilateral=proposal.method == Method.MULTILATERAL,
    )
    check_may_at(actor, SETTLEMENT_PROPOSE, {one for pair in worth for one in (pair.first, pair.second)})
    hold_standing(*books)
    return scope, worth, found


def _books(organization: Organization, proposal: Proposal) -> list[Organization]:
    """The organizations that keep books: those that were named, or all in the branch that still do business."""
    if not proposal.organizations:
        return list(tree.subtree(organization).exclude(kind="third_party").exclude(status="archived"))
    books = [one for one in proposal.organizations if one.keeps_books]
    archived = next((one for one in books if one.status == "archived"), None)
    if archived is not None:
        raise refused(f"{archived.name} is archived; nothing is posted in its books any more.")
    if len(books) < 2:
        raise refused("Netting takes at least two organizations that keep books.", field="organizations")
    return books


def _not_covered(pair: PairOwed, proposal: Proposal, scope: Scope) -> Refused:
    names = organization_names([pair.first, pair.second])
    kind = " of all with all" if proposal.method == Method.MULTILATERAL else ""
    return refused(
        f"{names[pair.first]} and {names[pair.second]} owe one another {scope.currency}, but no netting agreement{kind} "
        f"covers both on {locale.day(scope.until)}. Record it under netting agreements first.",
        field="organizations",
    )


def _smallest_payment(organization: Organization, currency: str) -> int:
    """The setting's amount in minor units, rounded up to what the currency has."""
    return int(
        (SETTLEMENT_MINIMUM.at(organization).scaleb(decimals_of(currency))).to_integral_value(ROUND_CEILING)
    )


def _write_down(run: SettlementRun, expected: Sequence[PairOwed], under: Coverage) -> None:
    """Keep what the run's lines come to: pairs, organizations, payments, totals and the hash of the lines."""
    pairs = netted_pairs(netted_accounts(run))
    if pairs != [replace(pair, minimum_minor=0) for pair in expected]:
        raise Stale(
            "settlement",
            "Something was posted up to the cut-off day while the lines were collected. Propose the settlement again.",
        )
    SettlementPair.objects.bulk_create(
        (
            SettlementPair(
                run=run,
                first_id=pair.first,
                second_id=pair.second,
                agreement=under.between(pair),
                first_owes_minor=pair.first_owes_minor,
                second_owes_minor=pair.second_owes_minor,
                item_count=pair.item_count,
            )
            for pair in pairs
        ),
        batch_size=WRITTEN_AT_ONCE,
    )
    Remittance.objects.bulk_create(_remittances(run, pairs), batch_size=WRITTEN_AT_ONCE)
    payments = _payments(run, pairs)
    SettlementPayment.objects.bulk_create(payments, batch_size=WRITTEN_AT_ONCE)
    run.item_count = sum(pair.item_count for pair in pairs)
    run.gross_minor = sum(pair.first_owes_minor + pair.second_owes_minor for pair in pairs)
    run.net_minor = sum(payment.amount_minor for payment in payments)
    run.items_hash = hash_of_items(run)
    run.save(update_fields=["item_count", "gross_minor", "net_minor", "items_hash"])


def _remittances(run: SettlementRun, pairs: Iterable[PairOwed]) -> list[Remittance]:
    """What each organization is owed and owes, gross."""
    found: dict[int, Remittance] = {}
    for pair in pairs:
        for one, owes, owed in (
            (pair.first, pair.first_owes_minor, pair.second_owes_minor),
            (pair.second, pair.second_owes_minor, pair.first_owes_minor),
        ):
            row = found.setdefault(
                one, Remittance(run=run, organization_id=one, owes_minor=0, owed_minor=0, item_count=0)
            )
            row.owes_minor += owes
            row.owed_minor += owed
            row.item_count += pair.item_count
    return [found[one] for one in sorted(found)]


def _payments(run: SettlementRun, pairs: Sequence[PairOwed]) -> list[SettlementPayment]:
    """Who pays whom: at most one payment a pair, or by positions with at most n-1 payments; ties go by code."""
    codes = organization_codes({one for pair in pairs for one in (pair.first, pair.second)})
    ids = {code: pk for pk, code in codes.items()}
    owed = [Owed(codes[pair.first], codes[pair.second], pair.net_minor) for pair in pairs]
    found: list[NetPayment] = (
        multilateral(positions(owed)) if run.method == Method.MULTILATERAL else bilateral(owed)
    )
    return [
        SettlementPayment(
            run=run,
            number=number,
            payer_id=ids[each.payer],
            receiver_id=ids[each.receiver],
            amount_minor=each.amount_minor,
        )
        for number, each in enumerate(found, start=1)
    ]


def _organizations_of(run: SettlementRun) -> list[int]:
    return list(run.remittances.values_list("organization_id", flat=True))


def proposed_it(actor: Actor, run: SettlementRun) -> bool:
    """Whether it was the actor who proposed a run, and so somebody else approves it."""
    if actor.id is None and run.proposed_by_id is None:
        return actor.label == run.proposed_by_label
    return actor.id == run.proposed_by_id
