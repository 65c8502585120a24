"""The kernel's outbox port: an event is a row in the same transaction; the relay hands it on afterwards."""

from __future__ import annotations

import json

from django.db import connection

from core.tenancy import bound_network_id


class Outbox:
    """Writes events of the bound network; raw INSERT without RETURNING, as the portal role may not SELECT."""

    def put(self, topic: str, ids: dict[str, int]) -> None:
        put_event(bound_network_id(), topic, ids)


def put_event(network_id: int, topic: str, ids: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO work_outbox (network_id, topic, ids) VALUES (%s, %s, %s)",
            [network_id, topic, json.dumps(ids)],
        )
