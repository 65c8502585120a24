"""What the demo's organizations owe one another: agreements, bank accounts, a settled month and one that waits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from core import clock
from core.money import Money
from network.demo.places import OPENED
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.bank_account import Typed, enter_bank_account
from settlement.actions.payment import bounce_payment, confirm_payment, settle_run
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.queries.content import content_hash
from settlement.queries.run import confirmations_for, payments_for

if TYPE_CHECKING:
    from core.actors import UserActor
    from orgs.models import Organization
    from settlement.models import SettlementRun

PARTNERS = ("DEC", "AAR")
BANK_CODES = ("HDFC0000123", "ICIC0000456", "SBIN0000789", "UTIB0000321")


def build_settlement(
    finance: UserActor, administrator: UserActor, organizations: dict[str, Organization], today: date
) -> None:
    """Two months ago was paid, with one payment that came back and was made again; last month waits for approval."""
    root = organizations["SAH"]
    partners = [organizations[code] for code in PARTNERS if code in organizations]
    _agree(finance, root, partners)
    for number, place in enumerate([*_own(organizations), *partners]):
        typed = Typed(
            holder=f"{place.name} Pvt Ltd",
            account_number=f"50100{4321987 + 7919 * number:09d}",
            bank_code=BANK_CODES[number % len(BANK_CODES)],
        )
        enter_bank_account(finance, place, currency="INR", typed=typed)
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    _paid_month(finance, administrator, root, before)
    with clock.at(_noon(last + timedelta(days=1))):
        _propose(finance, root, last)


def _agree(finance: UserActor, root: Organization, partners: list[Organization]) -> None:
    signed = Signed(
        name="Netting within the group and with partners",
        method="multilateral",
        legal_basis="Framework agreement NA-2024-01, section 4",
        minimum=Money.parse("500.00", "INR"),
        payment_days=10,
        signed_on=OPENED,
        signed_by="Meera Kulkarni for the group, the partners' directors",
        starts_on=OPENED,
        parties=partners,
        groups=[root],
    )
    sign_agreement(finance, root, signed=signed)


def _own(organizations: dict[str, Organization]) -> list[Organization]:
    return [one for one in organizations.values() if one.kind in ("parent", "sub")]


def _paid_month(finance: UserActor, administrator: UserActor, root: Organization, cutoff: date) -> None:
    with clock.at(_noon(cutoff + timedelta(days=4))):
        run = _propose(finance, root, cutoff)
    with clock.at(_noon(cutoff + timedelta(days=5))):
        approve_run(administrator, run, seen_hash=content_hash(run))
    first = payments_for(finance).filter(run=run).first()
    if first is not None:
        paid, back = cutoff + timedelta(days=7), cutoff + timedelta(days=9)
        confirm_payment(
            finance, first, amount=first.amount, on=paid, reference="NEFT N113250", key="demo paid"
        )
        confirmation = confirmations_for(finance).get(payment=first)
        bounce_payment(
            finance, first, confirmation=confirmation, on=back, reason="Account was dormant", key="demo back"
        )
    settle_run(finance, run, on=cutoff + timedelta(days=12), key="demo settled")


def _propose(finance: UserActor, root: Organization, cutoff: date) -> SettlementRun:
    proposal = Proposal(cutoff, "multilateral")
    return propose_run(finance, root, proposal=proposal, key=f"demo {cutoff.isoformat()}")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(6, 30), UTC)
