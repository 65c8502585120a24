"""Reports: the reference postings told by each kind, with proofs that hold and figures that lead to their lines."""

from __future__ import annotations

import csv
import io
from datetime import date

import pypdfium2
import pytest
from django.urls import reverse

from core.money import Money
from ledger.actions.bill import bill_vendor
from ledger.actions.journal import Posting, post_journal
from ledger.actions.refund import refund
from ledger.actions.void import void
from ledger.models import BalanceDelta
from ledger.posting import fold_deltas
from ledger.queries import report_prepaid
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS
from ledger.rules.accounts import Account
from ledger.rules.report import Compare, Period, Scope, Style
from tests.ledger.market import DAY, SYSTEM, new_key, usd

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))
LATER = date(2026, 2, 10)


@pytest.fixture
def reference(market):
    """E1 to E6a of the reference postings, in January, and one redemption in February."""
    sale = market.sell()
    market.redeem(sale, "CONSULT", at="S")
    market.redeem(sale, "PHYSIO", 2, at="Q")
    market.redeem(sale, "LAB")
    bill_vendor(
        SYSTEM,
        market.world["P"],
        vendor=market.world["X"],
        service=market.services["LAB"],
        amount=usd("120.00"),
        effective_on=DAY,
        key=new_key(),
    )
    market.redeem(sale, "PHYSIO", at="S", on=LATER)
    return market


def told(market, kind, *, at="P", scope=Scope.ALONE, period=JANUARY, compare=Compare.NOTHING):
    return KINDS[kind].build(Ask(SYSTEM, market.world[at], scope, period, compare))


def figures(report, table=0):
    """{label: cells as plain texts} of a table."""
    return {
        line.label: [
            cell.value.decimal() if isinstance(cell.value, Money) else cell.value for cell in line.cells
        ]
        for line in report.tables[table].lines
        if line.style is not Style.GROUP
    }


def test_trial_balance_of_one_organization(reference):
    found = figures(told(reference, "trial-balance"))
    assert found["Cash"] == ["900.00"]
    assert found["Contract liability"] == ["-247.50"]
    assert found["Accounts payable"] == ["-120.00"]
    assert found["Sum"] == ["0.00"]


def test_consolidated_shows_what_eliminates_and_the_partners_beside(reference):
    report = told(reference, "profit-and-loss", scope=Scope.CONSOLIDATED)
    assert report.tables[0].heads == [
        "Account",
        "Aggregate",
        "Eliminations",
        "Consolidated",
        "Partners, not added in",
    ]
    found = figures(report)
    assert found["Service revenue"] == ["652.50", "0.00", "652.50", "115.50"]
    assert found["Intercompany revenue"] == ["240.00", "-240.00", "0.00", "0.00"]
    assert found["Intercompany cost"] == ["240.00", "-240.00", "0.00", "0.00"]
    assert found["Partner share cost"] == ["115.50", "0.00", "115.50", "0.00"]
    assert found["Result"] == ["417.00", "0.00", "417.00", "115.50"]


def test_the_subtree_is_added_up_with_its_partners(reference):
    found = figures(told(reference, "profit-and-loss", scope=Scope.SUBTREE))
    assert found["Result"] == ["532.50"]
    assert found["Intercompany revenue"] == ["240.00"]


def test_the_balance_sheet_balances_with_the_result(reference):
    report = told(reference, "balance-sheet", scope=Scope.CONSOLIDATED)
    found = figures(report)
    assert found["Total assets"][2] == found["Total liabilities and equity"][2] == "900.00"
    assert found["Due to"] == ["355.50", "-240.00", "115.50", "0.00"]
    assert found["Result to date"][2] == "417.00"
    assert report.proof.ok


def test_periods_stand_beside_one_another_with_the_change(reference):
    february = Period(date(2026, 2, 1), date(2026, 2, 28))
    found = figures(told(reference, "profit-and-loss", period=february, compare=Compare.PREVIOUS))
    assert found["Service revenue"] == ["82.50", "652.50", "-570.00"]


def test_organizations_stand_beside_one_another_and_add_up(reference):
    report = told(reference, "profit-and-loss", scope=Scope.CONSOLIDATED, compare=Compare.ORGANIZATIONS)
    heads, row = report.tables[0].heads[1:], figures(report)["Intercompany revenue"]
    by_head = dict(zip(heads, row, strict=True))
    assert by_head[reference.world["S"].name] == "240.00"
    assert (by_head["Eliminations"], by_head["Consolidated"]) == ("-240.00", "0.00")
    for amounts in figures(report).values():
        minors = [usd(amount).minor for amount in amounts]
        assert sum(minors[:-1]) == minors[-1]


def test_cash_by_what_happened(reference):
    report = told(reference, "cash-movement")
    assert figures(report) == {"Opening": ["0.00"], "Sale": ["900.00"], "Closing": ["900.00"]}
    assert report.proof.ok


