"""A tree of many organizations, numbered in Python and written in bulk."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from core.models import Network
from orgs.models import Affiliation, Organization
from orgs.queries import tree
from orgs.rules.settings import MAX_SUB_DEPTH
from orgs.rules.structure import PARTNER, SUB, THIRD_PARTY

CITIES = ["Pune", "Nagpur", "Chennai", "Madurai", "Kochi", "Jaipur", "Lucknow", "Bhopal", "Surat", "Mysuru"]
WORDS = ["Lotus", "Banyan", "River", "Hill", "Lake", "Garden", "Fort", "Temple", "Harbor", "Valley"]
UNITS = ["Clinic", "Hospital", "Diagnostics", "Dental", "Physiotherapy", "Eye Centre", "Women's Health"]
MOST_THIRD_PARTIES, REGIONS = 50, 20
PARTNER_SHARE = 0.02
CHUNK = 2000


@dataclass(frozen=True)
class _Place:
    """A node of the tree before it has an id: number, number of its parent, kind, levels of subs above."""

    number: int
    parent: int | None
    kind: str
    depth: int


def fill_organizations(network: Network, size: int, chance: random.Random) -> None:
    """A tree of `size` organizations in the bound network, its parent organization included.

    Regions, areas and clinics down to eight levels of subs, some partners, and third parties with their contracts;
    a few branches are large, most are small. Numbered once and inserted level by level.
    """
    tree.lock_tree()
    places = _places(size, MAX_SUB_DEPTH.at_network(), chance)
    numbers = tree.spread(tree.number_tree((place.number, place.parent) for place in places))
    ids = {0: tree.root().pk}
    deepest = max(level for _, _, level in numbers.values())
    for level in range(1, deepest + 1):
        here = [place for place in places if numbers[place.number][2] == level]
        rows = [_row(network, place, numbers[place.number], ids, chance) for place in here]
        made = Organization.objects.bulk_create(rows, batch_size=CHUNK)
        ids |= {place.number: row.pk for place, row in zip(here, made, strict=True)}
    contracts = [
        Affiliation(
            network_id=network.pk, organization_id=ids[0], participant_id=ids[place.number],
            contract_number=f"CA-{place.number:05}", legal_basis="services agreement", starts_on=date(2020, 1, 1),
        )
        for place in places
        if place.kind in (PARTNER, THIRD_PARTY)
    ]  # fmt: skip
    Affiliation.objects.bulk_create(contracts, batch_size=CHUNK)


def _places(size: int, max_sub_depth: int, chance: random.Random) -> list[_Place]:
    third_parties = min(MOST_THIRD_PARTIES, size // 8)
    places = [_Place(0, None, "parent", 0)]
    branches = [places[0]]
    for number in range(1, size):
        if number <= third_parties:
            places.append(_Place(number, 0, THIRD_PARTY, 0))
            continue
        if number <= third_parties + REGIONS:
            place = _Place(number, 0, SUB, 1)
        else:
            above = branches[min(int(chance.expovariate(1.2) * len(branches) / 4), len(branches) - 1)]
            if chance.random() < PARTNER_SHARE:
                place = _Place(number, above.number, PARTNER, 0)
            elif above.depth < max_sub_depth:
                place = _Place(number, above.number, SUB, above.depth + 1)
            else:
                place = _Place(number, 0, SUB, 1)
        places.append(place)
        if number < max(size // 6, third_parties + REGIONS):
            branches.append(place)
    return places


def _row(
    network: Network, place: _Place, bounds: tuple[int, int, int], ids: dict[int, int], chance: random.Random
) -> Organization:
    lft, rght, level = bounds
    row = Organization(
        network_id=network.pk,
        code=f"B{place.number:05}",
        name=f"{chance.choice(WORDS)} {chance.choice(CITIES)} {chance.choice(UNITS)} {place.number}",
        kind=place.kind,
        parent_id=ids[place.parent or 0],
        currency=network.currency,
        time_zone=network.time_zone,
        city=chance.choice(CITIES),
        country="IN",
        tree_id=network.pk,
        lft=lft,
        rght=rght,
        level=level,
    )
    row.fill_search_key()
    return row
