"""The posting functions keep breakage, credit, upgrades and changes of entitlements: each guard refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from ledger import posting
from ledger.models import BreakageMovement, BreakagePool, Entitlement, EntitlementChange, EntitlementLine
from ledger.posting import Booked, Movement, SoldLine
from tests.ledger.db.shop import broken, refused

BOTH = pytest.mark.parametrize(
    "post", [posting.post, lambda record: posting.post_many([record])[0]], ids=["one", "many"]
)


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def sale(shop):
    return shop.sell()


def test_a_pool_is_made_with_what_is_open(shop, sale):
    pool = shop.pool()
    assert (pool.open_minor, pool.booked_minor) == (900_00, 0)
    assert shop.pool() == pool


def test_there_is_no_pool_of_what_was_never_sold(shop):
    assert posting.lock_breakage_pool(shop.id("P"), shop.package.pk) is None


@BOTH
def test_every_event_of_the_package_moves_the_pool(shop, sale, post):
    pool = shop.pool()
    post(shop.breakage_record(40_00, pool.id))
    physio = shop.line_of(sale, "PHYSIO")
    redeemed = post(shop.redemption_record(physio.pk, 2, 165_00))
    assert shop.pool() == replace(pool, open_minor=735_00, booked_minor=40_00)
    post(shop.sale_record())
    assert shop.pool().open_minor == 1_635_00
    post(shop.void_record(redeemed.event_id))
    assert shop.pool() == replace(pool, open_minor=1_800_00, booked_minor=40_00)
    check_now()


@BOTH
def test_no_more_is_booked_than_is_open(shop, sale, post):
    pool = shop.pool()
    with refused("not_permitted"):
        post(shop.breakage_record(900_01, pool.id))
    post(shop.breakage_record(900_00, pool.id))
    with refused("not_permitted"):
        post(shop.redemption_record(shop.line_of(sale, "LAB").pk, 1, 187_50))
    with refused("not_permitted"):
        post(shop.breakage_record(-900_01, pool.id))


@BOTH
def test_an_excess_goes_back_with_the_redemption(shop, sale, post):
    pool = shop.pool()
    post(shop.breakage_record(800_00, pool.id))
    record = shop.redemption_record(shop.line_of(sale, "LAB").pk, 1, 187_50)
    reversal = shop.lines(("P", "breakage_revenue", 87_50), ("P", "contract_liability", -87_50))
    posted = post(replace(record, lines=[*record.lines, *reversal], booked=Booked(pool.id, -87_50)))
    check_now()
    assert shop.pool() == replace(pool, open_minor=712_50, booked_minor=712_50)
    assert BreakageMovement.objects.get(event=posted.event_id).amount_minor == -87_50


@BOTH
def test_booked_breakage_counts_in_the_liability(shop, sale, post):
    pool = shop.pool()
    with refused("not_permitted"):
        post(replace(shop.breakage_record(40_00, pool.id), booked=Booked(pool.id, 39_99)))
    with refused("not_permitted"):
        post(replace(shop.breakage_record(40_00, pool.id), booked=None))


@BOTH
@pytest.mark.parametrize("kind", ["charge", "journal", "settlement", "transfer"])
def test_only_its_kinds_book_breakage(shop, sale, post, kind):
    with refused("not_permitted"):
        post(replace(shop.breakage_record(40_00, shop.pool().id), kind=kind))


@BOTH
def test_an_expiry_takes_units_and_never_gives_any(shop, sale, post):
    line = shop.line_of(sale, "LAB")
    lines = shop.lines(("P", "contract_liability", 187_50), ("P", "breakage_revenue", -187_50))
    with refused("not_permitted"):
        post(shop.record("expiry", lines, movements=[Movement(line.pk, 1, -187_50)]))
    post(shop.record("expiry", lines, movements=[Movement(line.pk, -1, -187_50)]))
    check_now()
    line.refresh_from_db()
    assert (line.left_units, line.open_minor) == (0, 0)


@BOTH
@pytest.mark.parametrize("kind", ["breakage", "transfer", "settlement", "unclaimed_payment", "sale"])
def test_other_kinds_move_no_units(shop, sale, post, kind):
    line = shop.line_of(sale, "LAB")
    with refused("not_permitted"):
        post(shop.record(kind, movements=[Movement(line.pk, -1, 0)]))


def test_credit_has_its_own_line(shop):
    record = shop.sale_record(sold=(("PHYSIO", 1, 100_00),))
    credit = SoldLine(None, 5_000_000_000, 400_00, "care")
    sold = replace(record.sold, price_minor=500_00, lines=[*record.sold.lines, credit])
    lines = shop.lines(
        ("P", "cash", 500_00), ("P", "contract_liability", -100_00), ("P", "contract_liability", -400_00)
    )
    posted = posting.post(replace(record, sold=sold, lines=lines))
    check_now()
    line = EntitlementLine.objects.get(entitlement=posted.entitlement_id, service=None)
    assert (line.category, line.quantity, line.left_units, line.open_minor) == (
        "care", 5_000_000_000, 5_000_000_000, 400_00,
    )  # fmt: skip


def test_a_service_of_a_category_is_no_credit(shop):
    record = shop.sale_record(sold=(("PHYSIO", 1, 100_00),))
    sold = replace(record.sold, lines=[replace(record.sold.lines[0], category="care")])
    with broken("Not so much is left"):
        posting.post(replace(record, sold=sold))


def upgrade_record(shop, sale, **more):
    """What is open of the sale's laboratory, and 100.00, for a new entitlement to two of it."""
    line = shop.line_of(sale, "LAB")
    bought = shop.sale_record(sold=(("LAB", 2, 287_50),))
    lines = shop.lines(
        ("P", "cash", 100_00), ("P", "contract_liability", 187_50), ("P", "contract_liability", -287_50)
    )
    movements = more.pop("movements", [Movement(line.pk, -1, -187_50)])
    return replace(bought, kind="upgrade", lines=lines, movements=movements, **more)


