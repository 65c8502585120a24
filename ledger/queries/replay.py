"""Computing posted lines again from what their event stored, each with the reasons that its amount is the sum of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.models import LedgerEvent
from ledger.rules import events
from ledger.rules.accounts import Account
from ledger.rules.distribution import Amounts, Distribution, Parties, distribute
from ledger.rules.exchange import exchange_cash, exchange_of, factor_of, gain_lines
from ledger.rules.lines import Kind, Line, Organization
from ledger.rules.stored import load_outcome
from ledger.rules.tax import net_charged, tax_due, tax_records
from ledger.rules.terms import Event, Rule

_ELSEWHERE: dict[str, Callable[[LedgerEvent], tuple[Line, ...]]] = {}


def add_replay(kind: str, replay_of: Callable[[LedgerEvent], tuple[Line, ...]]) -> None:
    """Let an app above compute the lines of a kind of event whose inputs it keeps."""
    _ELSEWHERE[kind] = replay_of


def is_computed(event: LedgerEvent) -> bool:
    """Whether what an event posted, or the one that it voids, was computed; else it was entered by hand."""
    kind = (event.voids or event).kind
    return kind in _REPLAYS or kind in _ELSEWHERE or kind == LedgerEvent.Kind.REVALUATION


def replay(event: LedgerEvent) -> tuple[Line, ...]:
    """The lines that the stored inputs and the stored rule version give: always those that were posted.

    A manual journal has nothing to be computed from and is refused with ValueError.
    """
    if event.voids is not None:
        return events.void(replay(event.voids))
    if elsewhere := _ELSEWHERE.get(event.kind):
        return elsewhere(event)
    if event.kind == LedgerEvent.Kind.REVALUATION:
        step = event.inputs["target_minor"] - event.inputs["booked_minor"]
        return gain_lines(event.organization_id, event.organization.currency, step)
    if not is_computed(event):
        raise ValueError(f"A {event.get_kind_display().lower()} is not computed.")
    parties = {
        code: Organization(fact["id"], code, Kind(fact["kind"]), fact["group"], fact["currency"])
        for code, fact in event.inputs["parties"].items()
    }
    lines = _REPLAYS[LedgerEvent.Kind(event.kind)](event, parties)
    homes = {party.id: party.currency for party in parties.values()}
    lines = exchange_cash(lines, homes, factor_of(exchange_of(event.inputs)))
    reversed_minor = event.inputs.get("reversed_minor", 0)
    if not reversed_minor:
        return lines
    holder = _by_id(parties, event.inputs.get("holder", event.organization_id))
    return (*lines, *events.reversed_breakage(holder, reversed_minor))


def _distribution(event: LedgerEvent, parties: Mapping[str, Organization]) -> Distribution | None:
    version = event.rule_version
    if version is None:
        return None
    said = event.inputs["inputs"]
    codes = {party.id: code for code, party in parties.items()}
    rule = Rule(
        code=version.rule.code,
        event=Event(version.event),
        outcome=load_outcome(version.outcome, codes),
        version=version.number,
    )
    servicing = parties[said["servicing"]]
    return distribute(
        rule,
        Parties(
            servicing=servicing,
            parent=next((each for each in parties.values() if each.kind is Kind.PARENT), servicing),
            holder=parties[said["holder"]] if "holder" in said else None,
            ordering=parties[said["ordering"]] if "ordering" in said else None,
            named=parties,
        ),
        Amounts(
            currency=said["currency"],
            quantity=said["quantity"],
            allocated_minor=said.get("allocated_minor"),
            list_minor=said.get("list_minor"),
            sale_minor=said.get("sale_minor"),
            volume_before=said.get("volume_before", 0),
        ),
    )


def _by_id(parties: Mapping[str, Organization], organization_id: int) -> Organization:
    return next(each for each in parties.values() if each.id == organization_id)


def _sale(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    allocated = [part["amount_minor"] for part in event.inputs["allocated"]]
    holder = _by_id(parties, event.inputs["holder"])
    return events.sale(
        holder,
        _by_id(parties, event.organization_id),
        allocated,
        _distribution(event, parties),
        tax_due(event.inputs),
    )


def _upgrade(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    inputs = event.inputs
    taxes = [(record.units, record.amount.tax_minor) for record in tax_records(inputs)]
    return events.upgrade(
        _by_id(parties, inputs["holder"]),
        _by_id(parties, event.organization_id),
        [part["amount_minor"] for part in inputs["given"]["units"]],
        [part["amount_minor"] for part in inputs["allocated"]],
        _distribution(event, parties),
        sum(minor for units, minor in taxes if units > 0),
        -sum(minor for units, minor in taxes if units <= 0),
    )


def _redemption(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    servicing = _by_id(parties, event.organization_id)
    redeemed = events.redemption(
        _by_id(parties, event.inputs["holder"]),
        servicing,
        event.inputs["recognized_minor"],
        _distribution(event, parties),
        tax_due(event.inputs),
    )
    return (*redeemed, *rest_lines(event.inputs, servicing))


def rest_lines(inputs: Mapping[str, Any], servicing: Organization) -> tuple[Line, ...]:
    """What a redemption took beside credit, if anything."""
    rest = inputs.get("rest")
    return events.rest(servicing, rest["net_minor"], rest["paid_minor"] - rest["net_minor"]) if rest else ()


def _refund(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    steps = [part["amount_minor"] for part in event.inputs["units"]]
    return events.refund(
        _by_id(parties, event.inputs["holder"]),
        _by_id(parties, event.organization_id),
        steps,
        event.inputs.get("paid_minor"),
        -tax_due(event.inputs),
    )


def _expiry(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    inputs = event.inputs
    open_minor = [part["amount_minor"] for part in inputs["units"]]
    holder = _by_id(parties, inputs["holder"])
    return events.expiry(holder, open_minor, inputs.get("booked_minor", 0), Account(inputs["account"]))


def _breakage(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    """A run; what a void released has nothing but what it reversed."""
    change = event.inputs.get("target_minor", 0) - event.inputs.get("booked_minor", 0)
    return events.breakage(_by_id(parties, event.organization_id), change)


def _unclaimed(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    items = [item["amount_minor"] for item in event.inputs["items"]]
    return events.unclaimed_payment(_by_id(parties, event.organization_id), items)


def _charge(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    servicing = _by_id(parties, event.organization_id)
    return events.charge(
        servicing, net_charged(event.inputs), _distribution(event, parties), tax_due(event.inputs)
    )


def _bill(event: LedgerEvent, parties: Mapping[str, Organization]) -> tuple[Line, ...]:
    ordering, vendor = _by_id(parties, event.organization_id), parties[event.inputs["vendor"]]
    return events.vendor_bill(ordering, vendor, event.inputs["billed_minor"], _distribution(event, parties))


_REPLAYS = {
    LedgerEvent.Kind.SALE: _sale,
    LedgerEvent.Kind.UPGRADE: _upgrade,
    LedgerEvent.Kind.REDEMPTION: _redemption,
    LedgerEvent.Kind.REFUND: _refund,
    LedgerEvent.Kind.EXPIRY: _expiry,
    LedgerEvent.Kind.UNCLAIMED_PAYMENT: _unclaimed,
    LedgerEvent.Kind.BREAKAGE: _breakage,
    LedgerEvent.Kind.CHARGE: _charge,
    LedgerEvent.Kind.VENDOR_BILL: _bill,
}
