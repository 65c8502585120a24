"""Reads of the trail for pages of history."""

from __future__ import annotations

from django.db.models import QuerySet

from audit.models import AccessEvent, AuditEvent, PatientRead
from core.tenancy import bound_network_id


def history_of(subject_type: str, subject_id: int, limit: int = 50) -> QuerySet[AuditEvent]:
    """The newest events about one record."""
    return AuditEvent.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("-id")[:limit]


def events() -> QuerySet[AuditEvent]:
    """Every event of the bound network, newest first."""
    return AuditEvent.objects.order_by("-id")


def reads_of_patient(patient_id: int) -> QuerySet[AccessEvent]:
    """Who saw one patient, newest first."""
    reads = PatientRead.objects.filter(network_id=bound_network_id(), patient_id=patient_id)
    return AccessEvent.objects.filter(pk__in=reads.values("event_id")).order_by("-id")
