"""Posting one event: what it writes, what a repeated key gives, what it refuses."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from core.actions import check_constraints_now
from core.errors import Refused
from core.tenancy import bound
from ledger import posting
from ledger.models import (
    Account,
    Balance,
    BalanceDelta,
    Entitlement,
    EntitlementMovement,
    JournalLine,
    LedgerEvent,
)
from ledger.posting import Movement
from ledger.rules.accounts import CHART, Counterparty
from ledger.rules.lines import Line
from tests.ledger.db.shop import DAY, Shop, broken, refused


def test_a_sale_creates_its_entitlement(shop: Shop):
    posted = shop.sell()
    check_constraints_now()
    entitlement = Entitlement.objects.get(pk=posted.entitlement_id)
    assert entitlement.status == "active"
    assert [
        (
            line.service.code,
            line.quantity,
            line.left_units,
            line.open_minor,
            line.used_units,
            line.booked_minor,
        )
        for line in entitlement.lines.order_by("pk")
    ] == [("CONSULT", 1, 1, 300_00, 0, 0), ("LAB", 1, 1, 187_50, 0, 0), ("PHYSIO", 5, 5, 412_50, 0, 0)]
    assert list(
        JournalLine.objects.values_list("line_no", "account__code", "amount_minor").order_by("line_no")
    ) == [
        (1, "cash", 900_00),
        (2, "contract_liability", -300_00),
        (3, "contract_liability", -187_50),
        (4, "contract_liability", -412_50),
    ]
    assert list(EntitlementMovement.objects.order_by("movement_no").values_list("units", "amount_minor")) == [
        (1, 300_00),
        (1, 187_50),
        (5, 412_50),
    ]
    assert sum(BalanceDelta.objects.values_list("credit_minor", flat=True)) == 900_00


def test_a_redemption_takes_units_and_mirrors_in_both_books(shop: Shop):
    line = shop.line_of(shop.sell(), "CONSULT")
    record = shop.redemption_record(line.pk, 1, 300_00, at="S")
    posting.post(
        shop.record("redemption", [*record.lines, *shop.transfer(240_00)], movements=record.movements, at="S")
    )
    check_constraints_now()
    line.refresh_from_db()
    assert (line.left_units, line.open_minor, line.used_units, line.booked_minor) == (0, 0, 1, 300_00)


def test_the_same_key_and_command_return_the_first_result(shop: Shop):
    first = shop.sell(key="k1", command={"package": "PACK"})
    again = shop.sell(key="k1", command={"package": "PACK"})
    assert (again.event_id, again.entitlement_id, again.replayed) == (
        first.event_id,
        first.entitlement_id,
        True,
    )
    assert LedgerEvent.objects.count() == 1
    assert posting.find_posted("k1", "sale", {"package": "PACK"}) == again
    assert posting.find_posted("k2", "sale", {}) is None


def test_the_same_key_with_another_command_is_a_conflict(shop: Shop):
    shop.sell(key="k1", command={"package": "PACK"})
    with refused("idempotency_conflict"):
        posting.find_posted("k1", "sale", {"package": "OTHER"})
    with refused("idempotency_conflict"):
        shop.sell(key="k1", command={"package": "OTHER"})


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("unbalanced", [("P", "cash", 100), ("P", "equity", -99)]),
        ("unbalanced", [("P", "cash", 100), ("S", "equity", -100)]),
        ("unbalanced", [("P", "cash", 100)]),
        ("not_mirrored", [("P", "due_from", 100, "S"), ("P", "cash", -100)]),
        ("not_mirrored", [("P", "due_from", 100, "S"), ("P", "due_to", -100, "S")]),
        ("not_mirrored", [("P", "netting_clearing", 100, "S"), ("P", "cash", -100)]),
        ("not_mirrored", [("P", "intercompany_cost", 100, "S"), ("P", "cash", -100)]),
        ("not_mirrored", [("P", "service_revenue", -100, "S"), ("P", "cash", 100)]),
        ("not_permitted", [("P", "contract_liability", -100), ("P", "cash", 100)]),
        ("not_permitted", [("P", "contract_liability", -100), ("P", "contract_liability", 100)]),
        ("not_permitted", [("X", "cash", 100), ("X", "equity", -100)]),
        ("not_permitted", [("P", "due_to", -100, "X"), ("P", "cash", 100)]),
        ("not_permitted", [("P", "vendor_cost", 100, "S"), ("P", "cash", -100)]),
        ("not_permitted", [("P", "due_to", -100), ("P", "cash", 100)]),
        ("not_permitted", [("P", "cash", -100, "S"), ("P", "equity", 100)]),
    ],
)
def test_lines_that_do_not_hold_are_refused(shop: Shop, code: str, rows: list):
    with refused(code):
        posting.post(shop.record("journal", shop.lines(*rows)))


def test_a_line_is_never_zero_and_never_with_oneself(shop: Shop):
    with broken("journalline_sound"):
        posting.post(shop.record("journal", shop.lines(("P", "cash", 0), ("P", "equity", 0))))


def test_no_account_with_oneself(shop: Shop):
    with broken("account_not_with_itself"):
        posting.post(shop.record("journal", shop.lines(("P", "due_to", -1, "P"), ("P", "due_from", 1, "P"))))


def test_third_parties_are_not_mirrored(shop: Shop):
    posting.post(
        shop.record(
            "vendor_bill",
            shop.lines(("P", "vendor_cost", 120_00, "X"), ("P", "accounts_payable", -120_00, "X")),
        )
    )
    check_constraints_now()


def test_the_chart_of_the_database_is_the_chart_of_the_rules(shop: Shop):
    """Every account with every kind of counterparty: made or refused as the chart says, with its mirror key."""
    for number, (account, row) in enumerate(CHART.items()):
        for other in (None, "S", "X"):
            allowed = {
                Counterparty.NONE: other is None,
                Counterparty.REQUIRED: other == "S",
                Counterparty.OPTIONAL: other in (None, "S"),
                Counterparty.THIRD_PARTY: other == "X",
            }[row.counterparty]
            record = shop.record(
                "journal",
                shop.lines(("P", account, 100, other), ("P", account, -100, other)),
                key=f"chart-{number}-{other}",
            )
            try:
                with transaction.atomic():
                    posting.post(record)
                made = True
            except Refused:
                made = False
            expected = allowed and account != "contract_liability"
            assert made is expected, (account, other)
    keys = dict(
        Account.objects.filter(organization=shop.id("P"), counterparty=shop.id("S"))
        .extra(select={"mirror_key": "mirror_key"})
        .values_list("code", "mirror_key")
    )
    for account, row in CHART.items():
        if account in keys:
            assert (keys[account] is not None) == (row.mirror != "none"), account
    assert keys["due_from"] == f"due:{shop.id('P')}:{shop.id('S')}:USD"
    assert keys["due_to"] == f"due:{shop.id('S')}:{shop.id('P')}:USD"


def test_more_than_is_left_is_refused(shop: Shop):
    line = shop.line_of(shop.sell(), "PHYSIO")
    with refused("entitlement_exhausted"):
        posting.post(shop.redemption_record(line.pk, 6, 412_50))


def test_more_than_is_left_is_not_refunded(shop: Shop):
    line = shop.line_of(shop.sell(), "PHYSIO")
    lines = shop.lines(("P", "contract_liability", 412_50), ("P", "cash", -412_50))
    with refused("over_refund"):
        posting.post(shop.record("refund", lines, movements=[Movement(line.pk, -6, -412_50)]))


def test_the_liability_moves_with_its_entitlement_only(shop: Shop):
    line = shop.line_of(shop.sell(), "PHYSIO")
    record = shop.redemption_record(line.pk, 1, 82_50)
    with refused("not_permitted"):
        posting.post(shop.record("redemption", record.lines, movements=[Movement(line.pk, -1, -82_51)]))


def test_units_are_only_given_back_by_a_void(shop: Shop):
    line = shop.line_of(shop.sell(), "PHYSIO")
    posting.post(shop.redemption_record(line.pk, 2, 165_00))
    with refused("not_permitted"):
        posting.post(shop.record("redemption", movements=[Movement(line.pk, 1, 0)]))
    with refused("not_permitted"):
        posting.post(shop.record("journal", movements=[Movement(line.pk, -1, 0)]))


def test_a_movement_without_money_has_no_entry(shop: Shop):
    sale = shop.sell(sold=(("XRAY", 2, 0),))
    check_constraints_now()
    line = shop.line_of(sale, "XRAY")
    posted = posting.post(shop.redemption_record(line.pk, 1, 0))
    check_constraints_now()
    assert LedgerEvent.objects.get(pk=posted.event_id).line_count == 0


def test_an_event_of_nothing_is_recorded(shop: Shop):
    posted = posting.post(shop.record("charge"))
    check_constraints_now()
    posting.post(shop.void_record(posted.event_id))
    check_constraints_now()
    assert LedgerEvent.objects.filter(line_count=0, movement_count=0).count() == 2


def test_a_void_gives_everything_back_once(shop: Shop):
    sale = shop.sell()
    line = shop.line_of(sale, "PHYSIO")
    redeemed = posting.post(shop.redemption_record(line.pk, 2, 165_00))
    posting.post(shop.void_record(redeemed.event_id))
    check_constraints_now()
    line.refresh_from_db()
    assert (line.left_units, line.open_minor) == (5, 412_50)
    with refused("already_reversed"):
        posting.post(shop.void_record(redeemed.event_id))


def test_a_void_is_the_exact_opposite_and_not_earlier(shop: Shop):
    posted = posting.post(
        shop.record("charge", shop.lines(("S", "cash", 400), ("S", "service_revenue", -400)))
    )
    void = shop.void_record(posted.event_id)
    with refused("not_permitted"):
        posting.post(shop.record("void", [*void.lines[::-1]], voids_id=posted.event_id))
    with refused("not_permitted"):
        posting.post(
            shop.record(
                "void",
                shop.lines(("S", "cash", -399), ("S", "service_revenue", 399)),
                voids_id=posted.event_id,
            )
        )
    with refused("not_permitted"):
        posting.post(shop.void_record(posted.event_id, on=date(2026, 1, 4)))
    done = posting.post(void)
    check_constraints_now()
    with refused("not_permitted"):
        posting.post(shop.void_record(done.event_id))


def test_a_sale_is_voided_while_unused(shop: Shop):
    sale = shop.sell()
    line = shop.line_of(sale, "PHYSIO")
    redeemed = posting.post(shop.redemption_record(line.pk, 1, 82_50))
    with refused("not_permitted"):
        posting.post(shop.void_record(sale.event_id))
    posting.post(shop.void_record(redeemed.event_id))
    posting.post(shop.void_record(sale.event_id))
    check_constraints_now()
    assert Entitlement.objects.get(pk=sale.entitlement_id).status == "void"


def test_nothing_is_posted_in_a_closed_period(shop: Shop):
    assert (
        posting.close_period([shop.id("S"), shop.id("X")], date(2026, 1, 17), shop.record("journal").actor)
        == 1
    )
    assert posting.close_period([shop.id("S")], date(2025, 12, 1), shop.record("journal").actor) == 0
    for day in (date(2025, 6, 1), date(2026, 1, 31)):
        with refused("period_closed"):
            posting.post(shop.record("journal", shop.transfer(100), on=day))
    posting.post(shop.record("journal", shop.transfer(100), on=date(2026, 2, 1)))
    posting.post(
        shop.record("charge", shop.lines(("P", "cash", 400), ("P", "service_revenue", -400)), on=DAY)
    )
    check_constraints_now()


def test_another_networks_organization_has_no_account_here(shop: Shop):
    foreign = shop.cast.organizations["C1B"].pk
    lines = [
        Line(foreign, line.account, "USD", line.amount_minor)
        for line in shop.lines(("P", "cash", 1), ("P", "equity", -1))
    ]
    with refused("not_permitted"):
        posting.post(shop.record("journal", lines))


def test_many_events_in_one_call(shop: Shop):
    sales = posting.post_many([shop.sale_record(key=f"sale-{n}", command={"n": n}) for n in range(3)])
    check_constraints_now()
    lines = [shop.line_of(sale, "PHYSIO") for sale in sales]
    records = [
        shop.redemption_record(line.pk, 1, 82_50, key=f"redeem-{n}", command={"n": n})
        for n, line in enumerate(lines)
    ]
    records.append(shop.redemption_record(lines[0].pk, 2, 165_00))
    records.append(
        shop.record("charge", shop.lines(("S", "cash", 400), ("S", "service_revenue", -400)), at="S")
    )
    posted = posting.post_many(records)
    check_constraints_now()
    assert [line.left_units for line in (shop.line_of(sale, "PHYSIO") for sale in sales)] == [2, 4, 4]
    again = posting.post_many([*records[:3], shop.void_record(posted[4].event_id)])
    check_constraints_now()
    assert [one.replayed for one in again] == [True, True, True, False]
    assert [one.event_id for one in again[:3]] == [one.event_id for one in posted[:3]]
    assert [line.left_units for line in (shop.line_of(sale, "PHYSIO") for sale in sales)] == [2, 4, 4]


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("unbalanced", [("P", "cash", 100), ("P", "equity", -99)]),
        ("not_mirrored", [("P", "due_from", 100, "S"), ("P", "due_to", -100, "S")]),
        ("not_permitted", [("P", "contract_liability", -100), ("P", "contract_liability", 100)]),
    ],
)
def test_one_bad_event_refuses_the_whole_call(shop: Shop, code: str, rows: list):
    good = shop.record("charge", shop.lines(("S", "cash", 400), ("S", "service_revenue", -400)))
    with refused(code):
        posting.post_many([good, shop.record("journal", shop.lines(*rows))])


def test_many_events_are_checked_like_one(shop: Shop):
    charge = shop.record("charge", shop.lines(("S", "cash", 400), ("S", "service_revenue", -400)))
    line = shop.line_of(shop.sell(), "PHYSIO")
    with refused("idempotency_conflict"):
        posting.post_many([charge, charge])
    shop.sell(key="k1", command={"package": "PACK"})
    with refused("idempotency_conflict"):
        posting.post_many([shop.sale_record(key="k1", command={"package": "OTHER"})])
    with refused("entitlement_exhausted"):
        posting.post_many(
            [shop.redemption_record(line.pk, 3, 247_50), shop.redemption_record(line.pk, 3, 247_50)]
        )
    posting.close_period([shop.id("S")], DAY, charge.actor)
    with refused("period_closed"):
        posting.post_many([shop.sale_record(), charge])


def test_one_and_many_say_the_same_of_two_faults(shop: Shop):
    """A liability that is not what the entitlement gives up comes before units that aren't there."""
    line = shop.line_of(shop.sell(), "PHYSIO")
    lines = shop.lines(("P", "contract_liability", 100_00), ("P", "service_revenue", -100_00))
    wrong = shop.record("redemption", lines, movements=[Movement(line.pk, -9, -742_50)])
    with refused("not_permitted"):
        posting.post(wrong)
    with refused("not_permitted"):
        posting.post_many([wrong])


def test_folding_keeps_the_sums(shop: Shop):
    sale = shop.sell()
    posting.post(shop.redemption_record(shop.line_of(sale, "PHYSIO").pk, 1, 82_50))
    waiting = BalanceDelta.objects.count()
    assert waiting == 4
    assert posting.fold_deltas(3) == 3
    assert posting.fold_deltas() == 1
    assert posting.fold_deltas() == 0
    assert dict(Balance.objects.values_list("code", "credit_minor")) == {
        "cash": 0,
        "contract_liability": 900_00,
        "service_revenue": 82_50,
    }


def test_a_deferred_check_needs_no_binding(own_shop: Shop):
    """The check runs at commit too, after the binding ended."""
    with bound(own_shop.cast.network.pk):
        own_shop.sell()
