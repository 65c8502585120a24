"""What the worker does after events of this app, as the system and in the event's network."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db.models.functions import Now
from django.utils import timezone

from audit.trail import record_patient_read
from core import locale
from core.actors import ContactActor, SystemActor
from core.models import Network
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import portal_name
from orgs.rules.settings import LOCALE
from vendors.actions.billing import bill_request
from vendors.actions.contact import issue_link
from vendors.actions.portal import mail_code
from vendors.models import PortalLink, ServiceRequest, VendorContact
from vendors.rules.transitions import NEW


def mail_requested_code(ids: dict[str, int]) -> None:
    """`portal.code_requested`: mail a code, if the link still opens anything."""
    link = (
        PortalLink.objects.filter(
            pk=ids["link_id"],
            revoked_at=None,
            expires_at__gt=Now(),
            contact__active=True,
            contact__vendor__status="active",
        )
        .select_related("contact__vendor")
        .first()
    )
    if link is not None:
        mail_code(link)


def tell_vendor(ids: dict[str, int]) -> None:
    """`request.sent`: each active contact gets a link of its own; the mail says nothing of the patient."""
    request = (
        ServiceRequest.objects.filter(pk=ids["request_id"], status__in=NEW).select_related("vendor").first()
    )
    if request is None or request.target_at is None or request.vendor.status != "active":
        return
    network = Network.objects.get(pk=request.network_id)
    with timezone.override(ZoneInfo(request.vendor.time_zone)), locale.using(LOCALE.at(request.vendor)):
        due = locale.long_day_and_time(request.target_at)
    portal = portal_name(request.vendor, network.name)
    contacts = VendorContact.objects.filter(vendor_id=request.vendor_id, active=True)
    for contact in contacts.select_related("vendor").order_by("pk"):
        _, address = issue_link(SystemActor.of("a new request"), contact)
        queue_signed_mail(
            request.vendor,
            contact.email,
            f"{portal}: new request {request.number}",
            f"Hello {contact.name},\n\n{request.organization_name} asks for {request.vendor_code}, "
            f"{request.get_priority_display().lower()} priority, due {due} ({request.vendor.time_zone}).\n\n"
            f"Answer request {request.number} in the vendor portal:\n\n{address}\n\n"
            "The link asks for a one-time code, which is sent to this address.\n",
        )


def bill_completed_request(ids: dict[str, int]) -> None:
    """`request.completed`: the buy price becomes payable in the books of the organization that ordered."""
    request = ServiceRequest.objects.select_related("organization", "vendor", "service").get(
        pk=ids["request_id"]
    )
    bill_request(SystemActor.of("completed request"), request)


def log_patient_read(ids: dict[str, int]) -> None:
    """`portal.patient_opened`: the portal role can't write the log of patient reads; the event is the record until here."""
    request = ServiceRequest.objects.get(pk=ids["request_id"])
    contact = VendorContact.objects.get(pk=ids["contact_id"])
    actor = ContactActor.of(contact.pk, contact.name, contact.vendor_id)
    record_patient_read(
        actor,
        "open",
        [request.patient_id],
        organization_id=request.vendor_id,
        detail=f"request {request.number} in the portal",
    )
