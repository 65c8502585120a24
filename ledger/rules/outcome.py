"""The outcome of a rule: reading and writing it as plain data, and checking that it may be activated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
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
    Measure,
    Outcome,
    Per,
    Presentation,
    Share,
    Tier,
    Volume,
)
from ledger.rules.tiers import percent_at

_Word = TypeVar("_Word", Basis, Presentation, Measure, Per)

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_SHARE_FIELDS = frozenset(
    {"party", "percent", "fixed", "remainder", "tiers", "basis", "at_least", "at_most", "legal_basis"}
)
_OUTCOME_FIELDS = frozenset(
    {"payer", "transfer", "shares", "presentation", "legal_basis", "currency", "volume"}
)


def parse_decimal(text: str) -> Fraction:
    """Read a plain non-negative decimal, such as a percentage or a weight: "70", "33.3333".

    At most 12 digits on either side of the point; ValueError otherwise.
    """
    if not _DECIMAL.fullmatch(text):
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise ValueError(f"{shown!r} is not a plain decimal number such as 70 or 33.33.")
    return Fraction(text)


@lru_cache(1024)
def decimal_text(value: Fraction) -> str:
    """Return the shortest plain decimal of a number that `parse_decimal` read: 70, 33.3333."""
    scaled = value * 10**12
    whole, rest = divmod(int(scaled), 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


def read_outcome(data: Mapping[str, Any], currency: str) -> Outcome:
    """Build an Outcome from plain data: payer, transfer, shares, presentation, legal_basis, volume, currency.

    A transfer is {percent | fixed | tiers, basis, at_least, at_most}; a share is {party, percent | fixed |
    remainder: true | tiers, basis, at_least, at_most, legal_basis}; the outcome's own legal_basis serves the shares
    that name none. Tiers are [{percent | fixed, up_to}], by a volume {of, per}; `up_to` is a whole number of units, or
    an amount. Percentages and amounts are decimal strings; amounts are in data["currency"], else in `currency`.
    Raises ValueError in words for the person who wrote it.
    """
    _only(data, _OUTCOME_FIELDS, "an outcome")
    reader = _Reader(
        str(data.get("currency") or currency),
        str(data.get("legal_basis") or "").strip(),
        _read_volume(data.get("volume")),
    )
    transfer = data.get("transfer")
    shares = data.get("shares") or ()
    presentation = _word(Presentation, data.get("presentation") or Presentation.PRINCIPAL, "presentation")
    outcome = Outcome(
        payer=data.get("payer") or None,
        transfer=reader.share({**transfer, "party": SERVICING}) if transfer is not None else None,
        shares=tuple(reader.share(share) for share in shares),
        presentation=presentation,
        volume=reader.volume,
    )
    return replace(outcome, currency=reader.currency) if _has_amounts(outcome) else outcome


def write_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return the plain data that `read_outcome` reads back to an equal Outcome."""
    data: dict[str, Any] = {"presentation": str(outcome.presentation)}
    if outcome.payer:
        data["payer"] = outcome.payer
    if outcome.currency:
        data["currency"] = outcome.currency
    if outcome.volume:
        data["volume"] = {"of": str(outcome.volume.measure), "per": str(outcome.volume.per)}
    if outcome.transfer:
        data["transfer"] = _write_share(outcome.transfer, outcome)
        del data["transfer"]["party"]
    if outcome.shares:
        data["shares"] = [_write_share(share, outcome) for share in outcome.shares]
    return data


def check_outcome(event: Event, outcome: Outcome, organizations: Mapping[str, Organization]) -> None:
    """Refuse an outcome that may not be activated.

    `not_permitted`: it contradicts itself, the event or the tree (`organizations` by code; a share to a
    third party, a percentage over 100 in all, an agent who is none, ...). `referral_share`: a share
    without a legal basis, or one that grows with the volume to somebody who doesn't perform the service.
    """
    _check_parts(event, outcome)
    _check_tiers(outcome)
    _check_sums(outcome)
    _check_limits(outcome)
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
    for share in outcome.shares:
        if share.tiers and share.party != SERVICING:
            raise Refusal(
                RefusalCode.REFERRAL_SHARE,
                f"The share of {share.party} depends on the volume. Only who performs the service (servicing) is paid "
                "by volume; anybody else would be paid for sending patients.",
                party=share.party,
            )


def _check_parts(event: Event, outcome: Outcome) -> None:
    if outcome.transfer and outcome.shares:
        raise _not_permitted("A rule has either a transfer or shares, not both.")
    for part in outcome.parts:
        ways = (part.percent is not None) + (part.fixed_minor is not None) + part.remainder + bool(part.tiers)
        if ways != 1:
            raise _not_permitted("A share is a percentage, a fixed amount per unit, the remainder, or tiers.")
        if part.basis is None and not part.is_fixed:
            raise _not_permitted("A percentage and a remainder need a basis.")
        if part.basis is Basis.SALE_PRICE and event is not Event.SALE:
            raise _not_permitted("The basis sale_price is for the event sale only.")
        if part.basis is Basis.ALLOCATED_PRICE and event in (Event.SALE, Event.SERVICE_REQUEST):
            raise _not_permitted(
                f"The basis allocated_price is what a redemption recognizes; a {_words(event)} has none."
            )
        if event is Event.SERVICE_REQUEST and part.party == SERVICING:
            raise _not_permitted("The vendor of a service request is paid what it bills; it takes no share.")


def _check_sums(outcome: Outcome) -> None:
    ends = {tier.up_to for part in outcome.parts for tier in part.tiers if tier.up_to}
    if any(_percent_in_all(outcome, volume) > 100 for volume in (0, *ends)):
        raise _not_permitted("The percentages exceed 100 % in all.")
    remainders = [part for part in outcome.parts if part.remainder]
    if len(remainders) > 1:
        raise _not_permitted("Only one share may take the remainder.")
    if remainders and any(part.basis not in (None, remainders[0].basis) for part in outcome.parts):
        raise _not_permitted("Beside a remainder all shares have its basis.")


