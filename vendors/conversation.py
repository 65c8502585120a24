"""What was said about a request, as the pages of both sides show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core import locale
from vendors.models import RequestMessage
from vendors.rules.reasons import CANCEL_REASONS

_ICONS = {
    RequestMessage.Kind.MESSAGE: "message-square",
    RequestMessage.Kind.QUESTION: "circle-question-mark",
    RequestMessage.Kind.PROPOSAL: "clock",
    RequestMessage.Kind.CANCELLATION: "ban",
}


@dataclass(frozen=True)
class Said:
    """One message with its answer; `reply_url` where whoever looks has to answer it."""

    title: str
    text: str
    author: str
    at: datetime
    icon: str
    tone: str
    answer: str
    answer_text: str
    answered_by: str
    answered_at: datetime | None
    reply_url: str


def conversation(
    messages: Iterable[RequestMessage], side: str, reply_url: Callable[[RequestMessage], str], *, ended: bool
) -> list[Said]:
    """What was said, newest first, for one of the sides; once the request ended nothing waits any more."""
    return [
        Said(
            title=_title(one),
            text=one.text,
            author=one.author_label,
            at=one.at,
            icon=_ICONS[RequestMessage.Kind(one.kind)],
            tone="warn" if one.waits and not ended else "",
            answer=one.get_answer_display() or ("Waiting for an answer" if one.waits and not ended else ""),
            answer_text=one.answer_text,
            answered_by=one.answered_by,
            answered_at=one.answered_at,
            reply_url=reply_url(one) if one.waits and not ended and one.side != side else "",
        )
        for one in messages
    ]


def _title(one: RequestMessage) -> str:
    if one.kind == RequestMessage.Kind.PROPOSAL and one.proposed_at is not None:
        return f"{one.get_kind_display()}: {locale.day_and_time(one.proposed_at)}"
    if one.kind == RequestMessage.Kind.CANCELLATION:
        return f"{one.get_kind_display()}: {CANCEL_REASONS.get(one.reason_code, one.reason_code).lower()}"
    return one.get_kind_display()
