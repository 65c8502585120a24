"""Any transactional rule as one plain English sentence."""

from fractions import Fraction

from core import locale
from core.money import Money
from ledger.rules.lines import Kind
from ledger.rules.outcome import decimal_text
from ledger.rules.terms import (
    HOLDER,
    PARENT,
    SERVICING,
    Conditions,
    Dates,
    Event,
    Measure,
    Outcome,
    PayerType,
    Rule,
    Share,
    Tier,
)

_KINDS = {
    Kind.PARENT: "the parent",
    Kind.SUB: "a sub",
    Kind.PARTNER: "a partner",
    Kind.THIRD_PARTY: "a third party",
}
_OWN_PAYER = {
    Event.SALE: "the holder",
    Event.REDEMPTION: "the holder",
    Event.CHARGE: "the patient",
    Event.SERVICE_REQUEST: "the ordering organization",
}


def rule_sentence(rule: Rule) -> str:
    """Return the rule as a sentence.

    "When Q redeems CONSULT, the holder pays Q 70 % of the allocated price, as principal, for services
    performed."
    """
    return f"When {_condition(rule)}, {_consequence(rule)}."


def _condition(rule: Rule) -> str:
    when = rule.when
    servicing = _place(when.servicing, when.servicing_under, when.servicing_kind)
    seller = _place(when.seller, when.seller_under, when.seller_kind)
    what = {
        Event.SALE: f"{servicing} sells {when.package or 'any package'}",
        Event.REDEMPTION: f"{servicing} redeems {_service(when)}",
        Event.CHARGE: f"{servicing} charges for {_service(when)}",
        Event.SERVICE_REQUEST: f"{servicing} performs a request for {_service(when)}",
    }[rule.event]
    extras = [
        f"of {when.package}" if when.package and rule.event is not Event.SALE else "",
        f"sold by {seller}" if when.seller or when.seller_under or when.seller_kind else "",
        f"for {'a patient' if when.payer_type is PayerType.PATIENT else 'an organization'} who pays"
        if when.payer_type
        else "",
        _dates(when.dates) if when.dates else "",
    ]
    return " ".join(filter(None, (what, *extras)))


def _consequence(rule: Rule) -> str:
    outcome = rule.outcome
    payer = _name(outcome.payer, rule) if outcome.payer else _OWN_PAYER[rule.event]
    if not outcome.parts:
        return {
            Event.REDEMPTION: "the holder recognizes the price and nobody is paid",
            Event.SALE: "nobody is paid a share",
            Event.CHARGE: f"{payer} pays and no share is due"
            if not outcome.payer
            else f"{payer} pays nothing",
            Event.SERVICE_REQUEST: f"{payer} pays the bill",
        }[rule.event]
    if outcome.payer is None and rule.event is Event.CHARGE:
        payer = f"the patient pays, and {_name(SERVICING, rule)}"
    paid = _list([f"{_name(part.party, rule)} {_amount(part, rule)}" for part in outcome.parts])
    bill = "pays the bill and " if rule.event is Event.SERVICE_REQUEST else ""
    bases = list(dict.fromkeys(part.legal_basis for part in outcome.parts if part.legal_basis))
    why = f", for {_list(bases)}" if bases else ""
    return f"{payer} {bill}pays {paid}, as {outcome.presentation}{why}"


def _amount(share: Share, rule: Rule) -> str:
    return f"{_rate(share, rule.outcome)}{_limits(share, rule.outcome)}"


def _rate(share: Share, outcome: Outcome) -> str:
    basis = f"the {share.basis.replace('_', ' ')}" if share.basis else "the price"
    if share.remainder:
        return f"the rest of {basis}"
    if share.tiers:
        slices = ", ".join(_slice(tier, outcome, is_first=not n) for n, tier in enumerate(share.tiers))
        return slices if share.is_fixed else f"{slices}, of {basis}"
    if share.percent is not None:
        return f"{_percent(share.percent)} of {basis}"
    if share.fixed_minor is not None and outcome.currency:
        return f"{Money(share.fixed_minor, outcome.currency)} a unit"
    return "nothing"


def _slice(tier: Tier, outcome: Outcome, *, is_first: bool) -> str:
    """As in "70 % up to 100 units a month", "75 % up to 200", "80 % above"."""
    if tier.percent is not None:
        rate = _percent(tier.percent)
    else:
        rate = f"{Money(tier.fixed_minor or 0, str(outcome.currency))} a unit"
    if tier.up_to is None or outcome.volume is None:
        return f"{rate} above"
    counts_units = outcome.volume.measure is Measure.UNITS
    size = locale.number(tier.up_to) if counts_units else f"{Money(tier.up_to, str(outcome.currency))}"
    period = f"{' units' if counts_units else ''} a {outcome.volume.per}" if is_first else ""
    return f"{rate} up to {size}{period}"


def _limits(share: Share, outcome: Outcome) -> str:
    limits = (("at least", share.at_least_minor), ("at most", share.at_most_minor))
    given = [f"{word} {Money(minor, str(outcome.currency))}" for word, minor in limits if minor is not None]
    return f" ({' and '.join(given)})" if given else ""


def _percent(percent: Fraction) -> str:
    return f"{locale.number(decimal_text(percent))} %"


def _name(party: str, rule: Rule) -> str:
    if party == SERVICING:
        return rule.when.servicing or "the servicing organization"
    return {HOLDER: "the holder", PARENT: "the parent"}.get(party, party)


def _place(named: str | None, under: str | None, kind: Kind | None) -> str:
    if named:
        return named
    who = _KINDS[kind] if kind else "any organization"
    return f"{who} under {under}" if under else who


def _service(when: Conditions) -> str:
    return when.service or (f"any {when.category} service" if when.category else "any service")


def _dates(dates: Dates) -> str:
    first = f"from {locale.day(dates.first_on)}" if dates.first_on else ""
    last = f"until {locale.day(dates.last_on)}" if dates.last_on else ""
    return " ".join(filter(None, (first, last)))


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
