"""Thin shells that the beat starts."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import connection

from audit.actions.seal import check_seals, seal_waiting
from audit.queries.seal import networks_with_seals
from audit.sealed import SEALED
from core.tenancy import bound

log = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def seal() -> int:
    """Seal what was committed in every network that has something unsealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_unsealed()")
        networks = [row[0] for row in cursor.fetchall()]
    return sum(seal_waiting(network_id, kind) for network_id in networks for kind in SEALED)


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def verify() -> int:
    """Verify every seal of every network; returns how many findings there are, which the page of seals shows too."""
    found = 0
    for network_id in networks_with_seals():
        for kind in SEALED:
            with bound(network_id):
                checked = check_seals(kind)
            if checked.count:
                log.error("seals of the %s of network %s: %s", kind, network_id, checked.findings)
            found += checked.count
    return found
