"""Commands that go over networks: all ids are read as the migrator, the work is done bound, as web."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser
from django.db import connections

from core.models import Network
from core.tenancy.binding import bound


def every_network_id() -> list[int]:
    """Ids of all networks, oldest first."""
    with connections["migrator"].cursor() as cursor:
        cursor.execute("SELECT id FROM core_network ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def add_network(parser: CommandParser, *, required: bool = False) -> None:
    """The argument by which a command is told its network; one that needs none goes over all without it."""
    text = (
        "id, name or code of the network" if required else "id, name or code of one network; all without it"
    )
    parser.add_argument("--network", required=required, help=text)


def networks_meant(said: str | int | None) -> list[int]:
    """The one that a command was told, or all; CommandError when there is no such network, or several."""
    if said is None:
        return every_network_id()
    typed = str(said)
    found = _by_id(typed) or _by_name(typed)
    if len(found) > 1:
        ids = ", ".join(str(one) for one in found)
        raise CommandError(f"Several networks are called {typed!r}: {ids}. Say which by its id.")
    if not found:
        raise CommandError(f"There is no network {typed[:60]!r}. Say its id, name or code.")
    return found


def _by_id(typed: str) -> list[int]:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19 and int(typed)):
        return []
    with bound(int(typed)):
        return list(Network.objects.filter(pk=int(typed)).values_list("pk", flat=True))


def _by_name(typed: str) -> list[int]:
    """By name or code, in capitals or not."""
    if "\0" in typed:
        return []
    with connections["migrator"].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM core_network WHERE lower(%s) IN (lower(name), lower(code)) ORDER BY id", [typed]
        )
        return [row[0] for row in cursor.fetchall()]
