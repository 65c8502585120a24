"""The states of a service request and who may move it from one to another: the one table. Pure, no ORM."""

from __future__ import annotations

from core.actors import Actor, ContactActor, SystemActor
from core.errors import Refused

DRAFT = "draft"
REQUESTED = "requested"
RECEIVED = "received"
ACCEPTED = "accepted"
REJECTED = "rejected"
IN_PROGRESS = "in-progress"
ON_HOLD = "on-hold"
COMPLETED = "completed"
CANCELLED = "cancelled"
FAILED = "failed"
ENTERED_IN_ERROR = "entered-in-error"

LABELS = {
    DRAFT: "Draft",
    REQUESTED: "Requested",
    RECEIVED: "Received",
    ACCEPTED: "Accepted",
    REJECTED: "Rejected",
    IN_PROGRESS: "In progress",
    ON_HOLD: "On hold",
    COMPLETED: "Completed",
    CANCELLED: "Cancelled",
    FAILED: "Failed",
    ENTERED_IN_ERROR: "Entered in error",
}
STATES = tuple(LABELS)
CHOICES = list(LABELS.items())

NEW = (REQUESTED, RECEIVED)  # waits for the vendor's answer
WORKING = (ACCEPTED, IN_PROGRESS, ON_HOLD)  # the vendor has said yes and owes a result
OPEN = (*NEW, *WORKING)
RUNNING = (*NEW, ACCEPTED, IN_PROGRESS)  # the clock runs
DISCLOSED = (*WORKING, COMPLETED)  # the vendor sees the patient

STAFF = "staff"
VENDOR = "vendor"
SYSTEM = "system"

#: (from, to) -> who may. Cancelling after work began needs the vendor's answer, so it isn't here for staff: the vendor
#: agrees to what was asked. A hold ends when the vendor goes on, or when the information that it waits for is there.
TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    (DRAFT, REQUESTED): frozenset({STAFF, SYSTEM}),
    (DRAFT, CANCELLED): frozenset({STAFF, SYSTEM}),
    (REQUESTED, RECEIVED): frozenset({VENDOR, SYSTEM}),
    (REQUESTED, ACCEPTED): frozenset({VENDOR}),
    (REQUESTED, REJECTED): frozenset({VENDOR}),
    (REQUESTED, CANCELLED): frozenset({STAFF, SYSTEM}),
    (RECEIVED, ACCEPTED): frozenset({VENDOR}),
    (RECEIVED, REJECTED): frozenset({VENDOR}),
    (RECEIVED, CANCELLED): frozenset({STAFF, SYSTEM}),
    (ACCEPTED, IN_PROGRESS): frozenset({VENDOR}),
    (ACCEPTED, ON_HOLD): frozenset({VENDOR}),
    (ACCEPTED, COMPLETED): frozenset({VENDOR}),
    (ACCEPTED, FAILED): frozenset({VENDOR}),
    (ACCEPTED, CANCELLED): frozenset({STAFF, SYSTEM, VENDOR}),
    (IN_PROGRESS, ON_HOLD): frozenset({VENDOR}),
    (IN_PROGRESS, COMPLETED): frozenset({VENDOR}),
    (IN_PROGRESS, FAILED): frozenset({VENDOR}),
    (IN_PROGRESS, CANCELLED): frozenset({VENDOR}),
    (ON_HOLD, IN_PROGRESS): frozenset({VENDOR, STAFF, SYSTEM}),
    (ON_HOLD, CANCELLED): frozenset({VENDOR}),
    (ON_HOLD, FAILED): frozenset({VENDOR}),
    (REQUESTED, ENTERED_IN_ERROR): frozenset({STAFF}),
    (RECEIVED, ENTERED_IN_ERROR): frozenset({STAFF}),
    (REJECTED, ENTERED_IN_ERROR): frozenset({STAFF}),
    (CANCELLED, ENTERED_IN_ERROR): frozenset({STAFF}),
}


def side_of(actor: Actor) -> str:
    """On which side of a request an actor stands."""
    if isinstance(actor, ContactActor):
        return VENDOR
    return SYSTEM if isinstance(actor, SystemActor) else STAFF


def may_move(before: str, after: str, side: str) -> bool:
    return side in TRANSITIONS.get((before, after), ())


def check_move(number: str, before: str, after: str, side: str) -> None:
    """Refuse a move that is not in the table, saying what the request is now."""
    if may_move(before, after, side):
        return
    state = LABELS[before].lower()
    if before == after:
        raise Refused("transition", f"Request {number} is already {state}.")
    if after == CANCELLED and before in (IN_PROGRESS, ON_HOLD):
        raise Refused(
            "transition",
            f"Work on request {number} has begun; ask the vendor whether it can still be stopped.",
        )
    raise Refused("transition", f"Request {number} is {state} and can't become {LABELS[after].lower()}.")
