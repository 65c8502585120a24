"""Thin shells that the beat starts."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from core.tenancy import bound
from orgs.actions.import_file import remove_old_files


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def remove_import_files() -> int:
    """Delete old files of imports in every network that has some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_import_files()")
        networks = [row[0] for row in cursor.fetchall()]
    removed = 0
    for network_id in networks:
        with bound(network_id):
            removed += remove_old_files()
    return removed
