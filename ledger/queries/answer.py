"""What the rules answer for one event: who pays whom, how much, by which version, from which inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from core import locale
from core.money import Money, round_half_away
from ledger.models import Service
from ledger.queries.catalog import list_prices
from ledger.queries.exchange import Rates
from ledger.queries.party import parent_of, parties_of
from ledger.queries.rule import RuleBook, rule_book, versions_in_force
from ledger.queries.tax import rates_of
from ledger.queries.volume import VolumeKey, volume_before, volume_key
from ledger.rules.distribution import Amounts, Distribution, Parties, distribute, volume_of
from ledger.rules.exchange import Rate
from ledger.rules.lines import Kind
from ledger.rules.lines import Organization as Party
from ledger.rules.matching import EventFacts, match
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.sentence import rule_sentence
from ledger.rules.stored import codes_in
from ledger.rules.tax import taxed
from ledger.rules.terms import Basis, Conditions, Event, PayerType, Rule


@dataclass(frozen=True)
class Answer:
    """What one rule, or none, answers, and the organizations that had a part in it."""

    parties: tuple[Party, ...]
    distribution: Distribution | None = None
    rule: Rule | None = None
    version_id: int | None = None
    volume: dict[str, Any] | None = None

    @property
    def sentence(self) -> str:
        """The rule as a sentence, or nothing where none answers."""
        return rule_sentence(self.rule) if self.rule else ""

    @property
    def inputs(self) -> dict[str, Any]:
        """What a posting stores of it: with these, the same version gives the same lines whatever happens later."""
        stored: dict[str, Any] = {"parties": party_facts(self.parties)}
        if self.distribution is not None:
            why = self.distribution.explanation
            stored |= {
                "rule": why.rule,
                "version": why.version,
                "inputs": dict(why.inputs),
                "arithmetic": list(why.arithmetic),
            }
        if self.volume is not None:
            stored["volume"] = self.volume
        return stored


@dataclass(frozen=True)
class Deal:
    """One event to be answered, as ids: `servicing_id` performs; the seller and the holder where there are any.

    `units` are (service id, quantity) of everything the event is about, `part` what of their price it is: credit may
    pay less than the whole.
    """

    event: Event
    on: date
    servicing_id: int
    seller_id: int | None = None
    holder_id: int | None = None
    ordering_id: int | None = None
    units: tuple[tuple[int, int], ...] = ()
    service: str | None = None
    category: str | None = None
    package: str | None = None
    payer_type: PayerType = PayerType.PATIENT
    part: Fraction = Fraction(1)

    @property
    def matched_by(self) -> tuple[Any, ...]:
        """All that says which rule applies on a day."""
        return (
            self.servicing_id,
            self.seller_id,
            self.holder_id,
            self.service,
            self.category,
            self.package,
            self.payer_type,
        )


class Rulings:
    """The rules in force for one kind of event on one day, with the organizations of the deals they answer for.

    With `posting`, what a tiered rule answers holds its volume until the transaction ends.
    """

    def __init__(
        self, event: Event, on: date, organization_ids: Iterable[int], *, posting: bool = False
    ) -> None:
        self.book: RuleBook = rule_book(versions_in_force(event, on), on)
        self.parties: dict[int, Party] = parties_of(organization_ids, on)
        self.posting = posting
        self.rates = Rates(on)
        self._volumes: dict[VolumeKey, int] = {}

    def party(self, organization_id: int) -> Party:
        return self.parties[organization_id]

    def match(self, deal: Deal) -> Rule | None:
        """The one rule that applies; a tie is refused (`rule_conflict`), and so is none away from the holder.

        Only a redemption away from the holder must match a rule (`no_rule`).
        """
        servicing = self.party(deal.servicing_id)
        seller = self.party(deal.seller_id) if deal.seller_id else None
        found = match(
            self.book.rules,
            EventFacts(
                event=deal.event,
                on=deal.on,
                servicing=servicing,
                seller=seller,
                service=deal.service,
                category=deal.category or None,
                package=deal.package,
                payer_type=deal.payer_type,
            ),
        )
        if found is None and deal.event is Event.REDEMPTION and deal.servicing_id != deal.holder_id:
            raise _no_rule(deal, servicing, self.party(deal.holder_id) if deal.holder_id else None)
        return found

    def answer(
        self, deal: Deal, *, quantity: int, allocated_minor: int | None = None, sale_minor: int | None = None
    ) -> Answer:
        """Match and distribute. Raises Refusal as `match` and `distribute` do, and `currency_mismatch`."""
        servicing = self.party(deal.servicing_id)
        holder = self.party(deal.holder_id) if deal.holder_id else None
        ordering = self.party(deal.ordering_id) if deal.ordering_id else None
        concerned = tuple(party for party in (servicing, holder, ordering) if party)
        rule = self.match(deal)
        if rule is None:
            return Answer(concerned)
        if deal.part != 1 and not rule.outcome.is_divisible:
            raise _not_divisible(rule)
        pricing_id = deal.ordering_id or deal.servicing_id
        currency = self.party(deal.holder_id or pricing_id).currency
        key = volume_key(
            rule.outcome,
            rule_id=self.book.rule_ids[rule.code],
            organization_id=deal.servicing_id,
            currency=currency,
            on=deal.on,
        )
        amounts = Amounts(
            currency=currency,
            quantity=quantity,
            allocated_minor=allocated_minor,
            list_minor=self._list_minor(rule, deal, pricing_id, currency),
            sale_minor=sale_minor,
            volume_before=self.volume_before(key) if key else 0,
        )
        parties = Parties(
            servicing=servicing,
            parent=self.parent_of(servicing),
            holder=holder,
            ordering=ordering,
            named=self.book.named,
        )
        named = tuple(self.book.named[code] for code in sorted(codes_in(Conditions(), rule.outcome)))
        return Answer(
            parties=(*concerned, parties.parent, *named),
            distribution=distribute(rule, parties, amounts),
            rule=rule,
            version_id=self.book.versions[rule],
            volume=_counted(key, rule, amounts, deal.on) if key else None,
        )

    def parent_of(self, party: Party) -> Party:
        """The nearest organization of kind parent at or above a party."""
        return parent_of(party, self.parties)

    def volume_before(self, key: VolumeKey) -> int:
        """What the rule's volume came to so far; read once."""
        if key not in self._volumes:
            self._volumes[key] = volume_before(key, hold=self.posting)
        return self._volumes[key]

    def _list_minor(self, rule: Rule, deal: Deal, pricing_id: int, currency: str) -> int | None:
        """Unit list price x quantity without tax, where the rule asks for it, or the part of it that is paid."""
        if all(part.basis is not Basis.LIST_PRICE for part in rule.outcome.parts):
            return None
        whole = self.net_list_price_minor(deal.units, pricing_id, deal.on, currency)
        return round_half_away(whole * deal.part)

    def list_price_minor(
        self, units: Iterable[tuple[int, int]], organization_id: int, on: date, currency: str
    ) -> int:
        """List price x quantity, summed and exchanged; refused where there is no price, or no rate."""
        return self._summed(self._list_prices(units, organization_id, on).values(), currency)

    def net_list_price_minor(
        self, units: Iterable[tuple[int, int]], organization_id: int, on: date, currency: str
    ) -> int:
        """The same without the tax that is in the prices."""
        prices = self._list_prices(units, organization_id, on)
        rates = rates_of(Service.objects.filter(pk__in=prices).only("tax_code"), on)
        net = (
            Money(taxed(price.minor, rates.of(service_id)).base_minor, price.currency)
            for service_id, price in prices.items()
        )
        return self._summed(net, currency)

    def _summed(self, prices: Iterable[Money], currency: str) -> int:
        """Prices in one currency: what is in another one is summed first, and exchanged once."""
        sums: defaultdict[str, int] = defaultdict(int)
        for price in prices:
            sums[price.currency] += price.minor
        return sum(self.rates.convert(Money(minor, unit), currency).minor for unit, minor in sums.items())

    def _list_prices(
        self, units: Iterable[tuple[int, int]], organization_id: int, on: date
    ) -> dict[int, Money]:
        party = self.party(organization_id)
        by_code = {each.code: each.id for each in self.parties.values()}
        quantities = dict(units)
        found = list_prices(quantities, [by_code[code] for code in party.path], on)
        return {
            service_id: _priced_for(party, found.get(service_id), on) * quantity
            for service_id, quantity in quantities.items()
        }


