"""Patients of a network, where they are registered, and who may see them."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = "Patients"

    def ready(self) -> None:
        from patients import nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from patients.rules import modules, settings  # noqa: F401  (they declare what is asked)
