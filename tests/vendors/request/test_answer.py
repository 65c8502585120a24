"""The vendor's answers: accepted once, rejected with a code, completed with a readable result, billed once."""

from __future__ import annotations

import os
import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from audit.models import AuditEvent
from core.actors import ContactActor
from core.errors import Refused, Stale
from core.money import Money
from core.tenancy import bound
from ledger.actions.period import close_period
from ledger.models import JournalLine, LedgerEvent
from network.isolation.records import PDF
from tests.cast import SYSTEM
from tests.vendors.conftest import build_lab
from vendors.actions.billing import bill_request
from vendors.actions.contact import ContactDetails, add_contact
from vendors.actions.disclosure import disclose_patient
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task
from vendors.models import RequestTransition, Result, ServiceRequest, TaskPatient
from vendors.portal.role import as_contact
from vendors.queries.blockers import unbilled_requests
from vendors.queries.task import Task, find_task
from vendors.rules.values import Value
from work.models import OutboxEvent, StoredFile


def test_a_double_click_accepts_once(lab):
    request = lab.order()
    for _ in range(2):
        accepted = lab.answer(request, "accept", version=2, key="click")
    assert (accepted.status, accepted.version) == ("accepted", 3)
    assert RequestTransition.objects.filter(request=request, to_status="accepted").count() == 1
    assert AuditEvent.objects.filter(verb="request.accepted").count() == 1
    assert TaskPatient.objects.count() == 1


def test_another_click_and_an_old_page_are_refused(lab):
    request = lab.order()
    with pytest.raises(Stale):
        lab.answer(request, "accept", version=1)
    lab.answer(request, "accept")
    with pytest.raises(Refused, match="already accepted"):
        lab.answer(request, "accept", version=2)
    with pytest.raises(Refused, match="is accepted and can't become rejected"):
        lab.answer(request, "reject")


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-1), timedelta(days=91)])
def test_a_promise_lies_ahead(lab, ahead):
    request = lab.order()
    with pytest.raises(Refused) as refusal:
        lab.answer(request, "accept", promised_at=timezone.now() + ahead)
    assert refusal.value.field == "promised_at"
    assert ServiceRequest.objects.get(pk=request.pk).status == "requested"


@pytest.mark.parametrize(
    ("code", "text", "field"),
    [("", "", "reason_code"), ("x", "", "reason_code"), ("other", " ", "reason_text")],
)
def test_a_rejection_needs_a_coded_reason(lab, code, text, field):
    request = lab.order()
    with pytest.raises(Refused) as refusal:
        lab.answer(request, "reject", reason_code=code, reason_text=text)
    assert refusal.value.field == field
    rejected = lab.answer(request, "reject", reason_code="other", reason_text="Closed on Sundays")
    assert (rejected.status, rejected.reason_text) == ("rejected", "Closed on Sundays")
    assert not TaskPatient.objects.exists()


BAD = [
    (NewResult(), "result_missing"),
    (NewResult(file_name="a.pdf", file=b""), "file_empty"),
    (NewResult(file_name="a.pdf", file=b"%PDF-1.4 nothing of a PDF behind this"), "file_type"),
    (NewResult(file_name="a.pdf", file=b"MZ an executable"), "file_type"),
    (NewResult(file_name="a.pdf", file=b"\x89PNG\r\n\x1a\n" + b"0" * 50), "file_type"),
    (NewResult(file_name="a.pdf", file=PDF + b"0" * (10 * 1024 * 1024)), "file_too_large"),
    (NewResult([Value("", "1")]), "invalid"),
    (NewResult([Value("Hb", " ")]), "invalid"),
    (NewResult([Value("Hb", "1", flag="weird")]), "invalid"),
    (NewResult([Value("Hb", "1")] * 121), "invalid"),
]


@pytest.mark.parametrize(("result", "code"), BAD)
def test_what_is_no_result_changes_nothing(lab, result, code):
    request = lab.answer(lab.order(), "accept")
    with pytest.raises(Refused) as refusal:
        lab.answer(request, "complete", result=result)
    assert refusal.value.code == code
    assert ServiceRequest.objects.get(pk=request.pk).status == "accepted"
    assert not Result.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_result_belongs_to_the_vendor_and_is_stored_once(lab):
    request = lab.answer(lab.order(), "accept")
    for _ in range(2):
        lab.answer(request, "complete", version=3, key="click")
    result = Result.objects.get()
    assert (result.version, result.pages, result.entered_by) == (1, 1, "Xena Xact")
    assert result.values[0] == {
        "name": "Haemoglobin",
        "value": "9.1",
        "unit": "g/dL",
        "range": "12-16",
        "flag": "low",
    }
    assert StoredFile.objects.get().organization_id == lab.contact.vendor_id
    assert OutboxEvent.objects.filter(topic="request.completed").count() == 1


def test_values_alone_are_a_result(lab):
    request = lab.answer(lab.order(), "accept")
    done = lab.answer(request, "complete", result=NewResult([Value("Hb", "13")]))
    assert done.status == "completed"
    assert Result.objects.get().file_id is None


