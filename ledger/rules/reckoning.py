"""How the amounts of an event without a rule came about, in sentences: what was sold, used, billed, given back."""

from collections.abc import Mapping
from typing import Any

from core.money import Money
from ledger.rules.tax import percent_text, tax_records

Inputs = Mapping[str, Any]


def reckoned(kind: str, inputs: Inputs, currency: str) -> tuple[str, ...]:
    """Return the steps from what was stored with the event; what stored something else has none to show."""
    write = _KINDS.get(kind)

    def money(minor: int) -> str:
        return Money(minor, currency).format()

    try:
        return (*(write(inputs, money) if write else ()), *_tax(inputs, money), *_reversed(inputs, money))
    except KeyError:
        return ()


def _reversed(inputs: Inputs, money: Any) -> tuple[str, ...]:
    too_much = inputs.get("reversed_minor")
    if not too_much:
        return ()
    return (f"{money(too_much)} of the breakage booked would be more than is still open, and is reversed",)


def _tax(inputs: Inputs, money: Any) -> tuple[str, ...]:
    """What was taxed, line by line."""
    return tuple(
        f"{money(record.amount.tax_minor)} of {record.rate.code} at {percent_text(record.rate.percent)} on "
        f"{money(record.amount.base_minor)}"
        + (" given back" if record.units < 0 else "" if record.units else " kept")
        for record in tax_records(inputs)
    )


def _sale(inputs: Inputs, money: Any) -> tuple[str, ...]:
    price, discount = inputs["price_minor"], inputs["discount_minor"]
    less = f" less a discount of {money(discount)} = {money(price - discount)}" if discount else ""
    parts = (
        f"{money(part['amount_minor'])} of it for {part['service']}, by its stand-alone price of "
        f"{money(part['standalone_minor'])} a unit"
        for part in inputs["allocated"]
    )
    return (f"{inputs['quantity']} x {inputs['package']} for {money(price)}{less}", *parts)


def _upgrade(inputs: Inputs, money: Any) -> tuple[str, ...]:
    given = inputs["given"]
    paid = inputs["price_minor"] - inputs["discount_minor"] - given["amount_minor"]
    return (
        *_sale(inputs, money),
        f"{money(given['amount_minor'])} of it by what was open of the entitlement given, {money(paid)} paid",
    )


def _refund(inputs: Inputs, money: Any) -> tuple[str, ...]:
    unused = (
        f"{unit['quantity']} unused of {unit['service']} at their allocated price = {money(unit['amount_minor'])}"
        for unit in inputs["units"]
        if unit.get("quantity") is not None
    )
    allocated = sum(unit["amount_minor"] for unit in inputs["units"])
    kept = allocated - inputs.get("paid_minor", allocated)
    if not kept:
        return tuple(unused)
    return (*unused, *inputs["arithmetic"], f"The other {money(kept)} are modification revenue")


def _expiry(inputs: Inputs, money: Any) -> tuple[str, ...]:
    left = tuple(
        f"{unit['quantity']} left of {unit['service']}, {money(unit['amount_minor'])} open"
        for unit in inputs["units"]
    )
    before = inputs.get("booked_minor")
    return (*left, f"{money(before)} of it was taken as breakage before") if before else left


def _breakage(inputs: Inputs, money: Any) -> tuple[str, ...]:
    """A run; what a void released says only what is reversed."""
    if "target_minor" not in inputs:
        return ()
    return (
        f"{money(inputs['sold_minor'])} sold and neither refunded nor expired, {money(inputs['recognized_minor'])} of "
        f"it redeemed, {inputs['expected_percent']} % expected never to be used",
        f"So {money(inputs['target_minor'])} is to be booked, less {money(inputs['booked_minor'])} booked before = "
        f"{money(inputs['target_minor'] - inputs['booked_minor'])}",
    )


def _unclaimed(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return tuple(
        f"{money(item['amount_minor'])} of {item['entitlement']}, dormant since {item['dormant_on']}"
        for item in inputs["items"]
    )


def _charge(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return (f"{inputs['quantity']} x {inputs['service']} at list price = {money(inputs['price_minor'])}",)


def _bill(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return (f"{inputs['vendor']} billed {money(inputs['billed_minor'])} for {inputs['service']}",)


def _journal(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return ("Entered by hand, line by line",)


def _redemption(inputs: Inputs, money: Any) -> tuple[str, ...]:
    step = inputs.get("recognition")
    if not step:
        return ()
    used = step["used"] + inputs.get("units", inputs["quantity"])  # of credit, units are its minor units
    return (
        f"{used} of {step['units']} units used of {money(step['total_minor'])}, less {money(step['booked_minor'])} "
        f"recognized before = {money(inputs['recognized_minor'])}",
    )


def _revaluation(inputs: Inputs, money: Any) -> tuple[str, ...]:
    target, booked = inputs["target_minor"], inputs["booked_minor"]
    return (
        f"{Money(inputs['balance_minor'], inputs['currency'])} is left of balances in {inputs['currency']}",
        f"They gained {money(target)} since each came about, less {money(booked)} in the books = {money(target - booked)}",
    )


def _settlement(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return tuple(
        f"{code} gained {Money(gain['minor'], gain['currency'])} on {inputs['currency']} since what it settles came about"
        for code, gain in inputs.get("gains", {}).items()
    )


_KINDS = {
    "sale": _sale,
    "upgrade": _upgrade,
    "refund": _refund,
    "expiry": _expiry,
    "unclaimed_payment": _unclaimed,
    "breakage": _breakage,
    "charge": _charge,
    "vendor_bill": _bill,
    "journal": _journal,
    "redemption": _redemption,
    "revaluation": _revaluation,
    "settlement": _settlement,
}
