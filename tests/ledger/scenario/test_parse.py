"""A scenario file is read as it is written, with the line of everything."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.rules.accounts import Account
from ledger.rules.lines import Kind
from ledger.rules.netting import Owed
from ledger.rules.refusals import RefusalCode
from ledger.rules.terms import Basis, Conditions, Dates, Event, PayerType, Presentation
from ledger.scenario import schema
from ledger.scenario.parse import parse_file, parse_scenario
from ledger.scenario.reading import Malformed

HEAD = """\
name: Parent pays, child redeems
currency: INR
organizations:
  - {code: S, kind: sub, under: P}
  - {code: P, kind: parent}
  - {code: Q, kind: partner, under: P}
  - {code: X, kind: third_party, under: P, currency: EUR}
services:
  - {code: CONSULT, list_price: "400.00", category: care}
  - {code: LAB, list_price: 250}
packages:
  - code: PACK
    price: "900.00"
    lines: [{service: CONSULT, quantity: 1}, {service: LAB, quantity: 2, standalone_price: "200.00"}]
"""
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def steps(*texts: str, rules: str = "") -> tuple[schema.Step, ...]:
    listed = "".join(f"  - {text}\n" for text in texts)
    return parse_scenario(f"{HEAD}{rules}steps:\n{listed}").steps


SALE = "sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: P}"


def test_the_declarations() -> None:
    scenario = parse_scenario(HEAD)
    assert (scenario.name, scenario.currency) == ("Parent pays, child redeems", "INR")
    assert [each.code for each in scenario.organizations] == ["P", "S", "Q", "X"]
    assert [each.line for each in scenario.organizations] == [5, 4, 6, 7]
    assert {each.code: each.currency for each in scenario.organizations}["X"] == "EUR"
    assert scenario.services == (
        schema.ServiceDeclared(9, "CONSULT", 40000, "care"),
        schema.ServiceDeclared(10, "LAB", 25000),
    )
    (package,) = scenario.packages
    assert package == schema.PackageDeclared(
        line=12,
        code="PACK",
        currency="INR",
        price_minor=90000,
        lines=(schema.PackageLine(14, "CONSULT", 1, 40000), schema.PackageLine(14, "LAB", 2, 20000)),
    )
    assert package.refund is schema.RefundPolicy.ALLOCATED_PRICE
    assert package.expiry is schema.ExpiryPolicy.BREAKAGE_REVENUE
    assert scenario.rules == scenario.steps == scenario.expect == ()


def test_organizations_come_parents_first() -> None:
    text = """\
name: deep
currency: JPY
organizations:
  - {code: C, kind: sub, under: B}
  - {code: B, kind: sub, under: A}
  - {code: A, kind: parent}
"""
    assert [each.code for each in parse_scenario(text).organizations] == ["A", "B", "C"]


def test_a_package_with_everything_said() -> None:
    text = HEAD + (
        "  - {code: FULL, price: '10', holder: P, refund: none, expiry: unclaimed_property, valid_days: 30,\n"
        "     sell_at: [P], redeem_at: [P, S], lines: [{service: LAB, quantity: 3}]}\n"
    )
    full = parse_scenario(text).packages[1]
    assert (full.holder, full.sell_at, full.redeem_at, full.valid_days) == ("P", ("P",), ("P", "S"), 30)
    assert (full.refund, full.expiry) == ("none", "unclaimed_property")


def test_rules() -> None:
    rules = """\
rules:
  - {code: sub-80, event: redemption, when: {servicing_kind: sub}, transfer: {percent: "80", basis: allocated_price}}
  - code: partner
    event: redemption
    priority: -2
    payer: holder
    presentation: agent
    when: {servicing: Q, service: CONSULT, seller_under: P, payer_type: patient, dates: {from: 2026-01-01}}
    shares: [{party: servicing, percent: "62.5", basis: allocated_price}]
    legal_basis: services performed
  - {code: mixed, event: charge, when: {category: care}, shares: [{party: S, fixed: "12.50", legal_basis: rent},
     {party: parent, remainder: true, basis: list_price}]}
  - {code: bare, event: redemption}
