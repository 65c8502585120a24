"""Finding links and sessions of the portal; expiry is judged by the database's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from core.models import Network
from vendors.models import PortalLink, PortalSession
from vendors.rules.settings import SESSION_HOURS, SESSION_MINUTES


def network_of_link(secret_sha256: str) -> int | None:
    """The network of a link, before binding; None when it is unknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.network_of_portal_link(%s)", [secret_sha256])
        found = cursor.fetchone()
    return int(found[0]) if found and found[0] is not None else None


def network_of_session(token_sha256: str) -> int | None:
    """The network of a cookie's session, before binding; whether it still lives is `live_session`'s question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.network_of_portal_session(%s)", [token_sha256])
        found = cursor.fetchone()
    return int(found[0]) if found and found[0] is not None else None


def live_link(secret_sha256: str) -> PortalLink | None:
    """The link in the bound network while it opens anything: not expired or revoked, contact and vendor active."""
    return (
        PortalLink.objects.filter(
            secret_sha256=secret_sha256,
            revoked_at=None,
            expires_at__gt=Now(),
            contact__active=True,
            contact__vendor__status="active",
        )
        .select_related("contact__vendor")
        .filter(network__status=Network.Status.ACTIVE)
        .first()
    )


def live_session(token_sha256: str) -> PortalSession | None:
    """The session in the bound network while it lives: not ended, idle or old; contact, vendor and network active."""
    session = (
        PortalSession.objects.filter(
            token_sha256=token_sha256,
            ended_at=None,
            contact__active=True,
            contact__vendor__status="active",
            network__status=Network.Status.ACTIVE,
        )
        .annotate(idle=_since("seen_at"), age=_since("created_at"))
        .select_related("contact__vendor", "network")
        .first()
    )
    return session if session is not None and _lives(session) else None


def _since(column: str) -> ExpressionWrapper:
    return ExpressionWrapper(Now() - F(column), output_field=DurationField())


def _lives(session: Any) -> bool:
    """Is it neither idle nor old, by the vendor's settings?"""
    vendor = session.contact.vendor
    idle, age = timedelta(minutes=SESSION_MINUTES.at(vendor)), timedelta(hours=SESSION_HOURS.at(vendor))
    return bool(session.idle < idle and session.age < age)
