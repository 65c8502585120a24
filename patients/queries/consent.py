"""Whether patients may be written to."""

from __future__ import annotations

from django.db.models import QuerySet

from patients.models import Patient


def patients_to_write_to() -> QuerySet[Patient]:
    """Living patients in care who permitted it, with an address to write to."""
    return Patient.objects.filter(
        status=Patient.Status.ACTIVE, communication_consent=Patient.Consent.PERMIT
    ).exclude(email="")


def address_of(patient_id: int) -> str:
    """Where one of them is written to now; '' for anybody else."""
    return patients_to_write_to().filter(pk=patient_id).values_list("email", flat=True).first() or ""
