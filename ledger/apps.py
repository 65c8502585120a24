"""The shared ledger: catalog, packages, entitlements, rules, journal and periods."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "Shared ledger"

    def ready(self) -> None:
        from core.registries import archive_blockers, move_effects, outbox_handlers
        from ledger import content_parts, nav, permissions, refusals  # noqa: F401  (they register themselves)
        from ledger.actions.receipt import number_receipt
        from ledger.queries.blockers import archive_blockers_of
        from ledger.queries.move import effects_of_move
        from ledger.rules import settings  # noqa: F401  (it declares what is read)

        archive_blockers.add("ledger", archive_blockers_of)
        move_effects.add("ledger", effects_of_move)
        outbox_handlers.add("package.sold", number_receipt)