def test_the_prepaid_proof_holds_through_sale_use_void_and_refund(reference):
    sale = reference.sell(on=LATER)
    wrong = reference.redeem(sale, "PHYSIO", at="Q", on=LATER)
    void(SYSTEM, wrong, reason="a mistake", key=new_key(), on=LATER)
    refund(
        SYSTEM,
        reference.world["P"],
        entitlement=reference.entitlement(sale),
        reason="moved away",
        key=new_key(),
        on=LATER,
    )
    february = Period(date(2026, 2, 1), date(2026, 2, 28))
    report = told(reference, "prepaid-proof", period=february)
    assert report.tables[0].heads[1:] == [
        "Opening",
        "Sold",
        "Redeemed here",
        "Redeemed elsewhere",
        "Refunded",
        "Expired",
        "Breakage",
        "Other",
        "Closing",
    ]
    name = reference.world["P"].name
    assert figures(report)[name] == [
        "247.50", "900.00", "0.00", "-82.50", "-900.00", "0.00", "0.00", "0.00", "165.00",
    ]  # fmt: skip
    assert figures(report, 1)[name] == ["165.00", "0.00", "165.00", "0.00"]
    assert report.proof.ok
    earlier = told(reference, "prepaid-proof")
    assert figures(earlier)[name][-1] == figures(earlier, 1)[name][0] == "247.50"


def test_a_proof_that_does_not_hold_names_the_holder(reference, monkeypatch):
    key = (reference.world["P"].pk, "USD")
    monkeypatch.setattr(report_prepaid, "_open_entitlements", lambda holders, until: {key: 24751})
    report = told(reference, "prepaid-proof")
    assert not report.proof.ok
    assert reference.world["P"].name in report.proof.text
    assert figures(report, 1)["Total"][-1] == "0.01"


def test_utilization_counts_where_care_was_given(reference):
    found = figures(told(reference, "utilization", scope=Scope.SUBTREE))
    world = reference.world
    assert found[world["S"].name] == [1, "300.00", "300.00"]
    assert found[world["Q"].name] == [2, "165.00", "165.00"]
    assert found[world["P"].name] == [1, "187.50", "0.00"]
    assert found["Total"] == [4, "652.50", "465.00"]


def test_shares_are_told_by_payer_and_rule(reference):
    report = told(reference, "revenue-shares", scope=Scope.SUBTREE)
    world = reference.world
    rows = [(line.label, *[cell.value for cell in line.cells]) for line in report.tables[0].lines]
    assert (world["S"].name, world["P"].name, "sub-80, version 1", usd("240.00")) in rows
    assert (world["Q"].name, world["P"].name, "partner-70, version 1", usd("115.50")) in rows


def test_due_by_age_settles_the_oldest_first(reference):
    world = reference.world
    late = Period(date(2026, 2, 1), date(2026, 2, 20))
    report = told(reference, "due-by-age", at="S", period=late)
    label = f"{world['S'].name} from {world['P'].name}"
    assert figures(report)[label] == ["66.00", "240.00", "0.00", "0.00", "306.00"]
    paid = usd("250.00")
    post_journal(
        SYSTEM,
        world["P"],
        postings=[
            Posting(world["S"], Account.CASH, paid),
            Posting(world["S"], Account.DUE_FROM, -paid, world["P"]),
            Posting(world["P"], Account.DUE_TO, paid, world["S"]),
            Posting(world["P"], Account.CASH, -paid),
        ],
        reason="paid",
        key=new_key(),
        on=LATER,
    )
    assert figures(told(reference, "due-by-age", at="S", period=late))[label] == [
        "56.00", "0.00", "0.00", "0.00", "56.00",
    ]  # fmt: skip


def test_figures_survive_folding_and_do_not_depend_on_it(reference):
    before = {kind: told(reference, kind, scope=Scope.SUBTREE) for kind in KINDS}
    while fold_deltas(3):
        pass
    assert {kind: told(reference, kind, scope=Scope.SUBTREE) for kind in KINDS} == before
    assert not BalanceDelta.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_and_its_files(reference, kind, browse):
    client = browse("finance")
    asked = {"kind": kind, "organization": "P", "since": "2026-01-01", "until": "2026-01-31"}
    page = client.get(reverse("report"), asked)
    assert page.status_code == 200
    assert KINDS[kind].title in page.content.decode()
    files = {name: client.get(reverse("report"), asked | {"export": name}) for name in ("csv", "xlsx", "pdf")}
    rows = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert len(rows) > (kind != "tax")  # nothing of the reference is taxed
    assert {len(row) for row in rows} == {len(rows[0])}
    assert files["xlsx"].content.startswith(b"PK")
    with pypdfium2.PdfDocument(files["pdf"].content) as pdf:
        text = pdf[0].get_textpage().get_text_range()
    assert KINDS[kind].title in text and reference.world["P"].name in text


def test_who_may_not_read_below_gets_the_organization_alone(reference, browse):
    client = browse("local_admin")
    asked = {"kind": "trial-balance", "organization": "P", "until": "2026-01-31"}
    assert client.get(reverse("report"), asked).status_code == 422
    client = browse("desk")
    assert client.get(reverse("report")).status_code == 403
