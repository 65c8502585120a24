"""The whole way through the portal: link, code, accept, start, complete, and what follows in the network."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import AccessEvent, AuditEvent
from core.tenancy import bound
from ledger.models import JournalLine
from network.isolation.records import PDF
from tests.vendors.conftest import NAME, last_code
from vendors.models import RequestTransition, ServiceRequest
from work.actions.relay import relay_due_events
from work.models import Mail, OutboxEvent


def fields(answer) -> dict[str, str]:
    """The hidden values of the page's form."""
    return {"_version": str(answer.context["record_version"]), "_key": answer.context["idempotency_key"]}


def test_from_the_mail_to_the_bill(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.order(clinical_note="Secret fatigue")
    relay_due_events()
    told = Mail.objects.get(to=placed.contact.email)
    assert request.number in told.subject
    assert NAME not in told.body
    path = told.body[told.body.index("/portal/link/") :].split()[0]

    assert phone.client.get(path).status_code == 200
    answer = phone.client.post(path)
    assert answer["Location"] == path + "code/"
    relay_due_events()
    answer = phone.client.post(path + "code/", {"code": last_code(placed.contact.email)})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    cookie = answer.cookies["caretree_portal"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    page = phone.get("portal").content.decode()
    assert "X-100" in page
    assert "North Clinic" in page
    assert NAME not in page

    answer = phone.get("portal-task", request.pk)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Shown after you accept" in page
    for hidden in (NAME, "1980", "Secret fatigue", "250.00"):
        assert hidden not in page
    assert "120.00" in page

    promised = (timezone.now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M")
    answer = phone.post("portal-task-accept", request.pk, promised_at=promised, **fields(answer))
    assert answer.status_code == 302, answer.content.decode()
    answer = phone.client.get(answer["Location"])
    page = answer.content.decode()
    for shown in (NAME, "12 Mar 1980", "Secret fatigue", "Accepted. The patient"):
        assert shown in page

    answer = phone.post("portal-task-start", request.pk, **fields(answer))
    assert answer.status_code == 302
    answer = phone.get("portal-task-complete", request.pk)
    rows = {
        "row-TOTAL_FORMS": "2",
        "row-INITIAL_FORMS": "0",
        "row-0-name": "Haemoglobin",
        "row-0-value": "9.1",
        "row-0-unit": "g/dL",
        "row-0-range": "12-16",
        "row-0-flag": "low",
    }
    upload = SimpleUploadedFile("report.pdf", PDF, "application/pdf")
    answer = phone.post(
        "portal-task-complete", request.pk, file=upload, comment="See value 1", **rows, **fields(answer)
    )
    assert answer.status_code == 302, answer.content.decode()
    page = phone.client.get(answer["Location"]).content.decode()
    assert "Haemoglobin" in page
    download = phone.get("portal-result", request.pk, 1)
    assert download.content == PDF
    assert download["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download["Content-Security-Policy"]

    relay_due_events()
    assert not OutboxEvent.objects.exclude(topic__startswith="organization.").exists()
    with bound(placed.cast.network.pk):
        request = ServiceRequest.objects.get(pk=request.pk)
        assert request.status == "completed"
        assert request.billed_minor == 12000
        lines = JournalLine.objects.filter(event__key=f"request:{request.pk}:completed").select_related(
            "account"
        )
        found = sorted((line.account.code, line.account.organization_id, line.amount_minor) for line in lines)
        clinic = placed.cast.organizations["S"].pk
        assert found == [("accounts_payable", clinic, -12000), ("vendor_cost", clinic, 12000)]
        steps = (
            RequestTransition.objects.filter(request=request)
            .order_by("pk")
            .values_list("to_status", "actor_kind")
        )
        assert list(steps) == [
            ("requested", "system"),
            ("received", "contact"),
            ("accepted", "contact"),
            ("in-progress", "contact"),
            ("completed", "contact"),
        ]
        verbs = set(AuditEvent.objects.filter(actor_kind="contact").values_list("verb", flat=True))
        assert {"portal.signed_in", "request.accepted", "request.completed"} <= verbs
        reads = AccessEvent.objects.filter(patient_ids=[placed.patient.pk], actor_kind="contact")
        assert reads.count() == 2  # after accepting and after completing

    assert phone.post("portal-sign-out").status_code == 200
    assert phone.get("portal").status_code == 401
    assert phone.get("portal-task", request.pk).status_code == 401


def test_staff_read_the_result(placed, phone, browse):
    with bound(placed.cast.network.pk):
        request = placed.order()
        placed.answer(request, "accept")
        placed.answer(request, "complete")
    desk = browse("desk")
    page = desk.get(reverse("request", args=[request.pk])).content.decode()
    for shown in ("Haemoglobin", "Low", NAME, "Completed", "Xena Xact"):
        assert shown in page
    image = desk.get(reverse("request-result-page", args=[request.pk, 1, 1]))
    assert image["Content-Type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert desk.get(reverse("request-result", args=[request.pk, 1])).content == PDF
    assert desk.get(reverse("request-result-page", args=[request.pk, 1, 2])).status_code == 404
    assert desk.get(reverse("request-result", args=[request.pk, 2])).status_code == 404
    finance = browse("finance")
    page = finance.get(reverse("request", args=[request.pk])).content.decode()
    for hidden in (NAME, "Haemoglobin"):
        assert hidden not in page
    assert finance.get(reverse("request-result", args=[request.pk, 1])).status_code == 404
    assert browse("sibling").get(reverse("request", args=[request.pk])).status_code == 404
