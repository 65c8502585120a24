"""What a vendor's contact does with a task in the portal: receive, accept, reject, start, hold, complete, correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actions import Act, action
from core.clock import now
from core.errors import Refused, Stale
from core.files import check_size, content_type_of
from vendors.actions.request import check_reason
from vendors.actions.step import step
from vendors.models import Result
from vendors.pdf import page_count
from vendors.permissions import PORTAL_ANSWER
from vendors.queries.task import Task
from vendors.rules.reasons import FAIL_REASONS, HOLD_REASONS, REJECTION_REASONS
from vendors.rules.settings import (
    ATTACHMENT_MEBIBYTES,
    LONGEST_PROMISE_DAYS,
    REJECT_NOTE_REQUIRED,
    VALUES_REQUIRED,
)
from vendors.rules.transitions import (
    ACCEPTED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    ON_HOLD,
    RECEIVED,
    REJECTED,
)
from vendors.rules.values import Value, check_values
from work.actions.file import store_file


@dataclass(frozen=True)
class NewResult:
    """What a vendor answers: values, a PDF, or both."""

    values: Sequence[Value] = ()
    file_name: str = ""
    file: bytes | None = None
    comment: str = ""


@action(PORTAL_ANSWER, audit="request.received")
def receive_task(act: Act, task: Task, *, key: str) -> Task:
    """Note that the vendor has seen a new request. Who may: an active contact of the vendor."""
    step(act, task.request, RECEIVED, version=task.request.version, key=key, changes={"received_at": now()})
    return task


@action(PORTAL_ANSWER, audit="request.accepted")
def accept_task(act: Act, task: Task, *, promised_at: datetime, version: int, key: str) -> Task:
    """Accept a request and promise when the result will be there. From now on the vendor sees the patient.

    Who may: an active contact of the vendor. The same key accepts once. Refusals: a promise in the past or
    further ahead than the settings allow, a request that isn't new any more, a stale version.
    """
    if promised_at <= now():
        raise Refused("invalid", "Promise a time that is still to come.", field="promised_at")
    days = LONGEST_PROMISE_DAYS.at(task.vendor)
    if promised_at > now() + timedelta(days=days):
        within = LONGEST_PROMISE_DAYS.show(days)
        raise Refused("invalid", f"Promise a time within {within} from now.", field="promised_at")
    changes = {"accepted_at": now(), "promised_at": promised_at}
    if step(act, task.request, ACCEPTED, version=version, key=key, changes=changes):
        act.changed({}, {"promised_at": promised_at})
    return task


@action(PORTAL_ANSWER, audit="request.rejected")
def reject_task(act: Act, task: Task, *, reason_code: str, reason_text: str, version: int, key: str) -> Task:
    """Reject a request with a coded reason.

    Refusals: an unknown reason, "other" without words, no words where they are needed, not new, stale.
    """
    check_reason(REJECTION_REASONS, reason_code, reason_text)
    if not reason_text.strip() and REJECT_NOTE_REQUIRED.at(task.vendor):
        raise Refused("reason_missing", "Say in words why you reject it.", field="reason_text")
    step(
        act,
        task.request,
        REJECTED,
        version=version,
        key=key,
        changes={"rejected_at": now()},
        reason_code=reason_code,
        reason_text=reason_text.strip()[:500],
    )
    return task


@action(PORTAL_ANSWER, audit="request.started")
def start_task(act: Act, task: Task, *, version: int, key: str) -> Task:
    """Say that work has begun; from now on the network can't simply cancel."""
    step(act, task.request, IN_PROGRESS, version=version, key=key, changes={"started_at": now()})
    return task


@action(PORTAL_ANSWER, audit="request.held")
def hold_task(act: Act, task: Task, *, reason_code: str, reason_text: str, version: int, key: str) -> Task:
    """Put a request on hold with a coded reason: until it goes on, the net clock stands still.

    Refusals: an unknown reason, "other" without words, a request that isn't accepted or in progress, stale.
    """
    check_reason(HOLD_REASONS, reason_code, reason_text)
    words = reason_text.strip()[:500]
    step(act, task.request, ON_HOLD, version=version, key=key, reason_code=reason_code, reason_text=words)
    return task


@action(PORTAL_ANSWER, audit="request.resumed")
def resume_task(act: Act, task: Task, *, version: int, key: str) -> Task:
    """Go on with a request that was on hold; what it was held is not counted against the target."""
    started_at = task.request.started_at or now()
    step(act, task.request, IN_PROGRESS, version=version, key=key, changes={"started_at": started_at})
    return task


