"""Writing the identifiers of a patient, as part of the actions on patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from patients.models import Patient, PatientIdentifier
from patients.rules.keys import IDENTIFIER_LENGTH, identifier_key

if TYPE_CHECKING:
    from orgs.models import Organization

System = PatientIdentifier.System


@dataclass(frozen=True)
class NewIdentifier:
    """An identifier to be written. A medical record number without assigner is the home organization's."""

    system: str
    value: str
    assigner: Organization | None = None


def tidied(identifiers: Sequence[NewIdentifier], *, home: Organization) -> list[NewIdentifier]:
    """The identifiers as they are stored, each once; raises `Refused` for one that is none."""
    found: dict[tuple[str, str, int | None], NewIdentifier] = {}
    for one in identifiers:
        value = " ".join(one.value.split())
        key = identifier_key(value)
        if one.system not in System.values:
            raise Refused("invalid", f"There is no kind of identifier {one.system!r}.", field="identifiers")
        if not key:
            raise Refused("invalid", f"“{value}” has neither letters nor digits.", field=one.system)
        if len(value) > IDENTIFIER_LENGTH:
            raise Refused(
                "invalid", f"An identifier has at most {IDENTIFIER_LENGTH} characters.", field=one.system
            )
        assigner = (one.assigner or home) if one.system == System.MRN else None
        found[one.system, key, assigner.pk if assigner else None] = NewIdentifier(one.system, value, assigner)
    return list(found.values())


def refuse_taken(identifiers: Sequence[NewIdentifier], *, besides: int | None = None) -> None:
    """Refuse an identifier that another patient of the network has."""
    for one in identifiers:
        same = PatientIdentifier.objects.filter(
            value_key=identifier_key(one.value),
            system=one.system,
            assigner=one.assigner.pk if one.assigner else None,
        )
        if same.exclude(patient=besides).exists():
            label = System(one.system).label
            raise Refused(
                "identifier_taken",
                f"Another patient of this network has the {label[0].lower() + label[1:]} {one.value}. "
                "Find that patient by it, or correct the number.",
                field=one.system,
            )


def write_identifiers(patient: Patient, identifiers: Sequence[NewIdentifier]) -> list[str]:
    """Make these the patient's identifiers, and return them in words for the audit trail."""
    wanted = {(one.system, one.value, one.assigner.pk if one.assigner else None) for one in identifiers}
    present = {(one.system, one.value, one.assigner_id): one for one in patient.identifiers.all()}
    gone = [one.pk for key, one in present.items() if key not in wanted]
    PatientIdentifier.objects.filter(pk__in=gone).delete()
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(
            patient=patient, system=system, value=value, value_key=identifier_key(value), assigner_id=assigner
        )
        for system, value, assigner in sorted(wanted - present.keys(), key=str)
    )
    return sorted(f"{System(system).label} {value}" for system, value, _ in wanted)
