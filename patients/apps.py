"""Patients of a network, where they are registered, and who may see them."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = "Patients"

    def ready(self) -> None:
        from core.registries import LeavePart, leave_parts
        from patients import nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from patients.queries.leaving import effects_of_leaving, own_records
        from patients.rules import modules, settings  # noqa: F401  (they declare what is asked)

        leave_parts.add("patients", LeavePart(effects_of_leaving, own_records))
