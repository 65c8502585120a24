"""What organizations owe one another and vendors, now: accounts that are not settled."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from ledger.rules.accounts import Account

OWED = (Account.DUE_FROM, Account.DUE_TO, Account.ACCOUNTS_PAYABLE, Account.REFUND_PAYABLE)

_OPEN = """
    WITH moved AS (
        SELECT {side} AS side_id, account_id, debit_minor - credit_minor AS minor
          FROM ledger_balance
         WHERE {side} = ANY(%(ids)s) AND code = ANY(%(codes)s)
         UNION ALL
        SELECT a.{side}, a.id, d.debit_minor - d.credit_minor
          FROM ledger_account a
          JOIN ledger_balancedelta d ON d.network_id = a.network_id AND d.account_id = a.id
         WHERE a.{side} = ANY(%(ids)s) AND a.code = ANY(%(codes)s)
    ), open AS (
        SELECT side_id FROM moved GROUP BY side_id, account_id HAVING sum(minor) <> 0
    )
    SELECT side_id, count(*) FROM open GROUP BY side_id
"""


def open_accounts_of(organization_ids: Collection[int]) -> dict[int, int]:
    """By organization, how many of its own accounts with others are not zero; those with none are left out."""
    return _open("organization_id", organization_ids)


def open_accounts_with(organization_ids: Collection[int]) -> dict[int, int]:
    """By organization, how many accounts of others with it are not zero; those with none are left out."""
    return _open("counterparty_id", organization_ids)


def _open(side: str, organization_ids: Collection[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        codes = [account.value for account in OWED]
        cursor.execute(_OPEN.format(side=side), {"ids": list(organization_ids), "codes": codes})
        return dict(cursor.fetchall())
