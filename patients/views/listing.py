"""Lists of patients: over the organizations one covers, at one of them, and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from audit.trail import record_patient_read
from core.modules import on_somewhere
from core.views.list import BulkAction, CappedPaginator, LenientPaginator, ListPage
from orgs.views.organization import OrganizationSubject
from patients.models import Patient
from patients.permissions import PATIENT_EXPORT, PATIENT_REGISTER, PATIENT_VIEW
from patients.queries.patient import MOST_FOUND, narrowed, patients_at, patients_for
from patients.rules.modules import REGISTRATION
from patients.rules.settings import LIST_ALL
from patients.tables.patient import (
    NetworkPatientFilter,
    PatientFilter,
    PatientTable,
    PlainPatientTable,
    with_places,
)


class FoundPaginator(CappedPaginator):
    most = MOST_FOUND


class LoggedList(ListPage, abstract=True):
    """A list of patients, of which every page shown is logged with the ids on it."""

    shows: ClassVar[str] = "Patients"
    export_permission = PATIENT_EXPORT
    patient_field = "pk"

    def typed(self) -> str:
        return self.request.GET.get("q", "").strip()

    def get_table(self, rows: QuerySet[Patient]) -> Any:
        if self.is_export:
            return super().get_table(rows.prefetch_related("identifiers"))
        if self.typed():
            return super().get_table(narrowed(rows))
        if LIST_ALL.at_network():
            return super().get_table(rows)
        table = super().get_table(rows.none())
        table.empty_title = "Search for a patient"
        table.empty_text = "This list shows nobody until you search by name, phone, identifier or birth date."
        return table

    def get_paginator_class(self) -> type[LenientPaginator]:
        return FoundPaginator if self.typed() else CappedPaginator

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(PATIENT_REGISTER):
            return []
        return [BulkAction("Register elsewhere", "user-round-plus", reverse("patient-register-many"))]

    def patients(self) -> QuerySet[Patient]:
        """Whom one may see, or may export."""
        return patients_for(self.actor, PATIENT_EXPORT if self.is_export else PATIENT_VIEW)

    def on_export(self, table: Any, patient_ids: Sequence[int]) -> None:
        organization_id = self.subject.pk if self.subject else None
        record_patient_read(
            self.actor, "export", patient_ids, organization_id=organization_id, detail=self.list_query()
        )

    def on_page(self, records: Sequence[Patient]) -> None:
        typed = self.typed()
        if records or typed:
            record_patient_read(
                self.actor,
                "list",
                [patient.pk for patient in records],
                organization_id=self.subject.pk if self.subject else None,
                detail=f"{self.shows}: {typed}" if typed else self.shows,
            )


class PatientList(LoggedList):
    """Patients at every organization that the person's role covers."""

    permission = PATIENT_VIEW
    title = "Patients"
    table_class = PatientTable
    filter_class = NetworkPatientFilter

    def get_rows(self) -> QuerySet[Patient]:
        return self.patients()

    def get_table(self, rows: QuerySet[Patient]) -> Any:
        table = super().get_table(rows)
        table.data.data = with_places(self.actor, table.data.data)
        return table

    def get_context(self) -> dict[str, Any]:
        register = {
            "label": "Register patient",
            "url": reverse("patient-register"),
            "icon": "user-round-plus",
            "style": "primary",
        }
        registers = (
            self.may(PATIENT_REGISTER),
            *on_somewhere(self.actor, [(PATIENT_REGISTER, REGISTRATION.code)]),
        )
        return {
            "description": "Search before you register: by name, phone, identifier or birth date.",
            "actions": [register] if all(registers) else [],
        }


class OrganizationPatients(OrganizationSubject, LoggedList):
    """The patients registered at one organization."""

    permission = PATIENT_VIEW
    template = "patients/organization_patients.html"
    table_class = PlainPatientTable
    filter_class = PatientFilter

    def get_rows(self) -> QuerySet[Patient]:
        return patients_at(self.subject.pk, self.patients())

    def get_context(self) -> dict[str, Any]:
        register = reverse("patient-register") + f"?organization={self.subject.pk}"
        may_register = self.may(PATIENT_REGISTER, self.subject) and not REGISTRATION.off_at(self.subject)
        return self.about() | {
            "list_title": "Patients",
            "register_url": register if may_register else "",
        }
