"""Entries of the console's navigation, tabs, and patients in the search palette."""

from core.registries import (
    NavItem,
    SearchSource,
    Tab,
    navigation,
    organization_tabs,
    patient_tabs,
    search_sources,
)
from orgs.rules.structure import THIRD_PARTY
from patients.permissions import FORM_FILL, PATIENT_READS, PATIENT_VIEW
from patients.search import find_patients

navigation.add("patients", NavItem("", "Patients", "user-round", "patient-list", PATIENT_VIEW, 5))

patient_tabs.add("overview", Tab("Overview", "patient", PATIENT_VIEW, 0))
patient_tabs.add("forms", Tab("Forms", "patient-forms", FORM_FILL, 20))
patient_tabs.add("reads", Tab("Who saw this patient", "patient-reads", PATIENT_READS, 90))
organization_tabs.add(
    "patients",
    Tab(
        "Patients",
        "organization-patients",
        PATIENT_VIEW,
        40,
        shown=lambda organization: organization.kind != THIRD_PARTY,
    ),
)
search_sources.add("patients", SearchSource("Patients", find_patients))
