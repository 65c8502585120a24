"""Who may use an entitlement beside the patient whose it is: added and removed, each with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.clock import now
from core.errors import Refused
from ledger.actions.command import check_reason, refused
from ledger.actions.place import check_sees
from ledger.models import Beneficiary, Entitlement, Package
from ledger.permissions import ENTITLEMENT_SHARE
from ledger.posting import lock_entitlement
from ledger.queries.beneficiary import beneficiaries_of
from ledger.queries.entitlement import entitlements_for
from ledger.rules.refusals import RefusalCode
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


@action(ENTITLEMENT_SHARE, audit="entitlement.shared")
def add_beneficiary(
    act: Act, organization: Organization, *, entitlement: Entitlement, patient: Patient, reason: str
) -> Beneficiary:
    """Let another patient use what is left of a family's or a company's entitlement.

    Who may: `entitlement:share` at the organization where they are, for an entitlement and a patient whom they see.
    Effect: the patient uses it like whose it is, and may do nothing else with it. Refusals: `not_permitted` (no reason,
    a package for one person, as many people as it lets, whose it is or who uses it already, nobody active, void).
    Audit: `entitlement.shared`.
    """
    check_reason(reason)
    current = _current(act, entitlement)
    check_sees(act.actor, patient)
    _check_addable(current, patient)
    made = Beneficiary.objects.create(entitlement=current, patient_id=patient.pk, reason=reason.strip())
    act.about(current)
    act.changed({}, {"patient": patient.pk, "reason": reason.strip()})
    return made


@action(ENTITLEMENT_SHARE, audit="entitlement.unshared")
def remove_beneficiary(
    act: Act, organization: Organization, *, beneficiary: Beneficiary, reason: str
) -> Beneficiary:
    """End it that a patient uses somebody else's entitlement; what they used stays used.

    Who may: `entitlement:share` at the organization where they are, for an entitlement that they see. Refusals:
    `not_permitted` (no reason), removed already. Audit: `entitlement.unshared`.
    """
    check_reason(reason)
    current = _current(act, beneficiary.entitlement)
    found = beneficiaries_of(current).filter(pk=beneficiary.pk).first()
    if found is None:
        raise refused(RefusalCode.NOT_PERMITTED, "This patient was removed already.")
    end_sharing([found], reason)
    act.about(current)
    act.changed({"patient": found.patient_id}, {"reason": reason.strip()})
    return found


def share_on(entitlement: Entitlement, patient: Patient, reason: str) -> None:
    """What a transfer does to those who use it: within a family or company the others go on, otherwise nobody does."""
    people = list(beneficiaries_of(entitlement))
    own = [one for one in people if one.patient_id == patient.pk]
    end_sharing(own or people, reason)


def end_sharing(people: list[Beneficiary], reason: str) -> None:
    Beneficiary.objects.filter(pk__in=[one.pk for one in people]).update(
        removed_at=now(), removal_reason=reason.strip()
    )


def _current(act: Act, entitlement: Entitlement) -> Entitlement:
    """The entitlement as it is now, where the actor sees it; redemptions and transfers of it wait."""
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don\u2019t see this entitlement.")
    lock_entitlement(entitlement.pk)
    current = Entitlement.objects.select_related("package", "holder", "patient").get(pk=entitlement.pk)
    hold_standing(current.holder)
    return current


def _check_addable(entitlement: Entitlement, patient: Patient) -> None:
    package = entitlement.package
    if package.use == Package.Use.PERSON:
        raise refused(RefusalCode.NOT_PERMITTED, f"{package.name} is for one person.")
    if entitlement.status == Entitlement.Status.VOID:
        raise refused(RefusalCode.NOT_PERMITTED, "The sale was voided; nothing is left to use.")
    if patient.status != "active":
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{patient.full_name} is {patient.get_status_display().lower()}."
        )
    people = set(beneficiaries_of(entitlement).values_list("patient_id", flat=True))
    if patient.pk in {entitlement.patient_id, *people}:
        raise Refused("duplicate", f"{patient.full_name} may use it already.")
    if len(people) + 1 >= package.most_people:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{package.name} is used by at most {locale.number(package.most_people)} people. Remove somebody first.",
        )
