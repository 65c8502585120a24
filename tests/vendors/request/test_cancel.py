"""Cancelling: before work began, with a coded reason, and the vendor loses sight of the patient."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from core.errors import Refused, Stale
from core.tenancy import bound
from core.tenancy.binding import portal_role
from tests.cast import SYSTEM
from vendors.actions.request import cancel_request
from vendors.models import ServiceRequest, TaskPatient


def cancel(lab, request, **other):
    values = {"version": request.version, "key": "k", "reason_code": "no_longer_needed"} | other
    return cancel_request(values.pop("actor", SYSTEM), request, **values)


@pytest.mark.parametrize("answers", [(), ("accept",)])
def test_before_work_begins(lab, answers):
    request = lab.order()
    for answer in answers:
        request = lab.answer(request, answer)
    request = cancel(lab, request)
    assert (request.status, request.reason_code) == ("cancelled", "no_longer_needed")
    assert request.cancelled_at is not None
    with portal_role(lab.contact.vendor_id, lab.contact.pk):
        assert not TaskPatient.objects.exists()


def test_not_once_work_began(lab):
    request = lab.order()
    for answer in ("accept", "start"):
        request = lab.answer(request, answer)
    with pytest.raises(Refused, match=r"Work on request .* has begun"):
        cancel(lab, request)
    request = lab.answer(request, "complete")
    with pytest.raises(Refused, match="is completed and can't become cancelled"):
        cancel(lab, request)


def test_a_draft_is_discarded(lab):
    assert cancel(lab, lab.draft()).status == "cancelled"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "nonsense"}, "reason_code"),
        ({"reason_code": "other"}, "reason_text"),
        ({"reason_code": "other", "reason_text": "   "}, "reason_text"),
    ],
)
def test_a_reason_is_needed(lab, values, field):
    request = lab.order()
    with pytest.raises(Refused) as refusal:
        cancel(lab, request, **values)
    assert (refusal.value.code, refusal.value.field) == ("reason_missing", field)


def test_a_stale_page(lab):
    request = lab.order()
    with pytest.raises(Stale):
        cancel(lab, request, version=1)


def test_only_who_may(lab):
    request = lab.order()
    for persona in ("finance", "sibling", "partner"):
        with pytest.raises(PermissionDenied):
            cancel(lab, request, actor=lab.cast.actor(persona))
    assert cancel(lab, request, actor=lab.cast.actor("vendor_manager")).status == "cancelled"


def test_the_page(placed, browse):
    with bound(placed.cast.network.pk):
        request = placed.order()
    desk = browse("desk")
    url = reverse("request-cancel", args=[request.pk])
    assert "no longer asked" in desk.get(url).content.decode()
    answer = placed.cast.post(desk, url, {"_version": "2", "reason_code": "other", "reason_text": ""})
    assert answer.status_code == 422
    answer = placed.cast.post(
        desk, url, {"_version": "1", "reason_code": "other", "reason_text": "Typed words"}
    )
    assert answer.status_code == 409
    assert "Typed words" in answer.content.decode()
    answer = placed.cast.post(
        desk, url, {"_version": "2", "reason_code": "other", "reason_text": "Moved away"}
    )
    assert answer.status_code == 302
    assert "Another reason: Moved away" in desk.get(answer["Location"]).content.decode()
    with bound(placed.cast.network.pk):
        assert ServiceRequest.objects.get(pk=request.pk).status == "cancelled"
    assert browse("finance").get(url).status_code == 403
    assert browse("sibling").get(url).status_code == 404
