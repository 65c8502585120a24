"""Unclaimed items follow their events, and nobody writes them or pays one twice."""

from __future__ import annotations

import pytest
from django.db import connection

from ledger import posting
from ledger.models import UnclaimedItem
from tests.ledger.db.shop import broken, refused

BOTH = pytest.mark.parametrize(
    "post", [posting.post, lambda record: posting.post_many([record])[0]], ids=["one", "many"]
)


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def expiry(shop, said_minor=187_50, **lie):
    """The expiry of a laboratory test of 187.50, as its inputs say it."""
    line = shop.line_of(shop.sell(), "LAB")
    inputs = {
        "account": "unclaimed_property",
        "entitlement": line.entitlement_id,
        "units": [{"amount_minor": said_minor}],
    }
    lines = shop.lines(("P", "contract_liability", 187_50), ("P", "unclaimed_property", -187_50))
    moved = [posting.Movement(line.pk, -1, -187_50)]
    return shop.record("expiry", lines, movements=moved, inputs=inputs | lie)


def payment(shop, *events, minor=187_50, at="P"):
    lines = shop.lines((at, "unclaimed_property", minor), (at, "cash", -minor))
    return shop.record(
        "unclaimed_payment", lines, at=at, inputs={"items": [{"event": one} for one in events]}
    )


@pytest.fixture
def held(shop) -> int:
    return posting.post(expiry(shop)).event_id


@BOTH
def test_an_expiry_makes_an_item_and_a_payment_takes_it(shop, post):
    expired = post(expiry(shop)).event_id
    check_now()
    assert (UnclaimedItem.objects.get().event_id, UnclaimedItem.objects.get().amount_minor) == (
        expired,
        187_50,
    )


@BOTH
def test_a_payment_and_its_void(shop, held, post):
    paid = post(payment(shop, held)).event_id
    check_now()
    assert UnclaimedItem.objects.get().payment_id == paid
    post(shop.void_record(paid))
    check_now()
    assert UnclaimedItem.objects.get().payment_id is None


@BOTH
def test_an_item_is_paid_once(shop, held, post):
    post(payment(shop, held))
    with refused("not_permitted"):
        post(payment(shop, held))


def test_nobody_pays_what_another_holds(shop, held):
    with refused("not_permitted"):
        posting.post(payment(shop, held, at="S"))


def test_a_payment_that_names_nothing(shop, held):
    with refused("not_permitted"):
        posting.post(payment(shop))


def test_an_item_named_twice(shop, held):
    with refused("not_permitted"):
        posting.post(payment(shop, held, held, minor=375_00))


@pytest.mark.parametrize("minor", [187_49, 187_51])
def test_a_payment_is_what_its_items_are_worth(shop, held, minor):
    with broken("not what its items are worth"):
        posting.post(payment(shop, held, minor=minor))
        check_now()


@pytest.mark.parametrize(
    "lie",
    [{"said_minor": 187_49}, {"said_minor": 0}, {"account": "breakage_revenue"}, {"entitlement": 10**9}],
)
def test_an_expiry_is_what_its_item_is_worth(shop, lie):
    with broken("not what its items are worth"):
        posting.post(expiry(shop, **lie))
        check_now()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_unclaimeditem SELECT (jsonb_populate_record(t, '{\"id\": 99999}')).* FROM ledger_unclaimeditem t",
        "UPDATE ledger_unclaimeditem SET payment_id = event_id",
        "UPDATE ledger_unclaimeditem SET amount_minor = 1",
        "DELETE FROM ledger_unclaimeditem",
        "TRUNCATE ledger_unclaimeditem",
    ],
)
def test_nobody_writes_it_by_hand(shop, held, statement):
    check_now()
    with broken("permission denied|refused"), connection.cursor() as cursor:
        cursor.execute(statement)