"""
    first, partner, mixed, bare = parse_scenario(HEAD + rules).rules
    assert (first.line, partner.line, mixed.line, bare.line) == (16, 17, 25, 27)
    assert first.when == Conditions(servicing_kind=Kind.SUB)
    assert first.outcome.transfer is not None
    assert (first.outcome.transfer.percent, first.outcome.transfer.basis) == (80, Basis.ALLOCATED_PRICE)
    assert partner.when == Conditions(
        servicing="Q",
        service="CONSULT",
        seller_under="P",
        payer_type=PayerType.PATIENT,
        dates=Dates(date(2026, 1, 1)),
    )
    assert partner.outcome.presentation is Presentation.AGENT
    assert (partner.priority, partner.outcome.payer) == (-2, "holder")
    assert partner.outcome.shares[0].percent == Fraction(125, 2)
    assert partner.outcome.shares[0].legal_basis == "services performed"
    assert [(share.fixed_minor, share.remainder, share.legal_basis) for share in mixed.outcome.shares] == [
        (1250, False, "rent"),
        (None, True, ""),
    ]
    assert mixed.outcome.currency == "INR"
    assert (bare.event, bare.when, bare.outcome.parts) == (Event.REDEMPTION, Conditions(), ())


def test_every_step() -> None:
    day = date(2026, 1, 10)
    found = steps(
        SALE,
        "sale: {id: S2, on: 2026-01-10, package: PACK, patient: No, at: P, quantity: 3, discount: '0.50'}",
        "redeem: {id: R1, on: 2026-01-10, sale: S1, service: LAB, quantity: 2, at: S}",
        "void: {id: V1, on: 2026-01-10, of: R1}",
        "refund: {id: F1, on: 2026-01-10, sale: S1, service: LAB, quantity: 1, at: S}",
        "refund: {id: F2, on: 2026-01-10, sale: S1}",
        "expire: {id: E1, on: 2026-01-10, sale: S1}",
        "charge: {id: C1, on: 2026-01-10, service: LAB, quantity: 1, patient: Asha, at: S}",
        "vendor_bill: {id: B1, on: 2026-01-10, vendor: X, at: P, service: LAB, amount: '120.00'}",
        "breakage: {id: K1, on: 2026-01-10, package: PACK, expected_percent: '5'}",
        "journal: {id: J1, on: 2026-01-10, lines: [{organization: P, account: due_to, counterparty: S,"
        " amount: '-10', currency: JPY}, {organization: P, account: cash, amount: '10.5'}]}",
        "net: {id: N1, on: 2026-01-10, method: bilateral, organizations: [P, S]}",
        "settle: {id: T1, on: 2026-01-10, of: N1}",
        "close: {month: 2026-01}",
        "close: {month: '2026-02', organization: S}",
        "rule: {code: late, event: redemption, when: {}, transfer: {percent: '10', basis: list_price}}",
        "split: {id: D1, amount: '-0.05', weights: {a: 30, b: '70.5'}}",
        "recognize: {id: G1, amount: '9000', steps: [{used: 4500, of: 9700}]}",
        "net_positions: {id: M1, method: multilateral, owed: [{from: A, to: B, amount: '250'}]}",
        "refused: {code: no_rule, step: {redeem: {id: R9, on: 2026-01-10, sale: S1, service: LAB, quantity: 9, at: S}}}",
    )
    assert [each.line for each in found] == list(range(16, 36))
    assert found[1] == schema.Sale(17, "S2", day, "PACK", "No", "P", 3, 50)
    assert found[2] == schema.Redeem(18, "R1", day, "S1", "LAB", 2, "S")
    assert found[3] == schema.Void(19, "V1", day, "R1")
    assert found[4] == schema.Refund(20, "F1", day, "S1", "LAB", 1, "S")
    assert found[5] == schema.Refund(21, "F2", day, "S1")
    assert found[6] == schema.Expire(22, "E1", day, "S1")
    assert found[7] == schema.Charge(23, "C1", day, "LAB", 1, "Asha", "S")
    assert found[8] == schema.VendorBill(24, "B1", day, "X", "P", "LAB", 12000)
    assert found[9] == schema.Breakage(25, "K1", day, "PACK", Fraction(5))
    assert found[10] == schema.Journal(
        26,
        "J1",
        day,
        (
            schema.JournalLine(26, "P", Account.DUE_TO, "JPY", -10, "S"),
            schema.JournalLine(26, "P", Account.CASH, "INR", 1050),
        ),
    )
    assert found[11] == schema.Net(27, "N1", day, schema.NettingMethod.BILATERAL, ("P", "S"))
    assert found[12] == schema.Settle(28, "T1", day, "N1")
    assert found[13] == schema.Close(29, date(2026, 1, 1))
    assert found[14] == schema.Close(30, date(2026, 2, 1), "S")
    assert isinstance(found[15], schema.ActivateRule)
    assert found[16] == schema.SplitStep(32, "D1", -5, {"a": Fraction(30), "b": Fraction(141, 2)})
    assert found[17] == schema.RecognizeStep(33, "G1", 900000, ((4500, 9700),))
    assert found[18] == schema.NetPositionsStep(
        34, "M1", schema.NettingMethod.MULTILATERAL, (Owed("A", "B", 25000),)
    )
    assert found[19] == schema.Refused(
        35, RefusalCode.NO_RULE, schema.Redeem(35, "R9", day, "S1", "LAB", 9, "S")
    )


def test_every_expectation() -> None:
    text = f"""\
{HEAD}steps:
  - {SALE}
  - split: {{id: D1, amount: "0.05", weights: {{a: 30, b: 70}}}}
  - recognize: {{id: G1, amount: "9", steps: [{{used: 1, of: 2}}]}}
  - net: {{id: N1, on: 2026-01-10, method: multilateral, organizations: [P, S]}}
  - net_positions: {{id: M1, method: bilateral, owed: []}}
