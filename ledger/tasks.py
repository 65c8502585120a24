"""Thin shells that the beat starts."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db import connection

from audit.queries.seal import networks_with_seals
from core.actors import SystemActor
from core.clock import now
from core.tenancy import bound
from ledger.actions.breakage import run_month_ends
from ledger.actions.expiry import expire_due
from ledger.actions.redemption_import import remove_old_lines
from ledger.actions.reminder import remind_due
from ledger.actions.schedule import start_due_runs
from ledger.actions.seal import send_seals as send_due_seals
from ledger.posting import fold_deltas
from ledger.queries.redemption_import import networks_with_imports
from ledger.queries.schedule import networks_with_schedules
from ledger.rules.settings import LONGEST_REMINDER_DAYS


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


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def expire() -> int:
    """Let everything expire whose last day has passed at its holder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_expiries(%s)", [now().date() + timedelta(days=1)])
        networks = [row[0] for row in cursor.fetchall()]
    expired = 0
    for network_id in networks:
        with bound(network_id):
            expired += expire_due(SystemActor.of("its last day has passed")).expired
    return expired


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def remind() -> int:
    """Mail patients what expires soon, wherever something expires within the longest time of a reminder."""
    with connection.cursor() as cursor:
        longest = LONGEST_REMINDER_DAYS + 2  # the date may be ahead of UTC's by one
        cursor.execute("SELECT lookup.networks_with_expiries(%s)", [now().date() + timedelta(days=longest)])
        networks = [row[0] for row in cursor.fetchall()]
    mails = 0
    for network_id in networks:
        with bound(network_id):
            mails += remind_due(SystemActor.of("it expires soon")).mails
    return mails


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def take_breakage() -> int:
    """Bring breakage up to the end of last month where the holder's setting says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_breakage()")
        networks = [row[0] for row in cursor.fetchall()]
    done = 0
    for network_id in networks:
        with bound(network_id):
            done += len(run_month_ends(SystemActor.of("the month is over")))
    return done


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def start_reports() -> int:
    """Start the scheduled reports that are due, in every network that has some."""
    started = 0
    for network_id in networks_with_schedules():
        with bound(network_id):
            started += start_due_runs()
    return started


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def send_seals() -> int:
    """Mail what was sealed to whoever keeps it outside, once a day in every network."""
    sent = 0
    for network_id in networks_with_seals():
        with bound(network_id):
            sent += send_due_seals()
    return sent


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def remove_redemption_lines() -> int:
    """Delete the lines of old imports in every network that has some."""
    removed = 0
    for network_id in networks_with_imports():
        with bound(network_id):
            removed += remove_old_lines()
    return removed
