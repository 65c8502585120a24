"""Ordering: drafting, sending, their refusals, and that a double click orders once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Refused, Stale
from core.money import Money
from ledger.actions.catalog import retire_service
from orgs.actions.organization import Contract, edit_contract, suspend_organization
from orgs.models import Affiliation
from tests.cast import SYSTEM
from vendors.actions.contact import ContactDetails, edit_contact
from vendors.actions.request import NewRequest, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, edit_vendor_service, set_price
from vendors.models import RequestTransition, ServiceRequest
from work.models import OutboxEvent


def test_a_request_copies_names_prices_and_target(lab):
    request = lab.order(priority="urgent", clinical_note="  Fatigue  ")
    assert request.status == "requested"
    assert (request.organization_name, request.service_name, request.vendor_code) == (
        "North Clinic",
        "Full blood count",
        "X-100",
    )
    assert (request.buy, request.sell) == (Money(12000, "USD"), Money(25000, "USD"))
    assert request.clinical_note == "Fatigue"
    assert request.target_at - request.requested_at == timedelta(hours=24)
    assert abs(request.requested_at - timezone.now()) < timedelta(minutes=1)
    assert OutboxEvent.objects.filter(topic="request.sent", ids={"request_id": request.pk}).count() == 1
    assert AuditEvent.objects.filter(
        verb="request.sent", subject_id=request.pk, organization_id=request.organization_id
    ).exists()
    set_price(SYSTEM, lab.setting, price=Price(date(2021, 1, 1), Money(1, "USD"), Money(2, "USD")))
    request.refresh_from_db()
    assert request.buy_minor == 12000


def test_the_same_key_is_one_request(lab):
    first = lab.draft(key="once")
    assert lab.draft(key="once").pk == first.pk
    assert ServiceRequest.objects.count() == 1
    assert AuditEvent.objects.filter(verb="request.drafted").count() == 1
    for _ in range(2):
        send_request(SYSTEM, first, version=1, key="click")
    assert RequestTransition.objects.filter(request=first, to_status="requested").count() == 1
    with pytest.raises(Refused) as refusal:
        lab.draft("P", key="once")
    assert refusal.value.code == "idempotency_conflict"


def test_another_key_on_an_old_page_is_refused(lab):
    draft = lab.draft()
    send_request(SYSTEM, draft, version=1, key="a")
    with pytest.raises(Refused, match="already requested"):
        send_request(SYSTEM, draft, version=1, key="b")
    other = lab.draft(key="other")
    with pytest.raises(Stale):
        send_request(SYSTEM, other, version=7, key="c", duplicates_accepted=True)


def test_a_like_request_must_be_meant(lab):
    first = lab.order()
    second = lab.draft()
    with pytest.raises(Refused) as refusal:
        send_request(SYSTEM, second, version=1, key="k")
    assert (refusal.value.code, refusal.value.field) == ("duplicate_request", "duplicates_accepted")
    lab.answer(first, "reject")
    assert send_request(SYSTEM, second, version=1, key="k").status == "requested"


def _no_contract(lab):
    affiliation = Affiliation.objects.get(participant=lab.cast["X"])
    ended = Contract("law", date(2020, 1, 1), date(2021, 1, 1))
    edit_contract(SYSTEM, affiliation, contract=ended, version=affiliation.version)


def _inactive_setting(lab):
    settings = ServiceSettings("X-100", 60, active=False)
    lab.setting = edit_vendor_service(SYSTEM, lab.setting, settings=settings, version=1)


def _retired(lab):
    retire_service(SYSTEM, lab.setting.service, version=lab.setting.service.version)


def _suspended_vendor(lab):
    suspend_organization(SYSTEM, lab.cast["X"], reason="late", version=lab.cast["X"].version)


def _suspended_clinic(lab):
    suspend_organization(SYSTEM, lab.cast["S"], reason="moved", version=lab.cast["S"].version)


def _no_price(lab):
    lab.setting.prices.update(starts_on=timezone.now().date() + timedelta(days=2))


def _other_currency(lab):
    lab.setting.prices.update(currency="EUR")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (_no_contract, "not_permitted", "no contract is in force"),
        (_inactive_setting, "not_permitted", "can't be ordered"),
        (_retired, "not_permitted", "can't be ordered"),
        (_suspended_vendor, "not_permitted", "takes no requests"),
        (_suspended_clinic, "not_permitted", "is not active"),
        (_no_price, "not_permitted", "can't be ordered"),
        (_other_currency, "currency_mismatch", "bills in EUR"),
    ],
)
def test_what_cannot_be_ordered_is_neither_drafted_nor_sent(lab, change, code, message):
    draft = lab.draft()
    change(lab)
    lab.setting = type(lab.setting).objects.select_related("vendor", "service").get(pk=lab.setting.pk)
    with pytest.raises(Refused, match=message) as refusal:
        lab.draft()
    assert refusal.value.code == code
    draft = ServiceRequest.objects.get(pk=draft.pk)
    with pytest.raises(Refused, match=message):
        send_request(SYSTEM, draft, version=1, key="k")
    assert ServiceRequest.objects.get(pk=draft.pk).status == "draft"


def test_the_patient_is_registered_where_it_is_ordered(lab):
    with pytest.raises(Refused, match="not registered at South Clinic"):
        lab.draft("T")
    with pytest.raises(Refused, match="can't order: it is not active"):
        lab.draft("Y")


def test_somebody_must_be_there_to_answer(lab):
    draft = lab.draft()
    details = ContactDetails(lab.contact.name, lab.contact.email, active=False)
    edit_contact(SYSTEM, lab.contact, details=details, version=1)
    with pytest.raises(Refused) as refusal:
        send_request(SYSTEM, draft, version=1, key="k")
    assert refusal.value.code == "vendor_unreachable"


def test_a_price_is_seen_before_it_is_sent(lab):
    draft = lab.draft()
    set_price(SYSTEM, lab.setting, price=Price(date(2021, 1, 1), Money(13000, "USD"), Money(25000, "USD")))
    with pytest.raises(Refused, match=r"The price is now USD 130\.00") as refusal:
        send_request(SYSTEM, draft, version=1, key="k")
    assert refusal.value.code == "price_changed"


def test_only_who_may(lab):
    new = NewRequest(lab.patient, lab.setting, "k")
    for persona in ("sibling", "finance", "vendor_manager", "partner", "privacy"):
        with pytest.raises(PermissionDenied):
            draft_request(lab.cast.actor(persona), lab.cast["S"], new=new)
    for persona in ("desk", "clinician", "local_admin"):
        assert draft_request(lab.cast.actor(persona), lab.cast["S"], new=replace(new, key=persona)).pk
    draft = lab.draft()
    with pytest.raises(PermissionDenied):
        send_request(lab.cast.actor("sibling"), draft, version=1, key="k")


def test_pages_from_the_patient_to_the_sent_request(placed, browse):
    desk = browse("desk")
    found = desk.get(reverse("request-new"), {"q": "zelda"}).content.decode()
    add = reverse("request-add", args=[placed.patient.pk])
    assert add in found
    tab = reverse("patient-requests", args=[placed.patient.pk])
    assert add in desk.get(tab).content.decode()
    page = desk.get(add)
    assert "USD 120.00" in page.content.decode()
    typed = {
        "organization": placed.cast.organizations["S"].pk,
        "vendor_service": "",
        "priority": "urgent",
        "clinical_note": "Fatigue",
    }
    answer = placed.cast.post(desk, add, typed)
    assert answer.status_code == 422
    assert "Fatigue" in answer.content.decode()
    typed |= {"vendor_service": placed.setting.pk, "_key": page.context["idempotency_key"]}
    answers = [placed.cast.post(desk, add, typed) for _ in range(2)]
    assert {one["Location"] for one in answers} == {answers[0]["Location"]}
    review = desk.get(answers[0]["Location"])
    shown = review.content.decode()
    for text in ("Not sent yet", "USD 120.00", "24 h", "Zelda Quincey-Marlowe", "Send request"):
        assert text in shown
    pk = review.context["subject"].pk
    sent = {"_version": "1", "_key": review.context["idempotency_key"]}
    for _ in range(2):
        answer = placed.cast.post(desk, reverse("request-send", args=[pk]), sent)
        assert answer.status_code == 302, answer.content.decode()
    shown = desk.get(answer["Location"]).content.decode()
    assert "Requested" in shown
    assert "Not sent yet" not in shown
    assert desk.get(tab).content.decode().count(">SR-") == 1


def test_a_foreign_patient_or_setting_is_not_there(placed, browse):
    sibling = browse("sibling")
    assert sibling.get(reverse("request-add", args=[placed.patient.pk])).status_code == 404
    assert sibling.get(reverse("patient-requests", args=[placed.patient.pk])).status_code == 404
    assert browse("foreigner").get(reverse("request-add", args=[placed.patient.pk])).status_code == 404
    assert "Zelda" not in sibling.get(reverse("request-new"), {"q": "zelda"}).content.decode()
    desk = browse("desk")
    add = reverse("request-add", args=[placed.patient.pk])
    for vendor_service in ("999999999999999999999", "0", "x"):
        typed = {
            "organization": placed.cast.organizations["S"].pk,
            "vendor_service": vendor_service,
            "priority": "routine",
        }
        assert placed.cast.post(desk, add, typed).status_code == 422
