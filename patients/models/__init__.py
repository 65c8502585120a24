"""Patients, their identifiers, where they are registered, and the keys they are found by."""

from patients.models.filled_form import FilledForm
from patients.models.identifier import PatientIdentifier
from patients.models.patient import Patient
from patients.models.registration import Registration
from patients.models.search_word import SearchWord

__all__ = ["FilledForm", "Patient", "PatientIdentifier", "Registration", "SearchWord"]
