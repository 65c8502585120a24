"""What happened, who read which patient, and the seals over both and over the journal."""

from audit.models.access import AccessEvent, PatientRead
from audit.models.event import AuditEvent, SystemEvent
from audit.models.seal import Seal, SealCheck, SealSending, Unsealed

__all__ = [
    "AccessEvent",
    "AuditEvent",
    "PatientRead",
    "Seal",
    "SealCheck",
    "SealSending",
    "SystemEvent",
    "Unsealed",
]
