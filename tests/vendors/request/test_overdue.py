"""What is overdue is told of once: to who owes the result, who sent it, and who manages vendors."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.clock import at
from core.tenancy import bound
from tests.cast import SYSTEM
from tests.vendors.conftest import NAME, decide
from vendors.actions.escalation import escalate_overdue
from vendors.actions.request import send_request
from vendors.actions.task import hold_task
from vendors.models import ServiceRequest
from vendors.portal.role import as_contact
from vendors.queries.task import find_task
from vendors.rules.settings import OVERDUE_GRACE_HOURS
from vendors.tasks import escalate
from work.actions.relay import relay_due_events
from work.models import Mail


def late(lab, *, hours: float = 1, actor=SYSTEM) -> ServiceRequest:
    """A request whose 24 hours ended so many hours ago."""
    with at(timezone.now() - timedelta(hours=24 + hours)):
        draft = lab.draft()
        return send_request(actor, draft, version=draft.version, key=uuid4().hex, duplicates_accepted=True)


def told() -> set[str]:
    relay_due_events()
    mails = Mail.objects.filter(subject__contains="overdue")
    assert not any(NAME in mail.body + mail.subject for mail in mails)
    return {mail.to for mail in mails}


def test_who_owes_it_who_sent_it_and_who_manages_vendors_are_told_once(lab):
    request = late(lab, actor=lab.cast.actor("desk"))
    assert (escalate_overdue(), escalate_overdue()) == (1, 0)
    users = lab.cast.users
    assert told() == {
        "xena@xact.example",
        users["desk"].email,
        users["vendor_manager"].email,
        users["administrator"].email,
    }
    assert Mail.objects.filter(subject__contains="overdue").count() == 4
    assert ServiceRequest.objects.get(pk=request.pk).escalated_at is not None
    assert AuditEvent.objects.filter(verb="request.escalated").count() == 1


@pytest.mark.parametrize("answers", [("reject",), ("accept", "start", "complete")])
def test_what_was_answered_is_not_overdue(lab, answers):
    request = late(lab)
    for answer in answers:
        request = lab.answer(request, answer)
    assert escalate_overdue() == 0


def test_what_is_on_hold_or_not_due_yet_or_within_the_grace_is_not(lab):
    lab.order()
    held = lab.answer(late(lab), "accept")
    with as_contact(lab.contact):
        task = find_task(lab.actor(), held.pk)
        hold_task(lab.actor(), task, reason_code="supplies", reason_text="", version=held.version, key="hold")
    assert escalate_overdue() == 0
    late(lab, hours=1)
    decide(lab.cast, "P", OVERDUE_GRACE_HOURS, 2)
    assert escalate_overdue() == 0
    late(lab, hours=3)
    assert escalate_overdue() == 1


def test_the_beat_tells_every_network_and_the_page_says_so(placed, browse):
    with bound(placed.cast.network.pk):
        request = late(placed)
    assert (escalate(), escalate()) == (1, 0)
    page = browse("desk").get(reverse("request", args=[request.pk])).content.decode()
    assert "Told that it is overdue" in page
