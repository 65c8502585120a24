"""Which rule answers: the most specific one, and never two."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.lines import Kind
from ledger.rules.matching import EventFacts, applies, check_conflict, match
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Conditions, Dates, Event, PayerType, Rule
from tests.ledger.rules.books import CAST, P, Q, R, S, T, X

DAY = date(2026, 1, 10)
FACTS = EventFacts(Event.REDEMPTION, DAY, T, P, "CONSULT", "care", "PACK")
YEAR = Dates(date(2026, 1, 1), date(2026, 12, 31))

# From the least specific to the most; each beats all before it.
LADDER = [
    Conditions(),
    Conditions(dates=YEAR),
    Conditions(payer_type=PayerType.PATIENT),
    Conditions(package="PACK"),
    Conditions(category="care"),
    Conditions(category="care", package="PACK"),
    Conditions(service="CONSULT"),
    Conditions(service="CONSULT", payer_type=PayerType.PATIENT),
    Conditions(seller_kind=Kind.PARENT),
    Conditions(seller_under="P"),
    Conditions(seller="P"),
    Conditions(servicing_kind=Kind.SUB),
    Conditions(servicing_kind=Kind.SUB, service="CONSULT"),
    Conditions(servicing_kind=Kind.SUB, seller="P"),
    Conditions(servicing_under="P"),
    Conditions(servicing_under="P", servicing_kind=Kind.SUB),
    Conditions(servicing_under="S"),
    Conditions(servicing_under="T"),
    Conditions(servicing="T"),
    Conditions(servicing="T", dates=YEAR),
    Conditions(servicing="T", seller="P", service="CONSULT", package="PACK", payer_type=PayerType.PATIENT),
]


def redeemed(code: str, when: Conditions, **more: object) -> Rule:
    return Rule(code, Event.REDEMPTION, when, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("low", "high"), list(combinations(range(len(LADDER)), 2)))
def test_the_more_specific_rule_wins_whatever_the_priority(low: int, high: int) -> None:
    broad, narrow = redeemed("broad", LADDER[low], priority=99), redeemed("narrow", LADDER[high])
    assert match([broad, narrow], FACTS) is narrow
    assert match([narrow, broad], FACTS) is narrow


def test_priority_decides_between_equals() -> None:
    low, high = redeemed("low", LADDER[3]), redeemed("high", LADDER[3], priority=1)
    assert match([high, low], FACTS) is high


def test_nothing_matches_by_a_guess() -> None:
    assert match([], FACTS) is None
    for when in (
        Conditions(servicing="S"),
        Conditions(servicing_under="Q"),
        Conditions(servicing_kind=Kind.PARTNER),
        Conditions(seller="S"),
        Conditions(seller_under="S"),
        Conditions(seller_kind=Kind.SUB),
        Conditions(service="LAB"),
        Conditions(category="tests"),
        Conditions(package="OTHER"),
        Conditions(payer_type=PayerType.ORGANIZATION),
        Conditions(dates=Dates(date(2026, 1, 11))),
        Conditions(dates=Dates(None, date(2026, 1, 9))),
    ):
        assert match([redeemed("off", when)], FACTS) is None, when
    assert match([Rule("sale", Event.SALE)], FACTS) is None


def test_without_a_seller_no_condition_on_it_holds() -> None:
    charge = EventFacts(Event.CHARGE, DAY, T, service="CONSULT")
    assert applies(Rule("any", Event.CHARGE), charge)
    for when in (Conditions(seller="P"), Conditions(seller_under="P"), Conditions(seller_kind=Kind.SUB)):
        assert not applies(Rule("off", Event.CHARGE, when), charge)


def test_a_subtree_includes_its_root() -> None:
    assert match([redeemed("s", Conditions(servicing_under="S"))], replace(FACTS, servicing=S)) is not None


def test_only_the_version_in_force_answers() -> None:
    old = redeemed("r", Conditions(), in_force=Dates(None, date(2026, 1, 9)))
    new = redeemed("r", Conditions(), version=2, in_force=Dates(date(2026, 1, 10)))
    assert match([old, new], FACTS) is new
    assert match([old, new], replace(FACTS, on=date(2026, 1, 9))) is old


def test_a_tie_at_the_counter_is_refused_too() -> None:
    with pytest.raises(Refusal) as refused:
        match([redeemed("b", Conditions()), redeemed("a", Conditions())], FACTS)
    assert refused.value.code is RefusalCode.RULE_CONFLICT


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Conditions(), Conditions()),
        (Conditions(servicing="Q"), Conditions(servicing="Q")),
        (Conditions(servicing="Q"), Conditions(servicing="Q", servicing_kind=Kind.PARTNER)),
        (Conditions(servicing="T"), Conditions(servicing="T", servicing_under="S")),
        (Conditions(servicing_under="S"), Conditions(servicing_under="S")),
        (Conditions(servicing_kind=Kind.SUB), Conditions(servicing_kind=Kind.SUB)),
        (Conditions(service="LAB"), Conditions(service="LAB", category="tests")),
        (Conditions(dates=YEAR), Conditions(dates=Dates(date(2026, 12, 31)))),
        (Conditions(package="PACK"), Conditions(package="PACK")),
    ],
)
def test_rules_that_tie_are_refused_when_activated_naming_both(one: Conditions, two: Conditions) -> None:
    with pytest.raises(Refusal) as refused:
        check_conflict(redeemed("newer", one), [redeemed("older", two)], CAST)
    assert refused.value.code is RefusalCode.RULE_CONFLICT
    assert "newer and older" in refused.value.message
    assert refused.value.facts == {"rule": "newer", "other": "older"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Conditions(servicing="Q"), Conditions(servicing="S")),
        (Conditions(servicing="Q"), Conditions(servicing="Q", servicing_kind=Kind.SUB)),
        (Conditions(servicing_under="S"), Conditions(servicing_under="Q")),
        (Conditions(servicing_under="S"), Conditions(servicing_under="T")),
        (Conditions(servicing_kind=Kind.SUB), Conditions(servicing_kind=Kind.PARTNER)),
        (Conditions(seller="Q"), Conditions(seller="S")),
        (Conditions(service="LAB"), Conditions(service="CONSULT")),
        (Conditions(category="tests"), Conditions(category="care")),
        (Conditions(package="PACK"), Conditions(package="OTHER")),
        (Conditions(payer_type=PayerType.PATIENT), Conditions(payer_type=PayerType.ORGANIZATION)),
        (Conditions(dates=YEAR), Conditions(dates=Dates(date(2027, 1, 1)))),
        (Conditions(dates=YEAR), Conditions()),
    ],
)
def test_rules_that_cannot_both_apply_stand_side_by_side(one: Conditions, two: Conditions) -> None:
    check_conflict(redeemed("newer", one), [redeemed("older", two)], CAST)


def test_other_events_priorities_versions_and_times_are_no_conflict() -> None:
    rule = redeemed("r", Conditions())
    check_conflict(rule, [Rule("s", Event.SALE)], CAST)
    check_conflict(rule, [redeemed("s", Conditions(), priority=1)], CAST)
    check_conflict(replace(rule, version=2), [rule], CAST)
    over = redeemed("s", Conditions(), in_force=Dates(None, date(2025, 12, 31)))
    check_conflict(replace(rule, in_force=YEAR), [over], CAST)


places = st.sampled_from([None, None, "P", "S", "Q", "T"])
kinds = st.sampled_from([None, None, *Kind])
conditions = st.builds(
    Conditions,
    seller=places,
    seller_under=places,
    seller_kind=kinds,
    servicing=places,
    servicing_under=places,
    servicing_kind=kinds,
    service=st.sampled_from([None, "CONSULT", "LAB"]),
    category=st.sampled_from([None, "care"]),
    package=st.sampled_from([None, "PACK"]),
    payer_type=st.sampled_from([None, *PayerType]),
    dates=st.sampled_from([None, YEAR, Dates(date(2026, 6, 1))]),
)
rules = st.lists(
    st.builds(
        Rule,
        st.just("x"),
        st.sampled_from([Event.SALE, Event.REDEMPTION]),
        conditions,
        priority=st.integers(0, 1),
    ),
    max_size=8,
).map(lambda all: [replace(rule, code=f"r{number}") for number, rule in enumerate(all)])
facts = st.builds(
    EventFacts,
    st.sampled_from([Event.SALE, Event.REDEMPTION]),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from([P, S, Q, T, R, X]),
    st.sampled_from([None, P, S, Q, T, R]),
    st.sampled_from([None, "CONSULT", "LAB"]),
    st.sampled_from([None, "care"]),
    st.sampled_from([None, "PACK"]),
    st.sampled_from(PayerType),
)


@given(rules, facts, st.randoms(use_true_random=False))
def test_rules_activated_without_conflict_always_give_one_answer(
    all: list[Rule], event: EventFacts, random
) -> None:
    active: list[Rule] = []
    for rule in all:
        try:
            check_conflict(rule, active, CAST)
        except Refusal:
            continue
        active.append(rule)
    found = match(active, event)
    shuffled = active[:]
    random.shuffle(shuffled)
    assert match(shuffled, event) is found
    assert (found is None) == (not any(applies(rule, event) for rule in active))