def test_an_upgrade_moves_the_old_and_makes_the_new(shop, sale):
    posted = posting.post(upgrade_record(shop, sale))
    check_now()
    assert shop.line_of(sale, "LAB").left_units == 0
    (line,) = EntitlementLine.objects.filter(entitlement=posted.entitlement_id)
    assert (line.left_units, line.open_minor) == (2, 287_50)
    posting.post(shop.void_record(posted.event_id))
    check_now()
    assert shop.line_of(sale, "LAB").left_units == 1
    assert Entitlement.objects.get(pk=posted.entitlement_id).status == "void"


def test_an_upgrade_gives_nothing_to_the_old(shop, sale):
    with refused("not_permitted"):
        posting.post(
            upgrade_record(shop, sale, movements=[Movement(shop.line_of(sale, "LAB").pk, 1, 187_50)])
        )


def test_upgrades_and_changes_are_posted_one_by_one(shop, sale):
    for record in (upgrade_record(shop, sale), shop.change_record("extension", sale.entitlement_id)):
        with refused("not_permitted"):
            posting.post_many([record])


@pytest.mark.parametrize("kind", ["transfer", "extension", "freeze"])
def test_a_change_says_what_it_makes_of_the_entitlement(shop, sale, kind):
    until = date(2030, 1, 1)
    posted = posting.post(shop.change_record(kind, sale.entitlement_id, expires_on=until))
    check_now()
    assert Entitlement.objects.get(pk=sale.entitlement_id).expires_on == until
    assert EntitlementChange.objects.get(event=posted.event_id).expires_on == until
    with refused("not_permitted"):
        posting.post(shop.record(kind))


def test_only_changes_change(shop, sale):
    with refused("not_permitted"):
        posting.post(replace(shop.change_record("freeze", sale.entitlement_id), kind="journal"))


def test_what_was_voided_is_not_changed(shop, sale):
    posting.post(shop.void_record(sale.event_id))
    with refused("not_permitted"):
        posting.post(shop.change_record("extension", sale.entitlement_id))


def test_a_freeze_has_both_its_days(shop, sale):
    with broken("entitlement_freeze"):
        posting.post(shop.change_record("freeze", sale.entitlement_id, frozen_on=date(2026, 2, 1)))


def test_a_void_gives_back_the_breakage_too(shop, sale):
    booked = posting.post(shop.breakage_record(40_00, shop.pool().id))
    record = shop.void_record(booked.event_id)
    with refused("not_permitted"):
        posting.post(replace(record, booked=None, lines=[]))
    posting.post(record)
    check_now()
    assert BreakagePool.objects.get().booked_minor == 0
