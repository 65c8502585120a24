"""Whatever is wrong with a scenario file, the message says what and on which line."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.scenario.parse import parse_scenario
from ledger.scenario.reading import MAX_CHARACTERS, Malformed

GOOD = """\
name: whole
currency: INR
organizations:
  - {code: P, kind: parent}
  - {code: S, kind: sub, under: P}
  - {code: X, kind: third_party, under: P}
services:
  - {code: LAB, list_price: "250.00", category: tests}
packages:
  - {code: PACK, price: "900.00", holder: P, lines: [{service: LAB, quantity: 5}]}
rules:
  - {code: half, event: redemption, when: {servicing: S}, transfer: {percent: "50", basis: list_price}}
  - {code: share, event: redemption, when: {}, shares: [{party: servicing, percent: "50", basis: list_price}]}
  - {code: tiers, event: redemption, volume: {of: units, per: month}, transfer: {basis: list_price, tiers: [{percent: "5", up_to: 9}, {percent: "6"}], at_most: "9.00"}}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: P}
  - redeem: {id: R1, on: 2026-01-10, sale: S1, service: LAB, quantity: 1, at: S}
  - refund: {id: F1, on: 2026-01-10, sale: S1, service: LAB, quantity: 1}
  - vendor_bill: {id: B1, on: 2026-01-15, vendor: X, at: P, service: LAB, amount: "120.00"}
  - journal: {id: J1, on: 2026-01-31, lines: [{organization: P, account: cash, amount: "-10.00"}]}
  - net: {id: N1, on: 2026-01-31, method: bilateral, organizations: [P, S]}
  - close: {month: 2026-01}
  - split: {id: D1, amount: "0.05", weights: {a: 30, b: "70.5"}}
  - recognize: {id: G1, amount: "9000", steps: [{used: 4500, of: 9700}]}
  - net_positions: {id: M1, method: bilateral, owed: [{from: A, to: B, amount: "250"}]}
  - refused: {code: no_rule, step: {void: {id: V1, on: 2026-01-10, of: R1}}}
expect:
  - balance: {organization: P, account: due_to, counterparty: S, amount: "0.00"}
  - entitlement: {sale: S1, service: LAB, left: 0}
  - result: {of: D1, equals: {a: "0.01", b: "0.04"}}
  - result: {of: G1, equals: ["4174.75"]}
  - trial_balance: {organization: S, balances: true}
