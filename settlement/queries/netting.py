"""What is open between organizations and what a run took of it: set-based, for lines by the million."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection

from ledger.queries.due_lines import DUE_LINES
from settlement.models import SettlementRun
from settlement.rules.proposal import PairOwed
from settlement.rules.settings import ACKNOWLEDGE_FIRST

if TYPE_CHECKING:
    from orgs.models import Organization

#: Due lines that no run has taken, that nobody disputes, and that both agreed to where either side is `strict`. The item
#: that both lines of a claim belong to is named by its due-from account.
_OPEN = f"""
    WITH due AS ({DUE_LINES}),
    open AS (
        SELECT due.* FROM due
          JOIN ledger_account claim
            ON claim.network_id = due.network_id AND claim.organization_id = due.creditor_id
           AND claim.code = 'due_from' AND claim.currency = %(currency)s
           AND coalesce(claim.counterparty_id, 0) = due.debtor_id
         WHERE NOT EXISTS (
                   SELECT FROM settlement_settlementitem taken
                    WHERE taken.network_id = due.network_id AND taken.event_id = due.event_id
                      AND taken.line_no = due.line_no)
           AND NOT EXISTS (
                   SELECT FROM settlement_dispute dispute
                    WHERE dispute.network_id = due.network_id AND dispute.account_id = claim.id
                      AND dispute.event_id = due.event_id AND dispute.closed_at IS NULL)
           AND (due.creditor_id <> ALL (%(strict)s) AND due.debtor_id <> ALL (%(strict)s)
                OR EXISTS (
                   SELECT FROM settlement_acknowledgement agreed
                    WHERE agreed.network_id = due.network_id AND agreed.account_id = claim.id
                      AND agreed.event_id = due.event_id AND agreed.completes)))
"""


@dataclass(frozen=True, slots=True)
class NettedAccount:
    """What a run's lines come to on one account: signed, debit +."""

    organization_id: int
    account: str
    counterparty_id: int
    amount_minor: int
    line_count: int


@dataclass(frozen=True)
class Scope:
    """Whose lines, in which currency, effective until when; `strict` are those who settle only what is acknowledged."""

    books: Collection[int]
    currency: str
    until: date
    strict: Collection[int] = ()

    def parameters(self) -> dict[str, Any]:
        return {
            "books": list(self.books),
            "currency": self.currency,
            "until": self.until,
            "strict": list(self.strict),
        }


def scope_of(organizations: Collection[Organization], currency: str, until: date) -> Scope:
    """The lines between organizations, of those who settle only what is acknowledged only such."""
    strict = [one.pk for one in organizations if ACKNOWLEDGE_FIRST.at(one)]
    return Scope([one.pk for one in organizations], currency, until, strict)


def open_pairs(scope: Scope) -> list[PairOwed]:
    """What is open between every two organizations, ordered by them."""
    sql = f"""
        {_OPEN}
        SELECT least(creditor_id, debtor_id), greatest(creditor_id, debtor_id),
               coalesce(sum(owed_minor) FILTER (WHERE debtor_id < creditor_id), 0)::bigint,
               coalesce(sum(owed_minor) FILTER (WHERE debtor_id > creditor_id), 0)::bigint,
               count(*)
          FROM open WHERE is_claim GROUP BY 1, 2 ORDER BY 1, 2
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, scope.parameters())
        return [PairOwed(*row) for row in cursor.fetchall()]


def take_items(run: SettlementRun, scope: Scope, pairs: Sequence[PairOwed]) -> None:
    """Make the open lines of some pairs the run's own, in one statement; part of the action that proposes it."""
    sql = f"""
        {_OPEN}
        INSERT INTO settlement_settlementitem (network_id, event_id, line_no, run_id)
        SELECT open.network_id, open.event_id, open.line_no, %(run)s
          FROM open
          JOIN unnest(%(firsts)s::bigint[], %(seconds)s::bigint[]) pair (first_id, second_id)
            ON pair.first_id = least(open.creditor_id, open.debtor_id)
           AND pair.second_id = greatest(open.creditor_id, open.debtor_id)
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            scope.parameters()
            | {
                "run": run.pk,
                "firsts": [pair.first for pair in pairs],
                "seconds": [pair.second for pair in pairs],
            },
        )


def netted_accounts(run: SettlementRun) -> list[NettedAccount]:
    """What the run's lines come to, account by account."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.organization_id, a.code, a.counterparty_id, sum(l.amount_minor)::bigint, count(*)
              FROM settlement_settlementitem i
              JOIN ledger_journalline l ON l.event_id = i.event_id AND l.line_no = i.line_no
              JOIN ledger_account a ON a.network_id = l.network_id AND a.id = l.account_id
             WHERE i.network_id = app.network_id() AND i.run_id = %s
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            [run.pk],
        )
        return [NettedAccount(*row) for row in cursor.fetchall()]


def netted_pairs(accounts: Iterable[NettedAccount]) -> list[PairOwed]:
    """The same as what every two organizations owe one another."""
    owed: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in accounts:
        if one.account == "due_from":
            creditor, debtor = one.organization_id, one.counterparty_id
            pair = owed[min(creditor, debtor), max(creditor, debtor)]
            pair[debtor > creditor] += one.amount_minor
            pair[2] += one.line_count
    return [PairOwed(first, second, *sums) for (first, second), sums in sorted(owed.items())]


def hash_of_items(run: SettlementRun) -> str:
    """SHA-256 over the run's lines with their amounts, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT encode(sha256(convert_to(coalesce(string_agg(
                       i.event_id || ':' || i.line_no || ':' || l.amount_minor, ',' ORDER BY i.event_id, i.line_no),
                       ''), 'UTF8')), 'hex')
              FROM settlement_settlementitem i
              JOIN ledger_journalline l ON l.event_id = i.event_id AND l.line_no = i.line_no
             WHERE i.network_id = app.network_id() AND i.run_id = %s
            """,
            [run.pk],
        )
        return str(cursor.fetchone()[0])
