"""Settling what organizations owe one another: one event each time, for whoever keeps the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from core.actions import Act
from ledger.actions.command import Command, begin, post_command
from ledger.models import LedgerEvent
from ledger.rules.lines import Line

if TYPE_CHECKING:
    from orgs.models import Organization


def begin_settlement(act: Act, key: str, asked: Mapping[str, Any]) -> LedgerEvent | None:
    """The event that an earlier call with this key posted; concurrent ones wait here. Refuses `idempotency_conflict`."""
    return begin(act, _command(key, asked))


def post_settlement(
    act: Act,
    organization: Organization,
    *,
    key: str,
    asked: Mapping[str, Any],
    on: date,
    lines: Sequence[Line],
    inputs: Mapping[str, Any],
) -> LedgerEvent:
    """Post one settlement inside the caller's action; nothing of entitlements moves.

    Refusals: `unbalanced`, `not_mirrored`, `period_closed` at any organization of a line.
    """
    return post_command(
        act, _command(key, asked), organization_id=organization.pk, on=on, lines=lines, inputs=inputs
    )


def _command(key: str, asked: Mapping[str, Any]) -> Command:
    return Command(LedgerEvent.Kind.SETTLEMENT, key, asked)
