"""Organizations, who belongs to them, and what they may do there."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrgsConfig(AppConfig):
    name = "orgs"
    verbose_name = "Organizations"

    def ready(self) -> None:
        from core.ports import socket
        from core.registries import LeavePart, leave_parts, module_impacts, outbox_handlers
        from orgs import content_parts, factor_trail, handlers, nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from orgs.access import Access
        from orgs.actions.leaving import end_access
        from orgs.projection import project_after_migrate
        from orgs.queries.impact import people_who_use
        from orgs.queries.leaving import effects_of_leaving
        from orgs.queries.module import ModuleSwitches
        from orgs.queries.own_records import own_records
        from orgs.queries.setting import SettingValues
        from orgs.rules import modules, profiles, settings  # noqa: F401  (they declare theirs)

        socket.access = Access()
        socket.settings = SettingValues()
        socket.modules = ModuleSwitches()
        module_impacts.add("people", people_who_use)
        leave_parts.add("orgs", LeavePart(effects_of_leaving, own_records, end_access))
        factor_trail.listen()
        outbox_handlers.add("organization_import.started", handlers.import_started)
        outbox_handlers.add("waiver.requested", handlers.tell_who_decides)
        outbox_handlers.add("waiver.decided", handlers.tell_who_asked)
        outbox_handlers.add("own_records.asked", handlers.records_asked)
        outbox_handlers.add("own_records.over", handlers.records_over)
        post_migrate.connect(project_after_migrate, sender=self)
