"""The lines that a run posts, and the same computed again from what was kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from core import locale
from ledger.queries.party import parties_of
from ledger.rules.accounts import Account
from ledger.rules.exchange import exchange_cash, exchange_of, factor_of, gain_lines
from ledger.rules.lines import Line, Reason, What, negated
from ledger.rules.settlement import Transfer, transfer_lines
from settlement.models import PaymentConfirmation, SettlementPayment, SettlementRun
from settlement.queries.netting import netted_accounts

if TYPE_CHECKING:
    from ledger.models import LedgerEvent


def netting_lines(run: SettlementRun) -> list[Line]:
    """The exact opposite of the run's lines, account by account."""
    sums = [
        Line(
            each.organization_id,
            Account(each.account),
            run.currency,
            each.amount_minor,
            each.counterparty_id,
            (Reason(What.NETTED, each.amount_minor, locale.counted(each.line_count, "line")),),
        )
        for each in netted_accounts(run)
        if each.amount_minor
    ]
    return list(negated(sums))


def money_lines(
    payments: Iterable[SettlementPayment], arrived: Mapping[int, int], currency: str
) -> list[Line]:
    """Cash for what arrived at once, clearing for the rest."""
    return transfer_lines(
        [
            transfer_of(one, arrived.get(one.pk, 0), one.amount_minor - arrived.get(one.pk, 0))
            for one in payments
        ],
        currency,
    )


def transfer_of(payment: SettlementPayment, paid_minor: int, outstanding_minor: int) -> Transfer:
    return Transfer(payment.payer_id, payment.receiver_id, paid_minor, outstanding_minor, payment.reference)


def posted_lines(event: LedgerEvent) -> tuple[Line, ...]:
    """The lines of a settlement, of a later payment or of one that came back, as they were posted."""
    run = SettlementRun.objects.get(number=event.inputs["run"])
    found = _before_exchange(event, run)
    parties = parties_of({each.organization_id for each in found}, event.effective_on)
    homes = {party.id: party.currency for party in parties.values()}
    exchanged = exchange_cash(found, homes, factor_of(exchange_of(event.inputs)))
    gains = event.inputs.get("gains", {}).values()
    booked = (gain_lines(gain["organization"], gain["currency"], gain["minor"]) for gain in gains)
    return (*exchanged, *(line for lines in booked for line in lines))


def _before_exchange(event: LedgerEvent, run: SettlementRun) -> list[Line]:
    if "bounces" in event.inputs:
        bounced = PaymentConfirmation.objects.select_related("payment__run").get(bounce_event=event.pk)
        back = transfer_of(bounced.payment, -bounced.amount_minor, bounced.amount_minor)
        return transfer_lines([back], run.currency)
    confirmed = PaymentConfirmation.objects.filter(event=event.pk)
    arrived = dict(confirmed.values_list("payment_id", "amount_minor"))
    payments = list(run.payments.select_related("run").order_by("number"))
    if run.event_id == event.pk:
        return [*netting_lines(run), *money_lines(payments, arrived, run.currency)]
    late = [transfer_of(one, arrived[one.pk], -arrived[one.pk]) for one in payments if one.pk in arrived]
    return transfer_lines(late, run.currency)
