"""What staff does with service requests: order, send, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.actions import Act, action
from core.clock import now, today_in
from core.errors import Refused
from core.idempotency import check_key
from core.ids import random_code
from core.modules import refuse_not_offered
from core.money import Money
from core.settings import why
from orgs.queries.access import is_allowed
from orgs.queries.organization import affiliation_in_force, hold_standing
from patients.queries.patient import is_registered_at
from vendors.actions.step import LONGEST_KEY, step
from vendors.models import ServiceRequest, VendorContact, VendorPrice, VendorService
from vendors.permissions import REQUEST_APPROVE, REQUEST_CANCEL, REQUEST_CREATE
from vendors.queries.request import duplicates_of, needs_approval
from vendors.queries.vendor import price_in_force
from vendors.rules.modules import REQUESTS
from vendors.rules.reasons import CANCEL_REASONS
from vendors.rules.settings import (
    APPROVAL_ABOVE,
    CANCEL_AFTER_ACCEPTANCE,
    CLINICAL_NOTE_REQUIRED,
    DUPLICATES,
    MAY_ORDER,
    URGENT_ALLOWED,
)
from vendors.rules.transitions import ACCEPTED, CANCELLED, DRAFT, REQUESTED, STAFF, side_of

if TYPE_CHECKING:
    from orgs.models import Organization

NOTE_LENGTH = 2000
_URGENT = (ServiceRequest.Priority.URGENT, ServiceRequest.Priority.STAT)


@dataclass(frozen=True)
class NewRequest:
    """What is ordered, for whom and of whom. `key` makes a repeated order the same one."""

    patient: Any
    vendor_service: VendorService
    key: str
    priority: str = ServiceRequest.Priority.ROUTINE
    clinical_note: str = ""


@action(REQUEST_CREATE, audit="request.drafted")
def draft_request(act: Act, organization: Organization, *, new: NewRequest) -> ServiceRequest:
    """Prepare a request of an organization, with today's prices; nothing is sent yet.

    Who may: `request:create` at the ordering organization. The same key gives the request it made first.
    Refusals: `module_off`, an organization that isn't active, keeps no books or may not order, a patient not registered there, a
    vendor or service that can't be ordered, another currency than the organization's books, a priority that isn't
    allowed there, a missing clinical note.
    """
    check_key(new.key, LONGEST_KEY)
    made = ServiceRequest.objects.filter(key=new.key).first()
    if made is not None:
        if (made.organization_id, made.patient_id) != (organization.pk, new.patient.pk):
            raise Refused(
                "idempotency_conflict", "This form was already used for another request. Open a new one."
            )
        act.nothing_happened()
        return made
    price = _orderable(organization, new.vendor_service, new.patient.pk)
    _check_order(organization, new.priority, new.clinical_note)
    request = ServiceRequest.objects.create(
        number=f"SR-{random_code(groups=2)}",
        organization=organization,
        vendor=new.vendor_service.vendor,
        patient=new.patient,
        service=new.vendor_service.service,
        vendor_service=new.vendor_service,
        organization_name=organization.name,
        service_name=new.vendor_service.service.name,
        vendor_code=new.vendor_service.code,
        buy_minor=price.buy_minor,
        sell_minor=price.sell_minor,
        currency=price.currency,
        turnaround_minutes=new.vendor_service.turnaround_minutes,
        priority=new.priority,
        clinical_note=new.clinical_note.strip()[:NOTE_LENGTH],
        key=new.key,
        created_at=now(),
    )
    act.about(request)
    act.changed(
        {}, {"number": request.number, "vendor_id": request.vendor_id, "service": request.service_name}
    )
    return request


@action(REQUEST_CREATE, audit="request.sent")
def send_request(
    act: Act, request: ServiceRequest, *, version: int, key: str, duplicates_accepted: bool = False
) -> ServiceRequest:
    """Send a draft to its vendor: the prices of today are copied and the turnaround clock starts.

    Refusals: not a draft, what drafting refuses, a vendor without an active contact, a price that changed
    since it was shown, a price above the limit for approval unless the sender may approve too, a like request of
    the last days unless the sender says that it is meant and may say so.
    After commit: the vendor's contacts are told.
    """
    if needs_approval(request) and not is_allowed(act.actor, REQUEST_APPROVE, request.organization_id):
        sell = Money(request.sell_minor, request.currency)
        raise Refused(
            "approval_required",
            f"The request sells for {sell}; somebody who may approve requests has to send it. "
            f"{why(APPROVAL_ABOVE, request.organization)}",
        )
    return _send(act, request, version, key, duplicates_accepted)


@action(REQUEST_APPROVE, audit="request.sent")
def approve_request(
    act: Act, request: ServiceRequest, *, version: int, key: str, duplicates_accepted: bool = False
) -> ServiceRequest:
    """Send a draft whose sell price is above the limit for approval.

    Who may: `request:approve` at the ordering organization. Refusals: a draft that needs no approval, and what
    sending refuses. After commit: the vendor's contacts are told.
    """
    if request.status == DRAFT and not needs_approval(request):
        raise Refused(
            "not_permitted",
            f"Request {request.number} needs no approval; whoever orders at {request.organization.name} sends it.",
        )
    return _send(act, request, version, key, duplicates_accepted)


def _send(
    act: Act, request: ServiceRequest, version: int, key: str, duplicates_accepted: bool
) -> ServiceRequest:
    if request.status == DRAFT:
        price = _orderable(request.organization, request.vendor_service, request.patient_id)
        _check_order(request.organization, request.priority, request.clinical_note)
        _refuse_other_price(request, price)
        if not VendorContact.objects.filter(vendor_id=request.vendor_id, active=True).exists():
            raise Refused(
                "vendor_unreachable",
                f"{request.vendor.name} has no active contact, so nobody would answer. Add one first.",
            )
        _refuse_duplicates(request, duplicates_accepted)
    sent_at = now()
    target_at = sent_at + timedelta(minutes=request.turnaround_minutes)
    if step(
        act,
        request,
        REQUESTED,
        version=version,
        key=key,
        changes={"requested_at": sent_at, "target_at": target_at, "due_at": target_at},
    ):
        act.emit("request.sent", request_id=request.pk)
    return ServiceRequest.objects.get(pk=request.pk)


@action(REQUEST_CANCEL, audit="request.cancelled")
def cancel_request(
    act: Act, request: ServiceRequest, *, version: int, key: str, reason_code: str, reason_text: str = ""
) -> ServiceRequest:
    """Cancel a request before work began, with a coded reason; the vendor loses sight of the patient.

    Who may: `request:cancel` at the ordering organization. Refusals: an unknown reason, "other" without
    words, work that has begun, an accepted request where those aren't cancelled, a stale version.
    """
    check_reason(CANCEL_REASONS, reason_code, reason_text)
    accepted = request.status == ACCEPTED and side_of(act.actor) == STAFF
    if accepted and not CANCEL_AFTER_ACCEPTANCE.at(request.organization):
        raise Refused(
            "transition",
            f"{request.vendor.name} has accepted request {request.number}; ask there whether it can still be stopped. "
            f"{why(CANCEL_AFTER_ACCEPTANCE, request.organization)}",
        )
    step(
        act,
        request,
        CANCELLED,
        version=version,
        key=key,
        changes={"cancelled_at": now()},
        reason_code=reason_code,
        reason_text=reason_text.strip(),
    )
    return ServiceRequest.objects.get(pk=request.pk)


def check_reason(reasons: dict[str, str], code: str, text: str) -> None:
    """Refuse an unknown code, and "other" without words."""
    if code not in reasons:
        raise Refused("reason_missing", "Choose a reason from the list.", field="reason_code")
    if code == "other" and not text.strip():
        raise Refused("reason_missing", "Say the reason in words.", field="reason_text")


def _orderable(organization: Any, setting: VendorService, patient_id: int) -> VendorPrice:
    """The price in force today, or the refusal that says why this can't be ordered."""
    hold_standing(organization, setting.vendor)
    if not organization.keeps_books or organization.status != "active":
        raise Refused(
            "not_permitted", f"{organization.name} can't order: it is not active.", field="organization"
        )
    REQUESTS.require_at(organization, field="organization")
    if not MAY_ORDER.at(organization):
        raise Refused(
            "ordering_off",
            f"{organization.name} orders nothing from vendors. {why(MAY_ORDER, organization)}",
            field="organization",
        )
    vendor, service = setting.vendor, setting.service
    if vendor.pk == organization.pk:
        raise Refused(
            "not_permitted", f"{organization.name} can't order from itself.", field="vendor_service"
        )
    if not is_registered_at(patient_id, organization.pk):
        raise Refused(
            "not_permitted",
            f"The patient is not registered at {organization.name}; register first.",
            field="organization",
        )
    refuse_not_offered(organization, service.category, field="vendor_service")
    today = today_in(organization.time_zone)
    if vendor.status != "active" or affiliation_in_force(vendor, today) is None:
        raise Refused(
            "not_permitted",
            f"{vendor.name} takes no requests: no contract is in force.",
            field="vendor_service",
        )
    price = price_in_force(setting, today)
    if not setting.active or service.status != "active" or price is None:
        raise Refused(
            "not_permitted",
            f"{service.name} can't be ordered from {vendor.name} today.",
            field="vendor_service",
        )
    if price.currency != organization.currency:
        raise Refused(
            "currency_mismatch",
            f"{vendor.name} bills in {price.currency}; the books of {organization.name} are in {organization.currency}.",
            field="vendor_service",
        )
    return price


