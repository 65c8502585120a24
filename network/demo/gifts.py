"""What nobody used in the demo: gift vouchers that expired, and what is expected of others."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from core.money import Money
from ledger.actions.breakage import run_breakage
from ledger.actions.expiry import expire
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.sale import Payment, sell_package
from ledger.actions.unclaimed import pay_unclaimed
from ledger.queries.catalog import services_for
from ledger.queries.unclaimed import unclaimed_for
from ledger.rules.unclaimed import Payee
from network.demo.commerce import Staff, money

if TYPE_CHECKING:
    from ledger.models import Package
    from orgs.models import Organization
    from patients.models import Patient

VALID = 90
#: How many days before today each was sold: the first were paid to the state, the last is not due to it yet.
SOLD = (1800, 1760, 1420, 1390, 1350, 700)


def build_gifts(staff: Staff, root: Organization, patients: list[Patient], today: date) -> None:
    """Vouchers for a massage that expired: paid, due, and not due yet."""
    physio = services_for(staff.administrator).get(code="PHYSIO")
    offer = Offer(
        name="Gift voucher, physiotherapy",
        price=money("700.00"),
        parts=[Part(physio, 1, Money.parse("750.00", "INR"))],
        holder=root,
        valid_days=VALID,
        expiry="unclaimed_property",
    )
    package = create_package(staff.finance, root, code="GIFT", offer=offer)
    package = put_on_sale(staff.finance, package, version=package.version)
    items = []
    for number, (days, patient) in enumerate(zip(SOLD, patients, strict=False)):
        on = today - timedelta(days=days)
        sale = sell_package(
            staff.administrator,
            root,
            patient=patient,
            package=package,
            payments=[Payment("card", package.price)],
            on=on,
            key=f"demo-gift-{number}",
        )
        ended = on + timedelta(days=VALID + 5)
        expired = expire(staff.finance, sale.entitlement, on=ended, key=f"demo-gift-expiry-{number}")
        items.append(unclaimed_for(staff.finance).get(event=expired))
    pay_unclaimed(
        staff.finance,
        root,
        items=items[:2],
        payee=Payee.STATE,
        reference="Report to the state, first half",
        on=today - timedelta(days=500),
        key="demo-gift-state",
    )


def take_breakage(staff: Staff, root: Organization, package: Package, today: date) -> None:
    """A run by hand; what changed since is for the next one."""
    run_breakage(
        staff.finance,
        root,
        package=package,
        expected_percent=Fraction(5),
        on=today,
        key="demo-breakage",
    )
