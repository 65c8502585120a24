"""Consolidation: the perimeter, what eliminates, and that one step is as good as two."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import events
from ledger.rules.accounts import Account
from ledger.rules.consolidation import ConsolidatedRow, Node, consolidate, is_eliminated, perimeter
from ledger.rules.lines import Kind, Line
from ledger.rules.terms import Event
from tests.ledger.rules.books import P, Q, S, X, distributed, percent, redeeming, rule

TREE = [
    Node(1, None, Kind.PARENT),
    Node(2, 1, Kind.SUB),
    Node(3, 1, Kind.PARTNER),
    Node(4, 1, Kind.THIRD_PARTY),
    Node(5, 2, Kind.SUB),
    Node(6, 3, Kind.SUB),
    Node(7, 2, Kind.PARTNER),
]


def test_the_perimeter_does_not_pass_through_a_partner() -> None:
    assert perimeter(1, TREE) == {1, 2, 5}
    assert perimeter(2, TREE) == {2, 5}
    assert perimeter(3, TREE) == {3, 6}
    assert perimeter(7, TREE) == {7}
    assert perimeter(1, reversed(TREE)) == {1, 2, 5}


def month() -> list[Line]:
    """E1, E2, E3, E4, E5 and E6a of the reference postings."""
    to_sub = rule(Event.REDEMPTION, transfer=percent("servicing", 80))
    to_partner = rule(Event.REDEMPTION, percent("servicing", 70))
    return [
        *events.sale(P, P, [30000, 18750, 41250]),
        *events.redemption(P, S, 30000, distributed(to_sub, S, redeeming(1, 30000), P)),
        *events.redemption(P, Q, 16500, distributed(to_partner, Q, redeeming(2, 16500), P)),
        *events.redemption(P, P, 18750),
        *events.vendor_bill(P, X, 12000),
        *events.sale(P, S, [50000]),
        *events.refund(P, P, [24750]),
    ]


def test_the_month_before_settlement() -> None:
    rows = consolidate(month(), perimeter(1, TREE))
    assert {str(account): row.consolidated for (account, _), row in rows.items() if row.consolidated} == {
        "cash": 115250,
        "contract_liability": -50000,
        "accounts_payable": -12000,
        "due_to": -11550,
        "service_revenue": -65250,
        "partner_share_cost": 11550,
        "vendor_cost": 12000,
    }
    assert rows[Account.INTERCOMPANY_COST, "INR"] == ConsolidatedRow(24000, -24000)
    assert rows[Account.DUE_TO, "INR"] == ConsolidatedRow(-85550, 74000)
    assert rows[Account.SERVICE_REVENUE, "INR"].eliminations == 0
    assert sum(row.eliminations for row in rows.values()) == 0
    assert sum(row.consolidated for row in rows.values()) == 0


def test_a_line_without_counterparty_never_eliminates() -> None:
    assert not is_eliminated(Line(1, Account.CASH, "INR", 1), frozenset({1, 2}))
    assert not is_eliminated(Line(1, Account.DUE_TO, "INR", 1, 3), frozenset({1, 2}))
    assert is_eliminated(Line(1, Account.DUE_TO, "INR", 1, 2), frozenset({1, 2}))


line = st.builds(
    Line,
    st.integers(1, 7),
    st.sampled_from(Account),
    st.sampled_from(["INR", "JPY"]),
    st.integers(-1000, 1000),
    st.one_of(st.none(), st.integers(1, 7)),
)


@given(st.lists(line), st.randoms(use_true_random=False))
def test_two_steps_give_what_one_gives_in_any_order(lines: list[Line], random) -> None:
    inside, part = frozenset({1, 2, 5}), frozenset({2, 5})
    one = consolidate(lines, inside)
    shuffled = lines[:]
    random.shuffle(shuffled)
    assert consolidate(shuffled, inside) == one
    # First the sub-group by itself, then what remains of it together with the rest.
    two: Counter[tuple[Account, str]] = Counter()
    for key, row in consolidate(lines, part).items():
        two[key] += row.consolidated
    for each in lines:
        key = (each.account, each.currency)
        if each.organization_id in inside - part:
            two[key] += each.amount_minor
        if is_eliminated(each, inside) and not is_eliminated(each, part):
            two[key] -= each.amount_minor
    assert {key: row.consolidated for key, row in one.items() if row.consolidated} == {
        key: total for key, total in two.items() if total
    }