def _check_order(organization: Any, priority: str, note: str) -> None:
    """Refuse a priority that isn't allowed at the organization, and a missing note where one is needed."""
    if priority in _URGENT and not URGENT_ALLOWED.at(organization):
        shown = ServiceRequest.Priority(priority).label.lower()
        raise Refused(
            "priority_refused",
            f"{organization.name} orders with routine priority only, not {shown}. "
            f"{why(URGENT_ALLOWED, organization)}",
            field="priority",
        )
    if not note.strip() and CLINICAL_NOTE_REQUIRED.at(organization):
        raise Refused(
            "note_missing",
            f"Write a clinical note for the vendor. {why(CLINICAL_NOTE_REQUIRED, organization)}",
            field="clinical_note",
        )


def _refuse_duplicates(request: ServiceRequest, accepted: bool) -> None:
    """Like requests are refused, or where they are only warned about, confirmed by the sender."""
    refuses = DUPLICATES.at(request.organization) == "refuse"
    if accepted and not refuses:
        return
    like = duplicates_of(request)
    if like and refuses:
        raise Refused(
            "duplicate_request",
            f"The patient has a like request, {like[0].number}, so this one can't be sent. "
            f"{why(DUPLICATES, request.organization)}",
        )
    if like:
        raise Refused(
            "duplicate_request",
            "The patient has a like request. Look at it, and tick that this one is meant.",
            field="duplicates_accepted",
        )


def _refuse_other_price(request: ServiceRequest, price: VendorPrice) -> None:
    """The sender has seen a price; another one is taken over and must be seen before it is sent."""
    shown = (request.buy_minor, request.sell_minor, request.currency)
    if shown != (price.buy_minor, price.sell_minor, price.currency):
        raise Refused(
            "price_changed",
            f"The price is now {price.buy}; discard this draft and order again at the new price.",
        )
