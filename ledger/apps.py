"""The shared ledger: catalog, packages, entitlements, rules, journal and periods."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "Shared ledger"

    def ready(self) -> None:
        from audit.sealed import Sealed, seal_rows_of
        from core.registries import (
            LeavePart,
            archive_blockers,
            close_checks,
            leave_parts,
            module_impacts,
            move_effects,
            outbox_handlers,
            service_names,
            view_followers,
        )
        from ledger import content_parts, nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from ledger.actions.backtest import run_backtest
        from ledger.actions.credit_note import number_credit_note
        from ledger.actions.leaving import pause_schedules
        from ledger.actions.receipt import number_charge_receipt, number_receipt
        from ledger.actions.redemption_import import SENT, STARTED, check_sent, redeem_next
        from ledger.handlers import send_report
        from ledger.queries import verify_tax, verify_unclaimed  # noqa: F401  (they add their checks)
        from ledger.queries.blockers import archive_blockers_of
        from ledger.queries.catalog import names_of_offered
        from ledger.queries.close_checks import findings_of
        from ledger.queries.impact import live_entitlements
        from ledger.queries.leaving import effects_of_leaving
        from ledger.queries.move import effects_of_move
        from ledger.queries.own_records import own_records
        from ledger.queries.schedule import schedules_by_view
        from ledger.rules import modules, settings  # noqa: F401  (they declare what is asked)

        seal_rows_of(Sealed("journal", "Journal", "ledger_ledgerevent", "ledger"))
        archive_blockers.add("ledger", archive_blockers_of)
        close_checks.add("ledger", findings_of)
        view_followers.add("ledger", schedules_by_view)
        leave_parts.add("ledger", LeavePart(effects_of_leaving, own_records, pause_schedules))
        module_impacts.add("ledger", live_entitlements)
        move_effects.add("ledger", effects_of_move)
        service_names.add("ledger", names_of_offered)
        outbox_handlers.add("package.sold", number_receipt)
        outbox_handlers.add(SENT, check_sent)
        outbox_handlers.add(STARTED, redeem_next)
        outbox_handlers.add("report.run", send_report)
        outbox_handlers.add("service.charged", number_charge_receipt)
        outbox_handlers.add("sale.credited", number_credit_note)
        outbox_handlers.add("rule.backtest", run_backtest)
