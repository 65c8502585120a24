"""Finding the patient that something is to be done for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from audit.trail import record_patient_read
from core.views.base import ConsoleView
from patients.queries.listed import listed_birth_date, search_hint
from patients.queries.patient import by_name, patients_for, search_patients

if TYPE_CHECKING:
    from patients.models import Patient

MOST_FOUND = 10


class PatientChoice(ConsoleView, abstract=True):
    """A page that finds a patient and leads on to what is to be done. The search is logged."""

    title: str
    description = "Find the patient first."

    def url_of(self, patient: Patient) -> str:
        """Where a patient who was found leads to."""
        raise NotImplementedError

    def get_context(self) -> dict[str, Any]:
        return {}

    def get(self, request: Any, **kwargs: Any) -> HttpResponse:
        typed = request.GET.get("q", "").strip()[:100]
        found = list(by_name(search_patients(patients_for(self.actor), typed))[:MOST_FOUND]) if typed else []
        if typed:
            record_patient_read(
                self.actor, "list", [one.pk for one in found], detail=f"{self.title}: {typed}"
            )
        context = {
            "title": self.title,
            "description": self.description,
            "query": typed,
            "hits": [(one, listed_birth_date(one.birth_date), self.url_of(one)) for one in found],
            "search_hint": search_hint(),
        }
        return self.page("patients/choice.html", context | self.get_context())
