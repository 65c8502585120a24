"""Unclaimed property: what is held, its payment to the state or to the patient, and its void."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access import Denied
from core.errors import Refused
from ledger.actions.expiry import expire
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import close_period
from ledger.actions.unclaimed import pay_unclaimed
from ledger.actions.void import void
from ledger.models import Entitlement, UnclaimedItem
from ledger.queries.explain import explain, replay
from ledger.queries.unclaimed import by_hand, held_by, unclaimed_of
from ledger.queries.verify import verify_ledger
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from ledger.rules.settings import DORMANCY_MONTHS
from ledger.rules.unclaimed import Payee, dormant_until, due_on
from orgs.actions.setting import NewValue, assign_setting
from tests.ledger.market import DAY, SYSTEM, new_key, usd

LATER = date(2030, 3, 1)


@pytest.fixture
def owed(market):
    market.add_package(
        "OWED", "90.00", {"LAB": (1, "250.00")}, holder=market.world["P"], expiry="unclaimed_property"
    )
    return market


def item_of(market, **order) -> UnclaimedItem:
    sale = market.sell("OWED", **order)
    one = Entitlement.objects.get(pk=sale.entitlement_id)
    event = expire(SYSTEM, one, on=one.expires_on + timedelta(days=1), key=new_key())
    return UnclaimedItem.objects.select_related("entitlement").get(event=event)


def pay(market, *items, payee=Payee.STATE, on=LATER, reference="Report 2029", actor=SYSTEM, **more):
    order = {"key": new_key()} | more
    return pay_unclaimed(
        actor, market.world["P"], items=items, payee=payee, on=on, reference=reference, **order
    )


def test_what_expires_is_held_item_by_item(owed):
    one = item_of(owed)
    assert (one.amount, one.dormant_on, one.is_held) == (usd("90.00"), DAY + timedelta(days=364), True)
    assert list(verify_ledger()) == []


def test_one_payment_of_many_items(owed):
    items = [item_of(owed), item_of(owed), item_of(owed)]
    event = pay(owed, *items[:2], key="paid")
    assert owed.balance("P", "unclaimed_property") == "-90.00"
    assert owed.balance("P", "cash") == "90.00"
    assert [one.payment_id for one in UnclaimedItem.objects.order_by("pk")] == [event.pk, event.pk, None]
    assert pay(owed, *items[:2], key="paid").pk == event.pk
    assert owed.balance("P", "cash") == "90.00"
    assert list(verify_ledger()) == []


def test_it_says_why(owed):
    event = pay(owed, item_of(owed))
    why = explain(event)
    assert "90.00 of " in why.reckoned[0]
    assert ("Reference", "Report 2029") in why.inputs
    assert list(replay(event)) == [
        Line(one.organization_id, Account(one.account.code), one.currency, one.amount_minor)
        for one in event.lines.select_related("account").order_by("line_no")
    ]


def test_a_void_gives_back_what_was_paid(owed):
    one = item_of(owed)
    event = pay(owed, one)
    void(SYSTEM, event, reason="The cheque came back", on=LATER, key=new_key())
    assert owed.balance("P", "unclaimed_property") == "-90.00"
    assert UnclaimedItem.objects.get().is_held
    assert list(verify_ledger()) == []
    pay(owed, one)
    assert owed.balance("P", "unclaimed_property") == "0.00"
    assert list(verify_ledger()) == []


def test_whoever_may_void_but_not_pay_voids_no_payment(owed):
    event = pay(owed, item_of(owed))
    with pytest.raises(Denied):
        void(owed.world.actor("local_admin"), event, reason="no", on=LATER, key=new_key())


def test_nothing_is_paid_twice(owed):
    one = item_of(owed)
    pay(owed, one)
    with pytest.raises(Refused, match="has been paid already") as refused:
        pay(owed, one)
    assert refused.value.code == "not_permitted"


@pytest.mark.setting("billing.dormancy_months")
def test_the_state_is_paid_when_it_is_due_and_the_patient_always(owed):
    one = item_of(owed)
    early = one.dormant_on + timedelta(days=10)
    with pytest.raises(Refused, match="is due to the state on") as refused:
        pay(owed, one, on=early)
    assert refused.value.field == "on"
    assert held_by([owed.world["P"]])[owed.world["P"].pk].due == usd("0.00")
    assign_setting(SYSTEM, owed.world["P"], setting=DORMANCY_MONTHS, new=NewValue(0))
    pay(owed, one, on=early)
    other = item_of(owed)
    assign_setting(SYSTEM, owed.world["P"], setting=DORMANCY_MONTHS, new=NewValue(600))
    pay(owed, other, payee=Payee.PATIENT, on=early)
    assert owed.balance("P", "unclaimed_property") == "0.00"


def test_a_payment_to_a_patient_is_of_one_patient(owed):
    other = owed.register("Bina")
    with pytest.raises(Refused, match="one patient's"):
        pay(owed, item_of(owed), item_of(owed, patient=other), payee=Payee.PATIENT)


@pytest.mark.parametrize(
    "wrong, match",
    [
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 121}, "reference"),
        ({"on": DAY}, "is held since"),
    ],
)
def test_what_is_wrong_is_named(owed, wrong, match):
    with pytest.raises(Refused, match=match):
        pay(owed, item_of(owed), payee=Payee.PATIENT, **wrong)


def test_nothing_chosen(owed):
    with pytest.raises(Refused, match="Choose what is paid"):
        pay(owed)


def test_of_one_holder_at_a_time(owed):
    one = item_of(owed)
    with pytest.raises(Refused, match="Not all of this is held"):
        pay_unclaimed(
            SYSTEM, owed.world["S"], items=[one], payee=Payee.STATE, on=LATER, reference="x", key=new_key()
        )


def test_a_closed_period(owed):
    one = item_of(owed)
    close_period(SYSTEM, owed.world["P"], month=LATER, below=False)
    with pytest.raises(Refused) as refused:
        pay(owed, one)
    assert refused.value.code == "period_closed"
    assert UnclaimedItem.objects.get().is_held


@pytest.mark.parametrize("who", ["auditor", "desk", "local_admin"])
def test_only_who_may(owed, who):
    one = item_of(owed)
    with pytest.raises(Denied):
        pay(owed, one, actor=owed.world.actor(who))


def test_what_is_entered_by_hand_stands_apart(owed):
    item_of(owed)
    lines = [
        Posting(owed.world["P"], Account.UNCLAIMED_PROPERTY, usd("-10.00")),
        Posting(owed.world["P"], Account.EQUITY, usd("10.00")),
    ]
    post_journal(SYSTEM, owed.world["P"], postings=lines, reason="Taken over", on=LATER, key=new_key())
    place = owed.world["P"]
    held = held_by([place])[place.pk]
    assert (held.items, held.total, held.due) == (1, usd("90.00"), usd("0.00"))
    assert by_hand(place, held) == usd("10.00")
    assert list(verify_ledger()) == []


def test_due_in_the_list_is_due_by_the_day(owed):
    item_of(owed)
    assign_setting(SYSTEM, owed.world["P"], setting=DORMANCY_MONTHS, new=NewValue(0))
    (one,) = unclaimed_of(owed.world["P"])
    assert one.is_due is (one.dormant_on <= date.today())


@given(
    st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    st.integers(0, 600),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_due_by_either_way(dormant, months, today):
    assert (due_on(dormant, months) <= today) == (dormant <= dormant_until(today, months))


def test_a_month_that_is_too_short():
    assert due_on(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert due_on(date(2024, 12, 31), 0) == date(2024, 12, 31)
    assert due_on(date(2024, 10, 31), 4) == date(2025, 2, 28)
