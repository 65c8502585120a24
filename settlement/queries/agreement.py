"""Reads of netting agreements: which are on record, and whom they cover."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.actors import Actor
from orgs.queries import tree
from orgs.queries.access import where
from settlement.models import AgreementParty, NettingAgreement
from settlement.permissions import SETTLEMENT_VIEW
from settlement.rules.proposal import PairOwed


def agreements_for(actor: Actor) -> QuerySet[NettingAgreement]:
    """Agreements kept, or entered into, where the actor may see settlements."""
    rows = NettingAgreement.objects.select_related("organization")
    covered = where(actor, SETTLEMENT_VIEW, "organization")
    if not covered:
        return rows
    bound = AgreementParty.objects.filter(covered, agreement=OuterRef("pk"))
    return rows.filter(covered | Exists(bound))


@dataclass
class Coverage:
    """Agreements in force on a day in a currency, and the organizations that each binds."""

    agreements: dict[int, NettingAgreement]
    of: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def between(self, pair: PairOwed) -> NettingAgreement | None:
        """The agreement that lets two organizations net; of several the one that was recorded first."""
        common = self.of[pair.first] & self.of[pair.second]
        return self.agreements[min(common)] if common else None

    def for_all(self, pairs: Sequence[PairOwed]) -> Coverage:
        """Only the agreement of all with all that covers most of some pairs; of several the one recorded first."""
        counts = Counter(
            pk
            for pair in pairs
            for pk in self.of[pair.first] & self.of[pair.second]
            if self.agreements[pk].method == NettingAgreement.Method.MULTILATERAL
        )
        if not counts:
            return Coverage({})
        chosen = min(counts, key=lambda pk: (-counts[pk], pk))
        found = Coverage({chosen: self.agreements[chosen]})
        for one, ids in self.of.items():
            found.of[one] = ids & {chosen}
        return found


def coverage(currency: str, on: date) -> Coverage:
    """Who is covered by which agreement: in two queries, and one for each party with its perimeter."""
    in_force = NettingAgreement.objects.filter(currency=currency, starts_on__lte=on).filter(
        Q(ends_on=None) | Q(ends_on__gte=on)
    )
    found = Coverage({one.pk: one for one in in_force})
    parties = AgreementParty.objects.filter(agreement__in=found.agreements).select_related("organization")
    for party in parties:
        for pk in _bound_by(party, on):
            found.of[pk].add(party.agreement_id)
    return found


def _bound_by(party: AgreementParty, on: date) -> Iterable[int]:
    if not party.with_perimeter:
        return [party.organization_id]
    return tree.as_of(on).perimeter(party.organization).values_list("pk", flat=True)


def currencies_agreed(on: date) -> list[str]:
    """The currencies of agreements in force on a day."""
    rows = NettingAgreement.objects.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    return sorted(set(rows.values_list("currency", flat=True)))
