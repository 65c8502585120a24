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
        return (*write(inputs, money), *_tax(inputs, money)) if write else ()
    except KeyError:
        return ()


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


def _refund(inputs: Inputs, money: Any) -> tuple[str, ...]:
    return tuple(
        f"{unit['quantity']} unused of {unit['service']} at their allocated price = {money(unit['amount_minor'])}"
        for unit in inputs["units"]
        if unit.get("quantity") is not None
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
    used = step["used"] + inputs["quantity"]
    return (
        f"{used} of {step['units']} units used of {money(step['total_minor'])}, less {money(step['booked_minor'])} "
        f"recognized before = {money(inputs['recognized_minor'])}",
    )


_KINDS = {
    "sale": _sale,
    "refund": _refund,
    "charge": _charge,
    "vendor_bill": _bill,
    "journal": _journal,
    "redemption": _redemption,
}
