"""One act on several ticked patients."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from audit.trail import record_patient_read
from core.views.bulk import BulkPage
from patients.actions.registration import register_at
from patients.forms.place import PlaceForm, places_to_register
from patients.models import Patient, Registration
from patients.permissions import PATIENT_REGISTER
from patients.queries.patient import by_name, patients_for


class PatientsRegister(BulkPage):
    """Register several patients at another organization; those who are known there stay as they are."""

    permission = PATIENT_REGISTER
    title = "Register at another organization"
    submit_label = "Register"
    nouns = ("patient", "patients")
    done = "registered there"
    list_route = "patient-list"
    effects = ("Its people see these patients from then on.",)

    def get_rows(self) -> QuerySet[Patient]:
        return by_name(patients_for(self.actor)).prefetch_related("registrations")

    def get_form(self, data: Any = None, files: Any = None) -> PlaceForm:
        return PlaceForm(places_to_register(self.actor), data, files)

    def name_of(self, record: Patient) -> str:
        return record.full_name

    def why_not(self, record: Patient) -> str:
        return "" if record.status == Patient.Status.ACTIVE else f"is {record.get_status_display().lower()}"

    def get_context(self) -> dict[str, Any]:
        if self.reasons:
            ids = [record.pk for record, _ in self.reasons]
            record_patient_read(self.actor, "list", ids, detail="Register at another organization")
        return super().get_context()

    def do(self, record: Patient, form: Any) -> Registration:
        return register_at(self.actor, form.cleaned_data["organization"], patient=record)
