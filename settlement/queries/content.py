"""What an approval binds: one hash over lines, payments and payees."""

from __future__ import annotations

import hashlib
import json

from django.db.models import F

from settlement.models import BankAccount, SettlementRun


def accounts_in_use(run: SettlementRun, organization_ids: list[int]) -> dict[int, BankAccount]:
    """The bank account that each organization uses in the run's currency."""
    rows = BankAccount.objects.filter(
        organization__in=organization_ids, currency=run.currency, is_closed=False
    )
    return {one.organization_id: one for one in rows}


def without_account(run: SettlementRun) -> list[str]:
    """Names of those who still pay or receive in the run and use no bank account in its currency."""
    parties: dict[int, str] = {}
    outstanding = run.payments.filter(confirmed_minor__lt=F("amount_minor"))
    for row in outstanding.values_list("payer", "payer__name", "receiver", "receiver__name"):
        parties |= {row[0]: row[1], row[2]: row[3]}
    accounts = accounts_in_use(run, sorted(parties))
    return sorted(name for pk, name in parties.items() if pk not in accounts)


def content_hash(run: SettlementRun, items_hash: str = "") -> str:
    """SHA-256 over the run's lines, its payments, and the accounts that they go from and to as these stand now.

    `items_hash` is that of its lines, computed anew; without it the one that was kept when they were taken.
    """
    payments = list(
        run.payments.order_by("number").values_list("number", "payer_id", "receiver_id", "amount_minor")
    )
    parties = sorted({one for _, payer, receiver, _ in payments for one in (payer, receiver)})
    accounts = accounts_in_use(run, parties)
    payees = [
        [pk, one.holder, one.iban, one.account_number, one.bank_code, one.bic]
        for pk, one in sorted(accounts.items())
    ]
    content = [run.pk, run.method, run.currency, run.cutoff_on.isoformat(), items_hash or run.items_hash]
    text = json.dumps([content, payments, payees], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
