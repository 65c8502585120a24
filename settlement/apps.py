"""What organizations owe one another: agreed on, reconciled, netted and paid."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "Settlement"

    def ready(self) -> None:
        from settlement import nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from settlement.rules import settings  # noqa: F401  (they declare what is asked)
        from settlement.scenario import register_steps

        register_steps()
