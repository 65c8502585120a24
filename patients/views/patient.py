"""Pages of one patient: overview, register, edit, who saw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from audit.queries.history import reads_of_patient
from audit.trail import record_patient_read
from core.clock import today_in
from core.views.form import FormPage
from core.views.list import ListPage
from patients.actions import patient as actions
from patients.forms.patient import EditForm, RegisterForm
from patients.forms.place import places_to_register
from patients.models import Patient
from patients.permissions import PATIENT_EDIT, PATIENT_READS, PATIENT_REGISTER, PATIENT_VIEW
from patients.queries.duplicates import Duplicates
from patients.queries.patient import registrations_shown_to
from patients.tables.reads import ReadsFilter, ReadsTable
from patients.views.parts import contact_facts, person_facts
from patients.views.subject import PatientSubject


class PatientPage(PatientSubject):
    """Overview of one patient."""

    permission = PATIENT_VIEW
    shows = "Overview"

    def get(self, request: Any, pk: int) -> HttpResponse:
        patient = self.subject
        registrations = list(registrations_shown_to(self.actor, patient))
        context = self.about() | {
            "person": person_facts(patient, today_in(self.request.network.time_zone)),
            "contact": contact_facts(patient),
            "identifiers": patient.identifiers.select_related("assigner").order_by("system", "pk"),
            "registrations": registrations,
        }
        return self.page("patients/patient_detail.html", context)


class PatientReads(PatientSubject, ListPage):
    """Who saw this patient, newest first; a file of it is a read of its own."""

    permission = PATIENT_READS
    template = "console/detail_list.html"
    table_class = ReadsTable
    filter_class = ReadsFilter
    shows = "Who saw this patient"

    def get_rows(self) -> QuerySet[Any]:
        return reads_of_patient(self.subject.pk)

    def on_export(self, table: Any, patient_ids: Sequence[int]) -> None:
        record_patient_read(self.actor, "export", [self.subject.pk], detail=self.shows)

    def get_context(self) -> dict[str, Any]:
        return self.about() | {"list_title": self.shows}


class PatientRegister(FormPage):
    """Register a new patient; a warning shows who it might be already."""

    permission = PATIENT_REGISTER
    module = "registration"
    template = "patients/patient_register.html"
    title = "Register patient"
    submit_label = "Register patient"
    duplicates: Duplicates | None = None

    def get_form(self, data: Any = None, files: Any = None) -> RegisterForm:
        return RegisterForm(places_to_register(self.actor), data, files, initial=self.get_initial())

    def get_initial(self) -> dict[str, Any]:
        places = list(places_to_register(self.actor)[:2])
        here = self.request.GET.get("organization", "")
        chosen = here if here.isdecimal() else places[0].pk if len(places) == 1 else None
        return {"gender": Patient.Gender.UNKNOWN, "organization": chosen}

    def get_context(self) -> dict[str, Any]:
        back = reverse("patient-list")
        crumbs = [{"label": "Patients", "url": back}]
        return {"crumbs": crumbs, "cancel_url": back, "duplicates": self.duplicates}

    def perform(self, form: Any) -> Patient:
        try:
            return actions.register_patient(
                self.actor,
                form.cleaned_data["organization"],
                details=form.details(),
                identifiers=form.typed_identifiers(),
                confirmed=form.confirmed,
            )
        except actions.PossibleDuplicate as warning:
            self.duplicates = warning.duplicates
            if warning.final:
                form.take_no_confirmation()
            else:
                form.ask_to_confirm()
            ids = [candidate.id for candidate in warning.duplicates.shown]
            record_patient_read(self.actor, "list", ids, detail="Warning of duplicates")
            raise

    def success_url(self, result: Patient) -> str:
        return reverse("patient", args=[result.pk])

    def success_message(self, result: Patient) -> str:
        return f"{result.full_name} was registered."


class PatientForm(PatientSubject, FormPage, abstract=True):
    """A form about one patient; afterwards the patient's page."""

    def get_context(self) -> dict[str, Any]:
        here = reverse("patient", args=[self.subject.pk])
        crumbs = [
            {"label": "Patients", "url": reverse("patient-list")},
            {"label": self.subject.full_name, "url": here},
        ]
        return {"description": self.subject.full_name, "crumbs": crumbs, "cancel_url": here}

    def success_url(self, result: Any) -> str:
        return reverse("patient", args=[self.subject.pk])


class PatientEdit(PatientForm):
    """Edit a patient's details and identifiers."""

    permission = PATIENT_EDIT
    title = "Edit patient"
    submit_label = "Save changes"
    shows = "Form to edit"

    def get_form(self, data: Any = None, files: Any = None) -> EditForm:
        return EditForm(self.subject, data, files)

    def perform(self, form: Any) -> Patient:
        return actions.edit_patient(
            self.actor,
            self.subject,
            details=form.details(),
            identifiers=form.identifiers(),
            version=self.subject.version,
        )

    def success_message(self, result: Patient) -> str:
        return f"{result.full_name} was saved."
