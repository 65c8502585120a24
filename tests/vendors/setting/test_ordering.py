"""Settings of the ordering side: who orders what, with what beside it, and how a like or a dear request is treated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core.clock import at
from core.errors import Refused
from core.tenancy import bound
from tests.cast import SYSTEM
from tests.vendors.conftest import decide
from vendors.actions.request import approve_request, cancel_request, send_request
from vendors.models import ServiceRequest, TaskPatient
from vendors.queries.report import figures, report_rows
from vendors.rules.disclosure import BIRTH_DATE, FULL, NAME
from vendors.rules.settings import (
    APPROVAL_ABOVE,
    CANCEL_AFTER_ACCEPTANCE,
    CLINICAL_NOTE_REQUIRED,
    DUPLICATE_DAYS,
    DUPLICATES,
    MAY_ORDER,
    OVERDUE_GRACE_HOURS,
    PATIENT_DETAILS,
    URGENT_ALLOWED,
)


def sent(lab, draft, actor=SYSTEM, **other):
    return send_request(actor, draft, version=1, key="k", **other)


def order_page(lab, browse, **typed):
    """The answer to an order that the desk sends by the page."""
    desk = browse("desk")
    url = reverse("request-add", args=[lab.patient.pk])
    values = {
        "organization": lab.cast.organizations["S"].pk,
        "vendor_service": lab.setting.pk,
        "priority": "routine",
    }
    return lab.cast.post(desk, url, values | typed)


@pytest.mark.setting("vendors.may_order")
def test_an_organization_may_be_kept_from_ordering(lab):
    draft = lab.draft()
    decide(lab.cast, "S", MAY_ORDER, False)
    for order in (lab.draft, lambda: sent(lab, draft)):
        with pytest.raises(Refused, match="North Clinic orders nothing from vendors") as refusal:
            order()
        assert refusal.value.code == "ordering_off"
        assert "“May order from vendors” (vendors.may_order) is no, set by" in refusal.value.message
    decide(lab.cast, "S", MAY_ORDER, True)
    assert sent(lab, draft).status == "requested"


@pytest.mark.setting("vendors.approval_above")
def test_a_dear_request_is_sent_by_who_may_approve(lab):
    clinician, manager = lab.cast.actor("clinician"), lab.cast.actor("vendor_manager")
    draft = lab.draft()
    with pytest.raises(Refused, match="needs no approval"):
        approve_request(manager, draft, version=1, key="k")
    decide(lab.cast, "P", APPROVAL_ABOVE, "250.00")  # what it sells for is not above it
    assert sent(lab, draft, clinician).status == "requested"
    decide(lab.cast, "P", APPROVAL_ABOVE, "249.99")
    draft = lab.draft()
    with pytest.raises(Refused, match=r"sells for USD 250\.00; somebody who may approve") as refusal:
        sent(lab, draft, clinician, duplicates_accepted=True)
    assert refusal.value.code == "approval_required"
    assert "set by" in refusal.value.message
    with pytest.raises(PermissionDenied):
        approve_request(clinician, draft, version=1, key="k", duplicates_accepted=True)
    for _ in range(2):
        done = approve_request(manager, draft, version=1, key="k", duplicates_accepted=True)
        assert done.status == "requested"


def test_who_waits_for_approval_sees_like_requests(placed, browse):
    with bound(placed.cast.network.pk):
        earlier = placed.order()
        draft = placed.draft()
    decide(placed.cast, "S", APPROVAL_ABOVE, 100)
    shown = browse("desk").get(reverse("request", args=[draft.pk])).content.decode()
    assert "it waits for approval" in shown
    assert f"{earlier.number}: Full blood count" in shown
    assert "duplicates_accepted" not in shown


def test_the_page_of_a_dear_request(placed, browse):
    decide(placed.cast, "S", APPROVAL_ABOVE, 100)
    with bound(placed.cast.network.pk):
        draft = placed.draft()
    page, approve = reverse("request", args=[draft.pk]), reverse("request-approve", args=[draft.pk])
    shown = browse("desk").get(page).content.decode()
    assert "it waits for approval" in shown
    assert "vendors.approval_above" in shown
    assert "Send request" not in shown
    manager = browse("vendor_manager")
    answer = manager.get(page)
    assert approve in answer.content.decode()
    key = answer.context["idempotency_key"]
    answer = placed.cast.post(manager, approve, {"_version": "1", "_key": key})
    assert answer.status_code == 302, answer.content.decode()
    with bound(placed.cast.network.pk):
        assert ServiceRequest.objects.get(pk=draft.pk).status == "requested"


@pytest.mark.setting("vendors.urgent_allowed")
def test_urgent_orders(placed, browse):
    assert order_page(placed, browse, priority="urgent").status_code == 302
    decide(placed.cast, "P", URGENT_ALLOWED, False)
    assert order_page(placed, browse, priority="routine").status_code == 302
    answer = order_page(placed, browse, priority="stat", clinical_note="Typed words")
    assert answer.status_code == 422
    (message,) = answer.context["form"].errors["priority"]
    assert "with routine priority only, not immediate" in message
    assert "(vendors.urgent_allowed) is no" in message
    assert "Typed words" in answer.content.decode()


@pytest.mark.setting("vendors.clinical_note_required")
def test_a_clinical_note(placed, browse):
    assert order_page(placed, browse).status_code == 302
    with bound(placed.cast.network.pk):
        draft = placed.draft()
    decide(placed.cast, "S", CLINICAL_NOTE_REQUIRED, True)
    answer = order_page(placed, browse, clinical_note="  ")
    assert answer.status_code == 422
    assert "Write a clinical note" in answer.context["form"].errors["clinical_note"][0]
    assert order_page(placed, browse, clinical_note="Fatigue").status_code == 302
    with bound(placed.cast.network.pk), pytest.raises(Refused, match="Write a clinical note"):
        sent(placed, draft)


@pytest.mark.setting("vendors.duplicate_days")
@pytest.mark.parametrize(("days", "like"), [(10, True), (9, False), (None, True)])
def test_how_long_a_request_is_a_like_one(lab, days, like):
    earlier = lab.order()
    ServiceRequest.objects.filter(pk=earlier.pk).update(requested_at=timezone.now() - timedelta(days=9.5))
    if days is not None:
        decide(lab.cast, "S", DUPLICATE_DAYS, days)
    draft = lab.draft()
    if like:
        with pytest.raises(Refused, match="has a like request"):
            sent(lab, draft)
    else:
        assert sent(lab, draft).status == "requested"


@pytest.mark.setting("vendors.duplicates")
def test_like_requests_may_be_refused(lab):
    first = lab.order()
    second = lab.draft()
    decide(lab.cast, "P", DUPLICATES, "refuse")
    for accepted in (False, True):
        with pytest.raises(Refused, match=f"like request, {first.number}, so this one") as refusal:
            sent(lab, second, duplicates_accepted=accepted)
        assert "(vendors.duplicates) is refuse" in refusal.value.message
    decide(lab.cast, "S", DUPLICATES, "warn")
    assert sent(lab, second, duplicates_accepted=True).status == "requested"


def test_where_like_requests_are_refused_there_is_nothing_to_tick(placed, browse):
    with bound(placed.cast.network.pk):
        placed.order()
        draft = placed.draft()
    page = reverse("request", args=[draft.pk])
    assert "duplicates_accepted" in browse("desk").get(page).content.decode()
    decide(placed.cast, "S", DUPLICATES, "refuse")
    shown = browse("desk").get(page).content.decode()
    assert "duplicates_accepted" not in shown
    assert "be sent while that one counts" in shown


@pytest.mark.setting("vendors.cancel_after_acceptance")
def test_cancelling_what_was_accepted(placed, browse):
    with bound(placed.cast.network.pk):
        request = placed.answer(placed.order(), "accept")
        waiting = placed.order()
    desk, page = browse("desk"), reverse("request", args=[request.pk])
    assert "Cancel request" in desk.get(page).content.decode()
    decide(placed.cast, "S", CANCEL_AFTER_ACCEPTANCE, False)
    assert "Cancel request" not in desk.get(page).content.decode()
    values = {"version": request.version, "key": "k", "reason_code": "too_late"}
    with bound(placed.cast.network.pk):
        with pytest.raises(Refused, match="Xact Labs has accepted request") as refusal:
            cancel_request(placed.cast.actor("desk"), request, **values)
        assert "(vendors.cancel_after_acceptance) is no" in refusal.value.message
        values |= {"version": waiting.version, "key": "w"}
        assert cancel_request(placed.cast.actor("desk"), waiting, **values).status == "cancelled"
    decide(placed.cast, "S", CANCEL_AFTER_ACCEPTANCE, True)
    with bound(placed.cast.network.pk):
        values |= {"version": request.version, "key": "a"}
        assert cancel_request(placed.cast.actor("desk"), request, **values).status == "cancelled"


@pytest.mark.setting("vendors.overdue_grace_hours")
def test_grace_after_the_target(placed, phone, browse):
    with bound(placed.cast.network.pk), at(timezone.now() - timedelta(hours=25)):
        late = placed.order()
        done = placed.order()
    with bound(placed.cast.network.pk):
        placed.answer(done, "accept")
        placed.answer(done, "complete")
    phone.sign_in(placed.contact)

    def judged():
        with bound(placed.cast.network.pk):
            found = figures(report_rows(SYSTEM))
            rows = report_rows(SYSTEM).filter(is_late=True).count()
        worklist = phone.get("portal", tab="new").content.decode()
        page = browse("desk").get(reverse("request", args=[late.pk])).content.decode()
        words = {"overdue" in shown for shown in (worklist, page)}
        assert len(words) == 1  # vendor and network say the same
        return found.overdue, found.breached, rows, words.pop()

    assert judged() == (1, 1, 2, True)
    decide(placed.cast, "P", OVERDUE_GRACE_HOURS, 2)
    assert judged() == (0, 0, 0, False)


@pytest.mark.setting("vendors.patient_details")
@pytest.mark.parametrize(
    ("at_orderer", "at_vendor", "birth_date", "gender"),
    [
        (None, None, True, True),
        (FULL, BIRTH_DATE, True, False),
        (BIRTH_DATE, None, True, False),
        (NAME, BIRTH_DATE, False, False),
        (None, NAME, False, False),
    ],
)
def test_the_vendor_sees_no_more_of_the_patient(placed, phone, at_orderer, at_vendor, birth_date, gender):
    for code, choice in (("S", at_orderer), ("X", at_vendor)):
        if choice is not None:
            decide(placed.cast, code, PATIENT_DETAILS, choice)
    with bound(placed.cast.network.pk):
        request = placed.answer(placed.order(clinical_note="Fatigue"), "accept")
        seen = TaskPatient.objects.get(request=request)
        assert (seen.birth_date is not None, seen.gender != "") == (birth_date, gender)
    phone.sign_in(placed.contact)
    shown = phone.get("portal-task", request.pk).content.decode()
    assert "Zelda Quincey-Marlowe" in shown
    assert "Fatigue" in shown
    assert ("12 Mar 1980" in shown, "Birth date" in shown) == (birth_date, birth_date)
    assert ("Female" in shown, "Gender" in shown) == (gender, gender)
