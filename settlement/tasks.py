"""Thin shells that the beat starts."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from core.tenancy import bound
from settlement.actions.acknowledgement import acknowledge_silent
from settlement.actions.dispute import remind_of_disputes
from settlement.actions.schedule import propose_due
from settlement.actions.statement import remove_old_files


def _networks(lookup: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT lookup.{lookup}()")
        return [row[0] for row in cursor.fetchall()]


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def reconcile_nightly() -> int:
    """Acknowledge what nobody answered, and write to whoever has to answer in a dispute, in every network."""
    done = 0
    for network_id in _networks("networks_with_mutual_accounts"):
        with bound(network_id):
            done += acknowledge_silent() + remind_of_disputes()
    return done


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def remove_statement_files() -> int:
    """Delete old files of statements in every network that has some."""
    removed = 0
    for network_id in _networks("networks_with_statement_files"):
        with bound(network_id):
            removed += remove_old_files()
    return removed


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def propose_settlements() -> int:
    """Propose the settlements that are due in every network that has netting agreements."""
    proposed = 0
    for network_id in _networks("networks_with_agreements"):
        with bound(network_id):
            proposed += len(propose_due())
    return proposed
