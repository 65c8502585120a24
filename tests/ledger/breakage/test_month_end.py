"""Breakage by the month and by hand: what a run would do, who runs it, and that it runs once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from core.clock import today_in
from core.errors import Refused
from ledger.actions.breakage import run_all_breakage, run_holder, run_month_ends
from ledger.actions.period import close_period
from ledger.models import LedgerEvent
from ledger.queries.breakage import percents_set, plans_of, runs_of
from ledger.queries.verify import verify_ledger
from ledger.rules.settings import BREAKAGE_MONTHLY
from ledger.tasks import take_breakage
from orgs.actions.setting import NewValue, assign_setting
from tests.ledger.market import DAY, SYSTEM, new_key, usd

ON = date(2026, 1, 31)


@pytest.fixture
def expecting(market):
    """300.00 of 900.00 redeemed at P, of which a fifth is expected never to be used: 75.00."""
    package = market.packages["CHECKUP"]
    type(package).objects.filter(pk=package.pk).update(breakage_percent=Decimal(20))
    market.redeem(market.sell(), "CONSULT")
    return market


def month_end(place) -> date:
    return today_in(place.time_zone).replace(day=1) - timedelta(days=1)


def switch_on(market, at="P") -> None:
    assign_setting(SYSTEM, market.world[at], setting=BREAKAGE_MONTHLY, new=NewValue(True))


def test_the_plan_is_what_the_run_does(expecting):
    place = expecting.world["P"]
    (plan,) = plans_of(place, ON)
    assert (plan.sold, plan.recognized, plan.target, plan.booked, plan.step) == (
        usd("900.00"),
        usd("300.00"),
        usd("75.00"),
        usd("0.00"),
        usd("75.00"),
    )
    (event,) = run_holder(SYSTEM, place, on=ON, key="k")
    assert expecting.balance("P", "breakage_revenue") == "-75.00"
    (plan,) = plans_of(place, ON)
    assert (plan.booked, plan.step) == (usd("75.00"), usd("0.00"))
    (run,) = runs_of(place)
    assert (run.event.pk, run.before, run.after, run.percent) == (event.pk, usd("0.00"), usd("75.00"), "20")
    assert run_holder(SYSTEM, place, on=ON, key=new_key()) == []
    assert list(verify_ledger()) == []


def test_a_plan_knows_no_later_day(expecting):
    (plan,) = plans_of(expecting.world["P"], DAY - timedelta(days=1))
    assert (plan.sold, plan.step) == (usd("0.00"), usd("0.00"))


def test_who_set_the_percentage_and_when(expecting):
    package = expecting.packages["CHECKUP"]
    assert percents_set([package]) == {}
    made = expecting.add_package("ODD", "10.00", {"LAB": (1, "250.00")}, breakage_percent=Decimal(5))
    label, at = percents_set([package, made])[made.pk]
    assert (label, at.date()) == (SYSTEM.label, made.created_at.date())


@pytest.mark.setting("billing.breakage_monthly")
def test_it_runs_by_itself_where_the_setting_says_so_and_once(expecting):
    place = expecting.world["P"]
    assert run_month_ends(SYSTEM) == []
    switch_on(expecting)
    (done,) = run_month_ends(SYSTEM)
    assert (done.before, done.after, done.refused) == (usd("0.00"), usd("75.00"), "")
    event = LedgerEvent.objects.get(kind="breakage")
    assert event.effective_on == month_end(place)
    assert run_month_ends(SYSTEM) == []
    assert [one.after for one in run_all_breakage(SYSTEM, month_end(place))] == [usd("75.00")]
    assert LedgerEvent.objects.filter(kind="breakage").count() == 1


def test_the_worker_finds_it(expecting):
    switch_on(expecting)
    assert take_breakage() == 1
    assert expecting.balance("P", "breakage_revenue") == "-75.00"


def test_a_month_that_is_closed_is_refused_with_the_reason_and_tried_again(expecting):
    place = expecting.world["P"]
    switch_on(expecting)
    close_period(SYSTEM, place, month=month_end(place).replace(day=1), below=False)
    (done,) = run_month_ends(SYSTEM)
    assert "closed" in done.refused
    assert len(run_month_ends(SYSTEM)) == 1
    with pytest.raises(Refused, match="closed"):
        run_holder(SYSTEM, place, on=month_end(place), key=new_key())
    assert not LedgerEvent.objects.filter(kind="breakage").exists()


def test_by_hand_all_packages_and_the_same_key_once(expecting):
    market = expecting
    market.add_package(
        "OTHER", "90.00", {"LAB": (2, "250.00")}, holder=market.world["P"], breakage_percent=Decimal(50)
    )
    market.redeem(market.sell("OTHER"), "LAB")
    assert [plan.step for plan in plans_of(market.world["P"], ON)] == [usd("75.00"), usd("45.00")]
    assert len(run_holder(SYSTEM, market.world["P"], on=ON, key="k")) == 2
    assert len(run_holder(SYSTEM, market.world["P"], on=ON, key="k")) == 2
    assert market.balance("P", "breakage_revenue") == "-120.00"


class TestPages:
    QUERY = f"?organization=P&on={ON.isoformat()}"

    def test_they_say_what_the_next_run_posts_and_then_that_it_did(self, expecting, browse):
        finance, url = browse("finance"), reverse("breakage") + self.QUERY
        page = finance.get(url)
        assert [row["plan"].step for row in page.context["rows"]] == [usd("75.00")]
        assert len(page.context["actions"]) == 1
        run = reverse("breakage-run") + self.QUERY
        assert "USD 75.00 is posted" in finance.get(run).content.decode()
        sent = {"organization": "P", "on": ON.isoformat(), "_key": new_key()}
        for _ in range(2):
            assert expecting.world.post(finance, run, sent).url == url
        assert expecting.balance("P", "breakage_revenue") == "-75.00"
        page = finance.get(url)
        assert page.context["actions"] == []
        assert [one.after for one in page.context["runs"]] == [usd("75.00")]
        again = expecting.world.post(finance, run, sent | {"_key": new_key()})
        assert (again.status_code, "Nothing is to be booked" in again.content.decode()) == (422, True)

    def test_a_closed_day_is_said_before_and_refused_beside_the_form(self, expecting, browse):
        close_period(SYSTEM, expecting.world["P"], month=ON.replace(day=1), below=False)
        finance = browse("finance")
        page = finance.get(reverse("breakage") + self.QUERY)
        assert page.context["closed"] == ON
        sent = {"organization": "P", "on": ON.isoformat(), "_key": new_key()}
        answer = expecting.world.post(finance, reverse("breakage-run"), sent)
        assert (answer.status_code, "closed" in answer.content.decode()) == (422, True)

    def test_who_only_reads_runs_nothing(self, expecting, browse):
        auditor = browse("auditor")
        assert auditor.get(reverse("breakage") + self.QUERY).context["actions"] == []
        assert auditor.get(reverse("breakage-run")).status_code == 403
