"""The reference postings, figure by figure, and soundness of every posting in any tree under any rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import events
from ledger.rules.accounts import Account
from ledger.rules.distribution import Amounts, Parties, distribute
from ledger.rules.lines import Kind, Line, Organization, Reason, What, line, owe, total
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Basis, Event
from tests.ledger.rules.books import (
    QS,
    P,
    Q,
    R,
    S,
    T,
    X,
    assert_sound,
    distributed,
    fixed,
    organization,
    percent,
    redeeming,
    remainder,
    rule,
    shown,
)

ONE = (Reason(What.PRICE, 1),)


def test_e1_a_sale_at_the_holder_keeps_one_liability_per_line() -> None:
    lines = events.sale(P, P, [30000, 18750, 41250])
    assert shown(lines) == [
        "P cash 900.00",
        "P contract_liability -187.50",
        "P contract_liability -300.00",
        "P contract_liability -412.50",
    ]


def test_e2_parent_pays_the_sub_that_redeems() -> None:
    paid = distributed(rule(Event.REDEMPTION, transfer=percent("servicing", 80)), S, redeeming(1, 30000), P)
    assert shown(events.redemption(P, S, 30000, paid)) == [
        "P contract_liability 300.00",
        "P due_to(S) -240.00",
        "P intercompany_cost(S) 240.00",
        "P service_revenue -300.00",
        "S due_from(P) 240.00",
        "S intercompany_revenue(P) -240.00",
    ]


def test_e3_a_partner_redeems_and_the_holder_is_principal() -> None:
    paid = distributed(rule(Event.REDEMPTION, percent("servicing", 70)), Q, redeeming(2, 16500), P)
    assert shown(events.redemption(P, Q, 16500, paid)) == [
        "P contract_liability 165.00",
        "P due_to(Q) -115.50",
        "P partner_share_cost(Q) 115.50",
        "P service_revenue -165.00",
        "Q due_from(P) 115.50",
        "Q service_revenue(P) -115.50",
    ]


def test_e3_prime_the_holder_is_agent() -> None:
    paid = distributed(
        rule(Event.REDEMPTION, percent("servicing", 70), agent=True), Q, redeeming(2, 16500), P
    )
    assert shown(events.redemption(P, Q, 16500, paid)) == [
        "P commission_revenue(Q) -49.50",
        "P contract_liability 165.00",
        "P due_to(Q) -115.50",
        "Q due_from(P) 115.50",
        "Q partner_commission_cost(P) 49.50",
        "Q service_revenue -165.00",
    ]


def test_an_agent_at_its_own_counter_is_principal() -> None:
    paid = distributed(
        rule(Event.REDEMPTION, percent("servicing", 70), agent=True), P, redeeming(2, 16500), P
    )
    assert shown(events.redemption(P, P, 16500, paid)) == [
        "P contract_liability 165.00",
        "P service_revenue -165.00",
    ]


def test_e4_an_outside_lab_bills() -> None:
    assert shown(events.redemption(P, P, 18750)) == [
        "P contract_liability 187.50",
        "P service_revenue -187.50",
    ]
    assert shown(events.vendor_bill(P, X, 12000)) == [
        "P accounts_payable(X) -120.00",
        "P vendor_cost(X) 120.00",
    ]


def test_a_partner_bills_as_vendor_and_a_sub_as_colleague() -> None:
    assert shown(events.vendor_bill(P, Q, 12000)) == [
        "P due_to(Q) -120.00",
        "P partner_share_cost(Q) 120.00",
        "Q due_from(P) 120.00",
        "Q service_revenue(P) -120.00",
    ]
    assert "T intercompany_revenue(S) -120.00" in shown(events.vendor_bill(S, T, 12000))


def test_a_rule_lets_the_parent_pay_the_bill_and_a_markup() -> None:
    of = rule(Event.SERVICE_REQUEST, percent("S", 10, Basis.LIST_PRICE), payer="parent")
    paid = distributed(of, X, Amounts("INR", 1, list_minor=20000), ordering=S)
    assert shown(events.vendor_bill(S, X, 12000, paid)) == [
        "P accounts_payable(X) -120.00",
        "P due_to(S) -20.00",
        "P intercompany_cost(S) 20.00",
        "P vendor_cost(X) 120.00",
        "S due_from(P) 20.00",
        "S intercompany_revenue(P) -20.00",
    ]


def test_nobody_bills_oneself() -> None:
    with pytest.raises(Refusal) as refused:
        events.vendor_bill(S, S, 12000)
    assert refused.value.code is RefusalCode.NOT_PERMITTED


def test_e5_a_sub_sells_what_the_parent_owes() -> None:
    assert shown(events.sale(P, S, [50000])) == [
        "P contract_liability -500.00",
        "P due_from(S) 500.00",
        "S cash 500.00",
        "S due_to(P) -500.00",
    ]


def test_a_rule_pays_the_seller_a_commission() -> None:
    of = rule(Event.SALE, percent("servicing", 10, Basis.SALE_PRICE))
    paid = distributed(of, Q, Amounts("INR", 1, sale_minor=50000), P)
    assert shown(events.sale(P, Q, [50000], paid))[:5] == [
        "P contract_liability -500.00",
        "P due_from(Q) 500.00",
        "P due_to(Q) -50.00",
        "P partner_share_cost(Q) 50.00",
        "Q cash 500.00",
    ]


def test_e6a_a_refund_at_the_holder_and_paid_elsewhere() -> None:
    assert shown(events.refund(P, P, [24750])) == ["P cash -247.50", "P contract_liability 247.50"]
    assert shown(events.refund(P, S, [24750, 100])) == [
        "P contract_liability 1.00",
        "P contract_liability 247.50",
        "P due_to(S) -248.50",
        "S cash -248.50",
        "S due_from(P) 248.50",
    ]


def test_e10_a_void_is_the_exact_negation() -> None:
    lines = events.sale(P, S, [30000, 18750])
    opposite = events.void(lines)
    assert [each.amount_minor for each in opposite] == [-each.amount_minor for each in lines]
    assert shown(events.void(opposite)) == shown(lines)
    assert_sound(opposite)


def test_e11_the_patient_pays() -> None:
    assert shown(events.charge(S, 40000)) == ["S cash 400.00", "S service_revenue -400.00"]


def test_e11_the_parent_pays() -> None:
    of = rule(Event.CHARGE, transfer=percent("servicing", 100, Basis.LIST_PRICE), payer="P")
    paid = distributed(of, S, Amounts("INR", 1, 40000, 40000))
    assert shown(events.charge(S, 40000, paid)) == [
        "P due_to(S) -400.00",
        "P intercompany_cost(S) 400.00",
        "S due_from(P) 400.00",
        "S intercompany_revenue(P) -400.00",
    ]


def test_when_the_patient_pays_the_servicer_collects_and_pays_the_shares() -> None:
    of = rule(
        Event.CHARGE, percent("servicing", 60, Basis.LIST_PRICE), percent("parent", 15, Basis.LIST_PRICE)
    )
    paid = distributed(of, Q, Amounts("INR", 1, 40000, 40000))
    assert shown(events.charge(Q, 40000, paid)) == [
        "P due_from(Q) 60.00",
        "P service_revenue(Q) -60.00",
        "Q cash 400.00",
        "Q due_to(P) -60.00",
        "Q partner_share_cost(P) 60.00",
        "Q service_revenue -400.00",
    ]


def test_a_transfer_paid_by_the_patient_adds_nothing() -> None:
    paid = distributed(
        rule(Event.CHARGE, transfer=percent("servicing", 80, Basis.LIST_PRICE)),
        Q,
        Amounts("INR", 1, 40000, 40000),
    )
    assert shown(events.charge(Q, 40000, paid)) == ["Q cash 400.00", "Q service_revenue -400.00"]


@pytest.mark.parametrize(
    ("payer", "receiver", "cost", "revenue"),
    [
        (P, S, "intercompany_cost", "intercompany_revenue"),
        (T, P, "intercompany_cost", "intercompany_revenue"),
        (Q, QS, "intercompany_cost", "intercompany_revenue"),
        (P, QS, "partner_share_cost", "service_revenue"),
        (Q, P, "partner_share_cost", "service_revenue"),
        (QS, R, "partner_share_cost", "service_revenue"),
        (S, R, "partner_share_cost", "service_revenue"),
    ],
)
def test_accounts_follow_the_groups(
    payer: Organization, receiver: Organization, cost: str, revenue: str
) -> None:
    assert [each.account for each in owe(payer, receiver, ONE)] == [cost, "due_to", "due_from", revenue]


def test_what_one_owes_oneself_and_zero_are_not_posted() -> None:
    assert owe(P, P, ONE) == ()
    assert owe(P, S, ()) == ()
    assert events.sale(P, S, [0]) == ()
    assert events.redemption(P, S, 0) == ()
    assert events.charge(S, 0) == ()


def test_an_event_is_in_the_currency_of_the_first_organization() -> None:
    yen = organization(9, "Y", "sub", "P", currency="JPY")
    for lines in (
        events.sale(P, yen, [1]),
        events.redemption(P, yen, 1),
        events.refund(P, yen, [1]),
        events.vendor_bill(P, yen, 1),
    ):
        assert {each.currency for each in lines} == {P.currency}
    assert {each.currency for each in events.charge(yen, 1)} == {"JPY"}


def test_the_currency_of_a_third_party_does_not_matter() -> None:
    abroad = organization(8, "L", "third_party", "P", currency="EUR")
    assert [each.currency for each in events.vendor_bill(P, abroad, 5)] == ["INR", "INR"]


def test_a_third_party_keeps_no_books() -> None:
    with pytest.raises(ValueError, match="keeps no books"):
        line(X, Account.CASH, ONE)


# Any tree, any rule -------------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn) -> list[Organization]:
    """A parent with up to seven organizations below; groups computed from the specification's words."""
    rows: list[tuple[int, str, str, int]] = [(1, "O1", "parent", 0)]  # id, code, kind, id above
    for number in range(2, draw(st.integers(2, 8)) + 1):
        above = draw(st.sampled_from([row for row in rows if row[2] != "third_party"]))
        kind = draw(st.sampled_from(["sub", "sub", "partner", "third_party"]))
        rows.append((number, f"O{number}", kind, above[0]))
    by_id = {row[0]: row for row in rows}
    tree = []
    for id, code, kind, _ in rows:
        climb = [by_id[id]]
        while climb[-1][3]:
            climb.append(by_id[climb[-1][3]])
        group = next(row[0] for row in climb if row[2] in ("partner", "parent"))
        path = tuple(row[1] for row in reversed(climb))
        tree.append(Organization(id, code, Kind(kind), group, "INR", path))
    return tree


