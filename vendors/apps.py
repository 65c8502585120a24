"""Third parties: what they perform, requests to them, and the portal in which they answer."""

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "vendors"
    verbose_name = "Third parties"

    def ready(self) -> None:
        from core.registries import (
            LeavePart,
            archive_blockers,
            close_checks,
            leave_parts,
            module_impacts,
            outbox_handlers,
        )
        from vendors import handlers, nav, permissions, refusals, verbs  # noqa: F401  (nav and the others register themselves)
        from vendors.actions.leaving import end_portal
        from vendors.queries.blockers import open_requests, unbilled_requests
        from vendors.queries.impact import open_by_organization
        from vendors.queries.leaving import effects_of_leaving, own_records
        from vendors.rules import modules, settings  # noqa: F401  (they declare theirs)

        archive_blockers.add("requests", open_requests)
        close_checks.add("requests", unbilled_requests)
        leave_parts.add("requests", LeavePart(effects_of_leaving, own_records, end_portal))
        module_impacts.add("requests", open_by_organization)
        outbox_handlers.add("portal.code_requested", handlers.mail_requested_code)
        outbox_handlers.add("portal.patient_opened", handlers.log_patient_read)
        outbox_handlers.add("request.sent", handlers.tell_vendor)
        outbox_handlers.add("request.completed", handlers.bill_completed_request)
        outbox_handlers.add("request.written", handlers.tell_of_message)
        outbox_handlers.add("request.message_answered", handlers.tell_of_answer)
        outbox_handlers.add("request.overdue", handlers.tell_of_delay)
        outbox_handlers.add("request.ended", handlers.tell_of_failure)
        outbox_handlers.add("request.corrected", handlers.tell_of_correction)