class RememberedRulings(Rulings):
    """The same for many events of one day: what was matched, listed and read for one of them is kept for the others.

    `volumes` is shared by several days, and raised by `count` after each event.
    """

    def __init__(
        self,
        event: Event,
        on: date,
        organization_ids: Iterable[int],
        *,
        volumes: dict[VolumeKey, int],
        posting: bool = False,
    ) -> None:
        super().__init__(event, on, organization_ids, posting=posting)
        self.on = on
        self._volumes = volumes
        self._remember()

    def _remember(self) -> None:
        self._known_rates: dict[str, Rate] = {}
        self._matched: dict[tuple[Any, ...], Rule | None] = {}
        self._parents: dict[int, Party] = {}
        self._listed: dict[tuple[Any, ...], tuple[int, Rates]] = {}
        self._answered: dict[tuple[Any, ...], tuple[Answer, Rates]] = {}

    def know(self, organization_ids: Iterable[int]) -> None:
        """Read organizations that no earlier event of the day had to do with, before their events are answered."""
        missing = set(organization_ids) - self.parties.keys()
        if missing:
            self.parties |= parties_of(missing, self.on)

    def begin(self) -> None:
        """The next event stores the exchange rates that it uses itself."""
        self.rates = Rates(self.on, self._known_rates)

    def count(self, organization_id: int, volume: Mapping[str, Any] | None) -> None:
        """What an event added to a volume comes before the next one's."""
        if volume is None:
            return
        for key in self._volumes:
            if (
                (key.rule_id, key.organization_id) == (volume["rule"], organization_id)
                and key.counted == volume["counted"]
                and date.fromisoformat(volume["month"]) in key.months
            ):
                self._volumes[key] += volume["size"]

    def match(self, deal: Deal) -> Rule | None:
        if deal.matched_by not in self._matched:
            self._matched[deal.matched_by] = super().match(deal)
        return self._matched[deal.matched_by]

    def answer(
        self, deal: Deal, *, quantity: int, allocated_minor: int | None = None, sale_minor: int | None = None
    ) -> Answer:
        """The same event once more has the same answer, but for what counts a volume."""
        asked = (deal, quantity, allocated_minor, sale_minor)
        if asked not in self._answered:
            rates, self.rates = self.rates, Rates(self.on, self._known_rates)
            try:
                found = super().answer(
                    deal, quantity=quantity, allocated_minor=allocated_minor, sale_minor=sale_minor
                )
                if found.volume is not None:
                    rates.use(self.rates)
                    return found
                self._answered[asked] = found, self.rates
            finally:
                self.rates = rates
        answer, used = self._answered[asked]
        self.rates.use(used)
        return answer

    def parent_of(self, party: Party) -> Party:
        if party.id not in self._parents:
            self._parents[party.id] = super().parent_of(party)
        return self._parents[party.id]

    def net_list_price_minor(
        self, units: Iterable[tuple[int, int]], organization_id: int, on: date, currency: str
    ) -> int:
        asked = (tuple(units), organization_id, currency)
        if asked not in self._listed:
            rates, self.rates = self.rates, Rates(self.on, self._known_rates)
            try:
                minor = super().net_list_price_minor(asked[0], organization_id, on, currency)
                self._listed[asked] = minor, self.rates
            finally:
                self.rates = rates
        minor, used = self._listed[asked]
        self.rates.use(used)
        return minor


