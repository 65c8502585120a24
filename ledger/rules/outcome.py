"""The outcome of a rule: reading and writing it as plain data, and checking that it may be activated."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeVar

from core.money import Money
from ledger.rules.lines import Kind, Organization
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import (
    HOLDER,
    PARENT,
    ROLES,
    SERVICING,
    Basis,
    Event,
    Outcome,
    Presentation,
    Share,
)

_Word = TypeVar("_Word", Basis, Presentation)

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_SHARE_FIELDS = frozenset({"party", "percent", "fixed", "remainder", "basis", "legal_basis"})
_OUTCOME_FIELDS = frozenset({"payer", "transfer", "shares", "presentation", "legal_basis", "currency"})


def parse_decimal(text: str) -> Fraction:
    """Read a plain non-negative decimal, such as a percentage or a weight: "70", "33.3333".

    At most 12 digits on either side of the point; ValueError otherwise.
    """
    if not _DECIMAL.fullmatch(text):
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise ValueError(f"{shown!r} is not a plain decimal number such as 70 or 33.33.")
    return Fraction(text)


def decimal_text(value: Fraction) -> str:
    """Return the shortest plain decimal of a number that `parse_decimal` read: 70, 33.3333."""
    scaled = value * 10**12
    whole, rest = divmod(int(scaled), 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


def read_outcome(data: Mapping[str, Any], currency: str) -> Outcome:
    """Build an Outcome from plain data: payer, transfer, shares, presentation, legal_basis, currency.

    A transfer is {percent | fixed, basis}; a share is {party, percent | fixed | remainder: true, basis,
    legal_basis}; the outcome's own legal_basis serves the shares that name none. Percentages and fixed
    amounts are decimal strings; fixed amounts are in data["currency"], else in `currency`.
    Raises ValueError in words for the person who wrote it.
    """
    _only(data, _OUTCOME_FIELDS, "an outcome")
    fixed_currency = str(data.get("currency") or currency)
    legal_basis = str(data.get("legal_basis") or "").strip()
    transfer = data.get("transfer")
    shares = data.get("shares") or ()
    presentation = _word(Presentation, data.get("presentation") or Presentation.PRINCIPAL, "presentation")
    outcome = Outcome(
        payer=data.get("payer") or None,
        transfer=_read_share({**transfer, "party": SERVICING}, fixed_currency, legal_basis)
        if transfer is not None
        else None,
        shares=tuple(_read_share(share, fixed_currency, legal_basis) for share in shares),
        presentation=presentation,
    )
    if any(part.fixed_minor is not None for part in outcome.parts):
        return Outcome(outcome.payer, outcome.transfer, outcome.shares, presentation, fixed_currency)
    return outcome


def write_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return the plain data that `read_outcome` reads back to an equal Outcome."""
    data: dict[str, Any] = {"presentation": str(outcome.presentation)}
    if outcome.payer:
        data["payer"] = outcome.payer
    if outcome.currency:
        data["currency"] = outcome.currency
    if outcome.transfer:
        data["transfer"] = _write_share(outcome.transfer, outcome.currency)
        del data["transfer"]["party"]
    if outcome.shares:
        data["shares"] = [_write_share(share, outcome.currency) for share in outcome.shares]
    return data


def check_outcome(event: Event, outcome: Outcome, organizations: Mapping[str, Organization]) -> None:
    """Refuse an outcome that may not be activated.

    `not_permitted`: it contradicts itself, the event or the tree (`organizations` by code; a share to a
    third party, a percentage over 100 in all, an agent who is none, ...). `referral_share`: a share
    without a legal basis.
    """
    _check_parts(event, outcome)
    _check_organizations(event, outcome, organizations)
    if outcome.presentation is Presentation.AGENT:
        _check_agent(event, outcome)
    for share in outcome.shares:
        if not share.legal_basis.strip():
            raise Refusal(
                RefusalCode.REFERRAL_SHARE,
                f"The share of {share.party} names no legal basis. A share is paid for a service performed, "
                "never for a referral: say which.",
                party=share.party,
            )


