"""Patients in the search palette."""

from __future__ import annotations

from django.urls import reverse

from audit.trail import record_patient_read
from core.actors import Actor
from core.registries import SearchHit
from patients.queries.listed import listed_birth_date
from patients.queries.patient import by_name, narrowed, patients_for, search_patients


def find_patients(actor: Actor, typed: str, limit: int) -> list[SearchHit]:
    """Patients the actor may see, found by what was typed; those shown are logged as a list."""
    found = list(by_name(narrowed(search_patients(patients_for(actor), typed)))[:limit])
    if found:
        ids = [patient.pk for patient in found]
        record_patient_read(actor, "list", ids, detail=f"Search palette: {typed}")
    return [
        SearchHit(
            patient.full_name,
            f"born {born}" if (born := listed_birth_date(patient.birth_date)) else "",
            reverse("patient", args=[patient.pk]),
            "user-round",
        )
        for patient in found
    ]
