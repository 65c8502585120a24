"""What is sold, redeemed, charged, refunded, upgraded and voided with tax."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Refused
from core.money import Money
from core.registries import Leavers
from ledger.actions.catalog import edit_service
from ledger.actions.charge import charge
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.redemption import redeem
from ledger.actions.refund import Units, refund
from ledger.actions.sale import Payment
from ledger.actions.tax import add_tax_code, add_tax_rate
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import Entitlement, Sale, TaxLine
from ledger.queries.entitlement import lines_of, replaceable_by
from ledger.queries.own_records import own_records
from ledger.queries.usable import usable_here
from ledger.rules.tax import TaxPoint
from ledger.rules.terms import Conditions, Event, Outcome, Share
from tests.ledger.market import DAY, PERCENT_80, SYSTEM, new_key, usd

LATER = date(2026, 2, 1)


def give_back(spa, sale, quantity=None, on=DAY):
    units = None
    if quantity:
        units = [Units(lines_of(sale.entitlement)[0], quantity)]
    return refund(
        SYSTEM, sale.holder, entitlement=sale.entitlement, units=units, reason="moved", on=on, key=new_key()
    )


@pytest.mark.setting("billing.tax_point")
def test_the_policy_of_who_owes_the_care_is_kept_with_the_sale(spa):
    """At the holder, not at the seller; and what is decided later changes nothing that was sold."""
    spa.due_at(TaxPoint.REDEMPTION, at="S")
    early = spa.sell(at="S")
    assert early.tax_point == "sale"
    assert spa.taxes(early.event) == [("SPA", 3, 30000, 5400)]
    spa.due_at(TaxPoint.REDEMPTION)
    late = spa.sell()
    assert (late.tax_point, spa.taxes(late.event)) == ("redemption", [])
    for sale, taxes in ((early, []), (late, [("SPA", 1, 10000, 1800)])):
        assert spa.taxes(spa.market.redeem(sale, "SPA")) == taxes
    spa.due_at(TaxPoint.SALE)
    assert spa.taxes(spa.market.redeem(late, "SPA")) == [("SPA", 1, 10000, 1800)]
    spa.check()


def test_a_sale_keeps_what_is_owed_net(spa):
    sale = spa.sell()
    entitlement = Entitlement.objects.get(pk=sale.entitlement_id)
    assert (sale.total_minor, sale.tax_added_minor, entitlement.price_minor) == (35400, 0, 30000)
    assert spa.market.balance("P", "tax_payable") == "-54.00"
    on_top = spa.sell("RELAX")
    assert (on_top.price_minor, on_top.tax_added_minor, on_top.total_minor) == (20000, 1000, 21000)
    assert on_top.payments == [{"method": "cash", "amount_minor": 21000, "currency": "USD"}]
    spa.check()


def test_payments_sum_to_the_price_with_the_tax_on_top(spa):
    with pytest.raises(Refused) as refused:
        spa.market.sell("RELAX", payments=[Payment("cash", usd("200.00"))])
    assert "USD 210.00" in refused.value.message
    halves = [Payment("cash", usd("110.00")), Payment("card", usd("100.00"))]
    assert spa.market.sell("RELAX", payments=halves).total_minor == 21000


def test_more_discount_than_price_is_refused_in_words(spa):
    with pytest.raises(Refused) as refused:
        spa.market.sell("GLOW", payments=[], discount=usd("400.00"))
    assert refused.value.code == "discount_over_policy"


def test_a_code_without_a_rate_on_the_day_sells_nothing(spa):
    with pytest.raises(Refused) as refused:
        spa.market.sell("GLOW", on=date(2019, 12, 31), payments=[])
    assert "has no rate" in refused.value.message


def test_tax_on_top_is_held_until_it_is_due(spa):
    spa.due_at(TaxPoint.REDEMPTION)
    sale = spa.sell("RELAX")
    assert (sale.total_minor, spa.market.balance("P", "contract_liability")) == (21000, "-210.00")
    assert spa.taxes(spa.market.redeem(sale, "MASSAGE")) == [("MASSAGE", 1, 10000, 500)]
    assert spa.market.balance("P", "service_revenue") == "-100.00"
    spa.check()


def test_the_rate_of_the_day_counts(spa):
    code = spa.codes["SPA"]
    code.refresh_from_db()
    add_tax_rate(SYSTEM, code, percent=Decimal("28"), starts_on=LATER, version=code.version)
    spa.due_at(TaxPoint.REDEMPTION)
    sale = spa.sell()
    assert spa.taxes(spa.market.redeem(sale, "SPA")) == [("SPA", 1, 10000, 1800)]
    assert spa.taxes(spa.market.redeem(sale, "SPA", on=LATER)) == [("SPA", 1, 9219, 2581)]
    spa.check()


def test_what_was_taxed_at_the_sale_stays_so_whatever_its_service_is_given(spa):
    sale = spa.sell()
    service = spa.market.services["SPA"]
    edit_service(SYSTEM, service, name="Spa", category="care", version=service.version)
    assert spa.taxes(give_back(spa, sale, 1)) == [("SPA", -1, -10000, -1800)]
    spa.check()


def test_shares_are_of_what_is_left_without_tax(spa):
    spa.due_at(TaxPoint.REDEMPTION)
    assert spa.market.redeem(spa.sell(), "SPA", at="S").inputs["inputs"]["allocated_minor"] == 10000
    assert spa.market.balance("S", "intercompany_revenue", "P") == "-80.00"
    listed = Share("servicing", percent=PERCENT_80.percent, basis="list_price")
    spa.market.add_rule(
        "listed", when=Conditions(service="SPA", servicing="S"), outcome=Outcome(transfer=listed)
    )
    sold = Share("servicing", percent=PERCENT_80.percent, basis="sale_price", legal_basis="advice")
    spa.market.add_rule("advice", Event.SALE, outcome=Outcome(shares=(sold,)))
    sale = spa.sell(at="S")
    assert sale.event.inputs["inputs"]["sale_minor"] == 30000
    assert spa.market.redeem(sale, "SPA", at="S").inputs["inputs"]["list_minor"] == 10000
    spa.check()


def test_refunds_in_parts_give_back_all_the_tax(spa):
    spa.market.add_package("ODD", "100.00", {"SPA": (3, "118.00")}, holder=spa.market.world["P"])
    sale = spa.sell("ODD")  # 84.75 and 15.25
    first = give_back(spa, sale, 1)
    assert spa.taxes(first) == [("SPA", -1, -2825, -508)]
    void(SYSTEM, first, reason="wrong", on=DAY, key=new_key())
    for quantity in (1, 1, 1):
        give_back(spa, sale, quantity)
    assert spa.market.balance("P", "tax_payable") == "0.00"
    assert spa.market.balance("P", "cash") == "0.00"
    assert spa.market.balance("P", "modification_revenue") == "0.00"
    spa.check()


def test_what_was_redeemed_keeps_its_tax(spa):
    sale = spa.sell()
    spa.market.redeem(sale, "SPA", 2)
    event = give_back(spa, sale)
    assert event.inputs["paid_minor"] == 11800
    assert spa.market.balance("P", "tax_payable") == "-36.00"
    spa.check()


def test_a_fee_that_is_kept_keeps_its_tax(spa):
    spa.market.add_package(
        "FEE",
        "118.00",
        {"SPA": (1, "118.00")},
        holder=spa.market.world["P"],
        refund="allocated_price_less_fee",
        refund_fee=usd("11.80"),
    )
    event = give_back(spa, spa.sell("FEE"))
    assert spa.taxes(event) == [("SPA", -1, -10000, -1800), ("SPA", 0, 1000, 180)]
    assert spa.market.balance("P", "cash") == "11.80"
    assert spa.market.balance("P", "tax_payable") == "-1.80"
    assert spa.market.balance("P", "modification_revenue") == "-10.00"
    void(SYSTEM, event, reason="wrong", on=DAY, key=new_key())
    assert spa.market.balance("P", "tax_payable") == "-18.00"
    spa.check()


@pytest.mark.parametrize("point", TaxPoint)
def test_a_void_is_the_exact_opposite(spa, point):
    spa.due_at(point)
    sale = spa.sell()
    redeemed = spa.market.redeem(sale, "SPA")
    void(SYSTEM, redeemed, reason="wrong", on=DAY, key=new_key())
    undone = void(SYSTEM, sale.event, reason="wrong", on=DAY, key=new_key())
    assert spa.market.balance("P", "tax_payable") == "0.00"
    if point is TaxPoint.SALE:
        assert spa.taxes(undone) == [("SPA", -3, -30000, -5400)]
    spa.check()


@pytest.mark.parametrize(
    ("point", "tax", "given"), [(TaxPoint.SALE, "-90.00", 35400), (TaxPoint.REDEMPTION, "0.00", 35400)]
)
def test_an_upgrade_moves_the_tax(spa, point, tax, given):
    spa.due_at(point)
    old = spa.sell()
    (offered,) = replaceable_by(
        SYSTEM, spa.market.patient, spa.market.packages["BOTH"], spa.market.world["P"], DAY
    )
    assert offered.worth_minor == given
    sale = upgrade_entitlement(
        SYSTEM,
        spa.market.world["P"],
        entitlement=old.entitlement,
        package=spa.market.packages["BOTH"],
        payments=[Payment("cash", usd("236.00"))],
        on=DAY,
        key=new_key(),
    )
    assert spa.market.balance("P", "tax_payable") == tax
    assert spa.market.balance("P", "cash") == "590.00"
    assert Sale.objects.get(pk=sale.pk).total_minor == 59000
    void(SYSTEM, sale.event, reason="wrong", on=DAY, key=new_key())
    assert spa.taxes(give_back(spa, old)) == ([("SPA", -3, -30000, -5400)] if point is TaxPoint.SALE else [])
    assert spa.market.balance("P", "tax_payable") == "0.00"
    spa.check()


def test_a_charge_owes_the_tax_where_it_is_made(spa):
    events = [
        charge(
            SYSTEM,
            spa.market.world["S"],
            patient=spa.market.patient,
            service=spa.market.services[code],
            quantity=2,
            on=DAY,
            key=new_key(),
        )
        for code in ("SPA", "MASSAGE", "CONSULT")
    ]
    assert [spa.taxes(event) for event in events] == [
        [("SPA", 2, 20000, 3600)],
        [("MASSAGE", 2, 20000, 1000)],
        [],
    ]
    assert spa.market.balance("S", "cash") == "1246.00"
    assert spa.market.balance("S", "tax_payable") == "-46.00"
    assert spa.market.balance("P", "tax_payable") == "0.00"
    spa.check()


def test_nobody_is_taxed_where_an_organization_pays_instead(spa):
    fee = Share("servicing", percent=PERCENT_80.percent, basis="list_price")
    spa.market.add_rule(
        "company", Event.CHARGE, Conditions(servicing="S"), outcome=Outcome(payer="parent", transfer=fee)
    )
    event = charge(
        SYSTEM,
        spa.market.world["S"],
        patient=spa.market.patient,
        service=spa.market.services["SPA"],
        on=DAY,
        key=new_key(),
    )
    assert spa.taxes(event) == []
    assert spa.market.balance("S", "intercompany_revenue", "P") == "-80.00"
    spa.check()


@pytest.mark.parametrize("point", TaxPoint)
def test_credit_is_taxed_by_what_it_is_used_for(spa, point):
    spa.due_at(point)
    world = spa.market.world
    offer = Offer("Card", usd("900.00"), [Part.credit(usd("1000.00"))], valid_days=None, holder=world["P"])
    made = create_package(SYSTEM, world["P"], code="CARD", offer=offer)
    spa.market.packages["CARD"] = put_on_sale(SYSTEM, made, version=made.version)
    sale = spa.sell("CARD")
    assert spa.taxes(sale.event) == []
    line = lines_of(sale.entitlement)[0]
    used = redeem(
        SYSTEM, world["P"], line=line, service=spa.market.services["MASSAGE"], on=DAY, key=new_key()
    )
    # 105.00 of the credit cost 94.50, which hold 4.50
    assert spa.taxes(used) == [("MASSAGE", 1, 9000, 450)]
    line.refresh_from_db()
    assert line.left_units == 89500
    spa.check()


def test_the_counter_says_what_is_due_now(spa):
    spa.due_at(TaxPoint.REDEMPTION)
    sale = spa.sell()
    (line,) = usable_here(SYSTEM, sale.patient, spa.market.world["P"], DAY)
    assert (line.value, line.tax) == (usd("118.00"), usd("18.00"))


def test_two_codes_of_one_package_with_a_discount(spa):
    parts = {"CONSULT": (1, "400.00"), "SPA": (2, "118.00"), "MASSAGE": (2, "100.00")}
    spa.market.add_package("MIX", "800.00", parts, holder=spa.market.world["P"])
    sale = spa.sell("MIX", discount=usd("38.00"))
    assert spa.taxes(sale.event) == [("SPA", 2, 18230, 3281), ("MASSAGE", 2, 18230, 912)]
    assert sale.total_minor == 77112
    spa.check()


def test_an_exempt_code_is_recorded_without_tax(spa):
    none = add_tax_code(SYSTEM, spa.market.world["P"], code="NONE", name="None", method="exempt")
    service = spa.market.services["CONSULT"]
    edit_service(SYSTEM, service, name="Consult", category="care", tax_code=none, version=service.version)
    spa.market.add_package("VISIT", "300.00", {"CONSULT": (1, "400.00")}, holder=spa.market.world["P"])
    sale = spa.sell("VISIT")
    assert spa.taxes(sale.event) == [("CONSULT", 1, 30000, 0)]
    assert Money(TaxLine.objects.get(event=sale.event).tax_minor, "USD") == usd("0.00")
    spa.check()


def test_a_leaving_organization_takes_its_taxes_along(spa):
    world = spa.market.world
    sale = spa.sell("RELAX", at="S")
    leavers = Leavers(
        world["P"], {world["P"].pk: "Harbor Health"}, {world["P"].pk: "P", world["S"].pk: "S"}, LATER
    )
    tables = {table.name: table for table in own_records(leavers)}
    ((*_, units, base, tax, currency, kind),) = tables["taxes"].rows
    assert (units, base, tax, currency, kind) == (2, usd("200.00"), usd("10.00"), "USD", "Sale")
    (row,) = tables["sales"].rows
    told = dict(zip(tables["sales"].header.split(", "), row, strict=True))
    assert (told["price"], told["tax on top"], told["total"]) == (usd("200.00"), usd("10.00"), sale.total)
