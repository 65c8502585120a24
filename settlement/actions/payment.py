"""Settling a run: its entry in the books, payments as they arrive, and those that come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from core import locale
from core.actions import Act, action
from core.clock import today_in
from core.money import Money
from ledger.actions.settlement import begin_settlement, post_settlement
from ledger.rules.settlement import transfer_lines
from settlement.actions.parts import check_may_at, clean_reason, locked, move_on, refused
from settlement.models import PaymentConfirmation, SettlementPayment, SettlementRun
from settlement.permissions import SETTLEMENT_PAY
from settlement.queries.exchange import cleared_positions, netted_positions
from settlement.queries.lines import money_lines, netting_lines, transfer_of

Status = SettlementRun.Status
LONGEST_REFERENCE = 140


@action(SETTLEMENT_PAY, audit="settlement.settled")
def settle_run(act: Act, run: SettlementRun, *, on: date | None = None, key: str) -> SettlementRun:
    """Settle a run with everything paid: one entry, the opposite of its lines and cash for the net.

    Who may: `settlement:pay` at every organization of the run. Of a run that is being paid, what is outstanding is
    paid. Refusals: `not_permitted` (not approved, settled already, a day before the cut-off), `currency_mismatch`
    (somebody keeps another currency and there is no rate of the day), `period_closed`. Audit: `settlement.settled`. The same key and run return what the first call did. After commit: the remittance
    statements are sent.
    """
    asked = {"run": run.pk, "on": on.isoformat() if on else ""}
    if begin_settlement(act, key, asked) is not None:
        return SettlementRun.objects.get(pk=run.pk)
    current = locked(run)
    paid = {one.pk: one.outstanding for one in current.payments.select_related("run")}
    _book(act, current, paid, on=on, key=key, asked=asked, reference="")
    return current


@action(SETTLEMENT_PAY, audit="settlement.payment_confirmed")
def confirm_payment(
    act: Act,
    payment: SettlementPayment,
    *,
    amount: Money,
    on: date | None = None,
    reference: str = "",
    key: str,
) -> PaymentConfirmation:
    """Record money that arrived for a payment; what is left stays outstanding between payer and receiver.

    The first one nets the run's lines: from then on the organizations owe one another what is outstanding, on
    netting_clearing. Who may and refusals as for settling; besides `not_permitted` for another currency, nothing, or
    more than is outstanding. Audit: `settlement.payment_confirmed`.
    """
    asked = {
        "payment": payment.pk,
        "amount": str(amount),
        "on": on.isoformat() if on else "",
        "reference": reference.strip(),
    }
    first = begin_settlement(act, key, asked)
    if first is not None:
        return PaymentConfirmation.objects.get(payment=payment, event_id=first.pk)
    current = locked(payment.run)
    found = SettlementPayment.objects.select_related("run", "payer", "receiver").get(pk=payment.pk)
    _check_amount(found, amount)
    if len(reference.strip()) > LONGEST_REFERENCE or "\0" in reference:
        raise refused(
            f"A reference has at most {locale.number(LONGEST_REFERENCE)} characters.", field="reference"
        )
    _book(act, current, {found.pk: amount}, on=on, key=key, asked=asked, reference=reference.strip())
    act.about(found)
    act.changed({}, {"payment": found.reference, "amount": str(amount), "reference": reference.strip()})
    return found.confirmations.latest("pk")


@action(SETTLEMENT_PAY, audit="settlement.payment_bounced")
def bounce_payment(
    act: Act, payment: SettlementPayment, *, confirmation: PaymentConfirmation, on: date | None = None, reason: str,
    key: str,
) -> PaymentConfirmation:  # fmt: skip
    """Take back a confirmed payment that the bank returned: its amount is outstanding again.

    Refusals: `not_permitted` (taken back already, a day before it was paid, no reason), `period_closed`. Audit:
    `settlement.payment_bounced` with the reason.
    """
    asked = {"bounced": confirmation.pk, "on": on.isoformat() if on else "", "reason": reason.strip()}
    if begin_settlement(act, key, asked) is not None:
        return PaymentConfirmation.objects.get(pk=confirmation.pk)
    said = clean_reason(reason)
    run = locked(payment.run)
    found = PaymentConfirmation.objects.select_related("payment__run").get(
        pk=confirmation.pk, payment=payment
    )
    day = on or today_in(run.organization.time_zone)
    if found.bounced_on is not None:
        raise refused(f"This payment was taken back on {locale.day(found.bounced_on)} already.")
    if day < found.paid_on:
        raise refused(f"It was paid on {locale.day(found.paid_on)}; it can't come back before.", field="on")
    check_may_at(act.actor, SETTLEMENT_PAY, [found.payment.payer_id, found.payment.receiver_id])
    event = post_settlement(
        act,
        run.organization,
        key=key,
        asked=asked,
        on=day,
        lines=transfer_lines(
            [transfer_of(found.payment, -found.amount_minor, found.amount_minor)], run.currency
        ),
        inputs={
            "run": run.number,
            "payment": found.payment.reference,
            "bounces": found.event_id,
            "reason": said,
        },
        closed=lambda _: [],
    )
    found.bounced_on, found.bounce_reason, found.bounce_event_id = day, said, event.pk
    found.save(update_fields=["bounced_on", "bounce_reason", "bounce_event"])
    found.payment.confirmed_minor -= found.amount_minor
    found.payment.save(update_fields=["confirmed_minor"])
    if run.status == Status.SETTLED:
        move_on(act, run, Status.PAYING, "opened again")
        run.save(update_fields=["status", "version"])
    act.changed({}, {"payment": found.payment.reference, "amount": str(found.amount), "reason": said})
    return found


def _check_amount(payment: SettlementPayment, amount: Money) -> None:
    if amount.currency != payment.run.currency:
        raise refused(f"This payment is in {payment.run.currency}, not {amount.currency}.", field="amount")
    if amount.minor <= 0:
        raise refused("Nothing arrived by an amount of zero; leave it open.", field="amount")
    if amount > payment.outstanding:
        raise refused(
            f"{payment.outstanding.format()} {payment.run.currency} is outstanding; more can't be confirmed.",
            field="amount",
        )


def _book(
    act: Act,
    run: SettlementRun,
    paid: Mapping[int, Money],
    *,
    on: date | None,
    key: str,
    asked: Mapping[str, Any],
    reference: str,
) -> None:
    """Post what was paid, and the netting itself with the first money; keep it with the payments and the run.

    `paid` is what arrived now, by payment. `run` is locked; so are its payments with it.
    """
    payments = list(run.payments.select_related("run").order_by("number"))
    check_may_at(act.actor, SETTLEMENT_PAY, _parties(run, payments, paid))
    arrived = {one.pk: paid[one.pk].minor for one in payments if paid.get(one.pk)}
    is_first = run.event_id is None
    is_paid = all(one.confirmed_minor + arrived.get(one.pk, 0) == one.amount_minor for one in payments)
    if is_first or is_paid or run.status != Status.PAYING:
        move_on(act, run, Status.SETTLED if is_paid else Status.PAYING, "settled")
    day = on or today_in(run.organization.time_zone)
    if day < run.cutoff_on:
        raise refused(
            f"It nets what is effective until {locale.day(run.cutoff_on)}; it can't be settled before.",
            field="on",
        )
    event = post_settlement(
        act,
        run.organization,
        key=key,
        asked=asked,
        on=day,
        lines=[*netting_lines(run), *money_lines(payments, arrived, run.currency)]
        if is_first
        else transfer_lines(
            [transfer_of(one, arrived[one.pk], -arrived[one.pk]) for one in payments if one.pk in arrived],
            run.currency,
        ),
        inputs={"run": run.number, "method": run.method, "content": run.content_hash, "reference": reference},
        closed=lambda foreign: (
            netted_positions(run, foreign) if is_first else cleared_positions(run, arrived, payments)
        ),
    )
    _confirm(act, payments, arrived, event_id=event.pk, day=day, reference=reference)
    if is_first:
        run.event_id = event.pk
        act.emit("settlement.settled", run=run.pk)
    run.save(update_fields=["status", "version", "event"])


def _parties(
    run: SettlementRun, payments: Iterable[SettlementPayment], paid: Mapping[int, Money]
) -> set[int]:
    """In whose books this writes: everybody's with the first money, then those of the payments."""
    if run.event_id is None:
        return set(run.remittances.values_list("organization_id", flat=True))
    return {pk for one in payments if one.pk in paid for pk in (one.payer_id, one.receiver_id)}


def _confirm(
    act: Act,
    payments: Iterable[SettlementPayment],
    arrived: Mapping[int, int],
    *,
    event_id: int,
    day: date,
    reference: str,
) -> None:
    moved = [one for one in payments if one.pk in arrived]
    for one in moved:
        one.confirmed_minor += arrived[one.pk]
    SettlementPayment.objects.bulk_update(moved, ["confirmed_minor"], batch_size=1000)
    PaymentConfirmation.objects.bulk_create(
        (
            PaymentConfirmation(
                payment=one,
                amount_minor=arrived[one.pk],
                paid_on=day,
                reference=reference,
                event_id=event_id,
                confirmed_by_label=act.actor.label,
            )
            for one in moved
        ),
        batch_size=5000,
    )
