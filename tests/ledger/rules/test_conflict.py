"""Attacks on the check of conflicts: whatever was activated, and wherever organizations moved since, one rule wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.lines import Kind, Organization
from ledger.rules.matching import EventFacts, check_conflict, match
from ledger.rules.refusals import Refusal
from ledger.rules.terms import (
    Basis,
    Conditions,
    Dates,
    Event,
    Measure,
    Outcome,
    PayerType,
    Per,
    Rule,
    Share,
    Tier,
    Volume,
)

Tree = dict[str, Organization]

CODES = ["A", "B", "C", "D", "E"]
TIERED = Outcome(
    shares=(
        Share(
            "servicing",
            basis=Basis.ALLOCATED_PRICE,
            legal_basis="care",
            tiers=(Tier(Fraction(50), up_to=3), Tier(Fraction(80))),
        ),
    ),
    volume=Volume(Measure.UNITS, Per.MONTH),
)


def tree_of(kinds: list[Kind], parents: list[int]) -> Tree:
    """The organizations by code; each one's parent is the root or one of those before it in `parents`' order."""
    paths: dict[str, tuple[str, ...]] = {"A": ("A",)}
    for number, code in enumerate(CODES[1:], start=1):
        above = CODES[parents[number - 1] % number]
        paths[code] = (*paths[above], code)
    return {
        code: Organization(number, code, kinds[number], 1, "INR", paths[code])
        for number, code in enumerate(CODES)
    }


def moved(tree: Tree, parents: list[int], order: list[str]) -> Tree:
    """The same organizations, of the same kinds, placed anew below the root."""
    paths: dict[str, tuple[str, ...]] = {"A": ("A",)}
    for number, code in enumerate(order, start=1):
        paths[code] = (*paths[["A", *order][parents[number - 1] % number]], code)
    return {code: replace(each, path=paths[code]) for code, each in tree.items()}


def holds_at(organization: Organization | None, named: str | None, under: str | None, kind: object) -> bool:
    if organization is None:
        return not (named or under or kind)
    return all(
        [
            named is None or named == organization.code,
            under is None or under in organization.path,
            kind is None or kind == organization.kind,
        ]
    )


def answers(rule: Rule, event: EventFacts) -> bool:
    """Whether every condition holds, read from the specification and not from the code."""
    when = rule.when
    ranges = [rule.in_force] + ([when.dates] if when.dates else [])
    return all(
        [
            rule.event == event.event,
            holds_at(event.servicing, when.servicing, when.servicing_under, when.servicing_kind),
            holds_at(event.seller, when.seller, when.seller_under, when.seller_kind),
            not when.service or when.service == event.service,
            not when.category or when.category == event.category,
            not when.package or when.package == event.package,
            not when.payer_type or when.payer_type == event.payer_type,
            all((not one.first_on or one.first_on <= event.on) for one in ranges),
            all((not one.last_on or event.on <= one.last_on) for one in ranges),
        ]
    )


def beats(one: Rule, two: Rule, event: EventFacts) -> bool:
    """LEDGER section 4, step by step: the first difference decides."""
    for who in ("servicing", "seller"):
        place = getattr(event, who)
        for differs in (
            lambda rule, who=who: bool(getattr(rule.when, who)),
            lambda rule, who=who, place=place: (
                place.path.index(getattr(rule.when, f"{who}_under")) + 1
                if getattr(rule.when, f"{who}_under") and not getattr(rule.when, who)
                else 0
            ),
            lambda rule, who=who: bool(getattr(rule.when, f"{who}_kind")) and not getattr(rule.when, who),
        ):
            if differs(one) != differs(two):
                return differs(one) > differs(two)
    for differs in (
        lambda rule: bool(rule.when.service),
        lambda rule: bool(rule.when.category) and not rule.when.service,
        lambda rule: bool(rule.when.package),
        lambda rule: bool(rule.when.payer_type),
        lambda rule: bool(rule.when.dates),
        lambda rule: rule.priority,
    ):
        if differs(one) != differs(two):
            return differs(one) > differs(two)
    return False


def often(*values: object) -> st.SearchStrategy:
    """Mostly nothing, so that many rules apply to one event."""
    return st.sampled_from([None, None, *values])


days = st.dates(date(2026, 1, 1), date(2026, 1, 9))
ranges = st.builds(
    lambda one, two: Dates(min(one, two), max(one, two)), days, days
) | st.builds(Dates, st.none() | days, st.none())  # fmt: skip
kinds = [Kind.SUB, Kind.PARTNER]
conditions = st.builds(
    Conditions,
    seller=often("A", "B"),
    seller_under=often("A", "B", "C"),
    seller_kind=often(*kinds),
    servicing=often("C", "D"),
    servicing_under=often(*CODES),
    servicing_kind=often(*kinds),
    service=often("LAB"),
    category=often("care", "tests"),
    package=often("PACK"),
    payer_type=often(*PayerType),
    dates=st.none() | ranges,
)
rule_lists = st.lists(
    st.builds(
        Rule,
        st.just(""),
        st.just(Event.REDEMPTION),
        conditions,
        st.sampled_from([Outcome(), TIERED]),
        priority=st.integers(0, 1),
        in_force=st.just(Dates()) | ranges,
    ),
    max_size=7,
).map(lambda all: [replace(rule, code=f"r{number}") for number, rule in enumerate(all)])
parents = st.lists(st.integers(0, 3), min_size=4, max_size=4)
trees = st.builds(
    lambda kinds, parents: tree_of([Kind.PARENT, *kinds], parents),
    st.lists(st.sampled_from(kinds), min_size=4, max_size=4),
    parents,
)
events = st.tuples(
    days, st.sampled_from(CODES), st.none() | st.sampled_from(CODES), often("LAB"), often("care", "tests"),
    often("PACK"), st.sampled_from(PayerType),
)  # fmt: skip


@given(trees, parents, st.permutations(CODES[1:]), rule_lists, st.lists(events, min_size=1, max_size=12))
def test_what_was_activated_never_ties_wherever_organizations_move(
    tree: Tree, anew: list[int], order: list[str], drafts: list[Rule], happening: list[tuple]
) -> None:
    active: list[Rule] = []
    for draft in drafts:
        try:
            check_conflict(draft, active, tree)
        except Refusal:
            continue
        active.append(draft)
    for places in (tree, moved(tree, anew, order)):
        for on, servicing, seller, *rest in happening:
            event = EventFacts(
                Event.REDEMPTION, on, places[servicing], places[seller] if seller else None, *rest
            )
            applying = [rule for rule in active if answers(rule, event)]
            winners = [
                rule
                for rule in applying
                if all(beats(rule, other, event) for other in applying if other is not rule)
            ]
            assert len(winners) == (1 if applying else 0)
            assert match(active, event) is (winners[0] if winners else None)


def test_a_named_organization_that_may_move_into_both_subtrees_is_a_conflict() -> None:
    tree = tree_of([Kind.PARENT, *[Kind.SUB] * 4], [0, 0, 0, 0])
    one, two = (
        Rule(code, Event.REDEMPTION, Conditions(servicing="D", servicing_under=under))
        for code, under in (("one", "B"), ("two", "C"))
    )
    with pytest.raises(Refusal, match="one and two"):
        check_conflict(one, [two], tree)


def test_dates_that_meet_only_while_one_is_not_in_force_are_no_conflict() -> None:
    tree = tree_of([Kind.PARENT, *[Kind.SUB] * 4], [0, 0, 0, 0])
    january, all_year = (
        Dates(date(2026, 1, 1), date(2026, 1, 31)),
        Dates(date(2026, 1, 1), date(2026, 12, 31)),
    )
    summer = Rule("summer", Event.REDEMPTION, Conditions(dates=all_year), in_force=Dates(date(2026, 6, 1)))
    winter = Rule("winter", Event.REDEMPTION, Conditions(dates=january), in_force=Dates(date(2025, 1, 1)))
    check_conflict(summer, [winter], tree)
    with pytest.raises(Refusal):
        check_conflict(replace(summer, in_force=january), [winter], tree)