def _percent_in_all(outcome: Outcome, volume: int) -> Fraction:
    percents = (
        percent_at(part.tiers, volume) if part.tiers and not part.is_fixed else part.percent or Fraction(0)
        for part in outcome.parts
    )
    return sum(percents, Fraction(0))


def _check_tiers(outcome: Outcome) -> None:
    tiered = [part for part in outcome.parts if part.tiers]
    if bool(tiered) != bool(outcome.volume):
        raise _not_permitted(
            "Tiers need a volume: say what it counts, and per which period."
            if tiered
            else "A volume is there for tiers: give a share tiers, or leave the volume out."
        )
    for part in tiered:
        ends = [tier.up_to for tier in part.tiers]
        if len(ends) < 2 or ends[-1] is not None:
            raise _not_permitted("There are at least two tiers, and the last one has no end.")
        if None in ends[:-1] or any(one >= two for one, two in pairwise([0, *filter(None, ends)])):
            raise _not_permitted("Every tier but the last ends at a volume, each later than the one before.")
        ways = {(tier.percent is not None, tier.fixed_minor is not None) for tier in part.tiers}
        if ways not in ({(True, False)}, {(False, True)}):
            raise _not_permitted("The tiers of a share are all percentages, or all fixed amounts a unit.")
        if part.is_fixed and outcome.volume and outcome.volume.measure is not Measure.UNITS:
            raise _not_permitted("Tiers of fixed amounts a unit count units.")
    if len({part.basis for part in tiered if not part.is_fixed}) > 1:
        raise _not_permitted("All shares with tiers have the same basis.")


def _check_limits(outcome: Outcome) -> None:
    parties = [part.party for part in outcome.parts]
    for part in outcome.parts:
        least, most = part.at_least_minor, part.at_most_minor
        if least is not None and most is not None and least > most:
            raise _not_permitted(f"The share of {part.party} would be at least more than it is at most.")
        if part.has_limits and part.remainder:
            raise _not_permitted("The remainder is what the others leave; limit those.")
        if part.has_limits and parties.count(part.party) > 1:
            raise _not_permitted(f"A share with a limit is the only one of {part.party}.")


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


@dataclass(frozen=True)
class _Reader:
    """Reads shares in one currency, with the legal basis and the volume that the outcome gives them."""

    currency: str
    legal_basis: str
    volume: Volume | None

    def share(self, data: Mapping[str, Any]) -> Share:
        _only(data, _SHARE_FIELDS, "a share")
        party, basis = data.get("party"), data.get("basis")
        if not isinstance(party, str) or not party:
            raise ValueError("A share names its party.")
        return Share(
            party=party,
            percent=self._percent(data.get("percent")),
            fixed_minor=self._amount(data.get("fixed")),
            remainder=data.get("remainder") is True,
            basis=None if basis is None else _word(Basis, basis, "basis"),
            legal_basis=str(data.get("legal_basis") or self.legal_basis).strip(),
            tiers=tuple(self._tier(tier) for tier in data.get("tiers") or ()),
            at_least_minor=self._amount(data.get("at_least")),
            at_most_minor=self._amount(data.get("at_most")),
        )

    def _tier(self, data: Mapping[str, Any]) -> Tier:
        _only(data, frozenset({"percent", "fixed", "up_to"}), "a tier")
        up_to = data.get("up_to")
        if isinstance(up_to, str):
            up_to = Money.parse(up_to, self.currency).minor
        return Tier(self._percent(data.get("percent")), self._amount(data.get("fixed")), up_to)

    def _percent(self, value: object) -> Fraction | None:
        return None if value is None else parse_decimal(_text(value))

    def _amount(self, value: object) -> int | None:
        return None if value is None else Money.parse(_text(value), self.currency).minor


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("Percentages and amounts are decimal strings.")
    return value


def _read_volume(data: Mapping[str, Any] | None) -> Volume | None:
    if data is None:
        return None
    _only(data, frozenset({"of", "per"}), "a volume")
    return Volume(_word(Measure, data.get("of"), "measure"), _word(Per, data.get("per"), "period"))


def _has_amounts(outcome: Outcome) -> bool:
    counts_amounts = outcome.volume is not None and outcome.volume.measure is Measure.AMOUNT
    return counts_amounts or any(part.is_fixed or part.has_limits for part in outcome.parts)


def _write_share(share: Share, outcome: Outcome) -> dict[str, Any]:
    def amount(minor: int) -> str:
        return Money(minor, str(outcome.currency)).decimal()

    data: dict[str, Any] = {"party": share.party}
    if share.percent is not None:
        data["percent"] = decimal_text(share.percent)
    if share.fixed_minor is not None:
        data["fixed"] = amount(share.fixed_minor)
    if share.remainder:
        data["remainder"] = True
    if share.tiers:
        counts_units = outcome.volume is not None and outcome.volume.measure is Measure.UNITS
        data["tiers"] = [
            {"percent": decimal_text(tier.percent)}
            if tier.percent is not None
            else {"fixed": amount(tier.fixed_minor or 0)}
            for tier in share.tiers
        ]
        for tier, written in zip(share.tiers, data["tiers"], strict=True):
            if tier.up_to is not None:
                written["up_to"] = tier.up_to if counts_units else amount(tier.up_to)
    if share.basis:
        data["basis"] = str(share.basis)
    for name, minor in (("at_least", share.at_least_minor), ("at_most", share.at_most_minor)):
        if minor is not None:
            data[name] = amount(minor)
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