expect:
  - balance: {{organization: P, account: due_to, counterparty: S, amount: "-5.00", as_of: 2026-01-31}}
  - balance: {{organization: X, account: cash, amount: "0"}}
  - entitlement: {{sale: S1, service: LAB, left: 0}}
  - consolidated: {{of: P, account: cash, amount: "1"}}
  - eliminated: {{of: P, account: due_to, amount: "-1", as_of: 2026-01-31}}
  - result: {{of: D1, equals: {{a: "0.01", b: "0.04"}}}}
  - result: {{of: G1, equals: ["4.50"]}}
  - result: {{of: N1, equals: {{"S->P": "260.00"}}}}
  - result: {{of: M1, equals: {{}}}}
  - trial_balance: {{organization: S, balances: true}}
"""
    day = date(2026, 1, 31)
    assert parse_scenario(text).expect == (
        schema.BalanceExpected(22, "P", Account.DUE_TO, -500, "INR", "S", day),
        schema.BalanceExpected(23, "X", Account.CASH, 0, "EUR"),
        schema.EntitlementExpected(24, "S1", "LAB", 0),
        schema.ConsolidatedExpected(25, "P", Account.CASH, 100),
        schema.EliminatedExpected(26, "P", Account.DUE_TO, -100, day),
        schema.ResultExpected(27, "D1", {"a": 1, "b": 4}),
        schema.ResultExpected(28, "G1", (450,)),
        schema.ResultExpected(29, "N1", {"S->P": 26000}),
        schema.ResultExpected(30, "M1", {}),
        schema.TrialBalanceExpected(31, "S", True),
    )


def test_the_id_of_a_command_may_come_again_as_the_same_key() -> None:
    again = steps(
        SALE, SALE, f"refused: {{code: idempotency_conflict, step: {{{SALE.replace('Asha', 'Bela')}}}}}"
    )
    assert len(again) == 3


def test_only_true_and_false_are_booleans() -> None:
    found = steps(SALE.replace("Asha", "yes"), SALE.replace("S1", "off").replace("Asha", "No"))
    assert [each.patient for each in found if isinstance(each, schema.Sale)] == ["yes", "No"]


def test_amounts_have_the_decimals_of_their_currency() -> None:
    text = """\
name: three decimals
currency: KWD
organizations: [{code: P, kind: parent}, {code: J, kind: sub, under: P, currency: JPY}]
services: [{code: LAB, list_price: "3.333"}]
packages:
  - {code: A, price: "3.333", lines: [{service: LAB, quantity: 1}]}
  - {code: B, price: "100", holder: J, lines: [{service: LAB, quantity: 1, standalone_price: "120"}]}
steps:
  - vendor_bill: {id: B1, on: 2026-01-01, vendor: P, at: J, service: LAB, amount: "12"}
"""
    scenario = parse_scenario(text)
    assert [each.price_minor for each in scenario.packages] == [3333, 100]
    (bill,) = scenario.steps
    assert isinstance(bill, schema.VendorBill)
    assert bill.amount_minor == 12


def test_a_file_is_utf_8_text(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: \xe0\xa4\x86\ncurrency: INR\n")
    assert parse_file(file).name == "आ"
    file.write_bytes(b"name: a\ncurrency: \xff\n")
    with pytest.raises(Malformed) as malformed:
        parse_file(file)
    assert malformed.value.line == 2


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_worked_examples_are_well_formed(path: Path) -> None:
    scenario = parse_file(path)
    assert scenario.expect or any(isinstance(step, schema.Refused) for step in scenario.steps)
