"""The counter of another organization: finding a live entitlement by exact knowledge of it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core import signing

from audit.trail import record_patient_read
from core.access import require
from core.actors import Actor
from core.ids import clean_code
from core.settings import why
from core.tenancy import bound_network_id
from ledger.models import Entitlement
from ledger.permissions import ENTITLEMENT_REDEEM
from ledger.queries.entitlement import usable_by
from ledger.queries.redeemable import Redeeming, check_redeemable, redeemings
from ledger.rules.refusals import Refusal
from ledger.rules.settings import COUNTER_LOOKUP
from patients.queries.patient import is_registered_at, patient_by_identifier, summaries_of

if TYPE_CHECKING:
    from orgs.models import Organization

SALT = "ledger.counter"
GOOD_FOR_SECONDS = 15 * 60


@dataclass(frozen=True)
class Unit:
    """What is left of one service."""

    line_id: int
    service: str
    left: str


@dataclass(frozen=True)
class Found:
    """A live entitlement and who may use it: name, birth date and remaining units only. `looked_up` lets it be redeemed
    here for that patient.
    """

    entitlement_id: int
    name: str
    birth_date: date
    units: tuple[Unit, ...]
    looked_up: str


def find_at_counter(
    actor: Actor,
    organization: Organization,
    *,
    code: str = "",
    identifier: str = "",
    birth_date: date | None = None,
) -> list[Found]:
    """Live entitlements redeemable here by the code on the receipt, or by exact identifier and birth date of whoever
    may use them.

    Who may: `entitlement:redeem` here. Nothing is found by a part of a code or of an identifier, and nobody who isn't
    registered here where `looks_up_nobody` says why. Every look-up is logged, also one that finds nothing.
    """
    require(actor, ENTITLEMENT_REDEEM, organization)
    by_identifier = patient_by_identifier(identifier, birth_date) if not code and birth_date else None
    candidates = _candidates(code, by_identifier, organization)
    users = {
        each.line.entitlement_id: by_identifier or each.line.entitlement.patient_id for each in candidates
    }
    known = {patient_id for patient_id in set(users.values()) if _may_be_found(patient_id, organization)}
    live = [each for each in candidates if users[each.line.entitlement_id] in known and _is_live(each)]
    by_entitlement: dict[int, list[Redeeming]] = {}
    for each in live:
        by_entitlement.setdefault(each.line.entitlement_id, []).append(each)
    patients = {users[each.line.entitlement_id] for each in live}
    how = "by receipt code" if code else "by identifier and birth date"
    record_patient_read(actor, "lookup", sorted(patients), organization_id=organization.pk, detail=how)
    summaries = summaries_of(patients)
    found = []
    for entitlement_id, group in by_entitlement.items():
        patient = summaries[users[entitlement_id]]
        units = tuple(Unit(each.line.pk, each.line.what, each.line.left_text) for each in group)
        token = _sign(actor, organization, entitlement_id, patient.id)
        found.append(Found(entitlement_id, patient.name, patient.birth_date, units, token))
    return found


def looks_up_nobody(organization: Organization) -> str:
    """Why the counter finds none but the patients registered there; '' where it finds everybody."""
    if COUNTER_LOOKUP.at(organization):
        return ""
    return f"{organization.name} looks up only patients who are registered there. {why(COUNTER_LOOKUP, organization)}"


def looked_up_for(
    looked_up: str, actor: Actor, organization: Organization, entitlement: Entitlement
) -> int | None:
    """The id of the patient for whom the actor found the entitlement at this counter within the last quarter of an hour."""
    if not looked_up:
        return None
    try:
        *said, patient_id = signing.loads(looked_up, salt=SALT, max_age=GOOD_FOR_SECONDS)
    except signing.BadSignature:
        return None
    is_this = said == _content(actor, organization, entitlement.pk)
    return patient_id if is_this and _may_be_found(patient_id, organization) else None


def _may_be_found(patient_id: int, organization: Organization) -> bool:
    return COUNTER_LOOKUP.at(organization) or is_registered_at(patient_id, organization.pk)


def _candidates(code: str, patient_id: int | None, organization: Organization) -> list[Redeeming]:
    entitlements = Entitlement.objects.filter(status=Entitlement.Status.ACTIVE)
    if code:
        entitlements = entitlements.filter(code=clean_code(code))
    elif patient_id:
        entitlements = entitlements.filter(usable_by([patient_id]))
    else:
        return []
    return redeemings(list(entitlements.values_list("lines", flat=True)), organization)


def _is_live(redeeming: Redeeming) -> bool:
    try:
        check_redeemable(redeeming, 1)
    except Refusal:
        return False
    return True


def _content(actor: Actor, organization: Organization, entitlement_id: int) -> list[int | str | None]:
    return [bound_network_id(), actor.kind, actor.id, organization.pk, entitlement_id]


def _sign(actor: Actor, organization: Organization, entitlement_id: int, patient_id: int) -> str:
    return signing.dumps([*_content(actor, organization, entitlement_id), patient_id], salt=SALT)
