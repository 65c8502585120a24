"""Loading a network of a realistic size: set-based, through bulk posting where it is money."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.management.base import CommandError
from django.db import connections

from core.actors import SystemActor
from core.clock import today_in
from core.models import Enterprise, Network
from core.tenancy import bound
from ledger import posting
from network.bench.business import Business
from network.bench.catalog import fill_catalog
from network.bench.configuration import fill_configuration
from network.bench.organizations import fill_organizations
from network.bench.patients import fill_patients, register_also
from network.bench.requests import fill_requests
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.models import Organization
from orgs.queries import tree
from orgs.rules.structure import PARTNER, SUB
from people.models import User

ACTOR = SystemActor.of("benchmark data")
SEED = 20260401
BUSY_SUBS, BUSY_PARTNERS = 300, 40
PATIENTS_PER_REQUEST = 10
LOOKS = (1, 4, 16, 64, 256)  # after so many days: tables that grow from nothing are planned for as they were

#: Told what is being made, how much of it there is, and how much there will be.
Progress = Callable[[str, int, int], None]


class AlreadyLoadedError(Exception):
    """A network of this code is there, whole or in part."""


@dataclass(frozen=True)
class Size:
    organizations: int = 10_000
    lines: int = 1_000_000
    patients: int = 100_000

    def check(self) -> None:
        """CommandError when a network can't be that small."""
        if self.organizations < 20 or self.lines < 1 or self.patients < 1:
            raise CommandError("Give at least 20 organizations, one line and one patient.")


def email_of(code: str) -> str:
    """Who signs in as the administrator of a benchmark network."""
    return f"{code.lower()}@benchmark.example"


def load(code: str, size: Size, progress: Progress) -> Network:
    """Make a network with this code, its administrator without a password; every call makes the same.

    Each part is committed on its own; `AlreadyLoadedError` when the network is there or was begun.
    """
    group = f"benchmark-{code.lower()}"
    if Enterprise.objects.filter(code=group).exists():
        raise AlreadyLoadedError(f"A benchmark network {code} is there, or the beginning of one.")
    chance = random.Random(SEED)
    enterprise = create_enterprise(ACTOR, code=group, name="Benchmark Group")
    new = NewNetwork(code, f"Benchmark {code}", "INR", "Asia/Kolkata", max_sub_depth=8)
    network = create_network(ACTOR, enterprise, new)
    today = today_in(network.time_zone)
    progress("organizations", 0, size.organizations)
    with bound(network.pk):
        fill_organizations(network, size.organizations, chance)
        root = tree.root()
        _administrator(code, root)
        catalog = fill_catalog(ACTOR, root, today.replace(year=today.year - 3, day=1))
        places = [root.pk, *_busy(SUB, BUSY_SUBS), *_busy(PARTNER, BUSY_PARTNERS)]
        chance.shuffle(places)
    progress("organizations", size.organizations, size.organizations)
    with bound(network.pk):
        patients = fill_patients(
            network, size.patients, places, chance, lambda made: progress("patients", made, size.patients)
        )
        business = Business(network, ACTOR, catalog, patients, chance=chance, last_day=today)
    _look("ANALYZE")
    for made in business.days(size.lines):
        progress("journal lines", made, size.lines)
        if business.day_number in LOOKS:
            _look("ANALYZE")
    with bound(network.pk):
        register_also(network, business.served)
        services = [service for service, _ in catalog.prices]
        fill_requests(network, ACTOR, size.patients // PATIENTS_PER_REQUEST, patients, services, chance)
    progress("settings", 0, 1)
    with bound(network.pk):
        fill_configuration(ACTOR, tree.root())
    progress("settings", 1, 1)
    _settle(network, progress)
    return network


def _busy(kind: str, most: int) -> list[int]:
    """Organizations that do business, in all corners of the tree."""
    ids = list(Organization.objects.filter(kind=kind).order_by("lft").values_list("pk", flat=True))
    return ids[:: max(1, len(ids) // most)][:most]


def _administrator(code: str, root: Organization) -> None:
    user = User.objects.create_user(email_of(code), "Benchmark Administrator")
    grant_membership(ACTOR, root, user=user, new=NewMembership(role="network_administrator"))


def _settle(network: Network, progress: Progress) -> None:
    """What jobs do by night: fold the deltas, and let PostgreSQL look at what it has."""
    progress("balances", 0, 1)
    with bound(network.pk):
        while posting.fold_deltas(200_000):
            pass
    _look("VACUUM (ANALYZE)")
    progress("balances", 1, 1)


def _look(statement: str) -> None:
    """Have PostgreSQL look at its tables now, as it would by itself some minutes later."""
    with connections["migrator"].cursor() as cursor:
        cursor.execute(statement)


def told_on(write: Callable[[str], object], *, seconds: float = 1.0) -> Progress:
    """A progress that writes a line with a bar, at most every so many seconds and at every end."""
    begun = time.monotonic()
    last = -seconds

    def progress(what: str, made: int, of: int) -> None:
        nonlocal last
        at = time.monotonic() - begun
        if made < of and at - last < seconds and made:
            return
        last = at
        done = 30 * made // max(of, 1)
        write(f"{what:14} [{'#' * done:<30}] {made:>9,} of {of:,}  {at:6.1f} s")

    return progress