amounts = st.integers(0, 10**9)
percents = st.integers(0, 10000).map(lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02}")


@st.composite
def postings(draw: st.DrawFn) -> tuple[list[Organization], tuple[Line, ...]]:
    tree = draw(trees())
    keepers = st.sampled_from([each for each in tree if each.keeps_books])
    named = {each.code: each for each in tree}
    holder, servicing, ordering = draw(keepers), draw(keepers), draw(keepers)
    event = draw(st.sampled_from(Event))
    basis = {Event.SALE: Basis.SALE_PRICE, Event.REDEMPTION: Basis.ALLOCATED_PRICE}.get(
        event, Basis.LIST_PRICE
    )
    value, quantity = draw(amounts), draw(st.integers(1, 9))
    shares = []
    left = 10000
    for party in draw(st.lists(keepers.map(lambda each: each.code), max_size=4)):
        part = draw(st.integers(0, left))
        left -= part
        shares.append(percent(party, f"{part // 100}.{part % 100:02}", basis))
    if draw(st.booleans()):
        shares.append(remainder(draw(keepers).code, basis))
    elif draw(st.booleans()):
        shares.append(fixed(draw(keepers).code, draw(st.integers(0, 10**6))))
    payer = draw(st.one_of(st.none(), keepers.map(lambda each: each.code)))
    agent = event is Event.REDEMPTION and draw(st.booleans())
    if agent:
        shares, payer = [percent("servicing", draw(percents))], None
    vendor = draw(st.sampled_from(tree)) if event is Event.SERVICE_REQUEST else servicing
    worth = Amounts("INR", quantity, value, value, value)
    of = rule(event, *shares, payer=payer, agent=agent)
    if event is Event.SERVICE_REQUEST:
        servicing = vendor
        shares = [share for share in shares if share.party != vendor.code]
        of = rule(event, *shares, payer=payer)
    paid = draw(
        st.sampled_from([None, distribute(of, Parties(servicing, tree[0], holder, ordering, named), worth)])
    )
    if event is Event.SALE:
        lines = events.sale(holder, servicing, draw(st.lists(amounts, max_size=4)), paid)
    elif event is Event.REDEMPTION:
        lines = events.redemption(holder, servicing, value, paid)
    elif event is Event.CHARGE:
        lines = events.charge(servicing, value, paid)
    elif ordering.id != vendor.id:
        lines = events.vendor_bill(ordering, vendor, value, paid)
    else:
        lines = events.refund(holder, servicing, draw(st.lists(amounts, max_size=4)))
    return tree, lines


@given(postings())
def test_every_posting_balances_and_mirrors(posted: tuple[list[Organization], tuple[Line, ...]]) -> None:
    tree, lines = posted
    assert_sound(lines, tree)
    assert_sound(events.void(lines), tree)


@given(postings())
def test_every_amount_is_the_sum_of_its_reasons(posted: tuple[list[Organization], tuple[Line, ...]]) -> None:
    for each in (*posted[1], *events.void(posted[1])):
        assert total(each.reasons) == each.amount_minor
        assert all(reason.amount_minor for reason in each.reasons)


@given(postings())
def test_no_account_is_written_twice_but_the_liability(
    posted: tuple[list[Organization], tuple[Line, ...]],
) -> None:
    # A seller that isn't the holder owes the holder the cash, and a share may be owed besides: two reasons, two lines.
    takes_cash = any(each.account is Account.CASH for each in posted[1])
    several = {Account.CONTRACT_LIABILITY, *([Account.DUE_FROM, Account.DUE_TO] if takes_cash else [])}
    keys = [
        (each.organization_id, each.account, each.counterparty_id)
        for each in posted[1]
        if each.account not in several
    ]
    assert len(keys) == len(set(keys))
