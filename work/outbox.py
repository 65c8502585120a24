"""The kernel's outbox port: an event is a row in the same transaction; the relay hands it on afterwards."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection

from core.tenancy import bound_network_id


class Outbox:
    """Writes events of the bound network; raw INSERT without RETURNING, as the portal role may not SELECT."""

    def put(self, topic: str, ids: dict[str, int], *, after: timedelta = timedelta(0)) -> None:
        put_event(bound_network_id(), topic, ids, after=after)


def put_event(network_id: int, topic: str, ids: dict[str, int], *, after: timedelta = timedelta(0)) -> None:
    """Write an event that the relay hands on, not before a time has passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO work_outbox (network_id, topic, ids, next_try_at)"
            " VALUES (%s, %s, %s, now() + make_interval(secs => %s))",
            [network_id, topic, json.dumps(ids), after.total_seconds()],
        )
