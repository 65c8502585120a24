"""Figures of reports: what stands on accounts of some books, in one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection

from core.actors import Actor
from core.tenancy import bound_network_id
from ledger.queries.period import closed_at
from ledger.queries.statement import TURNOVER, day_parameters, may_consolidate
from ledger.rules.books import Figures
from ledger.rules.report import Compare, Period, Scope
from orgs.queries.tree import as_of

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Ask:
    """What somebody wants to be told: whose books, of which days, beside what."""

    actor: Actor
    organization: Organization
    scope: Scope
    period: Period
    compare: Compare = Compare.NOTHING
    currency: str = ""  # the one that everything is shown in; without it each by itself
    naming: str = (
        ""  # the permission of those patients who are named; without it, as in mail to several, nobody is
    )

    def is_allowed(self) -> bool:
        """Whether the actor may read all the books that it adds up."""
        return self.scope is Scope.ALONE or may_consolidate(self.actor, self.organization, self.period.until)

    @cached_property
    def books(self) -> list[int]:
        """Ids of the organizations whose books are added up, as the tree was on the last day."""
        if self.scope is Scope.ALONE:
            return [self.organization.pk]
        tree = as_of(self.period.until)
        rows = (tree.subtree if self.scope is Scope.SUBTREE else tree.perimeter)(self.organization)
        return list(rows.exclude(kind="third_party").values_list("pk", flat=True))

    @cached_property
    def outside(self) -> list[int]:
        """Ids of the partners' books below the organization, which it does not consolidate."""
        inside = set(as_of(self.period.until).perimeter(self.organization).values_list("pk", flat=True))
        below = as_of(self.period.until).subtree(self.organization).exclude(kind="third_party")
        return [pk for pk in below.values_list("pk", flat=True) if pk not in inside]

    @cached_property
    def closed_at(self) -> datetime | None:
        """When all the books that it shows were closed for its last day; None where they are not."""
        shown = [*self.books, *(self.outside if self.scope is Scope.CONSOLIDATED else ())]
        return closed_at(self.organization, shown, self.period.until)

    def lines(self, period: Period | None = None, **more: str) -> dict[str, str]:
        """The filter of the journal lines behind a figure; without `period` from the beginning to the last day."""
        found = {"organization": self.organization.code, "scope": self.scope.value}
        found["until"] = (period or self.period).until.isoformat()
        if period is not None:
            found["since"] = period.since.isoformat()
        return found | more

    def parts(self, figure: str, currency: str, period: Period | None = None, **more: str) -> dict[str, str]:
        """The same of a figure that journal lines don't tell (`ledger.queries.figure_lines`)."""
        return self.lines(period, figure=figure, currency=currency, **more)


def balances(books: Sequence[int], until: date) -> tuple[Figures, Figures]:
    """What stands on the accounts of some books at the end of a day, and what of it eliminates among them."""
    return _summed(_read(books, until))


def moved(books: Sequence[int], period: Period) -> tuple[Figures, Figures]:
    """The same of what moved in a period."""
    total, gone = balances(books, period.until)
    total_before, gone_before = balances(books, period.since - timedelta(days=1))
    return less(total, total_before), less(gone, gone_before)


def balances_by_book(books: Sequence[int], until: date) -> dict[int, Figures]:
    """What stands on the accounts of each of some books."""
    found: dict[int, Figures] = {pk: {} for pk in books}
    for organization_id, code, currency, minor, _ in _read(books, until, "t.organization_id::text"):
        found[int(organization_id)][code, currency] = minor
    return found


def moved_by_book(books: Sequence[int], period: Period) -> dict[int, Figures]:
    """The same of what moved in a period."""
    before = balances_by_book(books, period.since - timedelta(days=1))
    return {pk: less(found, before[pk]) for pk, found in balances_by_book(books, period.until).items()}


def less(figures: Mapping[tuple[str, str], int], others: Mapping[tuple[str, str], int]) -> Figures:
    """Figures without others; an account that moved stays, though nothing be left on it."""
    return {key: figures.get(key, 0) - others.get(key, 0) for key in {**others, **figures}}


def plus(*parts: Mapping[tuple[str, str], int]) -> Figures:
    """The sum of figures."""
    found: Figures = {}
    for part in parts:
        for key, minor in part.items():
            found[key] = found.get(key, 0) + minor
    return found


def by_month(
    books: Sequence[int], codes: Sequence[str], months: Sequence[date], *, eliminated: bool = False
) -> dict[tuple[date, str, str], int]:
    """What moved on accounts of some books in each of some months: {(month, code, currency): minor units}.

    Where `eliminated`, without what the books have booked against one another.
    """
    outside = "AND (b.counterparty_id IS NULL OR b.counterparty_id <> ALL(%(books)s))" if eliminated else ""
    sql = f"""
        SELECT b.month, b.code, b.currency, sum(b.debit_minor - b.credit_minor)::bigint
          FROM (SELECT network_id, organization_id, counterparty_id, month, code, currency, debit_minor, credit_minor
                  FROM ledger_balance
                 UNION ALL
                SELECT a.network_id, a.organization_id, a.counterparty_id,
                       date_trunc('month', d.effective_on::timestamp)::date, a.code, a.currency, d.debit_minor,
                       d.credit_minor
                  FROM ledger_balancedelta d
                  JOIN ledger_account a ON a.network_id = d.network_id AND a.id = d.account_id) b
         WHERE b.network_id = %(network)s AND b.organization_id = ANY(%(books)s) AND b.code = ANY(%(codes)s)
           AND b.month BETWEEN %(first)s AND %(last)s {outside}
         GROUP BY 1, 2, 3
    """
    parameters = {
        "network": bound_network_id(),
        "books": list(books),
        "codes": list(codes),
        "first": months[0],
        "last": months[-1],
    }
    return {(month, code, currency): minor for month, code, currency, minor in rows_of(sql, parameters)}


def rows_of(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(parameters))
        return list(cursor.fetchall())


def figures_sql(books: Sequence[int], until: date, book: str = "''") -> tuple[str, dict[str, Any]]:
    """The statement that reads figures, by `book` where it says so, and its parameters."""
    sql = f"""
        WITH inside AS MATERIALIZED (SELECT unnest(%(books)s::bigint[]) AS id),
        {TURNOVER.format(codes="")}
        SELECT {book}, t.code, t.currency, sum(t.minor)::bigint,
               -coalesce(sum(t.minor) FILTER (WHERE other.id IS NOT NULL), 0)::bigint
          FROM turnover t LEFT JOIN inside other ON other.id = t.counterparty_id
         GROUP BY 1, 2, 3 HAVING sum(t.moved) <> 0
    """
    return sql, {"books": list(books)} | day_parameters(until)


def _read(books: Sequence[int], until: date, book: str = "''") -> list[tuple[Any, ...]]:
    return rows_of(*figures_sql(books, until, book))


def _summed(rows: Sequence[tuple[Any, ...]]) -> tuple[Figures, Figures]:
    total = {(code, currency): minor for _, code, currency, minor, _ in rows}
    return total, {(code, currency): gone for _, code, currency, _, gone in rows if gone}
