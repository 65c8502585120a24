"""The kernel: tenancy, actors, actions and the registries that the other apps fill."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Kernel"

    def ready(self) -> None:
        from core import checks  # noqa: F401  (registers the system checks)
        from core.tenancy.grants import settle_ownership

        post_migrate.connect(settle_ownership, sender=self)