def test_no_completion_before_accepting(lab):
    with pytest.raises(Refused, match="can't become completed"):
        lab.answer(lab.order(), "complete")


def test_the_bill_is_posted_once(lab):
    request = lab.answer(lab.answer(lab.order(), "accept"), "complete")
    for _ in range(2):
        bill_request(SYSTEM, ServiceRequest.objects.get(pk=request.pk))
    ServiceRequest.objects.filter(pk=request.pk).update(billed_at=None, billed_minor=None)
    bill_request(SYSTEM, ServiceRequest.objects.get(pk=request.pk))
    lines = JournalLine.objects.filter(event__key=f"request:{request.pk}:completed")
    assert sorted(lines.values_list("account__code", "amount_minor")) == [
        ("accounts_payable", -12000),
        ("vendor_cost", 12000),
    ]
    assert ServiceRequest.objects.get(pk=request.pk).billed_minor == 12000


def test_what_is_done_and_not_billed_stands_on_the_checklist_before_closing(lab):
    request = lab.answer(lab.answer(lab.order(), "accept"), "complete")
    place, today = request.organization_id, timezone.now().date() + timedelta(days=1)
    (finding,) = unbilled_requests([place], today)
    assert finding.text == "1 completed request is not billed yet."
    assert (finding.organization_id, finding.blocks) == (place, False)
    assert unbilled_requests([place], today - timedelta(days=40)) == []
    bill_request(SYSTEM, ServiceRequest.objects.get(pk=request.pk))
    assert unbilled_requests([place], today) == []


def test_a_bill_for_a_closed_month_goes_to_the_open_one(lab):
    request = lab.answer(lab.answer(lab.order(), "accept"), "complete")
    long_ago = timezone.now() - timedelta(days=70)
    ServiceRequest.objects.filter(pk=request.pk).update(completed_at=long_ago)
    close_period(SYSTEM, lab.cast["P"], month=long_ago.date())
    bill_request(SYSTEM, ServiceRequest.objects.get(pk=request.pk))
    event = LedgerEvent.objects.get(key=f"request:{request.pk}:completed")
    assert event.effective_on == timezone.now().date()


def test_a_partner_bills_as_a_partner(lab):
    price = Price(date(2020, 1, 1), Money(5000, "USD"), Money(9000, "USD"))
    setting = add_vendor_service(
        SYSTEM, lab.cast["Q"], service=lab.setting.service, settings=ServiceSettings("Q-1", 60), price=price
    )
    contact = add_contact(SYSTEM, lab.cast["Q"], details=ContactDetails("Quinn", "quinn@quay.example"))
    request = lab.order(setting=setting)
    for answer in ("accept", "complete"):
        request = lab.answer(request, answer, contact)
    bill_request(SYSTEM, request)
    lines = JournalLine.objects.filter(event__key=f"request:{request.pk}:completed")
    clinic, partner = lab.cast["S"].pk, lab.cast["Q"].pk
    assert sorted(lines.values_list("account__organization", "account__code", "amount_minor")) == sorted(
        [
            (clinic, "partner_share_cost", 5000),
            (clinic, "due_to", -5000),
            (partner, "due_from", 5000),
            (partner, "service_revenue", -5000),
        ]
    )


def test_nothing_is_billed_before_completion(lab):
    request = lab.answer(lab.order(), "accept")
    bill_request(SYSTEM, request)
    assert not JournalLine.objects.exists()


def test_staff_and_other_vendors_cannot_answer(lab, rival):
    request = lab.order()
    values = {"promised_at": timezone.now() + timedelta(hours=1), "version": 2, "key": "k"}
    with pytest.raises(PermissionDenied):
        accept_task(lab.cast.actor("desk"), Task(request), **values)
    with pytest.raises(Refused, match="can't become accepted"):
        accept_task(lab.cast.actor("administrator"), Task(request), **values)
    with pytest.raises(PermissionDenied):
        accept_task(lab.actor(rival), Task(request), **values)


def test_disclosure_waits_for_acceptance(lab):
    request = lab.order()
    assert disclose_patient(SYSTEM, request.pk) is False
    assert not TaskPatient.objects.exists()


@pytest.mark.transactional
def test_eight_parallel_acceptances_are_one(own_world):
    with bound(own_world.network.pk):
        lab = build_lab(own_world)
        request = lab.order()
    answers: list[str] = []
    barrier = threading.Barrier(8)

    def accept() -> None:
        actor = ContactActor.of(lab.contact.pk, lab.contact.name, lab.contact.vendor_id)
        try:
            barrier.wait(20)
            with bound(own_world.network.pk), as_contact(lab.contact):
                task = find_task(actor, request.pk)
                promised_at = timezone.now() + timedelta(hours=1)
                accept_task(actor, task, promised_at=promised_at, version=2, key=uuid4().hex)
            answers.append("accepted")
        except Refused as refusal:
            answers.append(refusal.code)
        except Exception as error:
            answers.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == ["accepted"] + ["transition"] * 7, (answers, os.getpid())
    with bound(own_world.network.pk):
        assert ServiceRequest.objects.get(pk=request.pk).version == 3
        assert RequestTransition.objects.filter(request_id=request.pk, to_status="accepted").count() == 1
