"""Taking vendors' bills."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core.actions import Act, action
from core.money import Money
from ledger.actions.command import Command, begin, post_command, refused, rules_refuse
from ledger.models import LedgerEvent, Service
from ledger.permissions import BILL_CREATE
from ledger.queries.answer import Deal, Rulings
from ledger.rules import events
from ledger.rules.refusals import RefusalCode
from ledger.rules.terms import Event, PayerType

if TYPE_CHECKING:
    from orgs.models import Organization


@action(BILL_CREATE, audit="vendor.billed")
def bill_vendor(
    act: Act,
    organization: Organization,
    /,
    *,
    vendor: Organization,
    service: Service,
    amount: Money,
    effective_on: date,
    key: str,
) -> LedgerEvent:
    """Take a vendor's bill for a service that an organization ordered.

    Who may: `bill:create` at the ordering organization. Effect: it, or the payer a rule names, owes the vendor;
    a rule's shares are posted; contract liability is never touched. Refusals: `not_permitted` (a bill to itself,
    to a third party, below zero), `rule_conflict`, `currency_mismatch`, `period_closed`. Audit: `vendor.billed`.
    The same key and bill return the first event.
    """
    asked = {
        "organization": organization.pk,
        "vendor": vendor.pk,
        "service": service.pk,
        "amount": str(amount),
        "on": effective_on.isoformat(),
    }
    command = Command(LedgerEvent.Kind.VENDOR_BILL, key, asked)
    first = begin(act, command)
    if first is not None:
        return first
    if not organization.keeps_books:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{organization.name} is a third party and keeps no books; bill the organization that ordered.",
            field="organization",
        )
    if amount.minor < 0:
        raise refused(
            RefusalCode.NOT_PERMITTED, "A bill has no sign; void a wrong one instead.", field="amount"
        )
    deal = Deal(
        event=Event.SERVICE_REQUEST,
        on=effective_on,
        servicing_id=vendor.pk,
        ordering_id=organization.pk,
        service=service.code,
        category=service.category,
        units=((service.pk, 1),),
        payer_type=PayerType.ORGANIZATION,
    )
    with rules_refuse():
        rulings = Rulings(Event.SERVICE_REQUEST, effective_on, [organization.pk, vendor.pk])
        ordering, billing = rulings.party(organization.pk), rulings.party(vendor.pk)
        answer = rulings.answer(deal, quantity=1)
        lines = rulings.rates.exchange(
            events.vendor_bill(ordering, billing, amount.minor, answer.distribution), answer.parties
        )
    if amount.currency != organization.currency:
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"The bill is in {amount.currency} and {organization.name} keeps {organization.currency}.",
            field="amount",
        )
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=effective_on,
        lines=lines,
        rule_version_id=answer.version_id,
        inputs={
            **answer.inputs,
            **rulings.rates.inputs,
            "vendor": vendor.code,
            "service": service.code,
            "billed_minor": amount.minor,
        },
    )
    act.about(event)
    act.changed({}, {"vendor": vendor.name, "service": service.name, "amount": str(amount)})
    return event
