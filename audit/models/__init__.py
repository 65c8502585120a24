"""What happened, and who read which patient."""

from audit.models.access import AccessEvent, PatientRead
from audit.models.event import AuditEvent, SystemEvent

__all__ = ["AccessEvent", "AuditEvent", "PatientRead", "SystemEvent"]
