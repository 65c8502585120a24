"""Why this amount: the rule and its version, what went in, the arithmetic, and who activated it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.money import Money
from ledger.models import JournalLine, LedgerEvent, RuleVersion
from ledger.queries.replay import is_computed, replay
from ledger.queries.rule import sentence_of
from ledger.rules.exchange import exchange_of
from ledger.rules.lines import Reason, Reasons, What
from ledger.rules.reason_words import reason_words
from ledger.rules.reckoning import reckoned
from people.queries.user import names_of


@dataclass(frozen=True)
class Why:
    """The explanation of one event, for a page: what went in, how it was reckoned, and what a rule made of it."""

    rule: str = ""
    version: int | None = None
    sentence: str = ""
    activated_by: str = ""
    activated_at: datetime | None = None
    voids: str = ""
    reckoned: tuple[str, ...] = ()
    arithmetic: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Term:
    """One term of a line's amount in sentences; on the side of the line it is positive."""

    words: tuple[str, ...]
    amount: Money


@dataclass(frozen=True)
class LineWhy:
    """The explanation of one line: `terms` sum to its amount, and `by_rule` says whether a rule had a part in it.

    There are none where its event was posted without what it was computed from.
    """

    line: JournalLine
    terms: tuple[Term, ...]
    by_rule: bool


def explain(event: LedgerEvent) -> Why:
    """Why an event's lines are what they are; a void is explained by what it voids."""
    told = event.voids if event.voids is not None else event
    inputs = told.inputs
    voids = f"The exact opposite of event {told.pk}, which it voids: {event.inputs.get('reason', '')}"
    exchanged = (f"Exchanged at {rate.words}" for rate in exchange_of(inputs))
    said = Why(
        voids=voids if event.voids is not None else "",
        reckoned=(*_reckoned(told), *exchanged),
    )
    shown = () if told.kind == LedgerEvent.Kind.SETTLEMENT else _shown(inputs)
    version = told.rule_version
    if version is None:
        return replace(said, inputs=shown)
    return replace(
        said,
        rule=version.rule.code,
        version=version.number,
        sentence=sentence_of(version),
        activated_by=_activator(version),
        activated_at=version.activated_at,
        arithmetic=tuple(inputs.get("arithmetic", ())),
        inputs=shown,
    )


def explain_line(line: JournalLine) -> LineWhy:
    """Why one line's amount is what it is: the reasons that it was computed from, computed again."""
    event = line.event
    told = event.voids if event.voids is not None else event
    side = 1 if line.amount_minor > 0 else -1
    try:
        stated = reasons_of(line)
        terms = tuple(
            Term(
                reason_words(each, told.inputs, line.currency), Money(side * each.amount_minor, line.currency)
            )
            for each in stated
        )
    except KeyError:
        return LineWhy(line, (), by_rule=False)
    return LineWhy(line, terms, any(each.what is What.SHARE for each in stated))


def reasons_of(line: JournalLine) -> Reasons:
    """The reasons that a line's amount is the sum of; what was entered by hand has one."""
    if not is_computed(line.event):
        return (Reason(What.ENTERED, line.amount_minor),)
    return replay(line.event)[line.line_no - 1].reasons


def _reckoned(event: LedgerEvent) -> tuple[str, ...]:
    """What was posted without what an action stores has nothing to show."""
    try:
        return reckoned(event.kind, event.inputs, _currency(event))
    except KeyError:
        return ()


_SHOWN = {
    "package": "Package",
    "service": "Service",
    "quantity": "Quantity",
    "vendor": "Vendor",
    "method": "Paid by",
    "payee": "Paid to",
    "reference": "Reference",
    "reason": "Reason",
}


def _shown(inputs: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (label, str(inputs[name])) for name, label in _SHOWN.items() if inputs.get(name) not in (None, "")
    )


def _activator(version: RuleVersion) -> str:
    if version.activated_by_id is None:
        return "the system"
    return names_of([version.activated_by_id]).get(version.activated_by_id, "")


def _currency(event: LedgerEvent) -> str:
    """That of whoever owes the care, else of the books in which it began."""
    parties, holder_id = event.inputs.get("parties", {}), event.inputs.get("holder")
    holder = next((fact["currency"] for fact in parties.values() if fact["id"] == holder_id), "")
    return holder or event.organization.currency
