"""The only place that writes vendors' contacts and the links they are sent."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models.functions import Now
from django.urls import reverse

from core.actions import Act, action
from core.actors import Actor
from core.errors import Refused, Stale
from core.models import Network
from core.tenancy import bound_network_id
from core.validators import refuse_unseen
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import portal_name
from orgs.queries.hostname import portal_address
from orgs.queries.organization import hold_standing
from vendors.models import PortalLink, PortalSession, VendorContact
from vendors.permissions import VENDOR_EDIT
from vendors.rules.kinds import refuse_no_vendor
from vendors.rules.settings import LINK_DAYS

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class ContactDetails:
    """A person of a vendor: name, registered address, role."""

    name: str
    email: str
    role: str = VendorContact.Role.AGENT
    active: bool = True


@action(VENDOR_EDIT, audit="vendor_contact.added")
def add_contact(act: Act, vendor: Organization, *, details: ContactDetails) -> VendorContact:
    """Register a person who may answer for a vendor in the portal.

    Who may: `vendor:edit` at the vendor. Refusals: not a vendor, a name with a character that
    nobody sees, the address is taken. Audit: all values.
    """
    refuse_no_vendor(vendor.kind, vendor.name)
    _refuse_archived(vendor)
    contact = VendorContact.objects.create(vendor_id=vendor.pk, **_clean(details))
    act.about(contact)
    act.changed({}, _clean(details))
    return contact


@action(VENDOR_EDIT, audit="vendor_contact.edited")
def edit_contact(act: Act, contact: VendorContact, *, details: ContactDetails, version: int) -> VendorContact:
    """Change a contact. Another address or a deactivation ends the contact's links and sessions at once.

    Refusals: stale version, a name with a character that nobody sees, the address is taken. Audit: old and new values.
    """
    current = VendorContact.objects.select_for_update().get(pk=contact.pk)
    if current.version != version:
        raise Stale("contact")
    new = _clean(details)
    old = {name: getattr(current, name) for name in new}
    if not new["active"] or new["email"] != old["email"]:
        _shut_out(current)
    for name, value in new.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*new, "version"])
    act.changed(old, new)
    return current


@action(VENDOR_EDIT, audit="portal_link.sent")
def send_link(act: Act, contact: VendorContact) -> PortalLink:
    """Mail a contact a new link to the portal, to the registered address only.

    Who may: `vendor:edit` at the vendor. Refusals: a deactivated contact, an archived vendor. The link lives as long as the settings say. After commit: the mail leaves.
    """
    if not contact.active:
        raise Refused("not_permitted", f"{contact.name} is not active; make the contact active first.")
    vendor = contact.vendor
    _refuse_archived(vendor)
    link, address = issue_link(act.actor, contact)
    network = Network.objects.get(pk=bound_network_id())
    queue_signed_mail(
        vendor,
        contact.email,
        f"{portal_name(vendor, network.name)}: your link to the vendor portal",
        f"Hello {contact.name},\n\n{network.name} invites you to answer its requests to {vendor.name} in the vendor "
        f"portal:\n\n{address}\n\nThe link works for {LINK_DAYS.show(LINK_DAYS.at(vendor))}. It asks for a one-time code, which is sent to this "
        "address.\n\nIf you didn't expect this, you can ignore it.\n",
    )
    act.about(link)
    act.changed({}, {"contact": contact.name, "to": contact.email})
    return link


@action(VENDOR_EDIT, audit="portal_links.revoked")
def revoke_links(act: Act, contact: VendorContact) -> VendorContact:
    """Make every link of a contact useless and end its sessions. Refused when there is nothing to revoke."""
    links, sessions = _shut_out(contact)
    if not links and not sessions:
        raise Refused("not_permitted", f"{contact.name} has no link or session that could be revoked.")
    act.changed({}, {"links": links, "sessions": sessions})
    return contact


def issue_link(actor: Actor, contact: VendorContact) -> tuple[PortalLink, str]:
    """A new link of a contact and its address; only the secret's hash is stored."""
    secret = secrets.token_urlsafe(32)
    link = PortalLink.objects.create(
        contact=contact,
        secret_sha256=secret_hash(secret),
        created_by=actor.label[:200],
        expires_at=Now() + timedelta(days=LINK_DAYS.at(contact.vendor)),
    )
    return link, portal_address() + reverse("portal-link", args=[secret])


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _shut_out(contact: VendorContact) -> tuple[int, int]:
    live = PortalLink.objects.filter(contact=contact, revoked_at=None, expires_at__gt=Now())
    links = live.update(revoked_at=Now())
    sessions = PortalSession.objects.filter(contact=contact, ended_at=None).update(ended_at=Now())
    return links, sessions


def _clean(details: ContactDetails) -> dict[str, object]:
    name = details.name.strip()
    refuse_unseen("name", name)
    return asdict(details) | {"name": name, "email": details.email.strip().lower()}


def _refuse_archived(vendor: Organization) -> None:
    hold_standing(vendor)
    if vendor.status == "archived":
        raise Refused("not_permitted", f"{vendor.name} is archived; nobody answers for it any more.")
