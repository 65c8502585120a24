"""Applying a rule's outcome to the amounts of one event: who pays whom, how much, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ledger.rules.arithmetic import Arithmetic, basis_words
from ledger.rules.lines import Kind, Organization, Reasons, total
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.split import split
from ledger.rules.terms import (
    HOLDER,
    PARENT,
    SERVICING,
    Basis,
    Event,
    Measure,
    Outcome,
    Presentation,
    Rule,
    Share,
)
from ledger.rules.tiers import Slice, fixed_of, percent_of, slices


@dataclass(frozen=True, slots=True)
class Parties:
    """The organizations of one event that a payer or a party can stand for.

    `parent` is the nearest ancestor of kind parent; `holder` owes the care (sale, redemption);
    `ordering` orders (service request); `named` holds the organizations that rules name by code.
    """

    servicing: Organization
    parent: Organization
    holder: Organization | None = None
    ordering: Organization | None = None
    named: Mapping[str, Organization] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the event is worth, in minor units of `currency`; None where the event has no such basis.

    `quantity` counts units (packages in a sale, 1 in a service request). `allocated_minor` is what this
    event recognizes: of the entitlement in a redemption, the price itself in a charge. `volume_before` is what the
    rule's volume had come to before it.
    """

    currency: str
    quantity: int
    allocated_minor: int | None = None
    list_minor: int | None = None
    sale_minor: int | None = None
    volume_before: int = 0


@dataclass(frozen=True, slots=True)
class Payment:
    """What the payer owes one organization: non-zero minor units, by the steps that sum to them."""

    receiver: Organization
    reasons: Reasons

    @property
    def amount_minor(self) -> int:
        return total(self.reasons)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this amount: the rule and its version, the inputs, and the arithmetic as sentences."""

    rule: str
    version: int
    inputs: Mapping[str, str | int]
    said: Arithmetic = field(compare=False)

    @property
    def arithmetic(self) -> tuple[str, ...]:
        return self.said.sentences


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a rule answers for one event.

    `payer` is None when the patient pays; the servicing organization then collects and pays the
    `payments`, which never name the one who pays them and come in code order.
    """

    payer: Organization | None
    payments: tuple[Payment, ...]
    presentation: Presentation
    explanation: Explanation


def distribute(rule: Rule, parties: Parties, amounts: Amounts) -> Distribution:
    """Compute what `rule` says for one event.

    A share is a split between the parties and the payer, who keeps the rest; parties that are the same
    organization are one. Raises Refusal: `not_permitted` where the outcome cannot be met (a third party
    would get a share, a vendor a share of its own request, fixed amounts exceed what the remainder or the agent's commission is taken from,
    the agent's payer is not the holder), `currency_mismatch` where fixed amounts are in another currency.
    """
    outcome = rule.outcome
    payer = _payer(rule, parties)
    keeper = payer or parties.servicing
    shares = [(share, _organization(share.party, parties)) for share in outcome.parts]
    _check_books((keeper, *(receiver for _, receiver in shares)))
    if rule.event is Event.SERVICE_REQUEST and parties.servicing in (receiver for _, receiver in shares):
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"{parties.servicing.code} is paid what it bills; it takes no share of its own request.",
            organization=parties.servicing.code,
        )
    if outcome.currency not in (None, amounts.currency):
        raise Refusal(
            RefusalCode.CURRENCY_MISMATCH,
            f"The rule {rule.code} has fixed amounts in {outcome.currency}; this is in {amounts.currency}.",
            rule=rule.code,
            currency=str(outcome.currency),
            other_currency=amounts.currency,
        )
    said = _worked_out(shares, keeper, outcome, amounts)
    receivers = {receiver.code: receiver for _, receiver in shares if receiver.id != keeper.id}
    payments = tuple(
        Payment(receiver, tuple(said.steps[code]))
        for code, receiver in sorted(receivers.items())
        if total(said.steps[code])
    )
    if outcome.presentation is Presentation.AGENT and keeper.id != parties.servicing.id:
        receiver = shares[0][1]
        _check_agent(payer, receiver, total(said.steps[receiver.code]), parties, amounts)
    return Distribution(
        payer=payer,
        payments=payments,
        presentation=outcome.presentation,
        explanation=Explanation(rule.code, rule.version, _inputs(rule, parties, payer, amounts), said),
    )


