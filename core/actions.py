"""The action decorator: permission, transaction, audit, events on commit, constraints made immediate.

An action is written with an `Act` first and its target second, and called with an actor first::

    @action("organization:move", audit="organization.moved")
    def move_organization(act: Act, organization: Organization, *, to: Organization) -> Organization: ...

    move_organization(actor, organization, to=region)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import connection, models, transaction

from core.access import organization_of, require
from core.actors import Actor
from core.errors import Refused
from core.ports import AuditRecord, socket
from core.refusals import refusals
from core.tenancy.binding import forget

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Act:
    """One action under way: who acts, and what the audit trail and the outbox will say of it."""

    actor: Actor
    verb: str
    subject: Any = None
    organization_id: int | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    silent: bool = False

    def changed(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Record old and new values, leaving out what is equal."""
        self.old |= {key: value for key, value in old.items() if new.get(key) != value}
        self.new |= {key: value for key, value in new.items() if old.get(key) != value}

    def about(self, subject: Any) -> None:
        """The record that the audit line names, when it is not the target."""
        self.subject = subject

    def emit(self, topic: str, **ids: int) -> None:
        """Put an event into the outbox, in the same transaction."""
        self.events.append((topic, ids))

    def nothing_happened(self) -> None:
        """A repeated call found its first result: nothing to audit."""
        self.silent = True


def action(
    permission: str, *, audit: str
) -> Callable[[Callable[Concatenate[Act, T, P], R]], Callable[Concatenate[Actor, T, P], R]]:
    """Make a function an action. `permission` is checked on the target's organization."""

    def decorate(body: Callable[Concatenate[Act, T, P], R]) -> Callable[Concatenate[Actor, T, P], R]:
        @wraps(body)
        def run(actor: Actor, target: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor, permission, target)
            act = Act(actor, audit, subject=target, organization_id=organization_of(target))
            try:
                with refusals(), transaction.atomic():
                    result = body(act, target, *args, **kwargs)
                    _finish(act)
                    check_constraints_now()
            finally:
                forget()  # what was read before may not hold any more; after a refusal, nor what was read inside
            return result

        run.action = (permission, audit)  # type: ignore[attr-defined]
        return run

    return decorate


def check_constraints_now() -> None:
    """Fire deferred constraints here, where a refusal can still become the person's error, not at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _finish(act: Act) -> None:
    if act.silent:
        return
    subject = act.subject
    is_record = isinstance(subject, models.Model)
    socket.audit.append(
        AuditRecord(
            actor=act.actor,
            verb=act.verb,
            subject_type=subject._meta.label_lower if is_record else "",
            subject_id=subject.pk if is_record else None,
            organization_id=act.organization_id,
            old=act.old,
            new=act.new,
        )
    )
    for topic, ids in act.events:
        socket.outbox.put(topic, ids)


__all__ = ["Act", "Refused", "action", "check_constraints_now"]
