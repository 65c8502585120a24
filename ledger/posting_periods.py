"""Periods in the database: the only caller of the functions that mark and reopen them; `ledger.posting` closes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import DatabaseError, connection

from core.actors import Actor
from core.refusals import refusal_of


def soft_close_period(organization_ids: Sequence[int], month: date, actor: Actor) -> int:
    """Mark a month of organizations as done; returns how many were marked. Nobody is stopped by it."""
    return _number(
        "SELECT posting.soft_close_period(%s::bigint[], %s, %s, %s, %s)",
        [list(organization_ids), month, actor.kind, actor.id, actor.label],
    )


def reopen_period(request_id: int, organization_ids: Sequence[int], note: str, actor: Actor) -> int:
    """Approve a request and open what it asks for; returns how many books opened. Waits for postings and closings."""
    return _number(
        "SELECT posting.reopen_period(%s, %s::bigint[], %s, %s, %s, %s)",
        [request_id, list(organization_ids), note, actor.kind, actor.id, actor.label],
    )


def _number(statement: str, parameters: list[Any]) -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error
