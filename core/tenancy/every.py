"""Commands that go over networks: all ids are read as the migrator, the work is done bound, as web."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db import connections

from core.models import Network
from core.tenancy.binding import bound


def every_network_id() -> list[int]:
    """Ids of all networks, oldest first."""
    with connections["migrator"].cursor() as cursor:
        cursor.execute("SELECT id FROM core_network ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def networks_meant(network_id: int | None) -> list[int]:
    """The one that a command was told, or all; CommandError when there is no such network."""
    if network_id is None:
        return every_network_id()
    if 0 < network_id < 2**63:
        with bound(network_id):
            if Network.objects.filter(pk=network_id).exists():
                return [network_id]
    raise CommandError(f"There is no network {network_id}.")
