"""Thin shells that the beat starts."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from core.tenancy import bound
from settlement.actions.schedule import propose_due

# Netting, settlement runs and payments.


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def propose_settlements() -> int:
    """Propose the settlements that are due in every network that has netting agreements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_agreements()")
        networks = [row[0] for row in cursor.fetchall()]
    proposed = 0
    for network_id in networks:
        with bound(network_id):
            proposed += len(propose_due())
    return proposed
