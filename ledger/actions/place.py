"""Where something may happen, and to whom: checks that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import Actor, SystemActor
from ledger.actions.command import refused
from ledger.queries.place import closed_to_business
from ledger.rules.refusals import RefusalCode
from patients.actions.registration import register_at
from patients.queries.patient import is_registered_at, patients_for

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


def check_open_for_business(organization: Organization, code: RefusalCode) -> None:
    """Refuse a place where nothing is sold or redeemed at all."""
    reason = closed_to_business(organization)
    if reason:
        raise refused(code, reason, field="organization")


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
