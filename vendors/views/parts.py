"""Parts of the pages of requests, as the components want them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from core.templatetags.caretree import money, when
from vendors.models import ServiceRequest
from vendors.queries.report import grace
from vendors.queries.request import results_of, timeline_of
from vendors.rules.reasons import reason_words
from vendors.rules.transitions import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    DRAFT,
    FAILED,
    IN_PROGRESS,
    LABELS,
    ON_HOLD,
    RECEIVED,
    REJECTED,
    REQUESTED,
)
from vendors.rules.turnaround import clock, words
from vendors.rules.values import Value

_MARKS = {
    REQUESTED: ("send", "info"),
    RECEIVED: ("eye", ""),
    ACCEPTED: ("check", "ok"),
    REJECTED: ("x", "bad"),
    IN_PROGRESS: ("flask-conical", "info"),
    COMPLETED: ("circle-check", "ok"),
    CANCELLED: ("ban", "bad"),
    ON_HOLD: ("pause", "warn"),
    FAILED: ("circle-x", "bad"),
}


def facts_of(request: ServiceRequest, at: datetime, zone: str) -> list[dict[str, Any]]:
    """What was asked, of whom, at what price, and the clock."""
    facts: list[dict[str, Any]] = [
        {"label": "Service", "value": request.service_name, "note": f"The vendor's {request.vendor_code}"},
        {"label": "Vendor", "value": request.vendor.name},
        {
            "label": "Ordered by",
            "value": request.organization.name,
            "url": reverse("organization", args=[request.organization_id]),
        },
        {"label": "Priority", "value": request.get_priority_display()},
        {"label": "The vendor bills", "value": money(request.buy, show_currency=True)},
        {"label": "Sell price", "value": money(request.sell, show_currency=True)},
        {"label": "Turnaround target", "value": words(request.turnaround_minutes)},
    ]
    hours = request.hours
    if hours is not None:
        facts.append({"label": "Due", "value": when(hours.due_at.astimezone(ZoneInfo(zone)))})
        if request.is_open or request.completed_at is not None:
            shown = clock(hours, at, grace())
            facts.append(
                {"label": "Clock", "value": shown.text, "note": "late" if shown.tone == "late" else ""}
            )
    if request.escalated_at is not None:
        facts.append(
            {
                "label": "Told that it is overdue",
                "value": when(request.escalated_at.astimezone(ZoneInfo(zone))),
            }
        )
    if request.promised_at is not None:
        facts.append({"label": "Promised", "value": when(request.promised_at)})
    if request.reason_code:
        facts.append({"label": "Reason", "value": reason_words(request.reason_code, request.reason_text)})
    if request.billed is not None:
        facts.append(
            {
                "label": "Billed",
                "value": money(request.billed, show_currency=True),
                "note": "Payable to the vendor",
            }
        )
    return facts


def timeline(request: ServiceRequest) -> list[dict[str, Any]]:
    """Every step of a request, newest first, down to its draft."""
    entries = []
    for step in timeline_of(request):
        icon, tone = _MARKS.get(step.to_status, ("dot", ""))
        entries.append(
            {
                "title": LABELS[step.to_status],
                "text": reason_words(step.reason_code, step.reason_text),
                "actor": step.actor_label,
                "at": step.at,
                "icon": icon,
                "tone": tone,
            }
        )
    return [*entries, {"title": LABELS[DRAFT], "at": request.created_at, "icon": "pencil", "tone": ""}]


def shown_results(request: ServiceRequest) -> list[dict[str, Any]]:
    """The versions of the result with their values as rows and the numbers of the PDF's pages, newest first."""
    versions = results_of(request)
    return [
        {
            "version": result.version,
            "correction": result.correction,
            "replaced": result is not versions[0],
            "rows": [Value.stored(row) for row in result.values],
            "comment": result.comment,
            "file_id": result.file_id,
            "file": result.file,
            "page_numbers": range(1, result.pages + 1),
            "entered_by": result.entered_by,
            "entered_at": result.entered_at,
        }
        for result in versions
    ]