"""


def complaint(text: str) -> Malformed:
    with pytest.raises(Malformed) as malformed:
        parse_scenario(text)
    return malformed.value


def test_the_whole_file_is_good() -> None:
    assert len(parse_scenario(GOOD).steps) == 11


@pytest.mark.parametrize(
    ("line", "old", "new", "says"),
    [
        # tiers and limits
        (14, "per: month", "per: week", "one of month, quarter, year"),
        (14, "of: units", "of: patients", "one of units, amount"),
        (14, "up_to: 9}", "up_to: 0}", "from 1 to"),
        (14, "up_to: 9}", 'up_to: "9.5"}', "whole number"),
        (14, 'percent: "6"', 'percent: "6", fixed: "1.00"', "exactly one of percent and fixed"),
        (14, 'percent: "6"', "until: 9", "until is unknown"),
        (14, 'at_most: "9.00"', 'at_most: "9.005"', "decimals"),
        (14, 'at_most: "9.00"', 'cap: "9.00"', "cap is unknown"),
        (14, 'at_most: "9.00"', 'percent: "5"', "exactly one of percent, fixed and tiers"),
        # the top
        (1, "name: whole", "name:", "empty"),
        (1, "name: whole\n", "", "name is missing"),
        (1, "name: whole", "name: 12", "quote it"),
        (1, "name: whole", "name: [a]", "not a list"),
        (2, "currency: INR", "currency: RUPEE", "ISO 4217"),
        (2, "currency: INR", "currency: no", "ISO 4217"),
        (3, "currency: INR", "currency: INR\nname: twice", "comes twice"),
        (3, "organizations:", "organisations:", "unknown"),
        # organizations
        (4, "{code: P, kind: parent}", "P", "mapping"),
        (4, "kind: parent}", "kind: sub}", "under is missing"),
        (4, "kind: parent}", "kind: parent, under: S}", "under no other"),
        (5, "kind: sub, under: P", "kind: branch, under: P", "not one of"),
        (5, "kind: sub, under: P", "kind: parent", "two parents"),
        (5, "kind: sub, under: P", "kind: sub, under: Z", "no organization Z"),
        (5, "kind: sub, under: P", "kind: sub, under: S", "under itself"),
        (5, "kind: sub, under: P", "kind: sub, under: X", "third party"),
        (5, "{code: S,", "{code: P,", "two parents|declared twice"),
        (5, "kind: sub, under: P", "kind: sub, under: P, currency: XX", "ISO 4217"),
        (6, "{code: X,", "{code: holder,", "word of the rules"),
        (6, "{code: X,", "{code: 7,", "quote it"),
        (6, "{code: X,", "{code: ' X',", "blanks"),
        (6, "{code: X,", '{code: "a\\0b",', "text on one line"),
        # services
        (8, '"250.00"', "250.00", "must be quoted"),
        (8, '"250.00"', '"250.005"', "too many decimals"),
        (8, '"250.00"', '"1e3"', "not an amount"),
        (8, '"250.00"', '"-1.00"', "negative"),
        (8, '"250.00"', '"1,000.00"', "not an amount"),
        (8, '"250.00"', "true", "should be a number"),
        (8, '"250.00"', ".inf", "must be quoted"),
        (8, ", category: tests", ", kategorie: tests", "unknown"),
        (9, "category: tests}", 'category: tests}\n  - {code: LAB, list_price: "1"}', "declared twice"),
        # packages
        (10, "holder: P", "holder: Z", "no organization Z"),
        (10, "holder: P", "holder: X", "third party"),
        (10, "holder: P", "refund: sometimes", "not one of"),
        (10, "{service: LAB, quantity: 5}", '{credit: "5.00", category: tasts}', "no category tasts"),
        (10, "{service: LAB, quantity: 5}", '{credit: "0.00"}', "more than zero"),
        (10, "holder: P", "expiry: never", "not one of"),
        (10, "holder: P", "use: family", "use and people come together"),
        (10, "holder: P", "people: 3", "use and people come together"),
        (10, "holder: P", "use: person, people: 2", "not one of family, company"),
        (10, "holder: P", "use: family, people: 1", "from 2 to"),
        (10, "holder: P", "valid_days: 0", "out of range"),
        (10, "holder: P", "valid_days: 1.5", "whole number"),
        (10, "holder: P", "sell_at: P", "list"),
        (10, "holder: P", "sell_at: [P, P]", "comes twice"),
        (10, "holder: P", "redeem_at: [Z]", "no organization Z"),
        (10, "service: LAB, quantity: 5", "service: XRAY, quantity: 5", "no service XRAY"),
        (10, "quantity: 5", "quantity: 0", "out of range"),
        (10, "quantity: 5", "quantity: -1", "out of range"),
        (10, "quantity: 5", "quantity: five", "whole number"),
        (10, "quantity: 5", "quantity: '5'", "whole number"),
        (10, "quantity: 5", "quantity: 99999999999999999999999", "out of range"),
        (10, "quantity: 5", "quantity: 0x5", "whole number"),
        (10, "quantity: 5", 'quantity: 5, standalone_price: "0"', "above zero"),
        (10, "[{service: LAB, quantity: 5}]", "[]", "at least one"),
        (10, "quantity: 5}]", "quantity: 5}, {service: LAB, quantity: 1}]", "comes twice"),
        # rules
        (12, "event: redemption", "event: birthday", "not one of"),
        (12, "event: redemption, ", "", "event is missing"),
        (12, "servicing: S", "servicing: Z", "no organization Z"),
        (12, "servicing: S", "servicing_kind: Z", "not one of"),
        (12, "servicing: S", "service: Z", "no service Z"),
        (12, "servicing: S", "category: Z", "no category Z"),
        (12, "servicing: S", "package: Z", "no package Z"),
        (12, "servicing: S", "payer_type: Z", "not one of"),
        (12, "servicing: S", "weather: fine", "unknown"),
        (12, "servicing: S", "dates: {}", "from, to, or both"),
        (12, "servicing: S", "dates: {from: 2026-02-01, to: 2026-01-01}", "from is after to"),
        (12, "when: {servicing: S}", "payer: Z", "no organization Z"),
        (12, "when: {servicing: S}", "payer: servicing", "payer is"),
        (12, "when: {servicing: S}", "priority: high", "whole number"),
        (12, '"50"', "50.5", "must be quoted"),
        (12, '"50"', '"fifty"', "not a plain decimal"),
        (12, 'percent: "50"', 'fixed: "5.001"', "too many decimals"),
        (12, 'percent: "50", ', "", "exactly one of"),
        (12, 'percent: "50"', 'percent: "50", fixed: "1"', "exactly one of"),
        (12, ", basis: list_price}", "}", "basis is missing"),
        (12, "basis: list_price}", "basis: gross}", "not one of"),
        (12, "transfer: {percent", "shares: [], transfer: {percent", "not both"),
        (13, "code: share", "code: half", "declared twice"),
        (13, "party: servicing, ", "", "party is missing"),
        (13, "party: servicing", "party: Z", "no organization Z"),
        # steps
        (16, "- sale:", "- sell:", "no such step"),
        (16, "- sale: {id", "- {sale: {}, id", "exactly one|mapping"),
        (16, "id: S1, ", "", "id is missing"),
        (16, "on: 2026-01-05", "on: 2026-02-30", "calendar"),
        (16, "on: 2026-01-05", "on: 5/1/2026", "not a date"),
        (16, "on: 2026-01-05", "on: 0001-01-05", "out of range"),
        (16, "package: PACK", "package: OTHER", "no package OTHER"),
        (16, "at: P}", "at: Z}", "no organization Z"),
        (16, "at: P}", "at: P, quantity: 0}", "out of range"),
        (16, "at: P}", "at: P, discount: 1.50}", "must be quoted"),
        (16, "at: P}", "at: P, colour: red}", "unknown"),
        (16, "patient: Asha", "patient: ''", "text on one line"),
        (17, "sale: S1", "sale: S2", "no sale S2"),
        (17, "quantity: 1", 'quantity: 1, credit: "1.00"', "say how the rest is paid"),
        (17, "quantity: 1", 'quantity: 1, rest: cash, credit: "1.005"', "decimals"),
        (17, "quantity: 1", "quantity: 1, patient: 7", "quote it"),
        (16, "package: PACK", "package: PACK, shared_with: Ravi", "should be a list"),
        (17, "sale: S1", "sale: R1", "no sale R1"),
        (17, ", quantity: 1", "", "quantity is missing"),
        (18, "quantity: 1}", "at: S}", "come together"),
        (19, "vendor: X", "vendor: Z", "no organization Z"),
        (19, '"120.00"', "120.00", "must be quoted"),
        (20, "account: cash", "account: petty_cash", "not one of"),
        (20, '"-10.00"', "-10.00", "must be quoted"),
        (20, 'amount: "-10.00"', 'amount: "-10", currency: XX', "ISO 4217"),
        (21, "method: bilateral", "method: any", "not one of"),
        (21, "[P, S]", "[P]", "at least two"),
        (22, "month: 2026-01", "month: 2026-13", "calendar"),
        (22, "month: 2026-01", "month: January", "not a month"),
        (23, "id: D1", "id: S1", "used twice"),
        (23, "b: \"70.5\"", "b: 70.5", "must be quoted"),
        (23, "b: \"70.5\"", "a: 1", "comes twice"),
        (23, "{a: 30, b: \"70.5\"}", "{a: 0}", "above zero"),
        (23, "{a: 30, b: \"70.5\"}", "{a: -1}", "not a plain decimal"),
        (24, "used: 4500, of: 9700", "used: 9701, of: 9700", "out of range"),
        (24, "used: 4500, of: 9700", "used: 0, of: 0", "out of range"),
        (25, "from: A, to: B", "from: A, to: A", "itself"),
        (26, "code: no_rule", "code: because", "not one of"),
        (26, "{void: {id: V1, on: 2026-01-10, of: R1}}", "{refused: {}}", "cannot be refused"),
        (26, "of: R1", "of: R2", "no id R2"),
        (26, "of: R1", "of: D1", "D1 is a split"),
        # expectations
        (28, "- balance:", "- weight:", "known are"),
        (28, "account: due_to", "account: due", "not one of"),
        (28, "counterparty: S", "counterparty: Z", "no organization Z"),
        (28, '"0.00"', "0.00", "must be quoted"),
        (29, "left: 0", "left: none", "whole number"),
        (29, "sale: S1", "sale: S9", "no sale S9"),
        (30, "of: D1", "of: D9", "no id D9"),
        (30, "of: D1", "of: D1, as_of: 2026-01-01", "unknown"),
        (30, 'equals: {a: "0.01", b: "0.04"}', 'equals: ["0.01"]', "mapping"),
        (31, 'equals: ["4174.75"]', 'equals: {a: "4174.75"}', "list"),
        (31, 'of: G1, equals: ["4174.75"]', 'of: M1, equals: {A: "1"}', "payer->receiver"),
        (31, 'of: G1, equals: ["4174.75"]', 'of: N1, equals: {"P->Z": "1"}', "no such organizations"),
        (32, "balances: true", "balances: yes", "true or false"),
        # YAML itself
        (4, "  - {code: P, kind: parent}", "\t- {code: P, kind: parent}", "not YAML"),
        (4, "{code: P, kind: parent}", "{code: P, kind: parent", "not YAML"),
        (4, "{code: P, kind: parent}", "!!python/none {code: P}", "tag"),
        (4, "{code: P, kind: parent}", "!own {code: P}", "tag"),
        (4, "{code: P, kind: parent}", "{code: P, kind: *nobody}", "not YAML"),
        (4, "{code: P, kind: parent}", "{code: P, kind: parent, code: R}", "comes twice"),
        (4, "{code: P, kind: parent}", "{code: P, [a, b]: parent}", "single word"),
        (4, "{code: P, kind: parent}", "&a [*a]", "contains itself"),
    ],
)  # fmt: skip
def test_the_message_names_the_line(line: int, old: str, new: str, says: str) -> None:
    lines = GOOD.splitlines(keepends=True)
    at = next(
        number for number, text in enumerate(lines) if number >= line - 2 and old.split("\n")[0] in text
    )
    before, after = "".join(lines[:at]), "".join(lines[at:])
    found = complaint(before + after.replace(old, new, 1))
    assert any(word in found.message for word in says.split("|")), found
    assert abs(found.line - line) <= (1 if "YAML" in says else 0), found
    assert str(found) == f"line {found.line}: {found.message}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("just words", "mapping"),
        ("name: a\ncurrency: INR\nsteps: none\n", "should be a list"),
        ("name: a\ncurrency: INR\nsteps:\n", "should be a list"),
        ("- a\n- b\n", "mapping"),
        ("--- {}\n--- {}\n", "not YAML"),
        ("[" * 50_000, "too deeply|not YAML"),
        ("name: a\x00b", "not YAML"),
        ("a" * (MAX_CHARACTERS + 1), "larger than"),
        ("a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [" + "*a, " * 400 + "]\nc: [" + "*b, " * 400 + "]", "too many"),
    ],
)  # fmt: skip
def test_what_is_no_scenario_at_all(text: str, says: str) -> None:
    found = complaint(text)
    assert any(word in found.message for word in says.split("|")), found
    assert found.line >= 1


def only_malformed(text: str) -> None:
    try:
        parse_scenario(text)
    except Malformed as malformed:
        assert 1 <= malformed.line <= text.count("\n") + text.count("\r") + 2
        assert malformed.message


@given(st.text(max_size=200))
@example("? ")
@example("%YAML 9.9\n--- a")
@example("- !!binary =")
@example("\ufeff\ufeff")
@example("a: |9\n b")
def test_any_text_is_malformed_and_nothing_worse(text: str) -> None:
    only_malformed(text)


@given(st.text(alphabet="ab01:-{}[],&*!|>'\"#%@` \n\t?~.", max_size=120))
@settings(max_examples=150)
def test_any_yaml_like_text_is_malformed_and_nothing_worse(text: str) -> None:
    only_malformed(text)


@given(st.data())
@settings(max_examples=150)
def test_any_damage_to_a_good_file_is_malformed_or_harmless(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.text(max_size=6)) + text[end:]
    only_malformed(text)


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just("2026-01-01"),
    st.just("P"),
)


@given(st.recursive(leaves, lambda each: st.lists(each, max_size=3), max_leaves=6), st.integers(2, 30))
def test_any_value_in_any_place_is_malformed_or_harmless(value: object, line: int) -> None:
    import json

    lines = GOOD.splitlines()
    head, _, _ = lines[line].partition(":")
    lines[line] = f"{head}: {json.dumps(value)}"
    only_malformed("\n".join(lines))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("steps:\n  - rate: {on: 2026-01-02, from: EUR, to: EUR, rate: '90'}", "between two currencies"),
        ("steps:\n  - rate: {on: 2026-01-02, from: EURO, to: INR, rate: '90'}", "ISO 4217"),
        ("steps:\n  - rate: {on: 2026-01-02, from: EUR, to: INR, rate: 90.5}", "must be quoted"),
        ("steps:\n  - rate: {on: 2026-01-02, from: EUR, to: INR, rate: '0'}", "more than zero"),
        ("steps:\n  - rate: {on: 2026-01-02, from: EUR, to: INR, rate: '-1'}", "plain decimal"),
        ("steps:\n  - rate: {on: 2026-01-02, from: EUR, to: INR}", "rate is missing"),
        ("steps:\n  - rate: {id: X, on: 2026-01-02, from: EUR, to: INR, rate: '90'}", "id is unknown"),
        ("steps:\n  - revalue: {on: 2026-01-31}", "id is missing"),
        ("steps:\n  - revalue: {id: W, on: 2026-01-31, organization: Z}", "no organization Z"),
        ("expect:\n  - balance: {organization: P, account: cash, currency: XX, amount: '0'}", "ISO 4217"),
        ("expect:\n  - balance: {organization: P, account: cash, currency: JPY, amount: '0.1'}", "decimals"),
        ("expect:\n  - translated: {of: P, account: cash, in: INR, amount: '0'}", "as_of is missing"),
        (
            "expect:\n  - translated: {of: P, account: gain, in: INR, amount: '0', as_of: 2026-01-31}",
            "not one of",
        ),
        (
            "expect:\n  - translated: {of: P, account: cash, in: XX, amount: '0', as_of: 2026-01-31}",
            "ISO 4217",
        ),
    ],
)
def test_what_is_wrong_with_currencies_is_said(part, message):
    head = "name: x\ncurrency: INR\norganizations:\n  - {code: P, kind: parent}\n"
    assert message in complaint(head + part).message
