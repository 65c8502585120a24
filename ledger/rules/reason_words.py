"""Each reason of a line's amount in sentences, from what was stored with the event: the steps, with what was rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from core import locale
from core.money import Money
from ledger.rules.arithmetic import rounded_words
from ledger.rules.exchange import exchange_of
from ledger.rules.lines import Reason, What
from ledger.rules.payment import payment_label
from ledger.rules.split import split
from ledger.rules.tax import TaxRecord, percent_text, tax_records

Inputs = Mapping[str, Any]


def reason_words(reason: Reason, inputs: Inputs, currency: str) -> tuple[str, ...]:
    """Why so much, in sentences; amounts are in the currency of the line."""
    return tuple(_WORDS[reason.what](reason, inputs, currency))


def allocated_words(inputs: Inputs, at: int, currency: str) -> list[str]:
    """How the price of everything sold came to one of its lines, and what of that is tax."""
    parts = inputs["allocated"]
    weights = {part["service"]: part["units"] * part["standalone_minor"] for part in parts}
    asked, own = inputs["price_minor"] - inputs["discount_minor"], parts[at]
    weight, whole = weights[own["service"]], sum(weights.values())
    share = split(asked, weights)[own["service"]]
    exact = Fraction(asked * weight, whole) if whole else Fraction(0)
    told = [
        f"{_named(own['service'])}: {_units(own['units'], own['service'], currency)} at a stand-alone price of "
        f"{_money(own['standalone_minor'], currency)} a unit = {_money(weight, currency)} of {_money(whole, currency)} "
        f"in all, so of the {_money(asked, currency)} asked: "
        f"{rounded_words(exact, share, currency, by_remainder=True)}"
    ]
    if tax := own["amount_minor"] - share:
        what = "with tax on top that is due when it is redeemed" if tax > 0 else "less the tax in it"
        told.append(f"{what}, {_money(abs(tax), currency)} = {_money(own['amount_minor'], currency)}")
    return told


def recognized_words(step: Mapping[str, Any], taken: int, minor: int, currency: str) -> str:
    """One cumulative step: what all units used so far come to, less what was booked before."""
    units = "credit" if step["credit"] else ""
    used = step["used"] + taken
    due = minor + step["booked_minor"]
    exact = Fraction(step["total_minor"] * used, step["units"])
    return (
        f"{_money(step['total_minor'], currency)} x {_number(used, units, currency)} of "
        f"{_units(step['units'], units, currency)}{' of credit' if units else ''} used = "
        f"{rounded_words(exact, due, currency)}, less {_money(step['booked_minor'], currency)} before = "
        f"{_money(minor, currency)}"
    )


def unused_words(unit: Mapping[str, Any], currency: str) -> str:
    return (
        f"{_named(unit['service'])}, {_units(unit['quantity'], unit['service'], currency)} unused: "
        f"{recognized_words(unit['recognition'], unit['quantity'], unit['amount_minor'], currency)}"
    )


def left_words(unit: Mapping[str, Any], currency: str) -> str:
    return (
        f"{_named(unit['service'])}, {_units(unit['quantity'], unit['service'], currency)} left: "
        f"{_money(unit['amount_minor'], currency)} open"
    )


def unclaimed_words(item: Mapping[str, Any], currency: str) -> str:
    dormant = locale.day(date.fromisoformat(item["dormant_on"]))
    return f"{_money(item['amount_minor'], currency)} of {item['entitlement']}, dormant since {dormant}"


def breakage_words(inputs: Inputs, currency: str) -> list[str]:
    target, booked = inputs["target_minor"], inputs["booked_minor"]
    return [
        f"{_money(inputs['sold_minor'], currency)} sold and neither refunded nor expired, "
        f"{_money(inputs['recognized_minor'], currency)} of it redeemed, {inputs['expected_percent']} % expected never "
        "to be used",
        f"So {_money(target, currency)} is to be booked, less {_money(booked, currency)} booked before = "
        f"{_money(target - booked, currency)}",
    ]


def tax_words(record: TaxRecord, currency: str) -> str:
    about = " given back" if record.units < 0 else "" if record.units else " kept"
    return (
        f"{_money(record.amount.tax_minor, currency)} of {record.rate.code} at {percent_text(record.rate.percent)} on "
        f"{_money(record.amount.base_minor, currency)}{about}"
    )


def gain_words(inputs: Inputs, currency: str, organization_id: int | None = None) -> list[str]:
    """Of a revaluation; a settlement says of each organization, or of one, what it gained."""
    if "target_minor" in inputs:
        target, booked = inputs["target_minor"], inputs["booked_minor"]
        return [
            f"{Money(inputs['balance_minor'], inputs['currency'])} is left of balances in {inputs['currency']}",
            f"They gained {_money(target, currency)} since each came about, less {_money(booked, currency)} in the books = "
            f"{_money(target - booked, currency)}",
        ]
    return [
        f"{code} gained {Money(gain['minor'], gain['currency'])} on {inputs['currency']} since what it settles came about"
        for code, gain in inputs["gains"].items()
        if organization_id in (None, gain["organization"])
    ]


def reversed_words(minor: int, currency: str) -> str:
    return f"{_money(abs(minor), currency)} of the breakage booked would be more than is still open, and is reversed"


def _exchanged(reason: Reason, inputs: Inputs, currency: str) -> list[str]:
    assert isinstance(reason.of, Money)
    rate = next(
        rate for rate in exchange_of(inputs) if {rate.base, rate.quote} == {reason.of.currency, currency}
    )
    cash = abs(reason.of)
    exact = cash.minor * rate.factor(cash.currency, currency)
    return [f"{cash} at {rate.words} = {rounded_words(exact, abs(reason.amount_minor), currency)} {currency}"]


def _booked(reason: Reason, inputs: Inputs, currency: str) -> list[str]:
    return [f"{_money(abs(reason.amount_minor), currency)} of it was taken as breakage before"]


def _price(reason: Reason, inputs: Inputs, currency: str) -> list[str]:
    price, net = inputs["price_minor"], inputs.get("net_minor", inputs["price_minor"])
    told = [f"{inputs['quantity']} x {inputs['service']} at list price = {_money(price, currency)}"]
    return told if net == price else [*told, f"less the tax in it = {_money(net, currency)}"]


def rest_words(inputs: Inputs) -> list[str]:
    """What credit did not pay of a price, how that was paid, and what of it is no tax."""
    rest = inputs["rest"]
    unit, paid_in = rest["price_currency"], rest["currency"]
    price, credit = Money(rest["price_minor"], unit), Money(rest["credit_minor"], unit)
    paid = Money(rest["paid_minor"], paid_in)
    told = [
        f"{inputs['quantity']} x {inputs['service']} at list price = {price.format()}, of which credit pays "
        f"{credit.format()} and the patient {(price - credit).format()}"
    ]
    if unit != paid_in:
        rate = next(one for one in exchange_of(inputs) if {one.base, one.quote} == {unit, paid_in})
        exact = (price - credit).minor * rate.factor(unit, paid_in)
        told.append(
            f"{price - credit} at {rate.words} = {rounded_words(exact, paid.minor, paid_in)} {paid_in}"
        )
    ways = (
        f"{payment_label(one['method']).lower()} {_money(one['amount_minor'], paid_in)}"
        for one in rest["payments"]
    )
    told.append(f"Paid by {', '.join(ways)}")
    if rest["net_minor"] != rest["paid_minor"]:
        told.append(f"less the tax in it = {_money(rest['net_minor'], paid_in)}")
    return told


def _tax(reason: Reason, inputs: Inputs, currency: str) -> list[str]:
    of_rest = reason.what is What.REST_TAX
    return [
        tax_words(record, currency)
        for record in tax_records(inputs)
        if record.units > 0 and record.of_rest == of_rest
    ]


def _tax_back(reason: Reason, inputs: Inputs, currency: str) -> list[str]:
    return [tax_words(record, currency) for record in tax_records(inputs) if record.units <= 0]


def _number_of(reason: Reason) -> int:
    """Its place among several, or whose it is."""
    assert isinstance(reason.of, int)
    return reason.of


def _named(code: str) -> str:
    word, colon, category = code.partition(":")
    return code if not colon else f"{word} for {category}" if category else word


def _units(units: int, code: str, currency: str) -> str:
    return _money(units, currency) if code.startswith("credit") else locale.counted(units, "unit")


def _number(units: int, code: str, currency: str) -> str:
    return _money(units, currency) if code.startswith("credit") else locale.number(units)


def _money(minor: int, currency: str) -> str:
    return Money(minor, currency).format()


_WORDS: Mapping[What, Callable[[Reason, Inputs, str], list[str]]] = {
    What.ALLOCATED: lambda why, inputs, currency: allocated_words(inputs, _number_of(why), currency),
    What.GIVEN: lambda why, inputs, currency: [
        left_words(inputs["given"]["units"][_number_of(why)], currency)
    ],
    What.RECOGNIZED: lambda why, inputs, currency: [
        recognized_words(
            inputs["recognition"],
            inputs.get("units", inputs["quantity"]),
            inputs["recognized_minor"],
            currency,
        )
    ],
    What.UNUSED: lambda why, inputs, currency: [unused_words(inputs["units"][_number_of(why)], currency)],
    What.PAID_BACK: lambda why, inputs, currency: list(inputs["arithmetic"]),
    What.OPEN: lambda why, inputs, currency: [left_words(inputs["units"][_number_of(why)], currency)],
    What.BOOKED: _booked,
    What.BREAKAGE: lambda why, inputs, currency: breakage_words(inputs, currency),
    What.REVERSED: lambda why, inputs, currency: [reversed_words(why.amount_minor, currency)],
    What.UNCLAIMED: lambda why, inputs, currency: [unclaimed_words(inputs["items"][why.of], currency)],
    What.PRICE: _price,
    What.BILLED: lambda why, inputs, currency: [
        f"{inputs['vendor']} billed {_money(inputs['billed_minor'], currency)} for {inputs['service']}"
    ],
    What.REST: lambda why, inputs, currency: rest_words(inputs),
    What.REST_TAX: _tax,
    What.TAX: _tax,
    What.TAX_BACK: _tax_back,
    What.SHARE: lambda why, inputs, currency: [why.of() if callable(why.of) else str(why.of)],
    What.EXCHANGED: _exchanged,
    What.GAIN: lambda why, inputs, currency: gain_words(inputs, currency, _number_of(why)),
    What.NETTED: lambda why, inputs, currency: [
        f"The opposite of {why.of} on this account that settlement {inputs['run']} nets"
    ],
    What.PAYMENT: lambda why, inputs, currency: [f"Payment {why.of}"],
    What.OUTSTANDING: lambda why, inputs, currency: [
        f"The change of what is outstanding of payment {why.of}"
    ],
    What.ENTERED: lambda why, inputs, currency: [f"Entered by hand: {inputs['reason']}"],
}
