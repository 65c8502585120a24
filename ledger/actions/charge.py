"""Charging a fee for service, without a package."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.clock import today_in
from core.modules import refuse_not_offered
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_day, check_may_be_served, check_method, register_here
from ledger.actions.receipt import write_charge_receipt
from ledger.models import LedgerEvent, Service
from ledger.permissions import CHARGE_CREATE
from ledger.queries.charging import charging
from ledger.queries.place import charges_nothing
from ledger.rules import events
from ledger.rules.modules import CHARGES
from ledger.rules.refusals import RefusalCode
from ledger.rules.tax import TaxRecord, tax_inputs
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

MOST_UNITS = 10_000


@action(CHARGE_CREATE, audit="service.charged")
def charge(
    act: Act,
    organization: Organization,
    *,
    patient: Patient,
    service: Service,
    quantity: int = 1,
    method: str = "cash",
    on: date | None = None,
    key: str,
) -> LedgerEvent:
    """Charge a patient the list price of a service, and the tax on it.

    Who may: `charge:create` there, for a patient registered there or whom the actor sees. Effect: the patient
    pays by `method`, and the organization owes the tax; or the organization that a rule names owes instead, without
    tax; a rule's shares are posted. Who pays has a receipt, numbered afterwards. Refusals: `not_permitted` (quantity, method, day, patient, no list price or tax rate), `module_off`, `not_sellable_here`, `rule_conflict`,
    `currency_mismatch`, `period_closed`. Audit: `service.charged`. The same key and request return the first
    event.
    """
    asked = {
        "organization": organization.pk,
        "patient": patient.pk,
        "service": service.pk,
        "quantity": quantity,
        "method": method,
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.CHARGE, key, asked)
    first = begin(act, command)
    if first is not None:
        return first
    hold_standing(organization)
    day = on or today_in(organization.time_zone)
    check_day(organization, day)
    if not 1 <= quantity <= MOST_UNITS:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"Charge 1 to {locale.number(MOST_UNITS)} units.", field="quantity"
        )
    check_method(organization, method, field="method")
    check_may_be_served(act.actor, organization, patient)
    CHARGES.require_at(organization, field="organization")
    closed = charges_nothing(organization)
    if closed:
        raise refused(RefusalCode.NOT_SELLABLE_HERE, closed, field="organization")
    if service.status != Service.Status.ACTIVE:
        raise refused(
            RefusalCode.NOT_SELLABLE_HERE,
            f"{service.name} is retired. Choose another service.",
            field="service",
        )
    refuse_not_offered(organization, service.category, field="service")
    with rules_refuse():
        found = charging(organization, service, quantity, day, posting=True)
        amount, answer, rulings = found.amount, found.answer, found.rulings
        lines = rulings.rates.exchange(
            events.charge(
                rulings.party(organization.pk), amount.base_minor, answer.distribution, amount.tax_minor
            ),
            answer.parties,
        )
    rate, price = found.rate, found.price
    register_here(act.actor, organization, patient)
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=day,
        lines=lines,
        rule_version_id=answer.version_id,
        inputs={
            **answer.inputs,
            **rulings.rates.inputs,
            "patient": patient.pk,
            "service": service.code,
            "quantity": quantity,
            "price_minor": price.minor,
            "net_minor": amount.base_minor,
            "method": method,
            **tax_inputs(
                [TaxRecord(organization.pk, service.pk, rate, quantity, amount, organization.currency)]
                if rate
                else []
            ),
        },
    )
    if found.paid.minor:
        write_charge_receipt(act, event, patient.pk)
    act.about(event)
    act.changed({}, {"service": service.name, "quantity": quantity, "price_minor": price.minor})
    return event
