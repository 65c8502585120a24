"""Where something may happen, and to whom: checks that several commands share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.actors import Actor, SystemActor
from core.clock import latest_today, today_in
from core.settings import why
from ledger.actions.command import refused
from ledger.rules.payment import PAYMENT_METHODS
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import BACKDATING_DAYS, PAYMENT_METHODS_TAKEN, SELL_TO_REGISTERED_ONLY
from ledger.rules.validity import day_after
from patients.actions.registration import register_at
from patients.queries.patient import is_registered_at, patients_for

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


def day_for(organization: Organization, on: date | None, first_on: date) -> date:
    """The day that was asked for, else now there, and not before the day of what it depends on."""
    return on or day_after(first_on, today_in(organization.time_zone), latest_today())


def check_day(organization: Organization, on: date) -> None:
    """Refuse a day further back than the organization lets its people enter things for."""
    back = (today_in(organization.time_zone) - on).days
    if back <= 0:
        return
    longest = BACKDATING_DAYS.at(organization)
    if back > longest:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{locale.day(on)} is {locale.number(back)} {'day' if back == 1 else 'days'} back. Choose a later day. "
            f"{why(BACKDATING_DAYS, organization)}",
            field="on",
        )


def check_method(organization: Organization, method: str, *, field: str) -> None:
    """Refuse a way to pay that is none, or that the organization doesn't take."""
    taken = PAYMENT_METHODS_TAKEN.at(organization)
    if method not in PAYMENT_METHODS:
        known = ", ".join(PAYMENT_METHODS[one] for one in taken)
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{method!r} is no way to pay here; choose one of {known}.",
            field=field,
        )
    if method not in taken:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{organization.name} takes no payment by {PAYMENT_METHODS[method].lower()}. Choose another way to pay. "
            f"{why(PAYMENT_METHODS_TAKEN, organization)}",
            field=field,
        )


def check_may_be_served(actor: Actor, organization: Organization, patient: Patient) -> None:
    """Refuse to sell to a patient who isn't registered there, unless the actor sees them and a sale registers."""
    if is_registered_at(patient.pk, organization.pk):
        return
    check_sees(actor, patient)
    if SELL_TO_REGISTERED_ONLY.at(organization):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{patient.full_name} isn't registered at {organization.name}. Register the patient there first. "
            f"{why(SELL_TO_REGISTERED_ONLY, organization)}",
            field="patient",
        )


def check_sees(actor: Actor, patient: Patient) -> None:
    """Refuse a patient whom the actor does not see."""
    if not patients_for(actor).filter(pk=patient.pk).exists():
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "You don't see this patient. Look the patient up by the code on the receipt, or register them here.",
            field="patient",
        )


def register_here(actor: Actor, organization: Organization, patient: Patient) -> None:
    """Make a patient who is served at an organization known there."""
    if not is_registered_at(patient.pk, organization.pk):
        register_at(SystemActor.of(f"served there by {actor.label}"[:200]), organization, patient=patient)