def _counted(key: VolumeKey, rule: Rule, amounts: Amounts, on: date) -> dict[str, Any]:
    """What the event adds to the volume, as the database counts it."""
    return {
        "rule": key.rule_id,
        "counted": key.counted,
        "month": on.replace(day=1).isoformat(),
        "size": volume_of(rule.outcome, amounts),
    }


def _priced_for(party: Party, found: Money | None, on: date) -> Money:
    if found is None:
        raise Refusal(
            RefusalCode.NOT_PERMITTED,
            f"There is no list price in force for this service at {party.code} on {locale.day(on)}. "
            "Set one in the tariff, there or above.",
        )
    return found


def _no_rule(deal: Deal, servicing: Party, holder: Party | None) -> Refusal:
    of = f"{deal.service} of {deal.package}" if deal.package else str(deal.service)
    kind = {Kind.PARENT: "the parent", Kind.SUB: "a sub", Kind.PARTNER: "a partner"}.get(servicing.kind, "")
    owed = f" for {holder.code}, who holds the contract" if holder else ""
    return Refusal(
        RefusalCode.NO_RULE,
        f"No rule in force on {locale.day(deal.on)} says who pays {servicing.code} ({kind}) when it redeems "
        f"{of}{owed}. A redemption rule for {servicing.code}, its kind or the service is missing; "
        "ask Finance to activate one.",
        organization=servicing.code,
        service=str(deal.service),
    )


def _not_divisible(rule: Rule) -> Refusal:
    return Refusal(
        RefusalCode.NOT_PERMITTED,
        f"The rule {rule.code} pays by the unit, or within limits, so it says nothing of a part of a price. "
        "Use credit for the whole price, or charge the service without it.",
        rule=rule.code,
    )


def party_facts(parties: Iterable[Party]) -> dict[str, dict[str, str | int]]:
    """Organizations as they are now, by code, to be stored with an event: later moves change no replay."""
    return {
        party.code: {
            "id": party.id,
            "kind": str(party.kind),
            "group": party.group_id,
            "currency": party.currency,
        }
        for party in parties
    }
