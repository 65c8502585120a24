"""What the worker does after events of this app, as the system and in the event's network."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from audit.trail import record_patient_read
from core import locale
from core.actors import ContactActor, SystemActor
from core.models import Network
from orgs.actions.mail import queue_signed_mail
from orgs.queries.branding import portal_name
from orgs.queries.hostname import console_address
from orgs.queries.membership import people_who_may
from orgs.rules.settings import LOCALE
from vendors.actions.billing import bill_request
from vendors.actions.contact import issue_link
from vendors.actions.portal import mail_code
from vendors.models import PortalLink, RequestMessage, ServiceRequest, VendorContact
from vendors.permissions import REQUEST_APPROVE, REQUEST_WRITE
from vendors.rules.reasons import reason_words
from vendors.rules.transitions import COMPLETED, FAILED, NEW, REQUESTED, RUNNING

if TYPE_CHECKING:
    from people.models import User


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
    request = _request(ids, status__in=NEW)
    if request is None or request.due_at is None:
        return
    with timezone.override(ZoneInfo(request.vendor.time_zone)), locale.using(LOCALE.at(request.vendor)):
        due = locale.long_day_and_time(request.due_at)
    _mail_contacts(
        request,
        f"new request {request.number}",
        f"{request.organization_name} asks for {request.vendor_code}, "
        f"{request.get_priority_display().lower()} priority, due {due} ({request.vendor.time_zone}).",
    )


def tell_of_message(ids: dict[str, int]) -> None:
    """`request.written`: the other side is told that it was written to; the words stay in the portal and the console."""
    said = RequestMessage.objects.filter(pk=ids["message_id"]).first()
    request = _request({"request_id": said.request_id}) if said else None
    if said is None or request is None:
        return
    what = {
        RequestMessage.Kind.QUESTION: "asks something",
        RequestMessage.Kind.PROPOSAL: "proposes another time",
        RequestMessage.Kind.CANCELLATION: "asks whether it can still be stopped",
    }.get(RequestMessage.Kind(said.kind), "wrote")
    _mail_side(request, of=said.side, subject=f"request {request.number}: a message", what=what)


def tell_of_answer(ids: dict[str, int]) -> None:
    """`request.message_answered`: who asked is told that the answer is there."""
    said = RequestMessage.objects.filter(pk=ids["message_id"]).first()
    request = _request({"request_id": said.request_id}) if said else None
    if said is not None and request is not None:
        other = (
            RequestMessage.Side.VENDOR
            if said.side == RequestMessage.Side.STAFF
            else RequestMessage.Side.STAFF
        )
        _mail_side(request, of=other, subject=f"request {request.number}: an answer", what="answered")


def tell_of_failure(ids: dict[str, int]) -> None:
    """`request.ended`: whoever ordered is told that there will be no result, and why."""
    request = _request(ids, status=FAILED)
    if request is not None:
        why = reason_words(request.reason_code, request.reason_text)
        _mail_staff(request, f"request {request.number}: no result", f"ended it without a result. {why}.")


def tell_of_correction(ids: dict[str, int]) -> None:
    """`request.corrected`: whoever ordered is told that a result was replaced."""
    request = _request(ids, status=COMPLETED)
    if request is not None:
        _mail_staff(request, f"request {request.number}: the result was corrected", "corrected its result.")


def tell_of_delay(ids: dict[str, int]) -> None:
    """`request.overdue`: who owes the result, who sent the request, and who manages vendors are told, once each."""
    request = _request(ids, status__in=RUNNING)
    if request is None or request.due_at is None:
        return
    subject = f"request {request.number} is overdue"
    for place, tell in ((request.vendor, _mail_contacts), (request.organization, _mail_managers)):
        with timezone.override(ZoneInfo(place.time_zone)), locale.using(LOCALE.at(place)):
            due = locale.long_day_and_time(request.due_at)
        tell(request, subject, f"{request.vendor_code} was due {due} ({place.time_zone}).")


def _request(ids: dict[str, int], **states: object) -> ServiceRequest | None:
    rows = ServiceRequest.objects.filter(pk=ids["request_id"], **states)
    return rows.select_related("vendor", "organization").first()


def _mail_side(request: ServiceRequest, *, of: str, subject: str, what: str) -> None:
    """Tell the side that did not do it what the other one did."""
    if of == RequestMessage.Side.STAFF:
        _mail_contacts(request, subject, f"{request.organization_name} {what}.")
    else:
        _mail_staff(request, subject, f"{what}.")


def _mail_contacts(request: ServiceRequest, subject: str, sentence: str) -> None:
    """Each active contact of the vendor gets a link of its own; the mail says nothing of the patient."""
    if request.vendor.status != "active":
        return
    network = Network.objects.get(pk=request.network_id)
    portal = portal_name(request.vendor, network.name)
    contacts = VendorContact.objects.filter(vendor_id=request.vendor_id, active=True)
    for contact in contacts.select_related("vendor").order_by("pk"):
        _, address = issue_link(SystemActor.of(subject), contact)
        queue_signed_mail(
            request.vendor,
            contact.email,
            f"{portal}: {subject}",
            f"Hello {contact.name},\n\n{sentence}\n\n"
            f"Answer request {request.number} in the vendor portal:\n\n{address}\n\n"
            "The link asks for a one-time code, which is sent to this address.\n",
        )


def _mail_managers(request: ServiceRequest, subject: str, sentence: str) -> None:
    """Whoever sent the request, and who may approve requests there."""
    people = {
        one.pk: one for one in [*_senders(request), *people_who_may(REQUEST_APPROVE, request.organization)]
    }
    for person in people.values():
        _mail_person(request, person, subject, f"{request.vendor.name} has not answered. {sentence}")


def _mail_staff(request: ServiceRequest, subject: str, what: str) -> None:
    """Whoever sent the request and still may write about it, or else everybody who may."""
    for person in _senders(request) or people_who_may(REQUEST_WRITE, request.organization):
        _mail_person(request, person, subject, f"{request.vendor.name} {what}")


def _senders(request: ServiceRequest) -> list[User]:
    """Who sent the request and still may write about it."""
    sent = request.transitions.filter(to_status=REQUESTED, actor_kind="user")
    senders = set(sent.values_list("actor_id", flat=True))
    return [one for one in people_who_may(REQUEST_WRITE, request.organization) if one.pk in senders]


def _mail_person(request: ServiceRequest, person: User, subject: str, sentence: str) -> None:
    """Nothing of the patient."""
    queue_signed_mail(
        request.organization,
        person.email,
        f"{subject[:1].upper()}{subject[1:]}",
        f"Hello {person.name},\n\n{sentence}\n\n{request.service_name}, request "
        f"{request.number} of {request.organization.name}:\n\n"
        f"{console_address()}{reverse('request', args=[request.pk])}\n",
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
