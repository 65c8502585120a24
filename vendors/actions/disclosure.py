"""Showing a vendor the patient of an accepted request."""

from __future__ import annotations

from audit.trail import record_patient_read
from core.actors import SystemActor
from core.clock import now
from patients.queries.patient import summaries_of
from vendors.models import ServiceRequest, TaskPatient
from vendors.rules.disclosure import least, shows_birth_date, shows_gender
from vendors.rules.settings import PATIENT_DETAILS
from vendors.rules.transitions import ACCEPTED


def disclose_patient(actor: SystemActor, request_id: int) -> bool:
    """Copy of a patient what the settings allow to where the vendor of an accepted request sees it; once.

    Runs as the web role, since the portal's can't read patients. The database refuses the copy unless the
    request was accepted. False when it isn't accepted or the patient was disclosed already. Logged as a read.
    """
    rows = ServiceRequest.objects.select_for_update(of=("self",)).select_related("organization", "vendor")
    request = rows.get(pk=request_id)
    if request.status != ACCEPTED or TaskPatient.objects.filter(request=request).exists():
        return False
    patient = summaries_of([request.patient_id])[request.patient_id]
    shown = PATIENT_DETAILS.strictest([request.organization, request.vendor], least)
    TaskPatient.objects.create(
        request=request,
        vendor_id=request.vendor_id,
        name=patient.name,
        birth_date=patient.birth_date if shows_birth_date(shown) else None,
        gender=patient.gender if shows_gender(shown) else "",
        clinical_note=request.clinical_note,
        disclosed_at=now(),
    )
    detail = f"disclosed to the vendor of request {request.number}"
    record_patient_read(actor, "export", [patient.id], organization_id=request.vendor_id, detail=detail)
    return True
