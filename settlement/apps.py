"""What organizations owe one another: agreed on, reconciled, netted and paid."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "Settlement"

    def ready(self) -> None:
        from core.registries import LeavePart, archive_blockers, close_checks, leave_parts, outbox_handlers
        from ledger.queries.replay import add_replay
        from ledger.queries.verify import add_check
        from settlement import nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from settlement.actions.leaving import end_agreements
        from settlement.handlers import send_remittances, statement_read, statement_started
        from settlement.queries.blockers import archive_blockers_of
        from settlement.queries.close_checks import disputed_items
        from settlement.queries.leaving import effects_of_leaving
        from settlement.queries.lines import posted_lines
        from settlement.queries.verify import ITEM_TOTALS, NETTED_ONCE
        from settlement.rules import settings  # noqa: F401  (they declare what is asked)
        from settlement.scenario import register_steps

        add_check(NETTED_ONCE)
        add_check(ITEM_TOTALS)
        add_replay("settlement", posted_lines)
        archive_blockers.add("settlement", archive_blockers_of)
        close_checks.add("disputes", disputed_items)
        leave_parts.add("settlement", LeavePart(effects_of_leaving, lambda leavers: (), end_agreements))
        outbox_handlers.add("settlement.settled", send_remittances)
        outbox_handlers.add("statement.started", statement_started)
        outbox_handlers.add("statement.read", statement_read)
        register_steps()
