"""Writing the trail: the implementation of the kernel's audit port, and the log of patient reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from audit.models import AccessEvent, SystemEvent
from core.actors import Actor
from core.ports import AuditRecord

_APPEND = (
    "INSERT INTO audit_auditevent (actor_kind, actor_id, actor_label, verb, subject_type, subject_id,"
    " organization_id, old, new) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class Trail:
    """Appends to the bound network's trail. No RETURNING: the portal role may write the trail and not read it."""

    def append(self, record: AuditRecord) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, _values(record))

    def append_many(self, records: Sequence[AuditRecord]) -> None:
        """Append the lines of one write of many records, in one round trip."""
        with connection.cursor() as cursor:
            cursor.executemany(
                _APPEND,
                [_values(record) for record in records],
            )


def _values(record: AuditRecord) -> list[str | int | None]:
    return [
        record.actor.kind,
        record.actor.id,
        record.actor.label[:200],
        record.verb,
        record.subject_type,
        record.subject_id,
        record.organization_id,
        json.dumps(record.old, cls=DjangoJSONEncoder),
        json.dumps(record.new, cls=DjangoJSONEncoder),
    ]


def append_system_event(actor: Actor, verb: str, **detail: object) -> None:
    """Record what belongs to no network."""
    SystemEvent.objects.create(
        actor_kind=actor.kind, actor_id=actor.id, actor_label=actor.label[:200], verb=verb, detail=detail
    )


def record_patient_read(
    actor: Actor,
    kind: str,
    patient_ids: Iterable[int],
    *,
    organization_id: int | None = None,
    detail: str = "",
) -> None:
    """Log a read of patients; it raises when it can't be written, and then nothing is shown."""
    AccessEvent.objects.create(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:200],
        kind=kind,
        patient_ids=list(patient_ids),
        organization_id=organization_id,
        detail=detail.replace("\0", "")[:200],
    )
