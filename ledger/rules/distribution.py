"""Applying a rule's outcome to the amounts of one event: who pays whom, how much, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from core import locale
from core.money import Money
from ledger.rules.lines import Kind, Organization
from ledger.rules.outcome import decimal_text
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.split import split
from ledger.rules.terms import HOLDER, PARENT, SERVICING, Basis, Event, Presentation, Rule, Share


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
    event recognizes: of the entitlement in a redemption, the price itself in a charge.
    """

    currency: str
    quantity: int
    allocated_minor: int | None = None
    list_minor: int | None = None
    sale_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What the payer owes one organization: non-zero minor units."""

    receiver: Organization
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this amount: the rule and its version, the inputs, and the arithmetic as sentences."""

    rule: str
    version: int
    inputs: Mapping[str, str | int]
    arithmetic: tuple[str, ...]


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
    parts, arithmetic = _parts(shares, keeper, amounts)
    receivers = {receiver.code: receiver for _, receiver in shares if receiver.id != keeper.id}
    payments = tuple(
        Payment(receiver, parts[code]) for code, receiver in sorted(receivers.items()) if parts[code]
    )
    if outcome.presentation is Presentation.AGENT and keeper.id != parties.servicing.id:
        _check_agent(payer, shares[0][1], parts[shares[0][1].code], parties, amounts)
    return Distribution(
        payer=payer,
        payments=payments,
        presentation=outcome.presentation,
        explanation=Explanation(rule.code, rule.version, _inputs(parties, payer, amounts), tuple(arithmetic)),
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


def _parts(
    shares: list[tuple[Share, Organization]], keeper: Organization, amounts: Amounts
) -> tuple[Mapping[str, int], list[str]]:
    """Return {code: minor units}, the keeper's own included, and the arithmetic in sentences."""
    total: defaultdict[str, int] = defaultdict(int)
    arithmetic: list[str] = []
    remainder = next(((share, receiver) for share, receiver in shares if share.remainder), None)
    for basis in dict.fromkeys(
        share.basis for share, _ in shares if share.fixed_minor is None and share.basis
    ):
        of_basis = [(share, receiver) for share, receiver in shares if share.basis is basis and share.percent]
        rest_to = remainder[1] if remainder else keeper
        weights: defaultdict[str, Fraction] = defaultdict(Fraction)
        for share, receiver in of_basis:
            weights[receiver.code] += share.percent or 0
        weights[rest_to.code] += 100 - sum((share.percent or 0 for share, _ in of_basis), Fraction(0))
        base = _base(basis, amounts)
        for code, part in split(base, weights).items():
            total[code] += part
            if weights[code]:
                arithmetic.append(_percent_sentence(code, weights[code], part, basis, base, keeper, amounts))
    for share, receiver in shares:
        if share.fixed_minor is not None:
            part = share.fixed_minor * amounts.quantity
            total[receiver.code] += part
            if remainder:
                total[remainder[1].code] -= part
            unit = Money(share.fixed_minor, amounts.currency).format()
            arithmetic.append(
                f"{amounts.quantity} x {unit} = {Money(part, amounts.currency).format()} to {receiver.code}"
            )
    if remainder:
        _check_remainder(total[remainder[1].code], _base(remainder[0].basis, amounts))
    return total, arithmetic


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


def _percent_sentence(
    code: str, percent: Fraction, part: int, basis: Basis, base: int, keeper: Organization, amounts: Amounts
) -> str:
    verb = "kept by" if code == keeper.code else "to"
    of, got = Money(base, amounts.currency).format(), Money(part, amounts.currency).format()
    return f"{locale.number(decimal_text(percent))} % of the {_words(basis)} {of} = {got} {verb} {code}"


def _base(basis: Basis | None, amounts: Amounts) -> int:
    base = {
        Basis.ALLOCATED_PRICE: amounts.allocated_minor,
        Basis.LIST_PRICE: amounts.list_minor,
        Basis.SALE_PRICE: amounts.sale_minor,
    }
    if basis is None or (found := base[basis]) is None:
        raise Refusal(RefusalCode.NOT_PERMITTED, f"This event has no {_words(basis)}.", basis=str(basis))
    return found


def _words(basis: Basis | None) -> str:
    return basis.replace("_", " ") if basis else "basis"


def _inputs(parties: Parties, payer: Organization | None, amounts: Amounts) -> dict[str, str | int]:
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
    }
    return {name: value for name, value in inputs.items() if value is not None}
