"""Files with which the payments of an approved run are made."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from core.actions import Act, action
from core.views.download import safe_cell
from settlement.actions.parts import check_may_at, locked, refused
from settlement.models import BankAccount, SettlementPayment, SettlementRun
from settlement.permissions import SETTLEMENT_PAY
from settlement.queries.content import accounts_in_use, content_hash, without_account
from settlement.rules.pain001 import BankDetails, Order, pain_001

Status = SettlementRun.Status
KINDS = {"xml": "Payment file (pain.001)", "csv": "Payment file (CSV)"}
HEADER = (
    "reference", "payer", "payer account holder", "payer account", "receiver", "receiver account holder",
    "receiver account", "receiver bank code", "receiver BIC", "amount", "currency", "pay on",
)  # fmt: skip


@dataclass(frozen=True)
class PaymentFile:
    """A file as it is downloaded."""

    name: str
    content_type: str
    content: bytes


@action(SETTLEMENT_PAY, audit="settlement.file_taken")
def take_payment_file(act: Act, run: SettlementRun, *, kind: str) -> PaymentFile:
    """The payments that are outstanding, as pain.001 (`xml`) or CSV (`csv`): the same bytes until one is confirmed.

    Who may: `settlement:pay` at everybody who pays. Refusals: `not_permitted` (not approved, nothing outstanding, a
    bank account that is missing, or was changed since the approval). Audit: `settlement.file_taken`.
    """
    if kind not in KINDS:
        raise refused(f"There are payment files of the kinds {', '.join(KINDS)}.", field="kind")
    current = locked(run)
    if current.status not in (Status.APPROVED, Status.PAYING):
        raise refused(
            f"Settlement {current.number} is {current.get_status_display().lower()}; payments are made once it is "
            "approved."
        )
    payments = [
        one
        for one in current.payments.select_related("run", "payer", "receiver").order_by("number")
        if one.outstanding
    ]
    check_may_at(act.actor, SETTLEMENT_PAY, {one.payer_id for one in payments})
    if not payments:
        raise refused("Nothing is outstanding: there is nothing to pay.")
    orders = _orders(current, payments)
    if content_hash(current) != current.content_hash:
        raise refused(
            "A bank account was changed after the approval. Withdraw the approval and have the settlement approved "
            "again."
        )
    stem = f"settlement-{current.number}"
    act.changed({}, {"file": kind, "payments": len(payments)})
    if kind == "csv":
        return PaymentFile(f"{stem}.csv", "text/csv; charset=utf-8", _csv(current, payments, orders))
    return PaymentFile(f"{stem}.xml", "application/xml", _xml(current, orders))


def _orders(run: SettlementRun, payments: Sequence[SettlementPayment]) -> list[Order]:
    parties = {
        pk: one
        for each in payments
        for pk, one in ((each.payer_id, each.payer), (each.receiver_id, each.receiver))
    }
    accounts = accounts_in_use(run, sorted(parties))
    missing = without_account(run)
    if missing:
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise refused(f"No bank account in {run.currency} is on record for {named}. Enter it first.")
    return [
        Order(
            reference=each.reference,
            debtor=_details(accounts[each.payer_id]),
            creditor=_details(accounts[each.receiver_id]),
            amount=each.outstanding,
            text=" ".join(["Settlement", str(run.number), run.cutoff_on.isoformat(), each.payer.name]),
        )
        for each in payments
    ]


def _details(account: BankAccount) -> BankDetails:
    return BankDetails(account.holder, account.iban, account.account_number, account.bank_code, account.bic)


def _xml(run: SettlementRun, orders: Sequence[Order]) -> bytes:
    """Banks take a message once: another selection of payments is another message."""
    assert run.approved_at is not None
    assert run.pay_on is not None
    said = "|".join(f"{one.reference}:{one.amount.minor}" for one in orders)
    message = f"S{run.number}-{hashlib.sha256(f'{run.content_hash}|{said}'.encode()).hexdigest()[:12]}"
    return pain_001(
        message, made_at=run.approved_at, sender=run.organization.name, pay_on=run.pay_on, orders=orders
    )


def _csv(run: SettlementRun, payments: Sequence[SettlementPayment], orders: Sequence[Order]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for payment, order in zip(payments, orders, strict=True):
        debtor, creditor = order.debtor, order.creditor
        row = (
            order.reference, payment.payer.name, debtor.holder, debtor.iban or debtor.account_number,
            payment.receiver.name, creditor.holder, creditor.iban or creditor.account_number, creditor.bank_code,
            creditor.bic, order.amount.decimal(), run.currency, run.pay_on,
        )  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")
