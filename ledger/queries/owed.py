"""What organizations owe one another, vendors and patients, now: accounts that are not settled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.money import Money
from ledger.rules.accounts import Account

OWED = (Account.DUE_FROM, Account.DUE_TO, Account.ACCOUNTS_PAYABLE, Account.REFUND_PAYABLE)

_OPEN = """
    WITH moved AS (
        SELECT organization_id, counterparty_id, code, currency, debit_minor - credit_minor AS minor
          FROM ledger_balance
         WHERE (organization_id = ANY(%(of)s) OR counterparty_id = ANY(%(among)s)) AND code = ANY(%(codes)s)
         UNION ALL
        SELECT a.organization_id, a.counterparty_id, a.code, a.currency, d.debit_minor - d.credit_minor
          FROM ledger_account a
          JOIN ledger_balancedelta d ON d.network_id = a.network_id AND d.account_id = a.id
         WHERE (a.organization_id = ANY(%(of)s) OR a.counterparty_id = ANY(%(among)s)) AND a.code = ANY(%(codes)s)
    )
    SELECT organization_id, counterparty_id, code, sum(minor)::bigint, currency
      FROM moved
     GROUP BY 1, 2, 3, 5 HAVING sum(minor) <> 0
     ORDER BY 1, 3, 2, 5
"""


@dataclass(frozen=True)
class OpenAccount:
    """An account that is not zero, and what stands on it: signed, debit +."""

    organization_id: int
    counterparty_id: int | None
    account: str
    balance: Money


def open_accounts(
    of: Collection[int], *, among: Collection[int] = (), codes: Collection[Account] = OWED
) -> list[OpenAccount]:
    """Accounts that are not zero: those `of` organizations, and those of anybody with one `among` others. One query."""
    with connection.cursor() as cursor:
        named: dict[str, Any] = {
            "of": list(of),
            "among": list(among),
            "codes": [code.value for code in codes],
        }
        cursor.execute(_OPEN, named)
        return [
            OpenAccount(organization, other, code, Money(minor, currency))
            for organization, other, code, minor, currency in cursor.fetchall()
        ]
