"""Reads of logos: which are in force, and their content by digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.tenancy import bound
from orgs.models import Logo
from orgs.rules.settings import LOGO, LOGO_DARK
from work.queries.file import stored_file


@dataclass(frozen=True)
class Logos:
    """The digests of a logo for light and for dark ground; `dark` is empty where there is but one."""

    light: str
    dark: str = ""


def logos(organization: Any = None) -> Logos | None:
    """The logo in force at an organization or the bound network's parent; None without one."""
    if organization is None:
        light, dark = LOGO.at_network(), LOGO_DARK.at_network()
    else:
        light, dark = LOGO.at(organization), LOGO_DARK.at(organization)
    return Logos(light or dark, dark) if light or dark else None


def is_logo(digest: str) -> bool:
    """Was a picture of this digest uploaded in the bound network?"""
    return Logo.objects.filter(sha256=digest).exists()


def logo_content(digest: str) -> bytes | None:
    """A logo as PNG, whatever network it is of; asked before a network is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.network_of_logo(%s)", [digest])
        (network_id,) = cursor.fetchone()
    if network_id is None:
        return None
    with bound(network_id):
        file = stored_file(Logo.objects.get(sha256=digest).file_id)
        return None if file is None else bytes(file.content)
