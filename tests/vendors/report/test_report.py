"""The Third Party Request Report, its figures worked out by hand."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from core.money import Money
from core.tenancy import bound
from core.tenancy.binding import portal_role
from tests.cast import SYSTEM
from vendors.models import ServiceRequest
from vendors.queries.report import figures, in_period, report_rows
from vendors.rules.transitions import OPEN

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
#: hours to the answer or None, status; the target is 24 hours
PLAN = [
    (2, "completed"),
    (4, "completed"),
    (6, "completed"),
    (20, "completed"),
    (30, "completed"),
    (1, "rejected"),
    (None, "accepted"),
]


def place(lab, hours, status, start=START, organization="S"):
    """A request as it stood at another time: drafted by the product, then put there."""
    request = lab.draft(organization)
    at = None if hours is None else start + timedelta(hours=hours)
    accepted = start + timedelta(minutes=30) if status in ("accepted", "completed") else None
    values = {
        "status": "requested",
        "requested_at": start,
        "target_at": start + timedelta(hours=24),
        "due_at": start + timedelta(hours=24),
    }
    ServiceRequest.objects.filter(pk=request.pk).update(**values)
    with portal_role(
        lab.contact.vendor_id, lab.contact.pk
    ):  # the database takes these steps from the vendor only
        for step in {"completed": ["accepted", "completed"]}.get(status, [status]):
            ServiceRequest.objects.filter(pk=request.pk).update(status=step)
    done = {
        "accepted_at": accepted,
        "completed_at": at if status == "completed" else None,
        "rejected_at": at if status == "rejected" else None,
        "billed_minor": 12000 if status == "completed" else None,
    }
    ServiceRequest.objects.filter(pk=request.pk).update(**done)
    return ServiceRequest.objects.get(pk=request.pk)


def test_figures_by_hand(lab):
    for hours, status in PLAN:
        place(lab, hours, status)
    lab.draft()
    found = figures(report_rows(SYSTEM))
    assert (found.total, found.open, found.overdue, found.completed, found.breached, found.rejected) == (
        7,
        1,
        1,
        5,
        1,
        1,
    )
    assert found.acceptance == pytest.approx(6 / 7)
    assert found.median == timedelta(hours=6)
    assert found.p90 == timedelta(hours=30)
    assert found.quoted == [Money(7 * 12000, "USD")]
    assert found.billed == [Money(5 * 12000, "USD")]


def test_with_fewer_than_five_no_percentile(lab):
    for hours, status in PLAN[:4]:
        place(lab, hours, status)
    found = figures(report_rows(SYSTEM))
    assert (found.completed, found.median, found.p90) == (4, None, None)


def test_nothing_at_all(lab):
    found = figures(report_rows(SYSTEM))
    assert (found.total, found.acceptance, found.quoted, found.billed) == (0, None, [], [])


def test_days_are_days_of_the_zone(lab):
    place(lab, None, "accepted", start=datetime(2026, 3, 1, 20, 0, tzinfo=UTC))
    rows = report_rows(SYSTEM)
    day = datetime(2026, 3, 2).date()
    assert in_period(rows, day, day, "UTC").count() == 0
    assert in_period(rows, day, day, "Asia/Kolkata").count() == 1
    assert in_period(rows, None, day, "UTC").count() == 1


@pytest.fixture
def filled(placed):
    with bound(placed.cast.network.pk):
        for hours, status in PLAN:
            place(placed, hours, status)
    return placed


def test_the_page_and_its_filters(filled, browse):
    client = browse("vendor_manager")
    url = reverse("request-report")
    page = client.get(url)
    text = page.content.decode()
    for shown in (
        "Turnaround, median",
        "6 h",
        "90 % within 30 h",
        "86%",
        "1 overdue",
        "600.00",
        "of USD 840.00 quoted",
    ):
        assert shown in text, shown
    assert "Zelda" not in text

    def total(**query) -> int:
        return client.get(url, query).context["table"].paginator.count

    vendor, other = (filled.cast.organizations[code].pk for code in "XY")
    assert total() == 7
    assert total(vendor=vendor) == 7
    assert total(vendor=other) == 0
    assert total(status="completed") == 5
    assert total(status="open") == 1
    assert OPEN == ("requested", "received", "accepted", "in-progress", "on-hold")
    assert total(organization=filled.cast.organizations["P"].pk) == 7
    assert total(organization=filled.cast.organizations["T"].pk) == 0
    assert total(service=filled.setting.service_id) == 7
    assert total(first="2026-03-02", last="2026-03-02") == 7
    assert total(first="2026-03-03") == 0
    for nonsense in (
        {"vendor": "x"},
        {"first": "32"},
        {"organization": "' OR 1"},
        {"status": "?"},
        {"page": "-4"},
    ):
        assert client.get(url, nonsense).status_code == 200


def test_the_csv(filled, browse):
    name = "=HYPERLINK(1)"
    with bound(filled.cast.network.pk):
        type(filled.cast.organizations["X"]).objects.filter(pk=filled.cast.organizations["X"].pk).update(
            name=name
        )
    answer = browse("finance").get(reverse("request-report"), {"status": "completed", "export": "csv"})
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 5
    assert {line["Vendor"] for line in lines} == {"'" + name}
    by_minutes = {line["Turnaround"]: line for line in lines}
    assert set(by_minutes) == {"120", "240", "360", "1200", "1800"}
    assert by_minutes["1800"]["Late"] == "yes"
    assert (
        by_minutes["120"]["Quoted"],
        by_minutes["120"]["Billed"],
        by_minutes["120"]["Billed currency"],
    ) == (
        "120.00",
        "120.00",
        "USD",
    )
    assert by_minutes["120"]["Requested"] == "2026-03-02T08:00:00+00:00"


def test_who_reads_what(filled, browse):
    url = reverse("request-report")
    for persona, status in (
        ("desk", 403),
        ("clinician", 403),
        ("foreigner", 200),
        ("finance", 200),
        ("local_admin", 200),
    ):
        assert browse(persona).get(url).status_code == status, persona
    assert browse("local_admin").get(url).context["table"].paginator.count == 7
    assert browse("foreigner").get(url).context["table"].paginator.count == 0