@action(PORTAL_ANSWER, audit="request.failed")
def fail_task(act: Act, task: Task, *, reason_code: str, reason_text: str, version: int, key: str) -> Task:
    """Say with a coded reason that there will be no result; nothing is billed.

    Refusals: an unknown reason, "other" without words, a request that isn't being worked on, stale.
    """
    check_reason(FAIL_REASONS, reason_code, reason_text)
    words = reason_text.strip()[:500]
    if step(
        act,
        task.request,
        FAILED,
        version=version,
        key=key,
        changes={"failed_at": now()},
        reason_code=reason_code,
        reason_text=words,
    ):
        act.emit("request.ended", request_id=task.request.pk)
    return task


@action(PORTAL_ANSWER, audit="request.completed")
def complete_task(act: Act, task: Task, *, result: NewResult, version: int, key: str) -> Task:
    """Complete a request with values, a PDF, or both.

    Who may: an active contact of the vendor. Refusals: neither values nor PDF, no values where they are needed,
    an unreadable, empty or too large file, another type than PDF, a request that isn't accepted, a stale
    version. After commit: the buy price is billed.
    """
    values = _checked(task, result)
    if not step(act, task.request, COMPLETED, version=version, key=key, changes={"completed_at": now()}):
        return task
    _store(act, task, result, values, version=1)
    act.emit("request.completed", request_id=task.request.pk)
    return task


@action(PORTAL_ANSWER, audit="request.corrected")
def correct_result(act: Act, task: Task, *, result: NewResult, reason: str, seen: int, version: int) -> Task:
    """Send the result of a completed request anew, and why; the versions before stay readable.

    Who may: an active contact of the vendor. Refusals: no reason, no completed request, another version than the one
    that was `seen`, and what completing refuses of a result.
    """
    if not reason.strip():
        raise Refused("reason_missing", "Say what was wrong with the result.", field="reason")
    if task.request.status != COMPLETED:
        raise Refused(
            "transition", f"Request {task.request.number} is not completed; there is no result to correct."
        )
    if task.request.version != version:
        raise Stale("request")
    values = _checked(task, result)
    newest = Result.objects.filter(request_id=task.request.pk).order_by("-version").first()
    if newest is None or newest.version != seen:
        raise Stale("result")
    _store(act, task, result, values, version=seen + 1, correction=reason.strip()[:500])
    act.emit("request.corrected", request_id=task.request.pk)
    return task


def _checked(task: Task, result: NewResult) -> list[dict[str, str]]:
    """The values of a result as they are stored; refuses a result that says nothing."""
    if not result.values and result.file is None:
        raise Refused("result_missing", "Enter at least one value or choose a PDF.")
    if not result.values and VALUES_REQUIRED.at(task.vendor):
        raise Refused("result_missing", "Enter at least one value; a PDF alone doesn't complete a request.")
    return check_values(result.values)


def _store(
    act: Act,
    task: Task,
    result: NewResult,
    values: list[dict[str, str]],
    *,
    version: int,
    correction: str = "",
) -> None:
    request = task.request
    file, pages = None, 0
    if result.file is not None:
        most = ATTACHMENT_MEBIBYTES.at(task.vendor)
        check_size(result.file_name, len(result.file), most, field="file")
        pages = _pages(result.file_name, result.file)
        file = store_file(request.vendor_id, result.file_name, result.file, field="file")
    assert act.actor.id is not None
    Result.objects.create(
        request_id=request.pk,
        vendor_id=request.vendor_id,
        version=version,
        values=values,
        file=file,
        pages=pages,
        comment=result.comment.strip()[:2000],
        correction=correction,
        entered_by_id=act.actor.id,
        entered_by=act.actor.label[:200],
        entered_at=now(),
    )
    act.about(request)
    act.organization_id = request.organization_id
    act.changed({}, {"version": version, "values": len(values), "file": file.name if file else ""})


def _pages(name: str, content: bytes) -> int:
    """The pages of a PDF; 0 for an empty file, which storing refuses in its own words."""
    kind = content_type_of(content)
    if content and kind != "application/pdf":
        raise Refused(
            "file_type", f"“{name}” is not a PDF. Save the report as PDF and choose it again.", field="file"
        )
    return page_count(content, name, field="file") if kind else 0
