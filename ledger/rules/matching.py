"""Finding the one rule that answers for an event, and refusing two that could both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.rules.lines import Kind, Organization
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Conditions, Event, PayerType, Rule

Place = tuple[int, int, int]  # organization named, depth of the subtree, kind named
Specificity = tuple[Place, Place, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What the conditions look at.

    `servicing` is the organization that performs: the seller in a sale, the vendor in a service request.
    `seller` is who sold (for a redemption: who sold the entitlement), None when nothing was sold.
    """

    event: Event
    on: date
    servicing: Organization
    seller: Organization | None = None
    service: str | None = None
    category: str | None = None
    package: str | None = None
    payer_type: PayerType = PayerType.PATIENT


def match(rules: Iterable[Rule], facts: EventFacts) -> Rule | None:
    """Return the most specific rule in force that applies, or None.

    Organization > subtree (the deeper one first) > kind, first of the servicer, then of the seller; then
    service > category; then package; then payer type; then dates; then the higher priority.
    Raises Refusal `rule_conflict` when two rules tie.
    """
    depths = {code: depth for org in _organizations(facts) for depth, code in enumerate(org.path, start=1)}
    ranked = sorted(
        ((specificity(rule, depths), rule) for rule in rules if applies(rule, facts)),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if not ranked:
        return None
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise _conflict(ranked[0][1], ranked[1][1])
    return ranked[0][1]


def applies(rule: Rule, facts: EventFacts) -> bool:
    """Whether the rule is in force on the day and all its conditions hold."""
    when = rule.when
    return (
        rule.event is facts.event
        and rule.in_force.contains(facts.on)
        and _is_at(facts.servicing, when.servicing, when.servicing_under, when.servicing_kind)
        and _is_at(facts.seller, when.seller, when.seller_under, when.seller_kind)
        and when.service in (None, facts.service)
        and when.category in (None, facts.category)
        and when.package in (None, facts.package)
        and when.payer_type in (None, facts.payer_type)
        and (when.dates is None or when.dates.contains(facts.on))
    )


def places_hold(rule: Rule, organization: Organization) -> tuple[bool, bool]:
    """Whether an organization meets what a rule says of (the servicer, the seller); what says nothing is met."""
    when = rule.when
    return (
        _is_at(organization, when.servicing, when.servicing_under, when.servicing_kind),
        _is_at(organization, when.seller, when.seller_under, when.seller_kind),
    )


def specificity(rule: Rule, depths: Mapping[str, int]) -> Specificity:
    """Return what ranks the rule, larger first; `depths` gives the depth of each subtree's root."""
    when = rule.when
    return (
        _place(when.servicing, when.servicing_under, when.servicing_kind, depths),
        _place(when.seller, when.seller_under, when.seller_kind, depths),
        2 if when.service else 1 if when.category else 0,
        1 if when.package else 0,
        1 if when.payer_type else 0,
        1 if when.dates else 0,
        rule.priority,
    )


def check_conflict(
    candidate: Rule, active: Iterable[Rule], organizations: Mapping[str, Organization]
) -> None:
    """Refuse (`rule_conflict`, naming both) a rule that ties with an active one where both can apply.

    To be asked when a rule is activated, for the tree as it is and as it may become: organizations move, their kinds
    stay. `organizations` is the tree by code. Other versions of the same rule are no conflict: the new one takes over.
    """
    depths = {code: len(organization.path) for code, organization in organizations.items()}
    rank = specificity(candidate, depths)
    for other in sorted(active, key=lambda rule: (rule.code, rule.version)):
        if (
            other.code != candidate.code
            and other.event is candidate.event
            and rank == specificity(other, depths)
            and candidate.days.overlaps(other.days)
            and _can_both_hold(candidate.when, other.when, organizations)
        ):
            raise _conflict(candidate, other)


def _organizations(facts: EventFacts) -> tuple[Organization, ...]:
    return (facts.servicing, facts.seller) if facts.seller else (facts.servicing,)


def _is_at(
    organization: Organization | None, named: str | None, under: str | None, kind: Kind | None
) -> bool:
    if organization is None:
        return named is under is kind is None
    return (
        named in (None, organization.code)
        and (under is None or under in organization.path)
        and kind in (None, organization.kind)
    )


def _place(named: str | None, under: str | None, kind: Kind | None, depths: Mapping[str, int]) -> Place:
    if named:
        return (1, 0, 0)
    return (0, depths.get(under, 0) if under else 0, 1 if kind else 0)


def _can_both_hold(one: Conditions, two: Conditions, organizations: Mapping[str, Organization]) -> bool:
    """Whether an event can meet both conditions, given that they are equally specific."""
    return (
        _places_meet(
            (one.servicing, one.servicing_under, one.servicing_kind),
            (two.servicing, two.servicing_under, two.servicing_kind),
            organizations,
        )
        and _places_meet(
            (one.seller, one.seller_under, one.seller_kind),
            (two.seller, two.seller_under, two.seller_kind),
            organizations,
        )
        and one.service == two.service
        and (one.category == two.category or one.category is None or two.category is None)
        and one.package == two.package
        and one.payer_type == two.payer_type
    )


def _places_meet(
    one: tuple[str | None, str | None, Kind | None],
    two: tuple[str | None, str | None, Kind | None],
    organizations: Mapping[str, Organization],
) -> bool:
    if one[0] != two[0]:
        return False
    if one[0] is None:  # equally deep subtrees meet only when they are the same
        return one[1:] == two[1:]
    organization = organizations.get(one[0])  # one that isn't in either subtree today may move there
    return organization is None or all(kind in (None, organization.kind) for kind in (one[2], two[2]))


def _conflict(one: Rule, two: Rule) -> Refusal:
    first, second = sorted((one.code, two.code))
    return Refusal(
        RefusalCode.RULE_CONFLICT,
        f"The rules {first} and {second} are equally specific and can both apply to the same "
        f"{one.event.replace('_', ' ')}; narrow one of them or give it a higher priority.",
        rule=first,
        other=second,
    )
