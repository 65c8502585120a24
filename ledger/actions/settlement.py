"""Settling what organizations owe one another: one event each time, for whoever keeps the runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from core.actions import Act
from ledger.actions.command import Command, begin, post_command, rules_refuse
from ledger.models import LedgerEvent
from ledger.queries.exchange import History, Rates
from ledger.queries.party import parties_of
from ledger.rules.exchange import Position, difference, gain_lines
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
    closed: Callable[[Collection[int]], Sequence[Position]],
) -> LedgerEvent:
    """Post one settlement, all of it in one currency, inside the caller's action; nothing of entitlements moves.

    Whoever keeps another currency pays and is paid in its own, and books what the rate gained or lost since what it
    settles came about: `closed` says that of some organizations. Refusals: `currency_mismatch` without a rate,
    `unbalanced`, `not_mirrored`, `period_closed` at any organization of a line.
    """
    with rules_refuse():
        exchanged, stored = _exchanged(lines, on, closed)
    return post_command(
        act,
        _command(key, asked),
        organization_id=organization.pk,
        on=on,
        lines=exchanged,
        inputs={**inputs, **stored},
    )


def _exchanged(
    lines: Sequence[Line], on: date, closed: Callable[[Collection[int]], Sequence[Position]]
) -> tuple[Sequence[Line], dict[str, Any]]:
    parties = parties_of({each.organization_id for each in lines}, on)
    foreign = {
        each.organization_id: each.currency
        for each in lines
        if parties[each.organization_id].currency != each.currency
    }
    if not foreign:
        return lines, {}
    rates = Rates(on)
    exchanged = list(rates.exchange(lines, parties.values()))
    positions = closed(foreign)
    histories: dict[str, History] = {}
    gains: dict[str, dict[str, str | int]] = {}
    for pk, currency in sorted(foreign.items()):
        one = parties[pk]
        history = histories.setdefault(one.currency, History(currency, one.currency, on))
        amounts = [
            (each.amount_minor, history.factor(each.since))
            for each in positions
            if each.organization_id == pk
        ]
        gain = difference(amounts, rates.factor(currency, one.currency))
        gains[one.code] = {"organization": pk, "minor": gain, "currency": one.currency}
        exchanged += gain_lines(pk, one.currency, gain)
    return exchanged, {**rates.inputs, "currency": next(iter(foreign.values())), "gains": gains}


def _command(key: str, asked: Mapping[str, Any]) -> Command:
    return Command(LedgerEvent.Kind.SETTLEMENT, key, asked)
