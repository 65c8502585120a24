"""The append-only trail of writes and of reads of patients."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit.trail import Trail
        from core.ports import socket

        socket.audit = Trail()
