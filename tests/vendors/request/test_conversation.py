"""Messages, questions, other times and cancellations: each side speaks for itself and answers the other, once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.tenancy import bound
from tests.cast import SYSTEM
from vendors.actions.message import (
    answer_network,
    answer_vendor,
    ask_cancellation,
    propose_time,
    write_message,
    write_to_network,
)
from vendors.models import RequestMessage, RequestTransition, ServiceRequest, TaskPatient
from vendors.portal.role import as_contact
from vendors.queries.task import find_task
from work.actions.relay import relay_due_events
from work.models import Mail

SOON = timedelta(hours=9)


def by_vendor(lab, request, do, contact=None, **more):
    contact = contact or lab.contact
    more = {"key": uuid4().hex, "version": ServiceRequest.objects.get(pk=request.pk).version} | more
    with as_contact(contact):
        return do(lab.actor(contact), find_task(lab.actor(contact), request.pk), **more)


def write(actor, request, **more):
    return write_message(actor, request, **({"key": uuid4().hex} | more))


def ask(actor, request, **more):
    return ask_cancellation(actor, request, **({"key": uuid4().hex} | more))


def reply(lab, request, asked, **more):
    values = {"version": ServiceRequest.objects.get(pk=request.pk).version, "key": "reply"} | more
    return by_vendor(lab, request, answer_network, asked=asked, **values)


def now_of(record):
    return type(record).objects.get(pk=record.pk)


@pytest.fixture
def begun(lab) -> ServiceRequest:
    request = lab.answer(lab.order(), "accept")
    return lab.answer(request, "start")


def test_both_sides_read_what_was_written(lab, begun):
    write(SYSTEM, begun, text=" It is urgent. ")
    by_vendor(lab, begun, write_to_network, text="We do what we can.")
    said = RequestMessage.objects.order_by("pk").values_list("side", "kind", "text", "author_label")
    assert list(said) == [
        ("staff", "message", "It is urgent.", SYSTEM.label),
        ("vendor", "message", "We do what we can.", "Xena Xact"),
    ]
    assert now_of(begun).status == "in-progress"


def test_the_same_key_says_it_once(lab, begun):
    for _ in range(2):
        write(SYSTEM, begun, text="It is urgent.", key="click")
        by_vendor(lab, begun, write_to_network, text="Which tube?", asks=True, key="tap")
    assert RequestMessage.objects.count() == 2
    assert RequestTransition.objects.filter(request=begun.pk, to_status="on-hold").count() == 1


def test_a_question_of_the_vendor_holds_the_clock_until_it_is_answered(lab, begun):
    asked = by_vendor(lab, begun, write_to_network, text="Which tube?", asks=True)
    held = now_of(begun)
    assert (held.status, held.reason_code) == ("on-hold", "information")
    answer_vendor(SYSTEM, held, asked=asked, text="The red one")
    answered, working = now_of(asked), now_of(begun)
    assert (answered.answer, answered.answer_text, answered.answered_by) == (
        "answered",
        "The red one",
        SYSTEM.label,
    )
    assert (working.status, working.held_at) == ("in-progress", None)
    with pytest.raises(Refused, match="answered in the meantime"):
        answer_vendor(SYSTEM, working, asked=asked, text="The blue one")


def test_a_question_before_accepting_holds_nothing(lab):
    request = lab.order()
    asked = by_vendor(lab, request, write_to_network, text="Which tube?", asks=True)
    assert now_of(request).status == "requested"
    answer_vendor(SYSTEM, now_of(request), asked=asked, text="The red one")
    assert now_of(request).status == "requested"


def test_a_time_that_is_agreed_to_is_promised_and_the_target_stays(lab, begun):
    later = timezone.now() + SOON
    asked = by_vendor(lab, begun, propose_time, proposed_at=later, text="The machine is busy")
    answer_vendor(SYSTEM, begun, asked=asked)
    agreed = now_of(begun)
    assert (agreed.promised_at, agreed.target_at, agreed.due_at) == (later, begun.target_at, begun.due_at)
    again = by_vendor(lab, begun, propose_time, proposed_at=later + SOON)
    answer_vendor(SYSTEM, agreed, asked=again, agreed=False, text="Too late")
    assert (now_of(begun).promised_at, now_of(again).answer) == (later, "declined")
    with pytest.raises(Refused, match="still to come"):
        by_vendor(lab, begun, propose_time, proposed_at=timezone.now())


def test_a_cancellation_after_work_began_needs_the_vendor(lab, begun):
    asked = ask(SYSTEM, begun, reason_code="patient_declined")
    assert now_of(begun).status == "in-progress"
    with pytest.raises(Refused, match="wait for the answer"):
        ask(SYSTEM, begun, reason_code="duplicate")
    with pytest.raises(Refused, match="why it can't be stopped") as refusal:
        reply(lab, begun, asked, agreed=False)
    assert refusal.value.field == "text"
    reply(lab, begun, asked, agreed=False, text="It is in the machine")
    assert (now_of(begun).status, now_of(asked).answer) == ("in-progress", "declined")
    again = ask(SYSTEM, now_of(begun), reason_code="duplicate", reason_text="Ordered at noon")
    reply(lab, begun, again, agreed=True)
    ended = now_of(begun)
    assert (ended.status, ended.reason_code, ended.reason_text) == (
        "cancelled",
        "duplicate",
        "Ordered at noon",
    )
    with as_contact(lab.contact):
        assert not TaskPatient.objects.exists()


def test_on_hold_it_can_be_cancelled_too(lab, begun):
    by_vendor(lab, begun, write_to_network, text="Which tube?", asks=True)
    asked = ask(SYSTEM, now_of(begun), reason_code="no_longer_needed")
    reply(lab, begun, asked)
    ended = now_of(begun)
    assert (ended.status, ended.held_at) == ("cancelled", None)


def test_the_other_side_answers_and_only_what_was_asked(lab, begun):
    ours = write(SYSTEM, begun, text="When?", asks=True)
    theirs = by_vendor(lab, begun, propose_time, proposed_at=timezone.now() + SOON)
    plain = write(SYSTEM, begun, text="Thank you")
    other = lab.order()
    for asked in (theirs, plain):
        with pytest.raises(Refused, match="no answer of yours"):
            reply(lab, begun, asked, text="Yes")
    with pytest.raises(Refused, match="no answer of yours"):
        answer_vendor(SYSTEM, begun, asked=ours, text="Yes")
    with pytest.raises(Refused, match="no answer of yours"):
        answer_vendor(SYSTEM, other, asked=theirs)
    with pytest.raises(Refused, match="Write the answer"):
        reply(lab, begun, ours, text=" ")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_words_are_needed_and_not_too_many(lab, begun, text):
    with pytest.raises(Refused) as refusal:
        write(SYSTEM, begun, text=text)
    assert refusal.value.field == "text"


def test_nothing_is_asked_of_what_has_ended_and_nothing_said_of_a_draft(lab):
    draft = lab.draft()
    with pytest.raises(Refused, match="doesn't know of it"):
        write(SYSTEM, draft, text="Hello")
    rejected = lab.answer(lab.order(), "reject")
    write(SYSTEM, rejected, text="Thank you")
    with pytest.raises(Refused, match="nothing waits any more"):
        write(SYSTEM, rejected, text="Why?", asks=True)
    with pytest.raises(Refused, match="isn't asked whether"):
        ask(SYSTEM, rejected, reason_code="duplicate")


def test_who_may(lab, begun):
    for persona in ("finance", "auditor", "sibling"):
        with pytest.raises(PermissionDenied):
            write(lab.cast.actor(persona), begun, text="Hello")
    write(lab.cast.actor("vendor_manager"), begun, text="Hello")


def test_mail_says_that_it_was_written_to_and_not_what(lab, begun):
    Mail.objects.all().delete()
    write(SYSTEM, begun, text="Zelda is pregnant")
    relay_due_events()
    (mail,) = Mail.objects.all()
    assert mail.to == "xena@xact.example"
    assert "Zelda" not in mail.body + mail.subject
    Mail.objects.all().delete()
    by_vendor(lab, begun, write_to_network, text="Zelda is pregnant", asks=True)
    relay_due_events()
    told = {mail.to for mail in Mail.objects.all()}
    assert lab.cast.users["desk"].email in told
    assert not any("Zelda" in mail.body + mail.subject for mail in Mail.objects.all())


INSERT = (
    "INSERT INTO vendors_requestmessage (request_id, vendor_id, side, kind, text, reason_code, author_id, author_label,"
    " answer, answer_text, answered_by, key) VALUES (%s, %s, %s, 'message', 'x', '', %s, 'me', '', '', '', 'k')"
)


class TestDatabase:
    """What holds whatever writes the rows."""

    def refused(self, says, sql, *values):
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def test_a_vendor_speaks_for_itself(self, lab, begun, rival):
        vendor, contact = lab.contact.vendor_id, lab.contact.pk
        with as_contact(lab.contact):
            self.refused("each side speaks for itself", INSERT, begun.pk, vendor, "staff", contact)
            self.refused("each side speaks for itself", INSERT, begun.pk, vendor, "vendor", contact + 1)
        with as_contact(rival):
            self.refused("row-level security", INSERT, begun.pk, vendor, "vendor", rival.pk)
            self.refused("each side speaks", INSERT, begun.pk, rival.vendor_id, "vendor", rival.pk)
        self.refused("each side speaks for itself", INSERT, begun.pk, vendor, "vendor", contact)

    def test_who_asks_does_not_answer_and_nothing_changes(self, lab, begun):
        asked = by_vendor(lab, begun, propose_time, proposed_at=timezone.now() + SOON)
        agree = "UPDATE vendors_requestmessage SET answer = 'agreed', answered_at = now() WHERE id = %s"
        with as_contact(lab.contact):
            self.refused("who asks does not answer", agree, asked.pk)
            self.refused("permission denied", "UPDATE vendors_requestmessage SET text = 'y'")
            self.refused("permission denied", "DELETE FROM vendors_requestmessage")
        answer_vendor(SYSTEM, begun, asked=asked)
        self.refused("answered in the meantime", agree, asked.pk)
        self.refused("permission denied", "DELETE FROM vendors_requestmessage")

    def test_a_vendor_cancels_only_what_it_was_asked_to(self, lab, begun):
        cancel = "UPDATE vendors_servicerequest SET status = 'cancelled', cancelled_at = now() WHERE id = %s"
        with as_contact(lab.contact):
            self.refused("only what it was asked to cancel", cancel, begun.pk)
        ask(SYSTEM, begun, reason_code="duplicate")
        with as_contact(lab.contact):
            self.refused("only what it was asked to cancel", cancel, begun.pk)

    def test_a_draft_is_not_spoken_about(self, lab):
        draft = lab.draft()
        self.refused("nothing is said of a draft", INSERT, draft.pk, draft.vendor_id, "staff", 1)


def test_the_pages_of_both_sides(placed, phone, browse):
    lab = placed
    with bound(lab.cast.network.pk):
        request = lab.answer(lab.order(), "accept")
    phone.sign_in(lab.contact)
    asked = phone.post(
        "portal-task-write", request.pk, _version=str(request.version), text="Which tube?", asks="on"
    )
    assert asked.status_code == 302
    desk = browse("desk")
    assert "waits for an answer" in desk.get(reverse("request-list")).content.decode()
    page = desk.get(reverse("request", args=[request.pk])).content.decode()
    assert "Which tube?" in page
    assert "Waiting for an answer" in page
    with bound(lab.cast.network.pk):
        question = RequestMessage.objects.get()
    answer = reverse("request-answer", args=[request.pk, question.pk])
    network = {"_network": str(lab.cast.network.pk)}
    empty = desk.post(answer, network)
    assert empty.status_code == 422
    assert desk.post(answer, network | {"text": "The red one"}).status_code == 302
    assert "The red one" in phone.get("portal-task", request.pk).content.decode()
    with bound(lab.cast.network.pk):
        assert ServiceRequest.objects.get().status == "in-progress"
    ask = desk.post(reverse("request-ask-cancel", args=[request.pk]), network | {"reason_code": "duplicate"})
    assert ask.status_code == 302
    assert "waits for an answer" not in desk.get(reverse("request-list")).content.decode()
    assert "waits for your answer" in phone.get("portal").content.decode()
    with bound(lab.cast.network.pk):
        cancellation = RequestMessage.objects.get(kind="cancellation")
        version = ServiceRequest.objects.get().version
    agreed = phone.post("portal-task-reply", request.pk, cancellation.pk, _version=str(version), agreed="yes")
    assert agreed.status_code == 302
    with bound(lab.cast.network.pk):
        assert ServiceRequest.objects.get().status == "cancelled"