def _check_parts(event: Event, outcome: Outcome) -> None:
    if outcome.transfer and outcome.shares:
        raise _not_permitted("A rule has either a transfer or shares, not both.")
    for part in outcome.parts:
        ways = (part.percent is not None) + (part.fixed_minor is not None) + part.remainder
        if ways != 1:
            raise _not_permitted("A share is a percentage, a fixed amount per unit, or the remainder.")
        if part.basis is None and part.fixed_minor is None:
            raise _not_permitted("A percentage and a remainder need a basis.")
        if part.basis is Basis.SALE_PRICE and event is not Event.SALE:
            raise _not_permitted("The basis sale_price is for the event sale only.")
        if part.basis is Basis.ALLOCATED_PRICE and event in (Event.SALE, Event.SERVICE_REQUEST):
            raise _not_permitted(
                f"The basis allocated_price is what a redemption recognizes; a {_words(event)} has none."
            )
        if event is Event.SERVICE_REQUEST and part.party == SERVICING:
            raise _not_permitted("The vendor of a service request is paid what it bills; it takes no share.")
    if sum((part.percent or Fraction(0) for part in outcome.parts), Fraction(0)) > 100:
        raise _not_permitted("The percentages exceed 100 % in all.")
    remainders = [part for part in outcome.parts if part.remainder]
    if len(remainders) > 1:
        raise _not_permitted("Only one share may take the remainder.")
    if remainders and any(part.basis not in (None, remainders[0].basis) for part in outcome.parts):
        raise _not_permitted("Beside a remainder all shares have its basis.")


def _check_organizations(event: Event, outcome: Outcome, organizations: Mapping[str, Organization]) -> None:
    parties = [share.party for share in outcome.shares]
    if outcome.payer == SERVICING:
        raise _not_permitted("The payer is parent, holder or the code of an organization.")
    for name in filter(None, (outcome.payer, *parties)):
        if name == HOLDER and event not in (Event.SALE, Event.REDEMPTION):
            raise _not_permitted(f"A {_words(event)} has no holder.")
        if name in ROLES:
            continue
        organization = organizations.get(name)
        if organization is None:
            raise _not_permitted(f"There is no organization {name}.")
        if organization.kind is Kind.THIRD_PARTY:
            what = "pays no share" if name == outcome.payer else "gets no share"
            raise _not_permitted(f"{name} is a third party and {what}; a third party sends a bill.")


def _check_agent(event: Event, outcome: Outcome) -> None:
    if event is not Event.REDEMPTION:
        raise _not_permitted("Only a redemption can be presented as agent.")
    if len(outcome.shares) != 1 or outcome.shares[0].party in (HOLDER, PARENT):
        raise _not_permitted("An agent has exactly one share, the servicing organization's.")
    if outcome.shares[0].basis is not Basis.ALLOCATED_PRICE:
        raise _not_permitted("An agent's share has the basis allocated_price.")


def _read_share(data: Mapping[str, Any], currency: str, legal_basis: str) -> Share:
    _only(data, _SHARE_FIELDS, "a share")
    percent, fixed, basis = data.get("percent"), data.get("fixed"), data.get("basis")
    party = data.get("party")
    if not isinstance(party, str) or not party:
        raise ValueError("A share names its party.")
    if any(value is not None and not isinstance(value, str) for value in (percent, fixed)):
        raise ValueError("Percentages and amounts are decimal strings.")
    return Share(
        party=party,
        percent=None if percent is None else parse_decimal(percent),
        fixed_minor=None if fixed is None else Money.parse(fixed, currency).minor,
        remainder=data.get("remainder") is True,
        basis=None if basis is None else _word(Basis, basis, "basis"),
        legal_basis=str(data.get("legal_basis") or legal_basis).strip(),
    )


def _write_share(share: Share, currency: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {"party": share.party}
    if share.percent is not None:
        data["percent"] = decimal_text(share.percent)
    if share.fixed_minor is not None and currency:
        data["fixed"] = Money(share.fixed_minor, currency).decimal()
    if share.remainder:
        data["remainder"] = True
    if share.basis:
        data["basis"] = str(share.basis)
    if share.legal_basis:
        data["legal_basis"] = share.legal_basis
    return data


def _word(words: type[_Word], value: object, what: str) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is no {what}; it is one of {', '.join(words)}.") from None


def _only(data: Mapping[str, Any], fields: frozenset[str], what: str) -> None:
    unknown = sorted(set(data) - fields)
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no field of {what}.")


def _words(event: Event) -> str:
    return event.replace("_", " ")


def _not_permitted(message: str) -> Refusal:
    return Refusal(RefusalCode.NOT_PERMITTED, message)
