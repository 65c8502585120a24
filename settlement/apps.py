"""What organizations owe one another: agreed on, reconciled, netted and paid."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "Settlement"

    def ready(self) -> None:
        from settlement import nav, permissions, verbs  # noqa: F401  (they register themselves)
