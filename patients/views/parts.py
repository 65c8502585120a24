"""Parts of the pages of patients, as the components want them."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import locale
from patients.models import Patient


def person_facts(patient: Patient, today: date) -> list[dict[str, Any]]:
    """Who the patient is."""
    return [
        {"label": "Given name", "value": patient.given_name},
        {"label": "Family name", "value": patient.family_name or "–"},
        {
            "label": "Birth date",
            "value": locale.long_day(patient.birth_date),
            "note": f"{age_on(today, patient.birth_date)} years old"
            if patient.status != Patient.Status.DECEASED
            else "",
        },
        {"label": "Gender", "value": patient.get_gender_display()},
    ]


def contact_facts(patient: Patient) -> list[dict[str, Any]]:
    """How to reach the patient, what is unknown left out."""
    parts = (patient.address, patient.city, patient.state, patient.postal_code, patient.country)
    pairs = [
        ("Phone", patient.phone),
        ("E-mail", patient.email),
        ("Address", ", ".join(part for part in parts if part)),
    ]
    known = [{"label": label, "value": value} for label, value in pairs if value]
    return [
        *known,
        {"label": "Communication consent", "value": patient.get_communication_consent_display()},
    ]


def age_on(day: date, birth_date: date) -> int:
    """Whole years between a birth date and a day."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)
