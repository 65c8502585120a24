"""The tax of an event is what it posts, whatever is sent, and nobody changes it afterwards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from ledger import posting
from ledger.actions.tax import add_tax_code
from ledger.models import Sale, TaxLine
from tests.ledger.db.shop import ACTOR, DAY, broken

BOTH = pytest.mark.parametrize(
    "post", [posting.post, lambda record: posting.post_many([record])[0]], ids=["one", "many"]
)


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def code(shop):
    said = {"code": "GST", "name": "GST", "method": "included"}
    return add_tax_code(ACTOR, shop.cast["P"], percent=Decimal(18), starts_on=date(2020, 1, 1), **said)


@pytest.fixture
def said(shop, code):
    """A charge of 118.00 with 18.00 of tax, as its inputs say it."""
    return {
        "organization": shop.id("P"),
        "service": shop.services["LAB"].pk,
        "tax_code": code.pk,
        "code": "GST",
        "method": "included",
        "percent": "18",
        "units": 1,
        "base_minor": 100_00,
        "tax_minor": 18_00,
        "currency": "USD",
        "sale_event": None,
    }


def charge(shop, said, tax=18_00, **more):
    lines = shop.lines(
        ("P", "cash", 100_00 + tax),
        ("P", "service_revenue", -100_00),
        *([("P", "tax_payable", -tax)] if tax else []),
    )
    return shop.record("charge", lines, inputs={"tax": [said]}, **more)


@BOTH
def test_the_rows_are_what_the_event_says(shop, said, code, post):
    posted = post(charge(shop, said))
    check_now()
    row = TaxLine.objects.get(event=posted.event_id)
    assert (row.base_minor, row.tax_minor, row.tax_code_id, row.effective_on) == (100_00, 18_00, code.pk, DAY)


@BOTH
@pytest.mark.parametrize("tax", [0, 17_99, 18_01])
def test_other_tax_than_is_posted_is_refused(shop, said, post, tax):
    with broken("not the tax that the event says"):
        post(charge(shop, said, tax))
        check_now()


@BOTH
@pytest.mark.parametrize("kind", ["charge", "settlement", "revaluation", "vendor_bill"])
def test_tax_that_no_event_says_is_refused(shop, post, kind):
    lines = shop.lines(("P", "cash", 18_00), ("P", "tax_payable", -18_00))
    with broken("not the tax that the event says"):
        post(shop.record(kind, lines))


@pytest.mark.parametrize(
    "lie", [{"organization": "S"}, {"currency": "EUR"}], ids=["other books", "other currency"]
)
def test_tax_of_other_books_is_refused(shop, said, lie):
    if "organization" in lie:
        lie = {"organization": shop.id("S")}
    with broken("not the tax that the event says"):
        posting.post(charge(shop, said | lie))
        check_now()


@pytest.mark.parametrize(
    "lie",
    [
        {"percent": "5"},
        {"percent": "101"},
        {"base_minor": 1_000_00},
        {"base_minor": 98_00},
        {"method": "free"},
        {"method": "exempt"},
        {"method": "exempt", "percent": "0"},
        {"percent": "0"},
        {"service": 10**9},
        {"tax_code": 10**9},
    ],
)
def test_tax_that_its_rate_does_not_give_is_refused(shop, said, lie):
    with broken("taxline_"):
        posting.post(charge(shop, said | lie))
        check_now()


@BOTH
def test_a_void_takes_exactly_the_tax_back(shop, said, post):
    posted = posting.post(charge(shop, said))
    opposite = said | {"units": -1, "base_minor": -100_00, "tax_minor": -18_00}
    lies = ({}, {"tax": [opposite | {"base_minor": -99_99}]}, {"tax": [opposite | {"units": -2}]})
    for inputs in lies:
        with broken("exactly the tax|not the tax"):
            post(shop.void_record(posted.event_id, inputs=inputs))
            check_now()
    post(shop.void_record(posted.event_id, inputs={"tax": [opposite]}))
    check_now()


def test_a_journal_moves_tax_payable_by_hand(shop):
    paid = shop.record("journal", shop.lines(("P", "tax_payable", 5_00), ("P", "cash", -5_00)))
    posted = posting.post(paid)
    posting.post(shop.void_record(posted.event_id))
    check_now()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_taxline SELECT (jsonb_populate_record(t, '{\"line_no\": 2}')).* FROM ledger_taxline t",
        "UPDATE ledger_taxline SET tax_minor = 0",
        "DELETE FROM ledger_taxline",
        "TRUNCATE ledger_taxline",
        "UPDATE ledger_taxrate SET percent = 1",
        "DELETE FROM ledger_taxrate",
        "UPDATE ledger_sale SET tax_point = 'redemption'",
    ],
)
def test_nobody_writes_it_by_hand(shop, said, statement):
    posting.post(charge(shop, said))
    check_now()
    with broken("permission denied|refused|append-only|not changed"), connection.cursor() as cursor:
        cursor.execute(statement)


def make_sale(shop, posted, **more) -> Sale:
    figures = {"price_minor": 900_00, "discount_minor": 0, "total_minor": 900_00} | more
    return Sale.objects.create(
        event_id=posted.event_id,
        entitlement_id=posted.entitlement_id,
        seller=shop.cast["P"],
        holder=shop.cast["P"],
        patient=shop.patient,
        package=shop.package,
        quantity=1,
        currency="USD",
        payments=[],
        sold_on=DAY,
        refund="none",
        expiry="breakage_revenue",
        **figures,
    )


def test_a_sale_asks_for_what_is_owed_and_the_tax_it_takes(shop, said):
    posted = shop.sell()
    worth = "what its entitlement is worth"
    with broken(worth):
        make_sale(shop, posted, price_minor=918_00, total_minor=918_00)
    with broken("sale_adds_up"):
        make_sale(shop, posted, tax_added_minor=18_00)
    with broken("sale_tax_point_known"):
        make_sale(shop, posted, tax_point="never")
    make_sale(shop, posted)
    sold = (("LAB", 1, 100_00),)
    record = shop.sale_record(sold=sold, inputs={"tax": [said]})
    taxed = posting.post(
        shop.record(
            "sale",
            shop.lines(
                ("P", "cash", 118_00), ("P", "contract_liability", -100_00), ("P", "tax_payable", -18_00)
            ),
            sold=record.sold,
            inputs={"tax": [said]},
        )
    )
    with broken(worth):
        make_sale(shop, taxed, price_minor=100_00, total_minor=100_00)
    with broken(worth):
        make_sale(shop, taxed, price_minor=118_00, total_minor=118_00, tax_point="redemption")
    make_sale(shop, taxed, price_minor=118_00, total_minor=118_00)
    check_now()
