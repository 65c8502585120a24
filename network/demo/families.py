"""The demo's packages for families and companies, and the people who use them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.clock import today_in
from core.money import Money
from ledger.actions.beneficiary import add_beneficiary
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.quote import Offered, make_quote
from ledger.actions.redemption import redeem
from ledger.actions.sale import Payer, Payment, sell_package
from ledger.queries.catalog import services_for
from ledger.queries.entitlement import lines_of
from ledger.queries.offer import packages_on_sale_at
from network.demo.commerce import Staff

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

CURRENCY = "INR"


def _quote(staff: Staff, place: Organization, patient: Patient) -> None:
    """What was offered in writing, to a patient and to somebody who asked."""
    offered = list(packages_on_sale_at(place)[:2])
    lines = [Offered(one, 1, Money(0, CURRENCY)) for one in offered]
    valid_until = today_in(place.time_zone) + timedelta(days=30)
    make_quote(staff.administrator, place, lines=lines, valid_until=valid_until, patient=patient)
    make_quote(staff.administrator, place, lines=lines[:1], valid_until=valid_until, name="Sunita Deshpande")


def build_families(
    staff: Staff,
    organizations: dict[str, Organization],
    patients: list[Patient],
) -> None:
    """A family of three at Shivajinagar, and a mill that pays for four of its people."""
    here = [one for one in patients if one.home_organization_id == organizations["SHI"].pk]
    mother, son, daughter, clerk, *workers = here[:8]
    offers = (
        ("FAMILY", "Family consultations", "family", 6, 12, "7200.00", Payer(), mother, [son, daughter]),
        (
            "STAFF",
            "Staff health check",
            "company",
            50,
            40,
            "21000.00",
            Payer("Mula Mills Pvt. Ltd.", "hr@mulamills.example"),
            clerk,
            workers,
        ),
    )
    _quote(staff, organizations["SHI"], mother)
    consultation = services_for(staff.administrator).get(code="CONSULT")
    for code, name, use, most, units, price, payer, bearer, others in offers:
        offer = Offer(
            name=name,
            price=Money.parse(price, CURRENCY),
            parts=[Part(consultation, units, Money.parse("600.00", CURRENCY))],
            holder=organizations["SAH"],
            valid_days=365,
            use=use,
            most_people=most,
        )
        package = create_package(staff.finance, organizations["SAH"], code=code, offer=offer)
        package = put_on_sale(staff.finance, package, version=package.version)
        sale = sell_package(
            staff.administrator,
            organizations["SHI"],
            patient=bearer,
            package=package,
            payments=[Payment("bank_transfer", package.price)],
            payer=payer,
            key=f"demo-{code}",
        )
        reason = "One of the family" if use == "family" else "On the list of the company"
        for one in others:
            add_beneficiary(
                staff.administrator,
                organizations["SHI"],
                entitlement=sale.entitlement,
                patient=one,
                reason=reason,
            )
        (line,) = lines_of(sale.entitlement)
        for user in (bearer, *others[:2]):
            redeem(
                staff.administrator,
                organizations["SHI"],
                line=line,
                patient=user,
                key=f"demo-{code}-{user.pk}",
            )
