"""The demo's catalog, packages, rules and six months of business."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from core.actors import Actor, UserActor
from core.errors import Refused
from core.money import Money
from ledger.actions.backtest import ask_backtest, run_backtest
from ledger.actions.catalog import add_service, set_price
from ledger.actions.charge import charge
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.period import close_period, request_reopening, soft_close_period
from ledger.actions.price_change import change_prices
from ledger.actions.redemption import redeem
from ledger.actions.refund import Units, refund
from ledger.actions.rule import Terms, activate_rule, draft_rule, write_examples
from ledger.actions.sale import Payment, sell_package
from ledger.actions.void import void
from ledger.queries.catalog import services_for
from ledger.queries.entitlement import lines_of
from ledger.queries.price_change import PriceTerms, fingerprint, plan
from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome
from ledger.rules.pricing import PriceStep, Rounding
from ledger.rules.terms import Conditions, Event

if TYPE_CHECKING:
    from ledger.models import Package, Sale, Service
    from orgs.models import Organization
    from patients.models import Patient

CURRENCY = "INR"
DAYS = 183
SALES = 240
CHARGES = 60

SERVICES = (
    ("CONSULT", "Consultation", "consultation", "600.00"),
    ("FOLLOWUP", "Follow-up consultation", "consultation", "400.00"),
    ("ECG", "Electrocardiogram", "diagnostics", "500.00"),
    ("BLOOD", "Complete blood panel", "laboratory", "900.00"),
    ("LIPID", "Lipid profile", "laboratory", "650.00"),
    ("PHYSIO", "Physiotherapy session", "physiotherapy", "750.00"),
    ("ANC", "Antenatal visit", "obstetrics", "800.00"),
    ("USG", "Obstetric ultrasound", "imaging", "1800.00"),
)

#: code, name, price, days, service codes with quantities, codes of redeemers (none: everywhere)
PACKAGES = (
    (
        "HEART",
        "Heart Check",
        "2400.00",
        180,
        (("CONSULT", 1), ("ECG", 1), ("BLOOD", 1), ("LIPID", 1), ("FOLLOWUP", 1)),
        (),
    ),
    ("PHYSIO10", "Physiotherapy, ten sessions", "6200.00", 120, (("CONSULT", 1), ("PHYSIO", 10)), ()),
    ("MOTHER", "Mother and Child", "9900.00", 300, (("ANC", 8), ("USG", 3), ("BLOOD", 2)), ()),
    ("FAMILY5", "Five consultations", "2500.00", 365, (("CONSULT", 5),), ()),
)

#: What of them is expected never to be used, in percent.
BREAKAGE = {"PHYSIO10": Decimal(8), "MOTHER": Decimal(3)}

#: code, conditions, outcome
RULES: tuple[tuple[str, Conditions, dict[str, object]], ...] = (
    (
        "sub-80",
        Conditions(servicing_kind=Kind.SUB),
        {"transfer": {"percent": "80", "basis": "allocated_price"}},
    ),
    (
        "partner-65",
        Conditions(servicing_kind=Kind.PARTNER),
        {
            "shares": [{"party": "servicing", "percent": "65", "basis": "allocated_price"}],
            "legal_basis": "services performed under the cooperation agreement",
        },
    ),
    (
        "deccan-physio",
        Conditions(servicing="DEC", service="PHYSIO"),
        {
            "volume": {"of": "units", "per": "month"},
            "shares": [
                {
                    "party": "servicing",
                    "basis": "allocated_price",
                    "tiers": [{"percent": "70", "up_to": 10}, {"percent": "74"}],
                }
            ],
            "legal_basis": "physiotherapy performed, agreement CA-2024-07",
        },
    ),
    (
        "konkan-agent-85",
        Conditions(servicing="KON", category="obstetrics"),
        {
            "presentation": "agent",
            "shares": [{"party": "servicing", "percent": "85", "basis": "allocated_price"}],
            "legal_basis": "obstetric care performed, agreement CA-2025-02",
        },
    ),
)

#: What comes of the tiers for physiotherapy, and of the next version for partners, by the code of the rule.
EXAMPLES = {
    "deccan-physio": """\
name: Ten sessions of a month at 70 %
currency: INR
organizations:
  - {code: SAH, kind: parent}
  - {code: DEC, kind: partner, under: SAH}
services:
  - {code: PHYSIO, list_price: "750.00", category: physiotherapy}
packages:
  - {code: PACK, price: "7500.00", holder: SAH, lines: [{service: PHYSIO, quantity: 10}]}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: SAH}
  - redeem: {id: R1, on: 2026-01-10, sale: S1, service: PHYSIO, quantity: 10, at: DEC}
expect:
  - balance: {organization: SAH, account: due_to, counterparty: DEC, amount: "-5250.00"}
  - balance: {organization: DEC, account: service_revenue, counterparty: SAH, amount: "-5250.00"}
