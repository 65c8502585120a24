"""A corrected result is a new version: the one before stays, and why it was replaced is said."""

from __future__ import annotations

import pytest

from core.errors import Refused, Stale
from core.tenancy import bound
from vendors.actions.task import NewResult, correct_result
from vendors.models import Result, ServiceRequest
from vendors.portal.role import as_contact
from vendors.queries.task import find_task
from vendors.rules.values import Value
from work.actions.relay import relay_due_events
from work.models import Mail

RIGHT = NewResult([Value("Haemoglobin", "12.9", "g/dL", "12-16", "normal")], comment="Read anew")


def correct(lab, request, **more):
    with as_contact(lab.contact):
        task = find_task(lab.actor(), request.pk)
        values = {
            "result": RIGHT,
            "reason": "The wrong tube",
            "seen": 1,
            "version": task.request.version,
        } | more
        correct_result(lab.actor(), task, **values)


@pytest.fixture
def done(lab) -> ServiceRequest:
    return lab.answer(lab.answer(lab.order(), "accept"), "complete")


def test_both_versions_stay_and_whoever_ordered_is_told(lab, done):
    relay_due_events()
    correct(lab, done)
    first, second = Result.objects.order_by("version")
    assert (first.values[0]["value"], first.correction) == ("9.1", "")
    assert (second.values[0]["value"], second.correction, second.entered_by) == (
        "12.9",
        "The wrong tube",
        "Xena Xact",
    )
    assert ServiceRequest.objects.get(pk=done.pk).status == "completed"
    relay_due_events()
    mails = Mail.objects.filter(subject__contains="was corrected")
    assert lab.cast.users["desk"].email in {mail.to for mail in mails}


def test_what_is_refused(lab, done):
    with pytest.raises(Refused, match="what was wrong"):
        correct(lab, done, reason=" ")
    with pytest.raises(Refused, match="at least one value"):
        correct(lab, done, result=NewResult())
    for stale in ({"seen": 2}, {"seen": 0}, {"version": done.version - 1}):
        with pytest.raises(Stale):
            correct(lab, done, **stale)
    with pytest.raises(Refused, match="no result to correct"):
        correct(lab, lab.answer(lab.order(), "accept"))
    assert Result.objects.count() == 1


def test_a_row_that_is_emptied_goes(placed, phone):
    lab = placed
    with bound(lab.cast.network.pk):
        done = lab.answer(lab.answer(lab.order(), "accept"), "complete")
    phone.sign_in(lab.contact)
    page = phone.get("portal-task-correct", done.pk).content.decode()
    assert 'value="9.1"' in page
    typed = {
        "row-TOTAL_FORMS": "5", "row-INITIAL_FORMS": "0", "row-0-name": "", "row-0-value": "",
        "row-1-name": "Leukocytes", "row-1-value": "7.4",
    }  # fmt: skip
    sent = phone.post(
        "portal-task-correct",
        done.pk,
        _version=str(done.version),
        _seen="1",
        reason="Another patient's",
        **typed,
    )
    assert sent.status_code == 302, sent.content.decode()
    with bound(lab.cast.network.pk):
        assert [row["name"] for row in Result.objects.get(version=2).values] == ["Leukocytes"]
    shown = phone.get("portal-task", done.pk).content.decode()
    assert "Result before it was corrected" in shown
