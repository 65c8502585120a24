"""The demo's prepaid credit: an amount for any service, used as far as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.redemption import Rest, redeem
from ledger.actions.sale import Payment, sell_package
from ledger.queries.catalog import services_for
from ledger.queries.entitlement import lines_of
from network.demo.commerce import Staff, money

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


def build_credit(staff: Staff, organizations: dict[str, Organization], patients: list[Patient]) -> None:
    """5,000.00 of credit for 4,500.00: one has used it up and paid the rest by card, one has most of it."""
    offer = Offer(
        name="Care credit",
        price=money("4500.00"),
        parts=[Part.credit(money("5000.00"))],
        holder=organizations["SAH"],
        valid_days=365,
    )
    package = create_package(staff.finance, organizations["SAH"], code="CREDIT", offer=offer)
    package = put_on_sale(staff.finance, package, version=package.version)
    ultrasound = services_for(staff.administrator).get(code="USG")
    here = organizations["SHI"]
    for number, (patient, quantity) in enumerate(zip(patients[10:12], (3, 1), strict=True)):
        sale = sell_package(
            staff.administrator,
            here,
            patient=patient,
            package=package,
            payments=[Payment("card", package.price)],
            key=f"demo-credit-{number}",
        )
        (line,) = lines_of(sale.entitlement)
        redeem(
            staff.administrator,
            here,
            line=line,
            service=ultrasound,
            quantity=quantity,
            rest=Rest("card"),
            key=f"demo-credit-use-{number}",
        )
