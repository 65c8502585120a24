"""Telling patients by mail what expires soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.money import Money
from ledger.actions.command import wait_in_line
from ledger.models import Entitlement, ExpiryReminder
from ledger.permissions import ENTITLEMENT_EXPIRE
from ledger.queries.reminder import places_of, reminders_due, untold
from ledger.rules.reminder import Expiring, reminder_subject, reminder_text
from orgs.actions.mail import queue_signed_mail
from orgs.rules.settings import LOCALE
from patients.queries.consent import address_of

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


@dataclass
class ReminderRun:
    """How many mails a run queued, about how many entitlements."""

    mails: int = 0
    entitlements: int = 0


def remind_due(actor: Actor, on: date | None = None, *, dry_run: bool = False) -> ReminderRun:
    """Tell everybody who is to be told by a day, or by today at each holder."""
    run = ReminderRun()
    for due in list(reminders_due(on)):
        told: Sequence[Entitlement] = due.entitlements
        if not dry_run:
            told = remind(actor, due.holder, patient=due.patient, entitlements=due.entitlements)
        run.mails += bool(told)
        run.entitlements += len(told)
    return run


@action(ENTITLEMENT_EXPIRE, audit="entitlement.reminded")
def remind(
    act: Act, holder: Organization, *, patient: Patient, entitlements: Sequence[Entitlement]
) -> list[Entitlement]:
    """Mail a patient what expires soon of what one organization owes, and return what the mail is about.

    Who may: `entitlement:expire` at the holder. Effect: one mail in the holder's name and locale to the address on
    record, about what nobody was told of yet; nothing where the patient no longer consents. Audit:
    `entitlement.reminded`.
    """
    wait_in_line("reminders of expiry")
    days = [one.expires_on for one in entitlements if one.expires_on]
    still = set(
        untold(min(days), max(days) + timedelta(days=1))
        .filter(pk__in=[one.pk for one in entitlements])
        .values_list("pk", flat=True)
    )
    told = [one for one in entitlements if one.pk in still]
    address = address_of(patient.pk)
    act.about(patient)
    if not told:
        act.nothing_happened()
        return told
    places = places_of(told)
    expiring = [_expiring(one, places.get(one.package_id, ())) for one in told]
    ExpiryReminder.objects.bulk_create(
        ExpiryReminder(entitlement=one, expires_on=said.last_day, sent_to=address)
        for one, said in zip(told, expiring, strict=True)
    )
    with locale.using(LOCALE.at(holder)):
        text = reminder_text(patient.given_name, holder.name, expiring)
        queue_signed_mail(holder, address, reminder_subject(expiring), text)
    act.changed({}, {"to": address, "entitlements": [one.code for one in told]})
    return told


def _expiring(entitlement: Entitlement, places: Sequence[str]) -> Expiring:
    assert entitlement.expires_on is not None
    lines = list(entitlement.lines.all())
    services = [line for line in lines if not line.is_credit]
    credit = sum(line.left_units for line in lines if line.is_credit)
    return Expiring(
        entitlement.package.name,
        entitlement.expires_on,
        sum(line.left_units for line in services),
        sum(line.quantity for line in services),
        Money(credit, entitlement.currency) if credit else None,
        places,
    )
