"""Who may use an entitlement beside the patient whose it is, and what each of them used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from core.actors import Actor
from ledger.models import Beneficiary, Entitlement, EntitlementMovement, LedgerEvent, Package
from ledger.permissions import ENTITLEMENT_SHARE, ENTITLEMENT_VIEW
from orgs.queries.access import organizations_for
from patients.queries.patient import patients_for

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


def beneficiaries_of(entitlement: Entitlement) -> QuerySet[Beneficiary]:
    """Those who may use it now beside whose it is, in the order in which they were added."""
    rows = Beneficiary.objects.filter(entitlement=entitlement, removed_at=None)
    return rows.select_related("patient").order_by("pk")


def shared_with(patient_ids: Iterable[int]) -> list[int]:
    """The ids of the entitlements that some patients may use beside those whose they are."""
    rows = Beneficiary.objects.filter(patient__in=list(patient_ids), removed_at=None)
    return list(rows.values_list("entitlement_id", flat=True).distinct())


def shared_with_known(actor: Actor) -> Exists:
    """The condition that an entitlement is used by a patient whose entitlements the actor may see."""
    return shared_with_any(patients_for(actor, ENTITLEMENT_VIEW))


def shared_with_any(patients: QuerySet[Patient]) -> Exists:
    """The condition that an entitlement is shared with one of some patients."""
    people = Beneficiary.objects.filter(entitlement=OuterRef("pk"), removed_at=None)
    return Exists(people.filter(patient__in=patients.order_by().values("pk")))


def may_use(entitlement: Entitlement, patient_id: int) -> bool:
    """Whether it is the patient's, or shared with them."""
    if entitlement.patient_id == patient_id:
        return True
    return Beneficiary.objects.filter(entitlement=entitlement, patient=patient_id, removed_at=None).exists()


def user_of(entitlement: Entitlement, patient_id: int | None) -> Patient:
    """The patient of this id where it is shared with them, else the one whose it is."""
    people = beneficiaries_of(entitlement).filter(patient=patient_id)
    return next((one.patient for one in people), entitlement.patient)


def places_to_share(actor: Actor) -> QuerySet[Organization]:
    """Where the actor may say who else uses an entitlement."""
    return organizations_for(actor, ENTITLEMENT_SHARE).exclude(kind="third_party").filter(status="active")


def units_used_by(entitlement: Entitlement) -> Counter[int]:
    """Units of services that each patient used, voids undone; of credit, which is no number of uses, nothing."""
    rows = (
        EntitlementMovement.objects.filter(
            entitlement_line__entitlement=entitlement, entitlement_line__service__isnull=False
        )
        .annotate(
            what=Coalesce("event__voids__kind", "event__kind"),
            user=Coalesce(
                KeyTextTransform("patient", "event__voids__inputs"),
                KeyTextTransform("patient", "event__inputs"),
            ),
        )
        .filter(what=LedgerEvent.Kind.REDEMPTION, user__isnull=False)
        .values_list("user")
        .annotate(units=Sum("units"))
    )
    return Counter({int(user): -units for user, units in rows})


def users_of(actor: Actor, events: Iterable[LedgerEvent]) -> dict[int, Patient | None]:
    """Who used what in redemptions, by event; None is a patient whom the actor doesn't see. Whoever shows them logs the
    read.
    """
    redeemed = [one for one in events if one.kind == LedgerEvent.Kind.REDEMPTION and "patient" in one.inputs]
    users = {one.pk: one.inputs["patient"] for one in redeemed}
    seen = patients_for(actor).in_bulk(set(users.values()))
    return {event_id: seen.get(user) for event_id, user in users.items()}


def shared_users_of(actor: Actor, events: Iterable[LedgerEvent]) -> dict[int, Patient | None]:
    """The same of redemptions of what several people share alone."""
    redeemed = [one for one in events if one.kind == LedgerEvent.Kind.REDEMPTION]
    shared = set(
        Entitlement.objects.exclude(package__use=Package.Use.PERSON)
        .filter(pk__in=[one.inputs["entitlement"] for one in redeemed if "entitlement" in one.inputs])
        .values_list("pk", flat=True)
    )
    return users_of(actor, [one for one in redeemed if one.inputs.get("entitlement") in shared])
