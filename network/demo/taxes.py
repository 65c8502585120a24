"""What the demo taxes: skin treatments with GST in the price, massages with GST on top; most of healthcare is exempt."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.actions.charge import charge
from ledger.actions.journal import Posting, post_journal
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.redemption import redeem
from ledger.actions.refund import refund
from ledger.actions.sale import Order, Payment, sell_package
from ledger.actions.tax import add_tax_code, add_tax_rate
from ledger.queries.entitlement import lines_of
from ledger.rules.accounts import Account
from network.demo.commerce import Staff, money

if TYPE_CHECKING:
    from ledger.models import Package, Sale, Service
    from orgs.models import Organization
    from patients.models import Patient

LONG_AGO = date(2017, 7, 1)
#: code, name, method, rate
TAX_CODES = (
    ("GST18", "GST, cosmetic", "included", "18"),
    ("GST5", "GST, wellness", "added", "5"),
)
#: code, name, category, list price, tax code
SERVICES = (
    ("SKIN", "Skin treatment", "cosmetic", "1180.00", "GST18"),
    ("MASSAGE", "Wellness massage", "wellness", "1000.00", "GST5"),
)


def build_taxes(staff: Staff, root: Organization, patients: list[Patient], today: date) -> None:
    """Tax codes with a rate to come, two packages, and what became of a few sales this month."""
    services, packages = _catalog(staff, root, today)
    first = max(today.replace(day=1), today - timedelta(days=9))
    glow, rest, plain = (
        _sell(staff, root, packages[code], patient, first, f"demo-taxed-{number}")
        for number, (code, patient) in enumerate(zip(("GLOW", "UNWIND", "GLOW"), patients[:3], strict=True))
    )
    for number, sale in enumerate((glow, rest)):
        line = lines_of(sale.entitlement)[0]
        redeem(staff.administrator, root, line=line, on=today, key=f"demo-taxed-use-{number}")
    refund(
        staff.finance,
        root,
        entitlement=plain.entitlement,
        reason="Allergic to the cream",
        on=today,
        key="demo-taxed-refund",
    )
    charge(
        staff.administrator,
        root,
        patient=patients[3],
        service=services["SKIN"],
        on=today,
        key="demo-taxed-charge",
    )
    paid = money("500.00")
    postings = [Posting(root, Account.TAX_PAYABLE, paid), Posting(root, Account.CASH, -paid)]
    post_journal(
        staff.finance,
        root,
        postings=postings,
        reason="GST paid on account",
        on=today,
        key="demo-tax-paid",
    )


def _catalog(staff: Staff, root: Organization, today: date) -> tuple[dict[str, Service], dict[str, Package]]:
    codes = {
        code: add_tax_code(
            staff.finance,
            root,
            code=code,
            name=name,
            method=method,
            percent=Decimal(percent),
            starts_on=LONG_AGO,
        )
        for code, name, method, percent in TAX_CODES
    }
    add_tax_rate(
        staff.finance,
        codes["GST5"],
        percent=Decimal(12),
        starts_on=(today.replace(day=1) + timedelta(days=62)).replace(day=1),
        version=codes["GST5"].version,
    )
    services: dict[str, Service] = {}
    for code, name, category, price, tax in SERVICES:
        services[code] = add_service(
            staff.finance, root, code=code, name=name, category=category, tax_code=codes[tax]
        )
        set_price(staff.finance, root, service=services[code], price=money(price), starts_on=LONG_AGO)
    skin, massage = (Part(services[code], 5, money(price)) for code, _, _, price, _ in SERVICES)
    offers = {
        "GLOW": Offer("Skin care, five treatments", money("5310.00"), [skin], holder=root, valid_days=365),
        "UNWIND": Offer("Skin and massage", money("9900.00"), [skin, massage], holder=root, valid_days=365),
    }
    packages: dict[str, Package] = {}
    for code, offer in offers.items():
        made = create_package(staff.finance, root, code=code, offer=offer)
        packages[code] = put_on_sale(staff.finance, made, version=made.version)
    return services, packages


def _sell(staff: Staff, root: Organization, package: Package, patient: Patient, on: date, key: str) -> Sale:
    order = Order(root, package, 1, Money(0, package.currency), (), on)
    due = Money(order.due_minor, package.currency)
    return sell_package(
        staff.administrator,
        root,
        patient=patient,
        package=package,
        payments=[Payment("card", due)],
        on=on,
        key=key,
    )
