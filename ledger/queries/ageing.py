"""How long what is due has stood open: what is paid settles the oldest first.

What stands on an account is then what was last put there: of a debit balance as much is newer than a day as was debited
since, the balance at most. So ages are a few looks at what stood on each account, however many lines it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from core.tenancy import bound_network_id
from ledger.queries.figures import rows_of

#: How many days each age lasts up to, and how it is called.
AGES = ((30, "Up to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"), (None, "Over 90 days"))

DUES = ("due_from", "due_to", "accounts_payable")

#: All that was debited and credited to accounts of `{those}` until each of some days, in parts.
_STOOD = """
    SELECT those.id, day, standing.debit_minor AS debit, standing.credit_minor AS credit
      FROM {those} those
     CROSS JOIN unnest({days}::date[]) AS day
     CROSS JOIN LATERAL (
           SELECT debit_minor, credit_minor FROM ledger_standing
            WHERE network_id = %(network)s AND account_id = those.id AND effective_on <= day
            ORDER BY effective_on DESC LIMIT 1) standing
    UNION ALL
    SELECT those.id, day, delta.debit_minor, delta.credit_minor
      FROM ledger_balancedelta delta
      JOIN {those} those ON those.id = delta.account_id
      JOIN unnest({days}::date[]) AS day ON delta.effective_on <= day
     WHERE delta.network_id = %(network)s
"""
_SQL = f"""
    WITH account AS MATERIALIZED (
        SELECT id, organization_id, counterparty_id, code, currency FROM ledger_account
         WHERE network_id = %(network)s AND organization_id = ANY(%(books)s) AND code = ANY(%(codes)s)),
    due AS MATERIALIZED (
        SELECT id, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
          FROM ({_STOOD.format(those="account", days="ARRAY[%(until)s]")}) stood
         GROUP BY id HAVING sum(debit) <> sum(credit)),
    earlier AS (
        SELECT id, day, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
          FROM ({_STOOD.format(those="due", days="%(days)s")}) stood
         GROUP BY id, day)
    SELECT account.organization_id, account.counterparty_id, account.code, account.currency, due.debit - due.credit,
           array_agg(CASE WHEN due.debit > due.credit
                          THEN least(due.debit - due.credit, due.debit - coalesce(earlier.debit, 0))
                          ELSE greatest(due.debit - due.credit, coalesce(earlier.credit, 0) - due.credit) END
                     ORDER BY asked.day DESC)
      FROM due
      JOIN account ON account.id = due.id
     CROSS JOIN unnest(%(days)s::date[]) AS asked (day)
      LEFT JOIN earlier ON earlier.id = due.id AND earlier.day = asked.day
     GROUP BY account.id, 1, 2, 3, 4, 5 ORDER BY abs(due.debit - due.credit) DESC, 1, 2, 3
"""


@dataclass(frozen=True)
class Aged:
    """What stands on one account: signed minor units, one for each of `AGES`."""

    organization_id: int
    counterparty_id: int
    account: str
    currency: str
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.parts)


def aged(books: Sequence[int], until: date, codes: Sequence[str] = DUES) -> list[Aged]:
    """What is due from and to others in some books at the end of a day, the largest first; one statement."""
    return [
        Aged(
            own,
            other,
            code,
            currency,
            tuple(newer - before for before, newer in pairwise((0, *newest, balance))),
        )
        for own, other, code, currency, balance, newest in rows_of(*aged_sql(books, until, codes))
    ]


def aged_sql(books: Sequence[int], until: date, codes: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The statement that reads it, and its parameters."""
    days = [until - timedelta(days=last + 1) for last, _ in AGES if last is not None]
    return _SQL, {
        "network": bound_network_id(),
        "books": list(books),
        "codes": list(codes),
        "until": until,
        "days": days,
    }


def days_of(age: int, until: date) -> tuple[date, date]:
    """The first and the last day of an age, by its place in `AGES`, as of a day."""
    last, longest = AGES[age][0], AGES[age - 1][0] if age else None
    first = date.min if last is None else until - timedelta(days=last)
    return first, until if longest is None else until - timedelta(days=longest + 1)
