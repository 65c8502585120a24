"""The project as an app: it owns commands and the shell, no models."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "network"
    verbose_name = "Caretree"

    def ready(self) -> None:
        from network.services import checks  # noqa: F401  (registers its checks)
