"""The demo's clinic abroad: it keeps dirhams, sells and redeems the parent's packages, and is revalued."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import Money
from ledger.actions.catalog import set_price
from ledger.actions.charge import charge
from ledger.actions.exchange import enter_rates
from ledger.actions.redemption import redeem
from ledger.actions.revaluation import revalue
from ledger.actions.sale import Payment, sell_package
from ledger.queries.catalog import services_for
from ledger.queries.entitlement import lines_of
from ledger.queries.exchange import Rates
from ledger.rules.quoted import Quoted
from ledger.rules.report import months_before
from network.demo.places import OPENED, SYSTEM
from orgs.actions.organization import Details, add_organization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.models import Package
    from network.demo.commerce import Staff
    from orgs.models import Organization
    from patients.models import Patient

#: Rupees for a dirham on the 1st and 16th of seven months, the oldest first.
QUOTED = (
    "22.6150", "22.7025", "22.8140", "22.7580", "22.9035", "23.0110", "23.0845",
    "22.9960", "23.1520", "23.2475", "23.1890", "23.3340", "23.4125", "23.3670",
)  # fmt: skip
SOURCE = "Reserve Bank reference rate"
#: How many days into last month what is sold to the patient of a number, and what they use of it there.
SALES = (("HEART", 2, "CONSULT"), ("FAMILY5", 6, "CONSULT"), ("HEART", 11, "ECG"), ("FAMILY5", 19, "CONSULT"))


def build_abroad(
    staff: Staff, root: Organization, packages: Mapping[str, Package], patients: list[Patient], today: date
) -> Organization:
    """Last month's business of a clinic in Dubai, which it returns; its balances are revalued at the month's end."""
    enter_rates(staff.finance, root, quoted=_rates(today))
    place = add_organization(
        SYSTEM,
        root,
        kind="sub",
        details=Details(
            name="Sahyadri Clinic Dubai",
            code="DXB",
            time_zone="Asia/Dubai",
            address="Oud Metha Road, Building 27",
            city="Dubai",
            country="AE",
            phone="+971 4 555 0160",
        ),
        currency="AED",
    )
    consultation = services_for(staff.finance).get(code="CONSULT")
    price = Money.parse("95.00", place.currency)
    set_price(staff.finance, place, service=consultation, price=price, starts_on=OPENED)
    first = months_before(today, 1)
    for number, (code, after, service) in enumerate(SALES):
        day, package = first + timedelta(days=after), packages[code]
        sale = sell_package(
            staff.administrator,
            place,
            patient=patients[number],
            package=package,
            payments=[Payment("card", Rates(day).convert(package.price, place.currency))],
            on=day,
            key=f"demo-abroad-{number}",
        )
        line = next(one for one in lines_of(sale.entitlement) if one.code == service)
        used = day + timedelta(days=3)
        redeem(staff.administrator, place, line=line, on=used, key=f"demo-abroad-{number}-used")
        charge(
            staff.administrator,
            place,
            patient=patients[number],
            service=consultation,
            on=day,
            key=f"demo-abroad-{number}-fee",
        )
    revalue(staff.finance, place, on=today.replace(day=1) - timedelta(days=1), key="demo-abroad")
    return place


def _rates(today: date) -> list[Quoted]:
    months = [months_before(today, back) for back in reversed(range(len(QUOTED) // 2))]
    days = [day for month in months for day in (month, month.replace(day=16))]
    return [
        Quoted("AED", "INR", day, Decimal(value), SOURCE)
        for day, value in zip(days, QUOTED, strict=True)
        if day <= today
    ]