def _payer(rule: Rule, parties: Parties) -> Organization | None:
    if rule.outcome.payer:
        return _organization(rule.outcome.payer, parties)
    if rule.event is Event.CHARGE:
        return None
    if rule.event is Event.SERVICE_REQUEST:
        if parties.ordering is None:
            raise ValueError("A service request has an ordering organization.")
        return parties.ordering
    return _organization(HOLDER, parties)


def _organization(name: str, parties: Parties) -> Organization:
    if name == SERVICING:
        return parties.servicing
    if name == PARENT:
        return parties.parent
    found = parties.holder if name == HOLDER else parties.named.get(name)
    if found is None:
        what = "holder here" if name == HOLDER else f"organization {name}"
        raise Refusal(
            RefusalCode.NOT_PERMITTED, f"The rule speaks of a {what}, but there is none.", party=name
        )
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """A share with its receiver, its tiers worked out: a percentage of the basis, or what its units come to."""

    share: Share
    receiver: Organization
    percent: Fraction
    fixed_minor: int | None
    found: tuple[Slice, ...] = ()

    @property
    def key(self) -> str:
        """Shares of one organization are one, but for what is limited by itself."""
        return f"{self.receiver.code}\0{self.share.party}" if self.share.has_limits else self.receiver.code


def _part(share: Share, receiver: Organization, outcome: Outcome, amounts: Amounts) -> _Part:
    quantity = amounts.quantity
    if not share.tiers or outcome.volume is None:
        fixed = None if share.fixed_minor is None else share.fixed_minor * quantity
        return _Part(share, receiver, share.percent or Fraction(0), fixed)
    counts_units = outcome.volume.measure is Measure.UNITS
    size = quantity if counts_units else abs(_base(share.basis, amounts))
    found = slices(share.tiers, amounts.volume_before, size)
    if share.is_fixed:
        return _Part(share, receiver, Fraction(0), fixed_of(found), found)
    return _Part(share, receiver, percent_of(found), None, found)


def _worked_out(
    shares: list[tuple[Share, Organization]], keeper: Organization, outcome: Outcome, amounts: Amounts
) -> Arithmetic:
    """Work out what everybody gets, the keeper's own included, step by step."""
    said = Arithmetic(outcome, amounts.currency, keeper.code)
    worked = [_part(share, receiver, outcome, amounts) for share, receiver in shares]
    remainder = next((each for each in worked if each.share.remainder), None)
    rest_to = remainder.receiver if remainder else keeper

    def limit(each: _Part, minor: int, *, sign: int) -> None:
        """Keep a share within its limits; what they add or cut is the rest's, whose own share has none."""
        given = sign * limited(sign * minor, each.share)
        if each.receiver.code != rest_to.code and given != minor:
            said.limit(each.receiver.code, each.share, minor, given, rest_to.code)

    for basis in dict.fromkeys(
        each.share.basis for each in worked if each.fixed_minor is None and each.share.basis
    ):
        of_basis = [
            each for each in worked if each.share.basis is basis and each.fixed_minor is None and each.percent
        ]
        base = _base(basis, amounts)
        weights: defaultdict[str, Fraction] = defaultdict(Fraction)
        for each in of_basis:
            weights[each.key] += each.percent
            said.tiers(each.receiver.code, each.found, amounts.volume_before)
        weights[rest_to.code] += 100 - sum((each.percent for each in of_basis), Fraction(0))
        parts = split(base, weights)
        for key, part in parts.items():
            if weights[key]:
                said.percent(key.partition("\0")[0], weights[key], part, basis, base)
        for each in worked:
            if each.share.has_limits and each.share.basis is basis and each.fixed_minor is None:
                limit(each, parts.get(each.key, 0), sign=-1 if base < 0 else 1)
    for each in worked:
        if each.fixed_minor is not None:
            said.tiers(each.receiver.code, each.found, amounts.volume_before)
            said.fixed(
                each.receiver.code,
                each.share,
                amounts.quantity,
                each.fixed_minor,
                rest_to.code if remainder else None,
            )
            limit(each, each.fixed_minor, sign=1)
    if remainder:
        _check_remainder(total(said.steps[rest_to.code]), _base(remainder.share.basis, amounts))
    return said


