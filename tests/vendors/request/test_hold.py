"""On hold: the net clock stands still, the target moves by as much, and nobody says it was longer than it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.clock import at
from core.errors import Refused, Stale
from tests.cast import SYSTEM
from vendors.actions.task import fail_task, hold_task, resume_task
from vendors.models import RequestTransition, ServiceRequest
from vendors.portal.role import as_contact
from vendors.queries.report import figures, report_rows, with_minutes
from vendors.queries.task import find_task

REASON = {"reason_code": "specimen", "reason_text": "The tube was broken"}


def act(lab, request, do, **more) -> ServiceRequest:
    with as_contact(lab.contact):
        task = find_task(lab.actor(), request.pk)
        values = {"version": task.request.version, "key": f"{do.__name__}-{task.request.version}"} | more
        do(lab.actor(), task, **values)
    return ServiceRequest.objects.get(pk=request.pk)


def hours_ago(hours: float):
    return at(timezone.now() - timedelta(hours=hours))


@pytest.fixture
def held(lab) -> ServiceRequest:
    """Accepted ten hours ago, on hold since six hours ago."""
    with hours_ago(10):
        request = lab.answer(lab.order(), "accept", promised_at=timezone.now())
    with hours_ago(6):
        return act(lab, request, hold_task, **REASON)


def test_what_it_is_held_is_not_counted(lab, held):
    assert (held.status, held.reason_code, held.due_at) == ("on-hold", "specimen", held.target_at)
    with hours_ago(4):
        working = act(lab, held, resume_task)
    assert (working.status, working.held_at) == ("in-progress", None)
    assert timedelta(hours=1, minutes=59) < working.held_for < timedelta(hours=2, minutes=1)
    assert working.due_at == working.target_at + working.held_for
    with hours_ago(1):
        done = with_minutes(lab.answer(working, "complete"))
    assert (done.gross_minutes, done.taken_minutes) in {(540, 420), (539, 419), (540, 419)}
    found = figures(report_rows(SYSTEM))
    assert (found.completed, found.breached) == (1, 0)


def test_holds_add_up(lab, held):
    with hours_ago(5):
        request = act(lab, held, resume_task)
    with hours_ago(4):
        request = act(lab, request, hold_task, **REASON)
    with hours_ago(2):
        request = act(lab, request, resume_task)
    assert timedelta(hours=2, minutes=59) < request.held_for < timedelta(hours=3, minutes=1)


def test_on_hold_nothing_is_overdue(lab):
    with hours_ago(50):
        request = lab.answer(lab.order(), "accept", promised_at=timezone.now())
    assert figures(report_rows(SYSTEM)).overdue == 1
    act(lab, request, hold_task, **REASON)
    assert (figures(report_rows(SYSTEM)).open, figures(report_rows(SYSTEM)).overdue) == (1, 0)


@pytest.mark.parametrize(
    ("code", "text", "field"),
    [("", "", "reason_code"), ("no_capacity", "", "reason_code"), ("other", " ", "reason_text")],
)
@pytest.mark.parametrize("do", [hold_task, fail_task])
def test_a_coded_reason_is_needed(lab, do, code, text, field):
    request = lab.answer(lab.order(), "accept")
    with pytest.raises(Refused) as refusal:
        act(lab, request, do, reason_code=code, reason_text=text)
    assert refusal.value.field == field


def test_who_is_late_does_nothing(lab, held):
    with pytest.raises(Stale):
        act(lab, held, resume_task, version=held.version - 1)
    act(lab, held, resume_task, key="click")
    act(lab, held, resume_task, key="click", version=held.version)
    assert RequestTransition.objects.filter(request=held.pk, to_status="in-progress").count() == 1


def test_it_may_fail_from_there_and_nothing_is_billed(lab, held):
    failed = act(lab, held, fail_task, reason_code="specimen_unsuitable", reason_text="")
    assert (failed.status, failed.held_at, failed.billed_at) == ("failed", None, None)
    assert failed.failed_at is not None
    assert failed.held_for > timedelta(hours=5)


@pytest.mark.parametrize(
    ("says", "change"),
    [
        ("held for as long", "status = 'in-progress', held_at = NULL, held_for = '90 hours', due_at = target_at + '90 hours'"),
        ("held for as long", "held_for = '1 hour', due_at = target_at + '1 hour'"),
        ("held_then", "status = 'in-progress'"),
        ("due_after_holds", "status = 'in-progress', held_at = NULL, due_at = due_at + '1 hour'"),
        ("keeps its prices, note and target", "target_at = target_at + '1 hour', due_at = due_at + '1 hour'"),
    ],
)  # fmt: skip
def test_the_database_keeps_the_clocks(held, says, change):
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE vendors_servicerequest SET {change} WHERE id = %s", [held.pk])