---
name: The eleventh at 74 %, and the first of the next month at 70 % again
currency: INR
organizations:
  - {code: SAH, kind: parent}
  - {code: DEC, kind: partner, under: SAH}
services:
  - {code: PHYSIO, list_price: "750.00", category: physiotherapy}
packages:
  - {code: PACK, price: "9000.00", holder: SAH, lines: [{service: PHYSIO, quantity: 12}]}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: SAH}
  - redeem: {id: R1, on: 2026-01-10, sale: S1, service: PHYSIO, quantity: 11, at: DEC}
  - redeem: {id: R2, on: 2026-02-10, sale: S1, service: PHYSIO, quantity: 1, at: DEC}
expect:
  - balance: {organization: SAH, account: due_to, counterparty: DEC, amount: "-5805.00", as_of: 2026-01-31}
  - balance: {organization: SAH, account: due_to, counterparty: DEC, amount: "-6330.00"}
""",
    "partner-65": """\
name: A follow-up comes to no less than 300.00, a consultation to 62 %
currency: INR
organizations:
  - {code: SAH, kind: parent}
  - {code: DEC, kind: partner, under: SAH}
services:
  - {code: FOLLOWUP, list_price: "400.00"}
  - {code: CONSULT, list_price: "600.00"}
packages:
  - {code: PACK, price: "1000.00", holder: SAH, lines: [{service: FOLLOWUP, quantity: 1}, {service: CONSULT, quantity: 1}]}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: SAH}
  - redeem: {id: R1, on: 2026-01-10, sale: S1, service: FOLLOWUP, quantity: 1, at: DEC}
  - redeem: {id: R2, on: 2026-01-11, sale: S1, service: CONSULT, quantity: 1, at: DEC}
expect:
  - balance: {organization: SAH, account: due_to, counterparty: DEC, amount: "-300.00", as_of: 2026-01-10}
  - balance: {organization: SAH, account: due_to, counterparty: DEC, amount: "-672.00"}
