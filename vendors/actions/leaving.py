"""Shuts the portal to the contacts of vendors that leave the network."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Now

from core import locale
from core.actors import Actor
from core.models import Network
from core.ports import AuditRecord
from core.registries import Leavers
from core.tenancy import bound_network_id
from orgs.actions.mail import queue_signed_mail
from vendors.models import VendorContact
from vendors.queries.leaving import contacts_to_end, live_links, live_sessions


def end_portal(actor: Actor, leavers: Leavers) -> list[AuditRecord]:
    """Deactivate every contact, revoke links and end sessions, and tell each contact."""
    contacts = list(contacts_to_end(leavers).select_for_update(of=("self",)))
    live_links(leavers).update(revoked_at=Now())
    live_sessions(leavers).update(ended_at=Now())
    VendorContact.objects.filter(pk__in=[one.pk for one in contacts]).update(
        active=False, version=F("version") + 1
    )
    network = Network.objects.get(pk=bound_network_id())
    for one in contacts:
        queue_signed_mail(
            leavers.top,
            one.email,
            f"{one.vendor.name} has left {network.name}",
            f"Hello {one.name},\n\n{one.vendor.name} has left {network.name}; its last day was "
            f"{locale.long_day(leavers.last_day)}. Your links to the vendor portal have ended.\n",
        )
    return [
        AuditRecord(
            actor,
            "vendor_contact.edited",
            one._meta.label_lower,
            one.pk,
            one.vendor_id,
            {"active": True},
            {"active": False, "reason": "It left the network."},
        )
        for one in contacts
    ]
