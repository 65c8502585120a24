"""What the two sides of a request say to one another: messages, questions, other times, cancellations."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now

from core.actions import Act, action
from core.actors import ContactActor
from core.clock import now
from core.errors import Refused, Stale
from core.idempotency import check_key
from vendors.actions.request import check_reason
from vendors.actions.step import LONGEST_KEY, step
from vendors.models import RequestMessage, ServiceRequest
from vendors.permissions import PORTAL_ANSWER, REQUEST_CANCEL, REQUEST_WRITE
from vendors.queries.task import Task
from vendors.rules.reasons import CANCEL_REASONS
from vendors.rules.transitions import ACCEPTED, CANCELLED, DRAFT, IN_PROGRESS, LABELS, NEW, ON_HOLD

TEXT_LENGTH = 2000
Kind, Answer, Side = RequestMessage.Kind, RequestMessage.Answer, RequestMessage.Side


@action(REQUEST_WRITE, audit="request.written")
def write_message(
    act: Act, request: ServiceRequest, *, text: str, asks: bool = False, key: str
) -> RequestMessage:
    """Write to the vendor of a request; a question waits for an answer.

    Who may: `request:write` at the ordering organization. Refusals: no words, a draft, a second open question. After
    commit: the vendor's contacts are told.
    """
    return _say(act, request, Kind.QUESTION if asks else Kind.MESSAGE, text, key)[0]


@action(REQUEST_WRITE, audit="request.answered")
def answer_vendor(
    act: Act, request: ServiceRequest, *, asked: RequestMessage, text: str = "", agreed: bool = True
) -> RequestMessage:
    """Answer a vendor's question with words, or agree to the time it proposes, or decline it.

    Who may: `request:write` at the ordering organization. Effect: a time that was agreed to becomes the promised one,
    while the target stays; a hold that waits for information ends with the answer. Refusals: what was answered before,
    a question without words. After commit: the vendor's contacts are told.
    """
    _answer(act, request, asked, Side.VENDOR, text, agreed)
    if asked.kind == Kind.PROPOSAL and agreed:
        moved = ServiceRequest.objects.filter(
            pk=request.pk, status__in=(*NEW, ACCEPTED, IN_PROGRESS, ON_HOLD)
        )
        moved.update(promised_at=asked.proposed_at)
    if asked.kind == Kind.QUESTION and request.status == ON_HOLD and request.reason_code == "information":
        step(act, request, IN_PROGRESS, version=request.version, key=f"answer:{asked.pk}")
    return asked


@action(REQUEST_CANCEL, audit="request.cancellation_asked")
def ask_cancellation(
    act: Act, request: ServiceRequest, *, reason_code: str, reason_text: str = "", key: str
) -> RequestMessage:
    """Ask a vendor that has begun whether a request can still be stopped; it stays as it is until the vendor agrees.

    Who may: `request:cancel` at the ordering organization. Refusals: an unknown reason, "other" without words, a request
    that isn't being worked on, one asked before. After commit: the vendor's contacts are told.
    """
    check_reason(CANCEL_REASONS, reason_code, reason_text)
    if request.status not in (ACCEPTED, IN_PROGRESS, ON_HOLD):
        raise Refused(
            "transition",
            f"Request {request.number} is {LABELS[request.status].lower()}; the vendor isn't asked whether it can be stopped.",
        )
    return _say(act, request, Kind.CANCELLATION, reason_text, key, reason_code=reason_code)[0]


@action(PORTAL_ANSWER, audit="request.written")
def write_to_network(
    act: Act, task: Task, *, text: str, asks: bool = False, version: int, key: str
) -> RequestMessage:
    """Write to whoever ordered; a question waits for an answer, and while it does an accepted request is on hold.

    Who may: an active contact of the vendor. Refusals: no words, a second open question, a stale version.
    """
    request = task.request
    _check_seen(request, version, key)
    said, is_new = _say(act, request, Kind.QUESTION if asks else Kind.MESSAGE, text, key)
    if is_new and asks and request.status in (ACCEPTED, IN_PROGRESS):
        step(
            act,
            request,
            ON_HOLD,
            version=version,
            key=f"question:{said.pk}",
            reason_code="information",
        )
    return said


@action(PORTAL_ANSWER, audit="request.time_proposed")
def propose_time(
    act: Act, task: Task, *, proposed_at: datetime, text: str = "", version: int, key: str
) -> RequestMessage:
    """Propose another time than is due or promised; it counts once the network agrees.

    Who may: an active contact of the vendor. Refusals: a time in the past, a request that ended, a second open proposal,
    a stale version.
    """
    _check_seen(task.request, version, key)
    if proposed_at <= now():
        raise Refused("invalid", "Propose a time that is still to come.", field="proposed_at")
    return _say(act, task.request, Kind.PROPOSAL, text, key, proposed_at=proposed_at)[0]


@action(PORTAL_ANSWER, audit="request.answered")
def answer_network(
    act: Act,
    task: Task,
    *,
    asked: RequestMessage,
    text: str = "",
    agreed: bool = True,
    version: int,
    key: str,
) -> RequestMessage:
    """Answer a question of the network, or say whether a request can still be stopped: agreed, it is cancelled.

    Who may: an active contact of the vendor. Refusals: what was answered before, a question without words, no words
    when it can't be stopped, a stale version.
    """
    _check_seen(task.request, version, key)
    if asked.kind == Kind.CANCELLATION and not agreed and not text.strip():
        raise Refused("reason_missing", "Say why it can't be stopped.", field="text")
    _answer(act, task.request, asked, Side.STAFF, text, agreed)
    if asked.kind == Kind.CANCELLATION and agreed:
        step(
            act,
            task.request,
            CANCELLED,
            version=version,
            key=key,
            changes={"cancelled_at": now()},
            reason_code=asked.reason_code,
            reason_text=asked.text[:500],
        )
    return asked


def _check_seen(request: ServiceRequest, version: int, key: str) -> None:
    """Refuse to speak about a request that went on since it was looked at; a second click finds what the first said."""
    said = RequestMessage.objects.filter(request=request.pk, key=key)
    if request.version != version and not said.exists():
        raise Stale("request")


def _say(
    act: Act, request: ServiceRequest, kind: str, text: str, key: str, **more: object
) -> tuple[RequestMessage, bool]:
    """What is said, and whether it is said now: the same key says it once."""
    check_key(key, LONGEST_KEY)
    made = RequestMessage.objects.filter(request=request.pk, key=key).first()
    if made is not None:
        act.nothing_happened()
        return made, False
    words = text.strip()
    if not words and kind in (Kind.MESSAGE, Kind.QUESTION):
        raise Refused("invalid", "Write what you want to say.", field="text")
    if len(words) > TEXT_LENGTH:
        raise Refused("invalid", f"Write at most {TEXT_LENGTH} characters.", field="text")
    if request.status == DRAFT:
        raise Refused("not_permitted", f"Request {request.number} is a draft; the vendor doesn't know of it.")
    if kind != Kind.MESSAGE and not request.is_open:
        raise Refused(
            "transition",
            f"Request {request.number} is {LABELS[request.status].lower()}; nothing waits any more.",
        )
    side = Side.VENDOR if isinstance(act.actor, ContactActor) else Side.STAFF
    waiting = RequestMessage.objects.filter(request=request.pk, side=side, kind=kind, answered_at=None)
    if kind != Kind.MESSAGE and waiting.exists():
        raise Refused("not_permitted", f"{Kind(kind).label} already: wait for the answer.")
    said = RequestMessage.objects.create(
        request_id=request.pk,
        vendor_id=request.vendor_id,
        side=side,
        kind=kind,
        text=words,
        author_id=act.actor.id,
        author_label=act.actor.label[:200],
        at=now(),
        key=key,
        **more,
    )
    act.about(request)
    act.organization_id = request.organization_id
    act.changed({}, {"kind": kind})
    act.emit("request.written", message_id=said.pk)
    return said, True


def _answer(
    act: Act, request: ServiceRequest, asked: RequestMessage, side: str, text: str, agreed: bool
) -> None:
    words = text.strip()[:TEXT_LENGTH]
    if asked.request_id != request.pk or asked.side != side or asked.kind == Kind.MESSAGE:
        raise Refused("not_permitted", "This asks for no answer of yours.")
    if asked.kind == Kind.QUESTION and not words:
        raise Refused("invalid", "Write the answer.", field="text")
    answer = Answer.ANSWERED if asked.kind == Kind.QUESTION else Answer.AGREED if agreed else Answer.DECLINED
    waiting = RequestMessage.objects.filter(pk=asked.pk, answered_at=None)
    if not waiting.update(
        answer=answer, answer_text=words, answered_at=Now(), answered_by=act.actor.label[:200]
    ):
        raise Refused("not_permitted", "This was answered in the meantime. Look at the answer.")
    act.about(request)
    act.organization_id = request.organization_id
    act.changed({}, {"kind": asked.kind, "answer": answer})
    act.emit("request.message_answered", message_id=asked.pk)
