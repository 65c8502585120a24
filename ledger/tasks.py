"""Thin shells that the beat starts."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from core.tenancy import bound
from ledger.posting import fold_deltas


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def fold() -> int:
    """Fold what waits in every network that has something waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_deltas()")
        networks = [row[0] for row in cursor.fetchall()]
    folded = 0
    for network_id in networks:
        with bound(network_id):
            folded += fold_deltas()
    return folded
