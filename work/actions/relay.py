"""The relay: hands outbox events to their handlers, each in its network, at least once."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from core.registries import outbox_handlers
from core.tenancy import bound
from work.models import OutboxEvent

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 12


def relay_due_events(limit: int = 200) -> int:
    """Handle what is due. An event and its effects commit together; a failure is tried again later.

    Returns the number handled. Handlers must be idempotent towards the outside world.
    """
    handled = 0
    for _ in range(limit):
        if not _relay_one():
            break
        handled += 1
    return handled


def _relay_one() -> bool:
    due = OutboxEvent.objects.filter(next_try_at__lte=Now(), attempts__lt=MAX_ATTEMPTS).order_by("id")
    with transaction.atomic():
        event = due.select_for_update(skip_locked=True).first()
        if event is None:
            return False
        try:
            with bound(event.network_id):
                outbox_handlers[event.topic](event.ids)
        except Exception as error:
            log.exception("outbox event %s (%s) failed", event.pk, event.topic)
            event.attempts += 1
            event.failure = f"{type(error).__name__}: {error}"[:500]
            event.next_try_at = timezone.now() + timedelta(seconds=2**event.attempts)
            event.save(update_fields=["attempts", "failure", "next_try_at"])
        else:
            event.delete()
    return True
