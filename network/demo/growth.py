"""A larger demo: Cascadia grows to as many organizations as one wants to administer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product

from core.tenancy import bound
from network.demo.places import SYSTEM
from orgs.actions.organization import Details, add_organization
from orgs.queries import tree
from orgs.queries.membership import networks_of_user
from orgs.queries.organization import ids_by_code, organization_by_code
from people.queries.user import user_by_email

ADMINISTRATOR = "maya@cascadia.example"
MOST = 2_000
REGIONS = (
    ("PUG", "Puget Sound Region", "Seattle"),
    ("WIL", "Willamette Valley Region", "Portland"),
    ("INW", "Inland Northwest Region", "Spokane"),
    ("OLY", "Olympic Region", "Bremerton"),
    ("CAS", "Cascade Foothills Region", "Bellevue"),
    ("ROG", "Rogue Valley Region", "Medford"),
)
NAMES = (
    "Evergreen",
    "Cedar",
    "Harbor",
    "Summit",
    "Meadow",
    "Lakeside",
    "Juniper",
    "Riverbend",
    "Orchard",
    "Alder",
)
KINDS = (
    "Family Clinic",
    "Children's Clinic",
    "Women's Health",
    "Urgent Care",
    "Rehabilitation",
    "Dental Clinic",
)


def grow(wanted: int) -> int:
    """Add regions and clinics until Cascadia has `wanted` organizations; how many were added. Repeating adds none."""
    if not wanted:
        return 0
    user = user_by_email(ADMINISTRATOR)
    assert user is not None
    (network_id,) = networks_of_user(user.pk)
    with bound(network_id):
        root = tree.root()
        there = tree.subtree(root).count()
        missing = max(0, min(wanted, MOST) - there)
        left = iter(range(missing))
        known = ids_by_code(code for code, _, _ in REGIONS)
        for code, name, city in REGIONS:
            if code not in known and next(left, None) is not None:
                details = Details(name=name, code=code, time_zone=root.time_zone, city=city, country="US")
                add_organization(SYSTEM, root, kind="sub", details=details)
        _clinics(left, root.time_zone)
    return missing


def _clinics(left: Iterator[int], time_zone: str) -> None:
    """Clinics round and round under the regions, each with a number in its code."""
    known = ids_by_code(code for code, _, _ in REGIONS)
    regions = [organization_by_code(code) for code, _, _ in REGIONS if code in known]
    words = product(KINDS, NAMES)
    for number in count(1) if regions else ():
        kind, name = next(words, (KINDS[number % len(KINDS)], f"{NAMES[number % len(NAMES)]} {number}"))
        region = regions[number % len(regions)]
        code = f"{region.code}{number:04}"
        if ids_by_code([code]):
            continue
        if next(left, None) is None:
            return
        details = Details(
            name=f"{name} {kind}", code=code, time_zone=time_zone, city=region.city, country="US"
        )
        add_organization(SYSTEM, region, kind="sub", details=details)