def limited(minor: int, share: Share) -> int:
    """An amount raised to what a share is at least, and lowered to what it is at most."""
    if share.at_least_minor is not None:
        minor = max(minor, share.at_least_minor)
    if share.at_most_minor is not None:
        minor = min(minor, share.at_most_minor)
    return minor


def _check_books(organizations: Iterable[Organization]) -> None:
    for organization in organizations:
        if organization.kind is Kind.THIRD_PARTY:
            raise Refusal(
                RefusalCode.NOT_PERMITTED,
                f"{organization.code} is a third party: it neither pays nor gets a share, it sends a bill.",
                organization=organization.code,
            )


def _check_remainder(left_minor: int, base_minor: int) -> None:
    if left_minor * base_minor < 0 or (left_minor < 0 and not base_minor):
        raise Refusal(
            RefusalCode.NOT_PERMITTED, "The fixed amounts exceed what the remainder would be taken from."
        )


def _check_agent(
    payer: Organization | None, receiver: Organization, share_minor: int, parties: Parties, amounts: Amounts
) -> None:
    """The holder pays exactly the servicing organization, at most what is recognized."""
    holder, allocated = parties.holder, amounts.allocated_minor or 0
    if holder is None or payer is None or payer.id != holder.id:
        raise Refusal(RefusalCode.NOT_PERMITTED, "An agent's share is paid by the holder of the contract.")
    if receiver.id != parties.servicing.id:
        raise Refusal(RefusalCode.NOT_PERMITTED, "An agent's share goes to the servicing organization.")
    low, high = sorted((0, allocated))
    if not low <= share_minor <= high:
        raise Refusal(RefusalCode.NOT_PERMITTED, "The agent's share exceeds the allocated price.")


def _base(basis: Basis | None, amounts: Amounts) -> int:
    base = {
        Basis.ALLOCATED_PRICE: amounts.allocated_minor,
        Basis.LIST_PRICE: amounts.list_minor,
        Basis.SALE_PRICE: amounts.sale_minor,
    }
    if basis is None or (found := base[basis]) is None:
        raise Refusal(RefusalCode.NOT_PERMITTED, f"This event has no {basis_words(basis)}.", basis=str(basis))
    return found


def volume_of(outcome: Outcome, amounts: Amounts) -> int:
    """What one event adds to the volume of the rule that answers it."""
    if outcome.volume is None or outcome.volume.measure is Measure.UNITS:
        return amounts.quantity
    return abs(_base(next(part.basis for part in outcome.parts if part.tiers), amounts))


def _inputs(
    rule: Rule, parties: Parties, payer: Organization | None, amounts: Amounts
) -> dict[str, str | int]:
    inputs: dict[str, str | int | None] = {
        "currency": amounts.currency,
        "quantity": amounts.quantity,
        "allocated_minor": amounts.allocated_minor,
        "list_minor": amounts.list_minor,
        "sale_minor": amounts.sale_minor,
        "payer": payer.code if payer else "patient",
        "servicing": parties.servicing.code,
        "holder": parties.holder.code if parties.holder else None,
        "ordering": parties.ordering.code if parties.ordering else None,
        "volume_before": amounts.volume_before if rule.outcome.volume else None,
    }
    return {name: value for name, value in inputs.items() if value is not None}
