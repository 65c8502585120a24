"""Totals of a pair: what is kept is what the items come to, whatever happens, and reads no item to say so."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.tenancy import bound
from ledger.models import LedgerEvent
from ledger.queries.mutual import claims_between, moved
from ledger.queries.verify import verify_ledger
from network.services import superuser_dsn
from settlement.actions.acknowledgement import Meant, acknowledge
from settlement.actions.dispute import Said, end_dispute, raise_dispute
from settlement.actions.run import cancel_run
from settlement.models import Dispute, SettlementRun
from settlement.queries.item_totals import TOTALS, totals_of
from settlement.queries.items import FIRST, LAST, Narrowing, items_of
from settlement.queries.verify import ITEM_TOTALS
from tests.ledger.market import SYSTEM
from tests.meeting import meeting
from tests.settlement.office import CUTOFF, Office

DAYS = st.integers(0, 70)
STEPS = st.one_of(
    st.tuples(st.just("owe"), DAYS, st.integers(1, 999), st.booleans()),
    st.tuples(st.just("void"), st.integers(0, 5)),
    st.tuples(st.just("agree"), DAYS, st.booleans()),
    st.tuples(st.just("dispute"), st.integers(0, 5)),
    st.tuples(st.just("end"), st.booleans()),
    st.tuples(st.just("propose"), DAYS),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("settle"), DAYS),
)
BEGIN = date(2026, 1, 1)


def ids(office: Office) -> list[int]:
    return [one.pk for one in claims_between(office.world["P"].pk, office.world["S"].pk)]


def counted(office: Office, narrowing: Narrowing) -> dict[tuple[int, str], tuple[int | None, int]]:
    """The same from the items themselves; nobody counts what is open, nor says that it comes to nothing."""
    sums: Counter[tuple[int, str]] = Counter()
    counts: Counter[tuple[int, str]] = Counter()
    for one in items_of(ids(office), narrowing):
        sums[one.creditor_id, one.state] += one.amount.minor
        counts[one.creditor_id, one.state] += 1
    return {
        key: (None if key[1] == "open" else counts[key], minor)
        for key, minor in sums.items()
        if key[1] != "open" or minor
    }


def kept(office: Office, narrowing: Narrowing) -> dict[tuple[int, str], tuple[int | None, int]]:
    return {
        (one.creditor_id, one.state): (one.count, one.amount.minor)
        for one in totals_of(ids(office), narrowing)
    }


def broken() -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute(ITEM_TOTALS.sql)
        return cursor.fetchall()


def do(office: Office, step: tuple) -> None:
    """One step, if it is possible now."""
    kind, *said = step
    posted = items_of(ids(office))
    if kind == "owe":
        debtor, creditor = ("P", "S") if said[2] else ("S", "P")
        office.owe(debtor, creditor, f"{said[1]}.00", on=BEGIN + timedelta(days=said[0]))
    elif kind == "void" and len(posted) > said[0]:
        event = LedgerEvent.objects.get(pk=posted[said[0]].event_id)
        office.void(event, on=max(event.effective_on, BEGIN + timedelta(days=40)))
    elif kind == "agree":
        side = office.world["P" if said[1] else "S"]
        acknowledge(SYSTEM, side, meant=Meant(ids(office), until=BEGIN + timedelta(days=said[0])))
    elif kind == "dispute" and len(posted) > said[0]:
        one = posted[said[0]]
        raise_dispute(
            SYSTEM, office.world["P"], event_id=one.event_id, account_id=one.account_id, reason="amount", said=Said("No.")
        )  # fmt: skip
    elif kind == "end" and (dispute := Dispute.objects.filter(closed_at=None).first()):
        end_dispute(SYSTEM, dispute, outcome="withdrawn", text="We looked again.", version=dispute.version)
    elif kind == "propose":
        office.propose("P", "S", cutoff=BEGIN + timedelta(days=said[0]))
    elif kind == "cancel" and (run := SettlementRun.objects.filter(status="proposed").first()):
        cancel_run(SYSTEM, run, reason="Not now.")
    elif kind == "settle" and (run := SettlementRun.objects.filter(status="proposed").last()):
        office.settle(run, on=max(run.cutoff_on, BEGIN + timedelta(days=said[0])))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=8), since=DAYS, length=DAYS)
def test_what_is_kept_is_what_the_items_come_to(office, steps, since, length):
    with transaction.atomic():
        office.agree("P", "S")
        for step in [("owe", 3, 500, True), ("owe", 35, 240, False), *steps]:
            try:
                with transaction.atomic():
                    do(office, step)
            except Refused:
                continue
        first = BEGIN + timedelta(days=since)
        for narrowing in (Narrowing(), Narrowing(first, first + timedelta(days=length))):
            assert kept(office, narrowing) == counted(office, narrowing)
        assert broken() == []
        transaction.set_rollback(True)


def test_what_moved_is_what_the_lines_say(owing: Office):
    """Whole months, cut ones, one day, one month cut at both ends."""
    for day in (1, 28, 31, 32, 59, 60):
        owing.owe("P", "S", "10.00", on=BEGIN + timedelta(days=day))
    accounts = ids(owing)
    for since, until in ((0, 31), (3, 40), (5, 5), (5, 20), (0, 30), (31, 58), (12, 90)):
        first, last = BEGIN + timedelta(days=since), BEGIN + timedelta(days=until)
        lines = Counter()
        for one in items_of(accounts, Narrowing(first, last)):
            lines[one.account_id] += one.amount.minor
        assert Counter({key: minor for key, minor in moved(accounts, first, last).items() if minor}) == lines


def test_a_filter_of_a_state_leaves_that_state(owing: Office):
    acknowledge(SYSTEM, owing.world["S"], meant=Meant(ids(owing), until=LAST, since=FIRST))
    assert {one.state for one in totals_of(ids(owing), Narrowing())} == {"open", "acknowledged"}
    assert [one.state for one in totals_of(ids(owing), Narrowing(state="open"))] == ["open"]


@pytest.mark.parametrize(
    "tried",
    [
        "UPDATE settlement_itemtotal SET minor = 0",
        'INSERT INTO settlement_itemtotal (account_id, "on", items, minor) SELECT account_id, "on" + 1, 1, 1'
        " FROM settlement_itemtotal",
        "DELETE FROM settlement_itemtotal",
    ],
)
def test_nobody_but_the_triggers_writes_them(owing: Office, tried):
    owing.propose("P", "S")
    with (
        pytest.raises(DatabaseError, match=r"kept by triggers alone|permission denied"),
        transaction.atomic(),
    ):
        connection.cursor().execute(tried)


def test_damage_is_noticed(own_owing: Office):
    """As a superuser, with the trigger off."""
    with bound(own_owing.world.network.pk):
        own_owing.propose("P", "S")
        name = connection.settings_dict["NAME"]
    with psycopg.connect(superuser_dsn(name)) as session:
        session.execute("ALTER TABLE settlement_itemtotal DISABLE TRIGGER kept")
        session.execute("UPDATE settlement_itemtotal SET minor = minor + 1 WHERE minor = 50000")
    with bound(own_owing.world.network.pk):
        (finding,) = verify_ledger()
    assert finding.check.name == "totals of items are what the items come to"
    assert "1 items of 50001 are kept, there are 1 of 50000" in finding.examples[0]


def test_agreeing_and_taking_at_the_same_moment_count_an_item_once(own_owing: Office):
    network = own_owing.world.network.pk
    meeting(
        network,
        lambda: acknowledge(SYSTEM, own_owing.world["S"], meant=Meant(ids(own_owing))),
        lambda: own_owing.propose("P", "S", cutoff=CUTOFF),
    )
    with bound(network):
        assert kept(own_owing, Narrowing()) == counted(own_owing, Narrowing())
        assert list(verify_ledger()) == []


def test_totals_read_no_items(owing: Office):
    """The plan names the tables of what is kept; lines are read by the keys of disputes and runs, not by account alone."""
    named = {"network": owing.world.network.pk, "accounts": ids(owing), "since": FIRST, "until": LAST}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {TOTALS}", named)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "itemtotal_once" in plan
