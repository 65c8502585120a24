"""Who a portal request is: the contact behind the portal's own cookie, bound to network and vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.actors import ContactActor
from core.models import Network
from orgs.queries.branding import accent, portal_name, support_email
from orgs.queries.logo import Logos, logos
from vendors.models import PortalSession, VendorContact

COOKIE = "__Host-portal" if settings.HTTPS else "caretree_portal"


@dataclass(frozen=True)
class PortalVisit:
    """A live session with all that the portal's pages show of it.

    `brand` is the portal's name over every page, `support_email` where to write with questions. `follow_ups` run after the page in the same transaction, as the web role: for what the portal role can't do.
    """

    session_id: int
    contact: VendorContact
    network: Network
    actor: ContactActor
    brand: str
    support_email: str
    accent: str
    logo: Logos | None
    follow_ups: list[Callable[[], object]] = field(default_factory=list)

    @classmethod
    def of(cls, session: PortalSession) -> PortalVisit:
        contact = session.contact
        vendor = contact.vendor
        return cls(
            session_id=session.pk,
            contact=contact,
            network=session.network,
            actor=ContactActor.of(contact.pk, contact.name, contact.vendor_id),
            brand=portal_name(vendor, session.network.name),
            support_email=support_email(vendor),
            accent=accent(vendor),
            logo=logos(vendor),
        )

    @property
    def vendor(self) -> Any:
        return self.contact.vendor

    @property
    def sign_out_url(self) -> str:
        return reverse("portal-sign-out")


class PortalRequest(HttpRequest):
    """A request of the portal; `portal` is None without a live session."""

    portal: PortalVisit | None


def set_cookie(response: HttpResponse, token: str, hours: int) -> None:
    """The portal's own cookie, for as long as a session can live; the database knows when it really ends."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=hours * 3600,
        path="/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
