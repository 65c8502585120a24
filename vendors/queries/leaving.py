"""What leaving the network means to service requests and the vendor portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from core import locale
from core.access import allowed
from core.actors import Actor
from core.registries import LeaveEffect, Leavers, LeaveStep, RecordTable
from orgs.queries.leaving import shortened
from vendors.models import PortalLink, PortalSession, RequestMessage, Result, ServiceRequest, VendorContact
from vendors.permissions import REQUEST_VIEW, VENDOR_VIEW
from vendors.rules.transitions import COMPLETED, OPEN
from work.queries.file import stored_file

CHUNK = 1000


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Open requests stand in the way; contacts, their links and sessions end."""
    waiting = ServiceRequest.objects.filter(
        Q(organization__in=leavers.ids) | Q(vendor__in=leavers.ids), status__in=OPEN
    )
    found = list(waiting.select_related("organization", "vendor").order_by("pk"))
    if found:
        may = allowed(actor, REQUEST_VIEW, leavers.top)
        yield LeaveEffect(
            LeaveStep.WORK,
            locale.counted(len(found), "open request"),
            shortened(
                (
                    f"{one.number}: {one.organization.name} asked {one.vendor.name}",
                    reverse("request", args=[one.pk]) if may and one.organization_id in leavers.names else "",
                )
                for one in found
            ),
            "Have them answered, or cancel them.",
            blocks=True,
        )
    unbilled = ServiceRequest.objects.filter(
        organization__in=leavers.ids, status=COMPLETED, billed_at=None
    ).count()
    if unbilled:
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{locale.counted(unbilled, 'completed request')} not billed yet",
            (),
            "That happens by itself in a moment, unless the ledger refuses it: see the requests.",
            blocks=True,
        )
    contacts = list(contacts_to_end(leavers))
    if contacts:
        links, sessions = live_links(leavers).count(), live_sessions(leavers).count()
        may = allowed(actor, VENDOR_VIEW, leavers.top)
        yield LeaveEffect(
            LeaveStep.ACCESS,
            f"{locale.counted(len(contacts), 'contact')} of the vendor portal, {locale.counted(links, 'link')} and "
            f"{locale.counted(sessions, 'session')} end",
            shortened(
                (f"{one.name}, {one.vendor.name}", reverse("vendor", args=[one.vendor_id]) if may else "")
                for one in contacts
            ),
            "Each contact is told by e-mail.",
        )


def contacts_to_end(leavers: Leavers) -> QuerySet[VendorContact]:
    """The active contacts of vendors that leave."""
    rows = VendorContact.objects.filter(vendor__in=leavers.ids, active=True)
    return rows.select_related("vendor").order_by("name", "pk")


def live_links(leavers: Leavers) -> QuerySet[PortalLink]:
    return PortalLink.objects.filter(contact__vendor__in=leavers.ids, revoked_at=None, expires_at__gt=Now())


def live_sessions(leavers: Leavers) -> QuerySet[PortalSession]:
    return PortalSession.objects.filter(contact__vendor__in=leavers.ids, ended_at=None)


def own_records(leavers: Leavers) -> Iterator[RecordTable]:
    """Requests that they ordered, with results, and those that they answered as vendors, as the portal shows them."""
    yield RecordTable(
        "requests",
        "Service requests that were ordered there.",
        "request, organization, vendor, patient, service, priority, state, clinical note, "
        "buy price, sell price, currency, requested, accepted, completed, cancelled, reason",
        _ordered(leavers),
        patient_ids=lambda: _requests(leavers).order_by().values_list("patient", flat=True).distinct(),
    )
    yield RecordTable(
        "results",
        "What vendors answered to them, one line for each value.",
        "request, version, corrects, name, value, unit, range, flag, comment, file, who, when",
        _results(leavers),
        _reports(leavers),
    )
    yield RecordTable(
        "messages",
        "What was said about them, by them and by vendors.",
        "request, side, what, text, reason, proposed time, who, when, answer, words, answered by, answered",
        _messages(leavers),
    )
    yield RecordTable(
        "tasks",
        "Service requests of others that they answered as vendors, as the portal shows them.",
        "request, vendor, ordered by, service, vendor code, priority, state, price, currency, "
        "requested, accepted, completed, cancelled",
        _answered(leavers),
    )


def _requests(leavers: Leavers) -> QuerySet[ServiceRequest]:
    return ServiceRequest.objects.filter(organization__in=leavers.ids).order_by("pk")


def _ordered(leavers: Leavers) -> Iterator[Sequence[Any]]:
    for row in _requests(leavers).select_related("vendor").iterator(CHUNK):
        yield (
            row.number,
            leavers.codes[row.organization_id],
            row.vendor.name,
            row.patient_id,
            row.service_name,
            row.get_priority_display(),
            row.get_status_display(),
            row.clinical_note,
            row.buy,
            row.sell,
            row.currency,
            row.requested_at,
            row.accepted_at,
            row.completed_at,
            row.cancelled_at,
            row.reason_text or row.reason_code,
        )


def _answers(leavers: Leavers) -> QuerySet[Result]:
    rows = Result.objects.filter(request__organization__in=leavers.ids)
    return rows.select_related("request").order_by("request", "version")


def _results(leavers: Leavers) -> Iterator[Sequence[Any]]:
    for row in _answers(leavers).iterator(CHUNK):
        file = _report_name(row) if row.file_id else ""
        said = (row.comment, file, row.entered_by, row.entered_at)
        for value in row.values or [{}]:
            named = (value.get(key, "") for key in ("name", "value", "unit", "range", "flag"))
            yield (row.request.number, row.version, row.correction, *named, *said)


def _reports(leavers: Leavers) -> Iterator[tuple[str, bytes]]:
    for row in _answers(leavers).exclude(file=None).iterator(CHUNK):
        file = stored_file(row.file_id or 0)
        if file is not None:
            yield _report_name(row), bytes(file.content)


def _messages(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = RequestMessage.objects.filter(request__organization__in=leavers.ids).select_related("request")
    for row in rows.order_by("request", "id").iterator(CHUNK):
        yield (
            row.request.number,
            row.get_side_display(),
            row.get_kind_display(),
            row.text,
            row.reason_code,
            row.proposed_at,
            row.author_label,
            row.at,
            row.get_answer_display(),
            row.answer_text,
            row.answered_by,
            row.answered_at,
        )


def _report_name(row: Result) -> str:
    return f"{row.request.number}-{row.version}.pdf"


def _answered(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = ServiceRequest.objects.filter(vendor__in=leavers.ids).exclude(status="draft").order_by("pk")
    for row in rows.iterator(CHUNK):
        yield (
            row.number,
            leavers.codes[row.vendor_id],
            row.organization_name,
            row.service_name,
            row.vendor_code,
            row.get_priority_display(),
            row.get_status_display(),
            row.buy,
            row.currency,
            row.requested_at,
            row.accepted_at,
            row.completed_at,
            row.cancelled_at,
        )
