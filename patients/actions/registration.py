"""The only place that writes registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.access import require
from core.actions import Act, action
from core.actors import Actor, SystemActor
from core.errors import Refused
from orgs.queries.organization import hold_standing
from orgs.rules.structure import THIRD_PARTY
from patients.models import Patient, Registration
from patients.permissions import PATIENT_REGISTER, PATIENT_VIEW
from patients.rules.modules import REGISTRATION

if TYPE_CHECKING:
    from orgs.models import Organization


@action(PATIENT_REGISTER, audit="patient.registered_at")
def register_at(act: Act, organization: Organization, *, patient: Patient) -> Registration:
    """Register a known patient at another organization, whose people see the patient from then on.

    Who may: `patient:register` there, and a person has to see the patient already: nobody reaches a patient by
    registering them. The system may, when a redemption takes place there. Refusals: a third party, an
    organization that isn't active, one where registration is off (`module_off`). Repeating it changes nothing. Audit: `patient.registered_at`.
    """
    require(act.actor, PATIENT_VIEW, patient)
    known = Registration.objects.filter(patient=patient, organization=organization).first()
    if known is not None:
        act.nothing_happened()
        return known
    refuse_place(organization)
    refuse_where_off(act.actor, organization)
    registration, made = write_registration(act.actor, patient, organization)
    if not made:
        act.nothing_happened()
    act.about(patient)
    act.changed({}, {"organization": organization.name})
    return registration


def refuse_place(organization: Organization) -> None:
    """Refuse to register anybody at a third party or an organization that isn't active, and keep it so meanwhile."""
    hold_standing(organization)
    if organization.kind == THIRD_PARTY:
        raise Refused(
            "not_permitted",
            f"{organization.name} is a third party and registers no patients.",
            field="organization",
        )
    if organization.status != "active":
        raise Refused(
            "not_permitted",
            f"{organization.name} is {organization.status}. Choose an active organization.",
            field="organization",
        )


def refuse_where_off(actor: Actor, organization: Organization) -> None:
    """Refuse (`module_off`) to register anybody where registration is off; who is served there becomes known all
    the same, by the system."""
    if not isinstance(actor, SystemActor):
        REGISTRATION.require_at(organization, field="organization")


def write_registration(
    actor: Actor, patient: Patient, organization: Organization
) -> tuple[Registration, bool]:
    """The patient's registration at the organization, and whether it was made now."""
    return Registration.objects.get_or_create(
        patient=patient,
        organization_id=organization.pk,
        defaults={"registered_by_id": actor.id, "registered_by": actor.label[:200]},
    )
