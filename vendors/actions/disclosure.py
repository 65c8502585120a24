"""Showing a vendor the patient of an accepted request."""

from __future__ import annotations

from audit.trail import record_patient_read
from core.actors import SystemActor
from core.clock import now
from patients.queries.patient import summaries_of
from vendors.models import ServiceRequest, TaskPatient
from vendors.rules.transitions import ACCEPTED


def disclose_patient(actor: SystemActor, request_id: int) -> bool:
    """Copy the minimum of a patient to where the vendor of an accepted request sees it; once.

    Runs as the web role, since the portal's can't read patients. The database refuses the copy unless the
    request was accepted. False when it isn't accepted or the patient was disclosed already. Logged as a read.
    """
    request = ServiceRequest.objects.select_for_update().get(pk=request_id)
    if request.status != ACCEPTED or TaskPatient.objects.filter(request=request).exists():
        return False
    patient = summaries_of([request.patient_id])[request.patient_id]
    TaskPatient.objects.create(
        request=request,
        vendor_id=request.vendor_id,
        name=patient.name,
        birth_date=patient.birth_date,
        gender=patient.gender,
        clinical_note=request.clinical_note,
        disclosed_at=now(),
    )
    detail = f"disclosed to the vendor of request {request.number}"
    record_patient_read(actor, "export", [patient.id], organization_id=request.vendor_id, detail=detail)
    return True
