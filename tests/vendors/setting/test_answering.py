"""Settings of the vendor's side: its targets, and what its answers must have."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.tenancy import bound
from ledger.actions.catalog import add_service
from network.isolation.records import PDF
from tests.cast import SYSTEM
from tests.vendors.conftest import decide
from vendors.actions.task import NewResult
from vendors.models import Result, ServiceRequest, VendorService
from vendors.rules.settings import (
    ATTACHMENT_MEBIBYTES,
    LONGEST_PROMISE_DAYS,
    REJECT_NOTE_REQUIRED,
    TURNAROUND_HOURS,
    VALUES_REQUIRED,
)
from vendors.rules.values import Value

BIG = PDF + b"0" * (1024 * 1024)
VALUE = Value("Haemoglobin", "9.1")


def fields(answer) -> dict[str, str]:
    return {"_version": str(answer.context["record_version"]), "_key": answer.context["idempotency_key"]}


@pytest.mark.setting("vendors.turnaround_hours")
@pytest.mark.parametrize(("value", "hours"), [(None, 24), (36, 36)])
def test_the_target_that_a_service_starts_with(placed, browse, value, hours):
    if value is not None:
        decide(placed.cast, "P", TURNAROUND_HOURS, value)  # for all vendors
    with bound(placed.cast.network.pk):
        service = add_service(SYSTEM, placed.cast["P"], code="TSH", name="Thyroid hormone")
    client = browse("vendor_manager")
    url = reverse("vendor-service-add", args=[placed.cast.organizations["X"].pk])
    assert client.get(url).context["form"].initial["turnaround_hours"] == hours
    typed = {"service": service.pk, "code": "X-7", "starts_on": "2026-01-01", "buy": "1", "sell": "2"}
    answer = placed.cast.post(client, url, typed | {"active": "on", "turnaround_hours": ""})
    assert answer.status_code == 302, answer.content.decode()
    with bound(placed.cast.network.pk):
        made = VendorService.objects.get(code="X-7")
    assert made.turnaround_minutes == hours * 60
    edit = reverse("vendor-service-edit", args=[made.pk])
    answer = placed.cast.post(client, edit, {"code": "X-7", "turnaround_hours": "", "_version": "1"})
    assert answer.status_code == 422  # what is set already is not emptied


@pytest.mark.setting("vendors.longest_promise_days")
def test_a_promise_lies_within_the_days_of_the_settings(lab):
    later = timezone.now() + timedelta(days=6)
    assert lab.answer(lab.order(), "accept", promised_at=later).status == "accepted"
    decide(lab.cast, "P", LONGEST_PROMISE_DAYS, 30)
    decide(lab.cast, "X", LONGEST_PROMISE_DAYS, 5)  # for this vendor alone
    request = lab.order()
    with pytest.raises(Refused, match="within 5 days from now") as refusal:
        lab.answer(request, "accept", promised_at=later)
    assert refusal.value.field == "promised_at"
    assert lab.answer(request, "accept", promised_at=later - timedelta(days=2)).status == "accepted"


@pytest.mark.setting("vendors.reject_note_required")
def test_a_rejection_may_need_words(placed, phone):
    with bound(placed.cast.network.pk):
        assert placed.answer(placed.order(), "reject").status == "rejected"
        request = placed.order()
    decide(placed.cast, "X", REJECT_NOTE_REQUIRED, True)
    with bound(placed.cast.network.pk), pytest.raises(Refused, match="in words") as refusal:
        placed.answer(request, "reject", reason_text="  ")
    assert refusal.value.field == "reason_text"
    phone.sign_in(placed.contact)
    form = fields(phone.get("portal-task-reject", request.pk))
    answer = phone.post("portal-task-reject", request.pk, reason_code="no_capacity", **form)
    assert answer.status_code == 422
    assert "reason_text" in answer.context["form"].errors
    assert (
        "vendors.reject_note_required" not in answer.content.decode()
    )  # who decided is not the vendor's concern
    words = {"reason_code": "no_capacity", "reason_text": "Closed this week"}
    assert phone.post("portal-task-reject", request.pk, **words, **form).status_code == 302


@pytest.mark.setting("vendors.values_required")
def test_a_pdf_alone_may_not_be_enough(placed, phone):
    alone = NewResult([], "report.pdf", PDF)
    with bound(placed.cast.network.pk):
        request = placed.answer(placed.order(), "accept")
        assert placed.answer(request, "complete", result=alone).status == "completed"
        request = placed.answer(placed.order(), "accept")
    decide(placed.cast, "X", VALUES_REQUIRED, True)
    phone.sign_in(placed.contact)
    page = phone.get("portal-task-complete", request.pk)
    assert "Enter values; a PDF may come with them." in page.content.decode()
    rows = {"row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "0"}
    upload = SimpleUploadedFile("report.pdf", PDF, "application/pdf")
    answer = phone.post("portal-task-complete", request.pk, file=upload, **rows, **fields(page))
    assert answer.status_code == 422
    assert "a PDF alone doesn" in answer.content.decode()
    with bound(placed.cast.network.pk):
        assert placed.answer(request, "complete", result=NewResult([VALUE])).status == "completed"


@pytest.mark.setting("vendors.attachment_mebibytes")
def test_the_largest_file_of_a_result(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.answer(placed.order(), "accept")
    phone.sign_in(placed.contact)
    assert "At most 10 MiB." in phone.get("portal-task-complete", request.pk).content.decode()
    decide(placed.cast, "P", ATTACHMENT_MEBIBYTES, 1)
    page = phone.get("portal-task-complete", request.pk)
    assert "At most 1 MiB." in page.content.decode()
    rows = {"row-TOTAL_FORMS": "0", "row-INITIAL_FORMS": "0"}
    upload = SimpleUploadedFile("report.pdf", BIG, "application/pdf")
    answer = phone.post("portal-task-complete", request.pk, file=upload, **rows, **fields(page))
    assert answer.status_code == 422
    assert "“report.pdf” has 1.0 MiB; at most 1 MiB can be stored." in answer.content.decode()
    with bound(placed.cast.network.pk):
        with pytest.raises(Refused, match="at most 1 MiB") as refusal:
            placed.answer(request, "complete", result=NewResult([VALUE], "report.pdf", BIG))
        assert (refusal.value.code, refusal.value.field) == ("file_too_large", "file")
        assert not Result.objects.exists()
        assert ServiceRequest.objects.get(pk=request.pk).status == "accepted"
    decide(placed.cast, "X", ATTACHMENT_MEBIBYTES, 2)
    with bound(placed.cast.network.pk):
        done = placed.answer(request, "complete", result=NewResult([VALUE], "report.pdf", BIG))
        assert done.status == "completed"
