"""Refusals by the database, in the words of the person who caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from core.errors import Refused

_by_constraint: dict[str, Refused] = {}


def constraint_says(name: str, code: str, message: str, *, field: str = "") -> None:
    """Declare what a violated constraint means to a person."""
    _by_constraint[name] = Refused(code, message, field=field)


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal by the database inside becomes the person's error; a fault of ours stays one."""
    try:
        yield
    except DatabaseError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def refusal_of(error: DatabaseError) -> Refused | None:
    """The refusal behind a database error, or None when it is a fault of ours.

    Our own functions raise SQLSTATE 'CT001' with the message and the stable code in DETAIL.
    """
    cause = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is None:
        return None
    if diagnosis.sqlstate == "CT001":
        return Refused(diagnosis.message_detail or "not_permitted", diagnosis.message_primary or "")
    known = _by_constraint.get(diagnosis.constraint_name or "")
    return Refused(known.code, known.message, field=known.field) if known else None
