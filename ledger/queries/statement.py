"""Statements: balances as of any date, per organization and consolidated.

Everything is read in one statement over what stands on each account and the deltas that wait, so that the cost follows
the number of accounts, not of lines or days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from core.actors import Actor
from core.money import Money
from core.tenancy import bound_network_id
from ledger.permissions import STATEMENT_VIEW
from ledger.rules.accounts import CHART, Account, AccountType, Section, account_type
from orgs.queries.access import organizations_for, where
from orgs.queries.tree import as_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

#: What stands on accounts at the end of a day: of each the last row of `Standing` until then, and the deltas that wait.
TURNOVER = """
    turnover AS (
        SELECT a.organization_id, a.counterparty_id, a.code, a.currency, s.debit_minor - s.credit_minor AS minor,
               s.debit_minor + s.credit_minor AS moved
          FROM inside i
          JOIN ledger_account a ON a.organization_id = i.id
         CROSS JOIN LATERAL (
               SELECT debit_minor, credit_minor FROM ledger_standing
                WHERE network_id = a.network_id AND account_id = a.id AND effective_on <= %(until)s
                ORDER BY effective_on DESC LIMIT 1) s
         WHERE a.network_id = %(network)s {codes}
        UNION ALL
        SELECT a.organization_id, a.counterparty_id, a.code, a.currency, d.debit_minor - d.credit_minor,
               d.debit_minor + d.credit_minor
          FROM ledger_balancedelta d
          JOIN ledger_account a ON a.network_id = d.network_id AND a.id = d.account_id
          JOIN inside i ON i.id = a.organization_id
         WHERE d.network_id = %(network)s AND d.effective_on <= %(until)s {codes})
"""

#: The perimeter of a day: from the organization down, with no partner or third party between.
_INSIDE = "inside AS MATERIALIZED (SELECT app.perimeter_as_of(%(of)s, %(day)s) AS id)"

_ALONE = "inside AS MATERIALIZED (SELECT %(of)s::bigint AS id)"


@dataclass(frozen=True)
class Row:
    """One account of a statement: signed, debit +. aggregate + eliminations = consolidated."""

    type: AccountType
    aggregate: Money
    eliminations: Money

    @property
    def consolidated(self) -> Money:
        return self.aggregate + self.eliminations


@dataclass(frozen=True)
class Part:
    """The rows of one section in one currency, with their totals."""

    section: Section
    rows: list[Row]
    aggregate: Money
    eliminations: Money

    @property
    def consolidated(self) -> Money:
        return self.aggregate + self.eliminations


@dataclass(frozen=True)
class Statement:
    """A statement in one currency; its proof is that every column sums to zero."""

    currency: str
    parts: list[Part]

    @property
    def totals(self) -> tuple[Money, Money, Money]:
        zero = Money(0, self.currency)
        aggregate = sum((part.aggregate for part in self.parts), zero)
        eliminations = sum((part.eliminations for part in self.parts), zero)
        return aggregate, eliminations, aggregate + eliminations

    @property
    def balances(self) -> bool:
        return not any(self.totals)


def books_for(actor: Actor) -> QuerySet[Organization]:
    """Organizations whose statements the actor may read, in tree order."""
    rows = organizations_for(actor, STATEMENT_VIEW).exclude(kind="third_party").exclude(status="archived")
    return rows.order_by("lft")


def may_consolidate(actor: Actor, organization: Organization, until: date) -> bool:
    """Whether the actor may read the books of everything that stood below the organization on a day.

    What has left the branch since still belongs to its statement of that day, and asks for the permission where it is.
    """
    if not where(actor, STATEMENT_VIEW):  # everywhere
        return True
    covered = organizations_for(actor, STATEMENT_VIEW)
    return not as_of(until).subtree(organization).exclude(pk__in=covered.values("pk")).exists()


def perimeter_of(organization: Organization, until: date) -> list[int]:
    """Ids of what the organization consolidated on a day, itself included."""
    return list(as_of(until).perimeter(organization).values_list("pk", flat=True))


def statement(
    organization: Organization, until: date, *, since: date | None = None, consolidated: bool = False
) -> list[Statement]:
    """Balances of an organization, or of its perimeter, at the end of a day; with `since`, what moved from then on.

    The perimeter is the one of the last day: who moves away later stays in what was reported until then. One statement
    a currency, in order of currency; accounts that never moved are left out.
    """
    inside = {"of": organization.pk, "day": until}
    totals = _totals(inside, until, consolidated=consolidated)
    if since is not None:
        before = _totals(inside, since - timedelta(days=1), consolidated=consolidated)
        for key, (aggregate, eliminations) in before.items():
            now = totals.get(key, (0, 0))
            totals[key] = now[0] - aggregate, now[1] - eliminations
    currencies = sorted({currency for _, currency in totals})
    return [_statement(currency, totals) for currency in currencies]


@dataclass(frozen=True)
class AccountBalance:
    """What stands on one account of an organization at the end of a day."""

    organization_id: int
    account: str
    counterparty_id: int | None
    balance: Money


def balances_of(organization_ids: Sequence[int], until: date) -> list[AccountBalance]:
    """Every account of some organizations that ever moved until a day, with its balance; one statement."""
    sql = f"""
        WITH inside AS MATERIALIZED (SELECT unnest(%(books)s::bigint[]) AS id),
        {TURNOVER.format(codes="")}
        SELECT organization_id, code, counterparty_id, sum(minor)::bigint, currency FROM turnover
         GROUP BY 1, 2, 3, 5 HAVING sum(moved) <> 0 ORDER BY 1, 2, 3, 5
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"books": list(organization_ids)} | day_parameters(until))
        return [
            AccountBalance(organization, code, other, Money(minor, currency))
            for organization, code, other, minor, currency in cursor.fetchall()
        ]


def _totals(
    inside: dict[str, Any], until: date, *, consolidated: bool
) -> dict[tuple[str, str], tuple[int, int]]:
    """(account code, currency) -> (aggregate, eliminations), in minor units."""
    sql = f"""
        WITH {_INSIDE if consolidated else _ALONE},
        {TURNOVER.format(codes="")}
        SELECT t.code, t.currency, sum(t.minor)::bigint,
               -coalesce(sum(t.minor) FILTER (WHERE other.id IS NOT NULL), 0)::bigint
          FROM turnover t LEFT JOIN inside other ON other.id = t.counterparty_id
         GROUP BY 1, 2 HAVING sum(t.moved) <> 0
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, inside | day_parameters(until))
        return {(code, currency): (total, gone) for code, currency, total, gone in cursor.fetchall()}


def _statement(currency: str, totals: dict[tuple[str, str], tuple[int, int]]) -> Statement:
    parts = []
    zero = Money(0, currency)
    for section in Section:
        rows = [
            Row(account_type(account), Money(found[0], currency), Money(found[1], currency))
            for account in CHART
            if account_type(account).section is section
            and (found := totals.get((Account(account).value, currency))) is not None
        ]
        if rows:
            aggregate = sum((row.aggregate for row in rows), zero)
            parts.append(Part(section, rows, aggregate, sum((row.eliminations for row in rows), zero)))
    return Statement(currency, parts)


def day_parameters(until: date) -> dict[str, Any]:
    """What `TURNOVER` is asked for a day."""
    return {"network": bound_network_id(), "until": until}
