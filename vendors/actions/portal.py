"""How a contact gets into the portal and out of it: ask for a code, enter it, sign out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hmac import compare_digest

from django.db.models import F
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from core.actions import Act, action
from core.errors import Refused
from core.models import Network
from core.tenancy import bound_network_id
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import portal_name
from vendors.actions.contact import secret_hash
from vendors.models import PortalCode, PortalLink, PortalSession, VendorContact
from vendors.permissions import PORTAL_VIEW
from vendors.rules.access import CODE_DIGITS, CODE_PAUSE, CODES_AN_HOUR, HOUR
from vendors.rules.settings import CODE_MINUTES, CODE_TRIES


@action(PORTAL_VIEW, audit="portal.code_requested")
def request_code(act: Act, contact: VendorContact, *, link_id: int) -> None:
    """Ask for a one-time code. The worker makes and mails it, so no request ever holds one.

    Who may: the contact whose link it is. After commit: the worker mails the code to the registered address.
    """
    act.emit("portal.code_requested", link_id=link_id)


def mail_code(link: PortalLink) -> bool:
    """Make a one-time code for a link and mail it to the registered address; the worker does this.

    False, and nothing is mailed, when the link's last code is too young or too many were made this hour.
    """
    recent = PortalCode.objects.filter(link=link)
    if recent.filter(created_at__gt=Now() - CODE_PAUSE).exists():
        return False
    if recent.filter(created_at__gt=Now() - HOUR).count() >= CODES_AN_HOUR:
        return False
    vendor = link.contact.vendor
    minutes = CODE_MINUTES.at(vendor)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    PortalCode.objects.create(
        link=link,
        contact_id=link.contact_id,
        code_hash=_code_hash(link.pk, code),
        expires_at=Now() + timedelta(minutes=minutes),
    )
    network = Network.objects.get(pk=bound_network_id())
    queue_signed_mail(
        vendor,
        link.contact.email,
        f"{portal_name(vendor, network.name)}: your code for the vendor portal",
        f"Hello {link.contact.name},\n\nyour one-time code is\n\n    {code[:4]} {code[4:]}\n\nIt works once, for {minutes} minutes, on "
        "the page where you asked for it.\n\nIf you didn't ask for it, you can ignore it.\n",
    )
    return True


def code_is_right(link: PortalLink, typed: str) -> bool:
    """Use up the newest code of a link. Every attempt counts a try before the code is compared, so that
    parallel guesses can't outrun the limit; expiry and use are judged by the database."""
    newest = PortalCode.objects.filter(link_id=link.pk).order_by("-id").values("pk")[:1]
    usable = PortalCode.objects.filter(
        pk__in=newest, used_at=None, tries__lt=CODE_TRIES.at(link.contact.vendor), expires_at__gt=Now()
    )
    if not usable.update(tries=F("tries") + 1):
        return False
    code = PortalCode.objects.filter(link_id=link.pk).order_by("-id").first()
    digits = "".join(char for char in typed if char in "0123456789")
    if code is None or not compare_digest(code.code_hash, _code_hash(link.pk, digits)):
        return False
    return bool(PortalCode.objects.filter(pk=code.pk, used_at=None).update(used_at=Now()))


@action(PORTAL_VIEW, audit="portal.signed_in")
def sign_in(act: Act, contact: VendorContact, *, link_id: int) -> str:
    """Start a session of a contact whose code was right; returns the cookie's token, stored only as a hash."""
    token = secrets.token_urlsafe(32)
    PortalSession.objects.create(contact=contact, link_id=link_id, token_sha256=secret_hash(token))
    return token


@action(PORTAL_VIEW, audit="portal.code_refused")
def note_wrong_code(act: Act, contact: VendorContact) -> None:
    """Record that a wrong, used or expired code was entered."""


@action(PORTAL_VIEW, audit="portal.signed_out")
def sign_out(act: Act, contact: VendorContact, *, session_id: int) -> None:
    """End a session. Refused when it has ended already."""
    if not PortalSession.objects.filter(pk=session_id, ended_at=None).update(ended_at=Now()):
        raise Refused("not_permitted", "You were signed out already.")


def _code_hash(link_id: int, digits: str) -> str:
    """Keyed with the product's secret: eight digits alone would be guessed from a plain hash."""
    return salted_hmac(f"portal code of link {link_id}", digits, algorithm="sha256").hexdigest()
