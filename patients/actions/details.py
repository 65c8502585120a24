"""A patient's details: what can be edited, made tidy and refused when wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError

from core import locale
from core.errors import Refused
from patients.models import Patient
from patients.rules.keys import name_key, phone_key

OLDEST_YEARS = 130
SHORTEST_PHONE = 4


@dataclass(frozen=True)
class Details:
    """What can be edited of a patient."""

    given_name: str
    family_name: str
    birth_date: date
    gender: str = "unknown"
    status: str = "active"
    phone: str = ""
    email: str = ""
    communication_consent: str = "unknown"
    address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


def details_of(patient: Patient) -> Details:
    return Details(**{field.name: getattr(patient, field.name) for field in fields(Details)})


def fill(patient: Patient, details: Details, *, today: date) -> None:
    """Write details and their keys to a patient in memory; raises `Refused` for the first that is wrong."""
    for name, value in asdict(details).items():
        setattr(patient, name, " ".join(value.split()) if isinstance(value, str) else value)
    patient.country = patient.country.upper()
    patient.given_key = name_key(patient.given_name)
    patient.family_key = name_key(patient.family_name)
    patient.phone_key = phone_key(patient.phone)
    _refuse_invalid(patient)
    _refuse_birth_date(patient.birth_date, today)


def _refuse_invalid(patient: Patient) -> None:
    names = {field.name for field in fields(Details)}
    try:
        patient.clean_fields(exclude={field.name for field in Patient._meta.fields} - names)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused("invalid", messages[0], field=field) from error
    for field, text in (("given_name", patient.given_name), ("family_name", patient.family_name)):
        if text and not name_key(text):
            raise Refused("invalid", f"“{text}” has no letters.", field=field)
    if patient.phone and len(patient.phone_key) < SHORTEST_PHONE:
        raise Refused(
            "invalid", f"“{patient.phone}” is no phone number: it has too few digits.", field="phone"
        )
    if patient.country and not (
        len(patient.country) == 2 and patient.country.isascii() and patient.country.isalpha()
    ):
        raise Refused("invalid", f"“{patient.country}” is not a two-letter country code.", field="country")
    if any("\0" in str(getattr(patient, name)) for name in names):
        raise Refused("invalid", "The details hold a character that can't be stored.")


def _refuse_birth_date(birth_date: date, today: date) -> None:
    if birth_date > today:
        raise Refused(
            "invalid", f"The birth date {locale.day(birth_date)} lies in the future.", field="birth_date"
        )
    if today.year - birth_date.year > OLDEST_YEARS:
        raise Refused(
            "invalid",
            f"The birth date {locale.day(birth_date)} is more than {OLDEST_YEARS} years ago.",
            field="birth_date",
        )