""",
}
TIERED = "deccan-physio"
#: The next version of the rule of partners, as a draft that has been tested over the past.
NEXT_PARTNER_SHARE = {
    "shares": [{"party": "servicing", "percent": "62", "basis": "allocated_price", "at_least": "300.00"}],
    "legal_basis": "services performed under the cooperation agreement",
}


@dataclass(frozen=True)
class Staff:
    """Who acts in the demo: the administrator, finance, and front desks by the code of their organization."""

    administrator: UserActor
    finance: UserActor
    desks: dict[str, UserActor]


def money(text: str) -> Money:
    return Money.parse(text, CURRENCY)


def build_catalog(staff: Staff, organizations: dict[str, Organization], since: date) -> dict[str, Package]:
    """Services with prices at the parent, packages on sale, rules in force; returns the packages by code."""
    root = organizations["SAH"]
    services: dict[str, Service] = {}
    for code, name, category, price in SERVICES:
        services[code] = add_service(staff.finance, root, code=code, name=name, category=category)
        set_price(staff.finance, root, service=services[code], price=money(price), starts_on=since)
    list_price = {code: money(price) for code, _, _, price in SERVICES}
    packages: dict[str, Package] = {}
    for code, name, price, days, parts, _ in PACKAGES:
        offer = Offer(
            name=name,
            price=money(price),
            parts=[Part(services[service], quantity, list_price[service]) for service, quantity in parts],
            valid_days=days,
            holder=root,
            breakage_percent=BREAKAGE.get(code),
        )
        packages[code] = create_package(staff.finance, root, code=code, offer=offer)
        put_on_sale(staff.finance, packages[code], version=packages[code].version)
    for code, when, outcome in RULES:
        terms = Terms(Event.REDEMPTION, when, read_outcome(outcome, CURRENCY), starts_on=since)
        version = draft_rule(staff.finance, root, code=code, terms=terms)
        if code == TIERED:
            version = write_examples(staff.finance, version, examples=EXAMPLES[code], seen=version.version)
        activate_rule(staff.administrator, version, seen=version.version)
    return packages


def build_drafts(staff: Staff, root: Organization, today: date) -> None:
    """A draft that waits for a second person, run over the six months of business, and the prices of next quarter."""
    terms = Terms(
        Event.REDEMPTION,
        Conditions(servicing_kind=Kind.PARTNER),
        read_outcome(NEXT_PARTNER_SHARE, CURRENCY),
        starts_on=today + timedelta(days=14),
    )
    draft = draft_rule(staff.finance, root, code="partner-65", terms=terms)
    draft = write_examples(staff.finance, draft, examples=EXAMPLES["partner-65"], seen=draft.version)
    test = ask_backtest(staff.finance, draft, first_on=today - timedelta(days=DAYS), last_on=today)
    run_backtest({"backtest_id": test.pk})
    next_quarter = PriceTerms(
        root, "", today + timedelta(days=40), PriceStep(Fraction(4), None, Rounding.TEN)
    )
    seen = fingerprint(next_quarter, plan(staff.finance, next_quarter))
    change_prices(staff.finance, root, terms=next_quarter, seen=seen)


class Business:
    """Six months of selling, redeeming, correcting and closing."""

    def __init__(
        self, staff: Staff, organizations: dict[str, Organization], chance: random.Random, today: date
    ) -> None:
        self.staff = staff
        self.organizations = organizations
        self.chance = chance
        self.today = today
        self.since = today - timedelta(days=DAYS)

    def run(self, packages: dict[str, Package], patients: list[Patient]) -> None:
        days = sorted(self.since + timedelta(days=self.chance.randint(0, DAYS - 1)) for _ in range(SALES))
        for number, day in enumerate(days):
            sale = self.sell(
                number, self.chance.choice(list(packages.values())), self.chance.choice(patients), day
            )
            self.use(number, sale, day)
            if number % 40 == 17:
                self.give_back(number, sale)
        for number in range(CHARGES):
            self.charge_fee(number, self.chance.choice(patients))
        self.close()

    def desk(self, code: str) -> Actor:
        return self.staff.desks.get(code, self.staff.administrator)

    def sell(self, number: int, package: Package, patient: Patient, on: date) -> Sale:
        home = next(
            code for code, one in self.organizations.items() if one.pk == patient.home_organization_id
        )
        discount = money("200.00") if number % 9 == 0 else None
        price = package.price - discount if discount else package.price
        method = self.chance.choice(("cash", "card", "mobile", "mobile", "bank_transfer"))
        return sell_package(
            self.desk(home),
            self.organizations[home],
            patient=patient,
            package=package,
            payments=[Payment(method, price)],
            discount=discount,
            on=on,
            key=f"demo-sale-{number}",
        )

    def use(self, number: int, sale: Sale, sold_on: date) -> None:
        """Redeem a part of what was sold, mostly at home, sometimes elsewhere in the network."""
        for line in lines_of(sale.entitlement):
            for unit in range(self.chance.randint(0, min(line.quantity, 4))):
                day = sold_on + timedelta(days=self.chance.randint(0, 60))
                if day > self.today:
                    continue
                at = self._place(line.code, sale)
                key = f"demo-redemption-{number}-{line.pk}-{unit}"
                try:
                    event = redeem(self.staff.administrator, at, line=line, on=day, key=key)
                except Refused:
                    continue
                if self.chance.random() < 0.02:
                    void(
                        self.staff.administrator,
                        event,
                        reason="Booked for the wrong patient",
                        on=day,
                        key=f"{key}-void",
                    )

    def _place(self, service: str, sale: Sale) -> Organization:
        if service == "PHYSIO" and self.chance.random() < 0.6:
            return self.organizations["DEC"]
        if service in ("ANC", "USG") and self.chance.random() < 0.5:
            return self.organizations["KON"]
        if self.chance.random() < 0.7:
            return sale.seller
        return self.organizations[self.chance.choice(("SAH", "SHI", "KOT", "BAN", "SIT", "DHA"))]

    def give_back(self, number: int, sale: Sale) -> None:
        left = [line for line in lines_of(sale.entitlement) if line.left_units]
        if not left:
            return
        day = min(self.today, sale.sold_on + timedelta(days=20))
        refund(
            self.staff.finance,
            sale.holder,
            entitlement=sale.entitlement,
            units=[Units(left[0], left[0].left_units)],
            reason="Patient moved away",
            on=day,
            key=f"demo-refund-{number}",
        )

    def charge_fee(self, number: int, patient: Patient) -> None:
        home = next(
            code for code, one in self.organizations.items() if one.pk == patient.home_organization_id
        )
        service = services_for(self.staff.administrator).get(
            code=self.chance.choice(("CONSULT", "FOLLOWUP", "ECG"))
        )
        day = self.today - timedelta(days=self.chance.randint(0, 80))
        charge(
            self.desk(home),
            self.organizations[home],
            service=service,
            quantity=1,
            patient=patient,
            on=day,
            key=f"demo-charge-{number}",
        )

    def close(self) -> None:
        """Close the first three months, as Finance would have by now."""
        month = (self.today.replace(day=1) - timedelta(days=85)).replace(day=1)
        close_period(self.staff.finance, self.organizations["SAH"], month=month)
        last = (self.today.replace(day=1) - timedelta(days=1)).replace(day=1)
        soft_close_period(self.staff.finance, self.organizations["SAH"], month=last)
        request_reopening(
            self.staff.finance,
            self.organizations["SHI"],
            month=month,
            below=False,
            reason="The laboratory sent a bill of that month after it was closed.",
        )
