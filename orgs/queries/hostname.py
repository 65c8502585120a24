"""Reads of host names: which network one is for, and where the bound network's faces are reached."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet

from orgs.models import HostName
from orgs.rules.hostname import PATTERN, address_at

Face = HostName.Face


def face_at(name: str) -> tuple[int, str] | None:
    """The network whose confirmed host name it is, with the face that answers there; asked before binding."""
    if not re.match(PATTERN, name):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lookup.network_of_host(%s, %s), lookup.network_of_host(%s, %s)",
            [name, Face.CONSOLE, name, Face.PORTAL],
        )
        console, portal = cursor.fetchone()
    if console is not None:
        return int(console), Face.CONSOLE.value
    return None if portal is None else (int(portal), Face.PORTAL.value)


def host_names() -> QuerySet[HostName]:
    """Every host name that the bound network asked for or has."""
    return HostName.objects.order_by("name")


def console_address() -> str:
    """Where the bound network's console is reached, without a slash at the end: links in mail are built from it."""
    return _own_address(Face.CONSOLE) or settings.BASE_URL


def portal_address() -> str:
    """Where the bound network's portal is reached, without a slash at the end."""
    return _own_address(Face.PORTAL) or settings.BASE_URL


def own_console_address() -> str:
    """The bound network's own console; empty where it has no host name for it."""
    return _own_address(Face.CONSOLE)


def _own_address(face: str) -> str:
    """At the host name that was confirmed last; empty without one."""
    names = HostName.objects.filter(face=face, confirmed_at__isnull=False)
    name = names.order_by(F("confirmed_at").desc(), "-pk").values_list("name", flat=True).first()
    return address_at(name, settings.BASE_URL) if name else ""
