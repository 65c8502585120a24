"""The kinds of reports, and what one of them says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.clock import day_in, today_in
from ledger.models import PeriodClose
from ledger.queries.figures import Ask
from ledger.queries.report_books import (
    account_movements,
    balance_sheet,
    profit_and_loss,
    trial_balance,
)
from ledger.queries.report_cash import cash_movement
from ledger.queries.report_due import due_ageing
from ledger.queries.report_prepaid import prepaid_proof
from ledger.queries.report_shares import revenue_shares, utilization
from ledger.queries.report_tax import tax_report
from ledger.rules.report import Period, Report, Scope, relative_period

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Kind:
    """A kind of report: how it is called, what it tells, whether it knows eliminations and comparisons, is told in one
    currency, and may name patients."""

    code: str
    title: str
    text: str
    tell: Callable[[Ask], Report]
    consolidates: bool = False
    translates: bool = False
    names_patients: bool = False

    def fitting(self, scope: str) -> Scope:
        """A scope as far as it knows it; what is usual where none is said."""
        known = Scope(scope) if scope in set(Scope) else Scope.CONSOLIDATED
        return known if self.consolidates or known is not Scope.CONSOLIDATED else Scope.SUBTREE

    def build(self, ask: Ask) -> Report:
        """What it says, and of closed books that it stays so."""
        return _noted(self.tell(ask), ask)


KINDS = {
    kind.code: kind
    for kind in (
        Kind("trial-balance", "Trial balance", "What stands on every account.", trial_balance, True, True),
        Kind("profit-and-loss", "Profit and loss", "What was earned and spent.", profit_and_loss, True, True),
        Kind("balance-sheet", "Balance sheet", "What is owned and what is owed.", balance_sheet, True, True),
        Kind(
            "cash-movement",
            "Cash movement",
            "How cash came and went, by what happened.",
            cash_movement,
            translates=True,
        ),
        Kind(
            "prepaid-proof",
            "Prepaid proof",
            "Open entitlements against the contract liability, with the roll-forward.",
            prepaid_proof,
        ),
        Kind(
            "utilization",
            "Utilization by branch",
            "Where prepaid care was given, and whose it was.",
            utilization,
            names_patients=True,
        ),
        Kind(
            "revenue-shares",
            "Revenue shares",
            "What each party earned, from whom, by which rule.",
            revenue_shares,
        ),
        Kind("tax", "Tax", "What is owed as tax, by tax code and rate, and what was given back.", tax_report),
        Kind("due-by-age", "Due by age", "What organizations owe one another, and since when.", due_ageing),
    )
}


def statement_in_one(ask: Ask, *, during: bool) -> Report:
    """Every account in one currency: what stands there, or how that changed in the period, with the rates used."""
    return _noted(account_movements(ask) if during else trial_balance(ask), ask)


def _noted(found: Report, ask: Ask) -> Report:
    if ask.closed_at is None:
        return found
    day = locale.long_day(day_in(ask.organization.time_zone, ask.closed_at))
    note = f"These books closed on {day}, so the figures stay. Names and letterhead are those of today."
    return replace(found, notes=[*found.notes, note])


USUAL_KIND, USUAL_PERIOD = "profit-and-loss", "this_month"


def period_at(organization: Organization, code: str) -> Period:
    """A relative period as it is at an organization today."""
    return relative_period(code, today_in(organization.time_zone), closed_through(organization))


def closed_through(organization: Organization) -> date | None:
    """The last day that is closed in an organization's books."""
    return (
        PeriodClose.objects.filter(organization=organization).values_list("closed_through", flat=True).first()
    )
