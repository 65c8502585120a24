"""Redemptions of a file: the same as at a counter, line by line, whatever it was broken off at."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEvent
from core.errors import Refused
from ledger.actions import redemption_file
from ledger.actions.breakage import run_breakage
from ledger.actions.period import close_period
from ledger.actions.redemption_file import Redemptions, redeem_batch
from ledger.models import EntitlementMovement, JournalLine, LedgerEvent
from ledger.queries.verify import verify_ledger
from ledger.rules.redemption_file import NEEDED, AskedLine, UnreadableError, WrongLine, read_redemptions
from ledger.rules.terms import Basis, Conditions, Measure, Outcome, Per, Share, Tier, Volume
from patients.queries.patient import is_registered_at
from tests.ledger.market import DAY, SYSTEM

HEAD = ",".join(NEEDED)


def asked(number, sale, service, quantity=1, at="P", on=DAY, key=None, patient=""):
    code = sale if isinstance(sale, str) else sale.entitlement.code
    return AskedLine(number, key or f"k{number}", code, service, quantity, on, at, patient)


def take(market, *lines):
    return redeem_batch(SYSTEM, market.world["P"], batch=lines, file_name="old.csv")


def codes(results):
    return [one.code for one in results]


def posted(after: int):
    """What was posted, without what tells one event from another."""
    lines = JournalLine.objects.filter(event__gt=after).order_by("event", "line_no")
    movements = EntitlementMovement.objects.filter(event__gt=after).order_by("event", "movement_no")
    events = LedgerEvent.objects.filter(pk__gt=after).order_by("pk")
    return (
        list(lines.values_list("account", "amount_minor", "effective_on")),
        list(movements.values_list("entitlement_line__service__code", "units", "amount_minor")),
        [
            (one.kind, one.effective_on, one.organization_id, one.rule_version_id,
             {key: value for key, value in one.inputs.items() if key != "entitlement"})
            for one in events
        ],
    )  # fmt: skip


def newest() -> int:
    return LedgerEvent.objects.latest("pk").pk


REDEMPTIONS = [
    ("CONSULT", 1, "S"),
    ("PHYSIO", 2, "Q"),
    ("LAB", 1, "P"),
    ("PHYSIO", 1, "S"),
    ("PHYSIO", 2, "P"),
]


def test_a_file_posts_what_the_counter_posts(market):
    sale, other = market.sell(), market.sell()
    before = newest()
    for service, quantity, at in REDEMPTIONS:
        market.redeem(sale, service, quantity, at=at)
    by_hand, before = posted(before), newest()
    results = take(market, *(asked(n, other, *one) for n, one in enumerate(REDEMPTIONS)))
    assert codes(results) == [""] * len(REDEMPTIONS)
    assert posted(before)[1:] == by_hand[1:]
    assert posted(before)[0] == by_hand[0]
    assert list(verify_ledger()) == []


def test_tiers_and_booked_breakage_go_on_from_line_to_line(market):
    tiers = (Tier(percent=Fraction(50), up_to=2), Tier(percent=Fraction(90)))
    outcome = Outcome(
        transfer=Share("servicing", basis=Basis.ALLOCATED_PRICE, tiers=tiers),
        volume=Volume(Measure.UNITS, Per.MONTH),
    )
    market.add_rule("tiered", when=Conditions(servicing="S"), outcome=outcome)
    sales, first = [market.sell("COURSE") for _ in range(4)], market.sell("COURSE")
    market.redeem(first, "PHYSIO")
    run_breakage(
        SYSTEM,
        market.world["P"],
        package=market.packages["COURSE"],
        expected_percent=Fraction(30),
        on=DAY,
        key="b",
    )
    before = newest()
    for sale in sales[:2]:
        for quantity in (1, 2, 2):
            market.redeem(sale, "PHYSIO", quantity, at="S")
    one_by_one = [row[4]["recognized_minor"] for row in posted(before)[2]]
    before = newest()
    results = take(
        market,
        *(
            asked(n, sale, "PHYSIO", q, "S")
            for n, (sale, q) in enumerate((s, q) for s in sales[2:] for q in (1, 2, 2))
        ),
    )
    assert codes(results) == [""] * 6
    events = LedgerEvent.objects.filter(pk__gt=before).order_by("pk")
    assert [one.inputs["recognized_minor"] for one in events] == one_by_one
    volumes = [one.inputs["inputs"]["volume_before"] for one in events]
    assert volumes == [10, 11, 13, 15, 16, 18]
    take(market, asked(20, first, "PHYSIO", 3), asked(21, first, "PHYSIO", 1))
    assert LedgerEvent.objects.latest("pk").inputs["reversed_minor"] == 42_86
    assert list(verify_ledger()) == []


def test_every_line_says_what_is_wrong_with_it(market):
    world, sale = market.world, market.sell()
    market.sell("COURSE", at="S")
    close_period(SYSTEM, world["T"], month=date(2026, 1, 1))
    results = take(
        market,
        asked(2, "nothing", "CONSULT"),
        asked(3, sale, "NOTHING"),
        asked(4, sale, "CONSULT", at="nowhere"),
        asked(5, sale, "PHYSIO", 6),
        asked(6, sale, "PHYSIO", 4),
        asked(7, sale, "PHYSIO", 2),
        asked(8, sale, "LAB", on=DAY + timedelta(days=400)),
        asked(9, sale, "LAB", at="X"),
        asked(10, sale, "LAB", on=DAY - timedelta(days=1)),
        asked(11, sale, "LAB", patient="MRN-0"),
        asked(12, sale, "LAB", at="T", on=DAY),
        asked(13, sale, "PHYSIO", 1, key="k6"),
        asked(14, sale, "PHYSIO", 4, key="k6"),
    )
    assert codes(results) == [
        "not_permitted", "not_permitted", "not_permitted", "entitlement_exhausted", "", "entitlement_exhausted",
        "entitlement_expired", "not_redeemable_here", "not_permitted", "not_permitted", "period_closed",
        "idempotency_conflict", "",
    ]  # fmt: skip
    assert results[-1].is_repeated
    assert all(one.text for one in results if one.code)
    assert market.left(sale, "PHYSIO") == 1
    assert AuditEvent.objects.filter(verb="entitlement.redeemed_from_file").count() == 1


def test_who_is_named_uses_it_and_becomes_known_there(market):
    sale = market.sell()
    assert not is_registered_at(market.patient.pk, market.world["S"].pk)
    take(market, asked(2, sale, "CONSULT", at="S"))
    assert is_registered_at(market.patient.pk, market.world["S"].pk)


def write(path, lines):
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return path


def run(market, path, *options):
    out = StringIO()
    try:
        call_command(
            "import_redemptions", str(path), "--network", str(market.world.network.pk), "--json", *options,
            stdout=out, stderr=StringIO(),
        )  # fmt: skip
    except SystemExit as ended:
        assert ended.code == 1
    return json.loads(out.getvalue())


@pytest.fixture
def file(market, tmp_path, monkeypatch):
    """Twelve redemptions of three sales and two lines that are wrong, in batches of five."""
    monkeypatch.setattr("ledger.management.commands.import_redemptions.BATCH", 5)
    sales = [market.sell("COURSE") for _ in range(3)]
    lines = [
        f"{n},{sales[n % 3].entitlement.code},PHYSIO,1,2026-01-{10 + n % 5},{'PSQ'[n % 2]}" for n in range(12)
    ]
    return write(
        tmp_path / "old.csv", [*lines, "x,nothing,PHYSIO,1,2026-01-10,P", "y,z,PHYSIO,one,2026-01-10,P"]
    )


def test_a_dry_run_says_what_the_import_then_does(market, file):
    before = newest()
    dry = run(market, file, "--dry-run")
    assert newest() == before
    assert dry["redeemed"] == 12
    assert [(one["line"], one["code"]) for one in dry["refused"]] == [(14, "not_permitted"), (15, "invalid")]
    assert run(market, file) == dry | {"dry_run": False}
    assert LedgerEvent.objects.filter(pk__gt=before).count() == 12
    assert run(market, file) == dry | {"dry_run": False, "redeemed": 0, "repeated": 12}


@pytest.mark.parametrize("breaks_at", [1, 2, 3])
def test_broken_off_anywhere_it_goes_on_without_losing_or_doubling_any(market, file, monkeypatch, breaks_at):
    before, calls, post_many = newest(), [], redemption_file.post_many

    def killed(records):
        made = post_many(records)
        calls.append(len(records))
        if len(calls) == breaks_at:
            raise Refused("killed", "after it was posted, before its transaction ended")
        return made

    monkeypatch.setattr(redemption_file, "post_many", killed)
    with pytest.raises(Exception, match="give the file again"):
        run(market, file)
    monkeypatch.setattr(redemption_file, "post_many", post_many)
    done = LedgerEvent.objects.filter(pk__gt=before).count()
    assert done == sum(calls[:-1])
    again = run(market, file)
    assert (again["redeemed"], again["repeated"]) == (12 - done, done)
    used = EntitlementMovement.objects.filter(event__gt=before)
    assert sum(used.values_list("units", flat=True)) == -12
    assert list(verify_ledger()) == []


def test_a_batch_asks_as_often_for_thirty_lines_as_for_three(market):
    sales = [market.sell("COURSE", at="P") for _ in range(33)]
    lines = [asked(n, sale, "PHYSIO", at="P") for n, sale in enumerate(sales)]
    counts = []
    for part in (lines[:3], lines[3:]):
        with CaptureQueriesContext(connection) as caught:
            assert not any(codes(take(market, *part)))
        counts.append(len(caught))
    assert counts[1] <= counts[0]


def test_a_dry_run_asks_of_nobody_twice(market):
    sale = market.sell("COURSE")
    dry = Redemptions(SYSTEM, posting=False)
    assert codes(dry.take([asked(2, sale, "PHYSIO", 3)])) == [""]
    assert codes(dry.take([asked(3, sale, "PHYSIO", 3), asked(4, sale, "PHYSIO", 2)])) == [
        "entitlement_exhausted", "",
    ]  # fmt: skip
    assert market.left(sale, "PHYSIO") == 5


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n", HEAD + ",more\n", HEAD + ",key\n", '"' + HEAD, HEAD.replace("key,", "") + "\n"],
)
def test_what_is_no_file_of_redemptions(text):
    with pytest.raises(UnreadableError):
        read_redemptions(text)


@pytest.mark.parametrize(
    "line",
    [
        "k,E,S,1,2026-01-10", ",E,S,1,2026-01-10,P", "k,E,S,0,2026-01-10,P", "k,E,S,-1,2026-01-10,P",
        "k,E,S,1.5,2026-01-10,P", "k,E,S,1234567,2026-01-10,P", "k,E,S,1,10.1.2026,P", "k,E,S,1,0001-01-01,P",
        f"{'k' * 61},E,S,1,2026-01-10,P", "k\0,E,S,1,2026-01-10,P", "k,E,S,²,2026-01-10,P",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read(line):
    asked_lines, (wrong,) = read_redemptions(f"{HEAD}\n{line}\n")
    assert not asked_lines
    assert isinstance(wrong, WrongLine)
    assert wrong.number == 2
    assert wrong.problem


def test_a_key_is_one_line_of_an_organization():
    lines, (wrong,) = read_redemptions(
        f"{HEAD}\nk,E,S,1,2026-01-10,P\nk,E,S,1,2026-01-10,S\nk,E,S,1,2026-01-11,P\n"
    )
    assert [one.organization for one in lines] == ["P", "S"]
    assert (wrong.number, "line 2" in wrong.problem) == (4, True)


@given(st.text())
def test_no_text_breaks_the_reader(text):
    try:
        lines, wrong = read_redemptions(f"{HEAD}\n{text}")
    except UnreadableError:
        return
    assert len(lines) + len(wrong) <= text.count("\n") + text.count("\r") + 1
