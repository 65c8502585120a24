"""What can this patient use here? What is left, until when, and who will pay whom; for the rest, why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.actors import Actor
from core.money import Money
from ledger.models import Entitlement, EntitlementLine
from ledger.queries.answer import Answer
from ledger.queries.entitlement import entitlements_for, usable_by
from ledger.queries.redeemable import Redeeming, check_redeemable, redeemings
from ledger.rules.expiry import expiry_notice
from ledger.rules.refusals import Refusal
from ledger.rules.settings import EXPIRY_NOTICE_DAYS

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


@dataclass(frozen=True)
class WillPay:
    """One payment that redeeming one unit causes; organizations by their codes."""

    payer: str
    receiver: str
    amount: Money


@dataclass(frozen=True)
class UsableLine:
    """One line of an entitlement, as it stands at an organization on a day.

    `reason` says why it can't be used there ('' when it can) and `code` is its stable word. `value` is what one
    unit takes, `tax` what of it is due as tax, where it is due now, `sentence` the rule that answers ('' at the holder without a rule). `notice` says that it expires
    soon, where the organization wants it said.
    """

    line: EntitlementLine
    code: str = ""
    reason: str = ""
    value: Money | None = None
    tax: Money | None = None
    will_pay: tuple[WillPay, ...] = ()
    sentence: str = ""
    notice: str = ""

    @property
    def usable(self) -> bool:
        return not self.code

    @property
    def entitlement(self) -> Entitlement:
        return self.line.entitlement

    @property
    def left(self) -> int:
        return self.line.left_units

    @property
    def expires_on(self) -> date | None:
        return self.line.entitlement.expires_on


def usable_here(
    actor: Actor, patient: Patient, organization: Organization, on: date | None = None
) -> list[UsableLine]:
    """Every line of the entitlements that the patient may use and the actor may see, the usable ones first.

    Whoever shows it logs the read of the patient.
    """
    visible = entitlements_for(actor).filter(usable_by([patient.pk])).order_by()
    lines = EntitlementLine.objects.filter(entitlement__in=visible.values("pk"))
    within = EXPIRY_NOTICE_DAYS.at(organization)
    found = [
        _usable(redeeming, within)
        for redeeming in redeemings(list(lines.values_list("pk", flat=True)), organization, on)
    ]
    return sorted(found, key=lambda each: not each.usable)


def _usable(redeeming: Redeeming, notice_days: int) -> UsableLine:
    """The line as it stands, priced for one unit."""
    try:
        check_redeemable(redeeming, 1)
        if redeeming.line.is_credit:
            return UsableLine(redeeming.line, notice=_notice(redeeming, notice_days))
        amount, answer = redeeming.price(1)
    except Refusal as refusal:
        return UsableLine(redeeming.line, str(refusal.code), refusal.message)
    currency = redeeming.line.entitlement.currency
    return UsableLine(
        redeeming.line,
        value=Money(amount.gross_minor, currency),
        tax=Money(amount.tax_minor, currency) if redeeming.rate else None,
        will_pay=_will_pay(answer, redeeming, currency),
        sentence=answer.sentence,
        notice=_notice(redeeming, notice_days),
    )


def _notice(redeeming: Redeeming, notice_days: int) -> str:
    return expiry_notice(redeeming.line.entitlement.expires_on, redeeming.on, notice_days)


def _will_pay(answer: Answer, redeeming: Redeeming, currency: str) -> tuple[WillPay, ...]:
    if answer.distribution is None:
        return ()
    payer = answer.distribution.payer or redeeming.party(redeeming.organization.pk)
    return tuple(
        WillPay(payer.code, payment.receiver.code, Money(payment.amount_minor, currency))
        for payment in answer.distribution.payments
    )
