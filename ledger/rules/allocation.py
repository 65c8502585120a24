"""Allocating a transaction price to the services it buys (IFRS 15.74-86)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ledger.rules.split import split


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount in minor units that observably belongs to some services only (IFRS 15.82)."""

    amount_minor: int
    services: tuple[str, ...]


def standalone_weights(lines: Mapping[str, tuple[int, int]], packages: int = 1) -> dict[str, int]:
    """Return {service: quantity x unit stand-alone price in minor units} over all packages sold.

    `lines` maps a service code to (quantity in one package, unit stand-alone price in minor units).
    """
    return {service: packages * quantity * unit for service, (quantity, unit) in lines.items()}


def allocate(
    price_minor: int,
    weights: Mapping[str, Fraction | int],
    discounts: Sequence[Discount] = (),
) -> dict[str, int]:
    """Allocate the price of everything sold, once, by stand-alone selling price: {service: minor units}.

    `price_minor` is what the patient owes after all discounts. A discount of `discounts` lowers the
    services it names and no other; any other discount lies in the price and so is spread over all.
    Raises ValueError when a discount names an unknown service or exceeds what its services are worth.
    """
    for discount in discounts:
        if not discount.services or not set(discount.services) <= set(weights):
            raise ValueError("A discount must name services that are sold.")
    parts = split(price_minor + sum(discount.amount_minor for discount in discounts), weights)
    for discount in discounts:
        named = {service: weights[service] for service in discount.services}
        for service, lowered in split(discount.amount_minor, named).items():
            parts[service] -= lowered
            if parts[service] < 0:
                raise ValueError(f"The discount exceeds the price of {service}.")
    return parts
