"""Settlements proposed by themselves, and by command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from settlement.actions.schedule import propose_due
from settlement.models import SettlementRun
from settlement.rules.schedule import due_cutoff
from settlement.rules.settings import SETTLEMENT_CYCLE, SETTLEMENT_LAG_DAYS, SETTLEMENT_METHOD
from settlement.tasks import propose_settlements
from tests.settlement.office import Office

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(0, 60), st.sampled_from(["weekly", "monthly"]))
def test_the_cut_off_is_the_latest_end_that_is_long_enough_ago(today, lag, cycle):
    found = due_cutoff(cycle, lag, today)
    ends = [
        day
        for day in (today - timedelta(days=n) for n in range(lag + 1, lag + 33))
        if (day.weekday() == 6 if cycle == "weekly" else (day + timedelta(days=1)).day == 1)
    ]
    assert found == ends[0]


def test_without_a_cycle_nothing_is_due():
    assert due_cutoff("none", 0, date(2026, 2, 1)) is None


def on(day: date):
    return clock.at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def policy(assign):
    """Assign a setting long before the days of these tests."""

    def since_december(setting, value) -> None:
        with on(date(2025, 12, 1)):
            assign("P", setting, value)

    return since_december


def proposed_on(day: date) -> list[SettlementRun]:
    with on(day):
        return propose_due()


@pytest.mark.setting("billing.settlement_cycle")
def test_the_policy_proposes_each_month_once(owing: Office, policy):
    assert proposed_on(date(2026, 2, 10)) == []
    policy(SETTLEMENT_CYCLE, "monthly")
    (run,) = proposed_on(date(2026, 2, 10))
    assert (run.cutoff_on, run.status) == (date(2026, 1, 31), "proposed")
    assert owing.payments(run) == {"S->P": "260.00", "P->Q": "115.50"}
    assert proposed_on(date(2026, 2, 20)) == []
    assert proposed_on(date(2026, 3, 20)) == []  # nothing is open
    assert SettlementRun.objects.count() == 1


@pytest.mark.setting("billing.settlement_lag_days")
def test_late_entries_have_their_days(owing: Office, policy):
    policy(SETTLEMENT_CYCLE, "monthly")
    policy(SETTLEMENT_LAG_DAYS, 9)
    assert proposed_on(date(2026, 2, 9)) == []
    assert len(proposed_on(date(2026, 2, 10))) == 1


@pytest.mark.setting("billing.settlement_method")
def test_the_policy_says_how(owing: Office, policy):
    policy(SETTLEMENT_CYCLE, "weekly")
    policy(SETTLEMENT_METHOD, "multilateral")
    (run,) = proposed_on(date(2026, 2, 10))
    assert run.cutoff_on == date(2026, 2, 1)
    assert owing.payments(run) == {"S->P": "144.50", "S->Q": "115.50"}


def test_the_worker_goes_over_every_network_with_agreements(owing: Office, policy):
    policy(SETTLEMENT_CYCLE, "monthly")
    with on(date(2026, 2, 10)):
        assert propose_settlements() == 1


def run_settlement(*args: str) -> str:
    out = StringIO()
    call_command("run_settlement", *args, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_would_be_and_keeps_nothing(owing: Office):
    network = str(owing.world.network.pk)
    said = json.loads(run_settlement("--network", network, "--until", "2026-01-31", "--dry-run", "--json"))
    assert said["dry_run"] is True
    (run,) = said["networks"][0]["settlements"]
    assert run["payments"] == [
        {"from": "P", "to": "Q", "amount": "115.50"},
        {"from": "S", "to": "P", "amount": "260.00"},
    ]
    assert (run["claims"], run["gross"], run["net"]) == (3, "855.50", "375.50")
    assert not SettlementRun.objects.exists()


def test_the_command_proposes_once_and_says_so(owing: Office):
    network = str(owing.world.network.pk)
    wanted = ("--network", network, "--until", "2026-01-31", "--method", "multilateral")
    assert "settlement 1 nets 3 claims until 2026-01-31" in run_settlement(*wanted)
    assert run_settlement(*wanted) == f"network {network}: nothing to settle\n"
    assert SettlementRun.objects.get().status == "proposed"
