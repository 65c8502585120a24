"""Thin shells that the beat starts."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from core.tenancy import bound
from vendors.actions.escalation import escalate_overdue


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def escalate() -> int:
    """Tell people of overdue requests, in every network that has some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_overdue_requests()")
        networks = [row[0] for row in cursor.fetchall()]
    told = 0
    for network_id in networks:
        with bound(network_id):
            told += escalate_overdue()
    return told
