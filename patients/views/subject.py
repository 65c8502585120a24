"""The base of every page about one patient; apps above derive the pages of their tabs from it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.views.base import ConsoleView, found
from core.views.tabs import patient_tabs_for
from patients.models import Patient
from patients.permissions import PATIENT_EDIT, PATIENT_REGISTER
from patients.queries.patient import patients_for


class PatientSubject(ConsoleView, abstract=True):
    """A page about one patient among those the actor may see. Showing it is logged as opening the patient."""

    subject: Patient
    shows: ClassVar[str] = ""

    def get_subject(self) -> Patient:
        rows = patients_for(self.actor).select_related("home_organization").prefetch_related("registrations")
        return found(rows, pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def page(
        self, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        record_patient_read(self.actor, "open", [self.subject.pk], detail=self.shows)
        return super().page(template, context, status=status)

    def about(self) -> dict[str, Any]:
        """What every tab of a patient's page shows: who it is, tabs, what the actor may do."""
        return {
            "title": self.subject.full_name,
            "description": f"Born {locale.long_day(self.subject.birth_date)} · {self.subject.get_gender_display()}",
            "status": self.subject.status,
            "status_label": self.subject.get_status_display(),
            "crumbs": [{"label": "Patients", "url": reverse("patient-list")}],
            "tabs": patient_tabs_for(self, self.subject),
            "actions": self._buttons(),
            "patient": self.subject,
        }

    def _buttons(self) -> list[dict[str, Any]]:
        wanted = [
            (PATIENT_EDIT, "Change home", "patient-home", "house", "", True),
            (PATIENT_REGISTER, "Register at…", "patient-register-at", "map-pin-plus", "", True),
            (PATIENT_EDIT, "Edit", "patient-edit", "pencil", "primary", False),
        ]
        return [
            {
                "label": label,
                "url": reverse(name, args=[self.subject.pk]),
                "icon": icon,
                "style": style,
                "dialog": dialog,
            }
            for permission, label, name, icon, style, dialog in wanted
            if self.may(permission, self.subject)
        ]
