"""The append-only trail of writes and of reads of patients."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit.sealed import Sealed, seal_rows_of
        from audit.trail import Trail
        from core.ports import socket

        socket.audit = Trail()
        seal_rows_of(Sealed("audit", "Audit trail", "audit_auditevent", "audit"))
        seal_rows_of(Sealed("reads", "Patient reads", "audit_accessevent", "audit"))
