"""How the amounts of an event came about without a rule, in sentences: what was sold, used, billed, given back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import locale
from core.money import Money
from ledger.rules.lines import Reason, What
from ledger.rules.reason_words import (
    allocated_words,
    breakage_words,
    gain_words,
    left_words,
    reason_words,
    rest_words,
    reversed_words,
    tax_words,
    unclaimed_words,
    unused_words,
)
from ledger.rules.tax import tax_records

Inputs = Mapping[str, Any]


def reckoned(kind: str, inputs: Inputs, currency: str) -> tuple[str, ...]:
    """Return the steps from what was stored with the event; a kind that computes nothing has none to show."""
    write = _KINDS.get(kind)
    too_much = inputs.get("reversed_minor")
    return (
        *(write(inputs, currency) if write else ()),
        *(tax_words(record, record.currency) for record in tax_records(inputs)),
        *([reversed_words(too_much, currency)] if too_much else []),
    )


def _sale(inputs: Inputs, currency: str) -> list[str]:
    price, discount = Money(inputs["price_minor"], currency), Money(inputs["discount_minor"], currency)
    less = f" less a discount of {discount.format()} = {(price - discount).format()}" if discount else ""
    parts = [told for at in range(len(inputs["allocated"])) for told in allocated_words(inputs, at, currency)]
    return [f"{inputs['quantity']} x {inputs['package']} for {price.format()}{less}", *parts]


def _upgrade(inputs: Inputs, currency: str) -> list[str]:
    given = inputs["given"]
    paid = (
        inputs["price_minor"] - inputs["discount_minor"] + inputs["tax_added_minor"] - given["amount_minor"]
    )
    return [
        *_sale(inputs, currency),
        f"{Money(given['amount_minor'], currency).format()} of it by what was open of the entitlement given, "
        f"{Money(paid, currency).format()} paid",
    ]


def _refund(inputs: Inputs, currency: str) -> list[str]:
    unused = [unused_words(unit, currency) for unit in inputs["units"]]
    return [*unused, *inputs["arithmetic"]]


def _expiry(inputs: Inputs, currency: str) -> list[str]:
    left = [left_words(unit, currency) for unit in inputs["units"]]
    before = Money(inputs.get("booked_minor", 0), currency)
    return [*left, f"{before.format()} of it was taken as breakage before"] if before else left


def _breakage(inputs: Inputs, currency: str) -> list[str]:
    """A run; what a void released says only what is reversed."""
    return breakage_words(inputs, currency) if "target_minor" in inputs else []


def _unclaimed(inputs: Inputs, currency: str) -> list[str]:
    return [unclaimed_words(item, currency) for item in inputs["items"]]


def _redemption(inputs: Inputs, currency: str) -> list[str]:
    recognized = list(reason_words(Reason(What.RECOGNIZED, 0), inputs, currency))
    return [*recognized, *rest_words(inputs)] if "rest" in inputs else recognized


def _said(what: What) -> Any:
    """Of a kind whose amounts have one reason."""
    return lambda inputs, currency: reason_words(Reason(what, 0), inputs, currency)


def _settlement(inputs: Inputs, currency: str) -> list[str]:
    gained = gain_words(inputs, currency) if inputs.get("gains") else []
    if "bounces" in inputs:
        return [f"Payment {inputs['payment']} of settlement {inputs['run']} came back", *gained]
    return [
        f"Settlement {inputs['run']}: what was owed is taken off, and what was paid or is still to be paid stands instead",
        *gained,
    ]


def _changed(inputs: Inputs, currency: str) -> list[str]:
    """A transfer, an extension or a freeze: it moves no amount."""
    before, after = inputs["before"], inputs["after"]
    told = ["What is left of the entitlement stays as it is: no amount moves"]
    if before["patient"] != after["patient"]:
        told.append("It is another patient's from then on")
    if before["expires_on"] != after["expires_on"]:
        told.append(
            f"Usable until {_day(before['expires_on'])} before, until {_day(after['expires_on'])} now"
        )
    if after["frozen_on"]:
        told.append(f"Frozen from {_day(after['frozen_on'])} until {_day(after['frozen_until'])}")
    return told


def _day(iso: str | None) -> str:
    return locale.day(date.fromisoformat(iso)) if iso else "without end"


_KINDS: Mapping[str, Any] = {
    "sale": _sale,
    "upgrade": _upgrade,
    "refund": _refund,
    "expiry": _expiry,
    "unclaimed_payment": _unclaimed,
    "breakage": _breakage,
    "charge": _said(What.PRICE),
    "vendor_bill": _said(What.BILLED),
    "journal": _said(What.ENTERED),
    "redemption": _redemption,
    "revaluation": gain_words,
    "settlement": _settlement,
    "transfer": _changed,
    "extension": _changed,
    "freeze": _changed,
}
