"""Patients of the cast's network."""

from __future__ import annotations

from datetime import date

import pytest

from patients.actions.details import Details
from patients.actions.patient import register_patient
from patients.models import Patient
from tests.cast import SYSTEM, Cast


def details(given_name: str = "Maria Luisa", family_name: str = "García", **other) -> Details:
    values = {"birth_date": date(1980, 3, 12), "gender": "female"} | other
    return Details(given_name=given_name, family_name=family_name, **values)


@pytest.fixture
def register(world: Cast):
    """Registers a patient as the system: register("S", given_name="Maria", identifiers=[...])."""

    def do(code: str = "S", identifiers=(), **values) -> Patient:
        return register_patient(
            SYSTEM, world[code], details=details(**values), identifiers=identifiers, confirmed=True
        )

    return do
