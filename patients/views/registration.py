"""Dialogs about where a patient is registered."""

from __future__ import annotations

from typing import Any

from patients.actions.patient import set_home_organization
from patients.actions.registration import register_at
from patients.forms.place import PlaceForm, places_to_register
from patients.models import Patient, Registration
from patients.permissions import PATIENT_EDIT, PATIENT_REGISTER
from patients.views.patient import PatientForm


class RegisterAt(PatientForm):
    """Register the patient at another organization."""

    permission = PATIENT_REGISTER
    title = "Register at another organization"
    submit_label = "Register"
    shows = "Form to register elsewhere"

    def record_version(self) -> int | None:
        """None: registering elsewhere overwrites nothing."""
        return None

    def get_form(self, data: Any = None, files: Any = None) -> PlaceForm:
        elsewhere = places_to_register(self.actor).exclude(pk__in=self.subject.access_organization_ids)
        return PlaceForm(elsewhere, data, files)

    def get_context(self) -> dict[str, Any]:
        consequences = ["Its people see the patient from then on."]
        return super().get_context() | {"consequences": consequences}

    def perform(self, form: Any) -> Registration:
        return register_at(self.actor, form.cleaned_data["organization"], patient=self.subject)

    def success_message(self, result: Registration) -> str:
        return f"{self.subject.full_name} is registered at {result.organization.name}."


class SetHome(PatientForm):
    """Make another organization the patient's home."""

    permission = PATIENT_EDIT
    title = "Change home organization"
    submit_label = "Change home"
    shows = "Form to change home"

    def get_form(self, data: Any = None, files: Any = None) -> PlaceForm:
        others = places_to_register(self.actor).exclude(pk=self.subject.home_organization_id)
        return PlaceForm(others, data, files)

    def get_context(self) -> dict[str, Any]:
        consequences = [
            "The patient is registered there too, and its people see the patient.",
            "Registrations elsewhere stay.",
        ]
        return super().get_context() | {"consequences": consequences}

    def perform(self, form: Any) -> Patient:
        to = form.cleaned_data["organization"]
        return set_home_organization(self.actor, self.subject, to=to, version=self.subject.version)

    def success_message(self, result: Patient) -> str:
        return f"The home organization of {result.full_name} was changed."
