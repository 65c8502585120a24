"""Lists of patients: over the organizations one covers, at one of them, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from audit.trail import record_patient_read
from core.modules import on_somewhere
from core.views.list import CappedPaginator, LenientPaginator, ListPage, csv_response
from orgs.views.organization import OrganizationSubject
from patients.models import Patient
from patients.permissions import PATIENT_EXPORT, PATIENT_REGISTER, PATIENT_VIEW
from patients.queries.patient import MOST_FOUND, by_name, narrowed, patients_at, patients_for
from patients.rules.modules import REGISTRATION
from patients.rules.settings import LIST_ALL
from patients.tables.patient import (
    NetworkPatientFilter,
    PatientFilter,
    PatientTable,
    PlainPatientTable,
    with_places,
)

CHUNK = 1000
COLUMNS = [
    "given_name",
    "family_name",
    "birth_date",
    "gender",
    "status",
    "phone",
    "email",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
]


class FoundPaginator(CappedPaginator):
    most = MOST_FOUND


class LoggedList(ListPage, abstract=True):
    """A list of patients, of which every page shown is logged with the ids on it."""

    shows: ClassVar[str] = "Patients"

    def typed(self) -> str:
        return self.request.GET.get("q", "").strip()

    def get_table(self, rows: QuerySet[Patient]) -> Any:
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
    export_name = "patient-export"

    def get_rows(self) -> QuerySet[Patient]:
        return patients_for(self.actor)

    def get_table(self, rows: QuerySet[Patient]) -> Any:
        table = super().get_table(rows)
        table.data.data = with_places(self.actor, table.data.data)
        return table

    def export_url(self) -> str:
        return super().export_url() if self.may(PATIENT_EXPORT) else ""

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


class PatientExport(PatientList):
    """The filtered list as CSV: one line of the log names every patient in the file."""

    permission = PATIENT_EXPORT

    def get_rows(self) -> QuerySet[Patient]:
        return patients_for(self.actor, PATIENT_EXPORT)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        _, rows = self.filtered()
        ids = list(by_name(rows).values_list("pk", flat=True))
        record_patient_read(self.actor, "export", ids, detail=request.GET.urlencode())

        def lines() -> Iterator[Sequence[Any]]:
            for start in range(0, len(ids), CHUNK):
                chunk = Patient.objects.filter(pk__in=ids[start : start + CHUNK])
                for patient in by_name(chunk).prefetch_related("identifiers"):
                    identifiers = "; ".join(str(one) for one in patient.identifiers.all())
                    yield [*(getattr(patient, name) for name in COLUMNS), identifiers]

        return csv_response(self.request.network.pk, "patients", [*COLUMNS, "identifiers"], lines)


class OrganizationPatients(OrganizationSubject, LoggedList):
    """The patients registered at one organization."""

    permission = PATIENT_VIEW
    template = "patients/organization_patients.html"
    table_class = PlainPatientTable
    filter_class = PatientFilter

    def get_rows(self) -> QuerySet[Patient]:
        return patients_at(self.subject.pk, patients_for(self.actor))

    def get_context(self) -> dict[str, Any]:
        register = reverse("patient-register") + f"?organization={self.subject.pk}"
        may_register = self.may(PATIENT_REGISTER, self.subject) and not REGISTRATION.off_at(self.subject)
        return self.about() | {
            "list_title": "Patients",
            "register_url": register if may_register else "",
        }
