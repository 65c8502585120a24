"""The pages that are measured, each with its bound, and the measuring."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.db import connections, transaction
from django.db.models import Count
from django.urls import reverse

from content.queries.item import shares_for
from core.actors import SystemActor
from core.modules import all_profiles
from core.tenancy import bound
from ledger.models import Entitlement, JournalLine
from network.bench.browser import Answer, Browser
from network.bench.configuration import SPREAD
from orgs.forms.place import is_too_long
from orgs.models import Organization
from orgs.queries import tree
from orgs.queries.move import preview
from orgs.rules.settings import MAX_SUB_DEPTH
from orgs.rules.structure import SUB, sub_depth
from patients.models import Patient

WARM_UPS = 3
MOVED = 500
ADDED = "MEASURED-"  # how the codes of added organizations begin

Ask = Callable[..., Answer]


@dataclass(frozen=True)
class Page:
    """One page: how it is asked for, and in how many milliseconds it has to answer (None: measured, no bound)."""

    name: str
    bound_ms: int | None
    ask: Ask


@dataclass(frozen=True)
class Figures:
    """Median and 95th percentile of the server's time, statements, bytes; `met` is None without a bound."""

    median_ms: float
    p95_ms: float
    queries: int
    bytes: int
    bound_ms: int | None
    met: bool | None


def pages(browser: Browser) -> list[Page]:
    """Every measured page, about the largest records there are: the worst that somebody can open."""
    with bound(browser.network_id):
        about = _Subjects.chosen()
        return [
            Page("organization list", 60, _get(browser, "organization-list")),
            Page("organization page", 40, _get(browser, "organization", about.organization)),
            Page("organization search", 100, _get(browser, "organization-list", q="lotus pune")),
            Page("organization add", 33, _adding(browser, about.organization)),
            Page("organization move", 70, _moving(browser, about.moved, about.homes)),
            Page("move, its dialog", None, _get(browser, "organization-move", about.moved)),
            Page("modules", 500, _get(browser, "module-matrix")),
            Page("EMR profiles", 500, _get(browser, "profile-matrix")),
            Page("modules, impact", None, _previewing(browser, "module-switch", about.switched)),
            Page("settings", None, _get(browser, "setting-list")),
            Page("settings, organization", None, _get(browser, "organization-settings", about.organization)),
            Page(
                "settings, compared",
                None,
                _get(browser, "setting-compare", about.organization, other=about.other),
            ),
            Page("setting, where it is set", None, _get(browser, "setting-spread", about.setting)),
            Page("setting, dry run", None, _previewing(browser, "setting-apply", about.applied)),
            Page("waivers", None, _get(browser, "waiver-list")),
            Page("content", None, _get(browser, "content-list")),
            Page("content, its copies", None, _get(browser, "content-drift", about.content)),
            Page("patient search", 80, _get(browser, "patient-list", q="patil asha")),
            Page("journal", 80, _get(browser, "journal")),
            Page("consolidated statement", 300, _get(browser, "statement")),
            Page("trial balance", None, _get(browser, "statement", scope="alone")),
            Page("due to and from", None, _get(browser, "due-matrix")),
            Page("journal lines", None, _get(browser, "journal-lines")),
            Page("counter, patient", None, _get(browser, "counter-patient", about.counter, about.patient)),
            Page("entitlement", None, _get(browser, "entitlement", about.entitlement)),
            Page("entitlement list", None, _get(browser, "entitlement-list")),
            Page("patient", None, _get(browser, "patient", about.patient)),
            Page("patient list", None, _get(browser, "patient-list")),
            Page("request list", None, _get(browser, "request-list")),
            Page("third-party report", None, _get(browser, "request-report")),
            Page("home", None, _get(browser, "home")),
            Page("search palette", None, _get(browser, "search", q="lotus")),
        ]


def sizes(network_id: int) -> dict[str, int]:
    """How much there is to read."""
    with bound(network_id):
        return {
            "organizations": Organization.objects.count(),
            "patients": Patient.objects.count(),
            "lines": JournalLine.objects.count(),
            "moved": branch_to_move()[0].below_count + 1,
        }


def take_back() -> None:
    """Delete what was added, as the migrator, so that the next run finds the same data."""
    with transaction.atomic("migrator"), connections["migrator"].cursor() as cursor:
        cursor.execute(
            "ALTER TABLE orgs_placement DISABLE TRIGGER placements_stay"
        )  # history stays, but for this
        cursor.execute(
            "DELETE FROM orgs_placement WHERE organization_id IN (SELECT id FROM orgs_organization WHERE code LIKE %s)",
            [f"{ADDED}%"],
        )
        cursor.execute("DELETE FROM orgs_organization WHERE code LIKE %s", [f"{ADDED}%"])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no trigger may wait while a table is altered
        cursor.execute("ALTER TABLE orgs_placement ENABLE TRIGGER placements_stay")


def measure(
    measured: list[Page], *, rounds: int, told: Callable[[str, int, int], None]
) -> dict[str, Figures]:
    """Ask for the pages in turn, so that a disturbance of the machine meets all of them alike."""
    times: dict[str, list[float]] = {page.name: [] for page in measured}
    counted: dict[str, Answer] = {}
    for page in measured:
        for _ in range(WARM_UPS):
            counted[page.name] = page.ask(counted=True)
    for number in range(rounds):
        for page in measured:
            times[page.name].append(page.ask().milliseconds)
        told("rounds", number + 1, rounds)
    return {page.name: _figures(page, times[page.name], counted[page.name]) for page in measured}


def _figures(page: Page, times: list[float], counted: Answer) -> Figures:
    median = round(statistics.median(times), 1)
    ordered = sorted(times)
    p95 = round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1)
    met = None if page.bound_ms is None else median <= page.bound_ms
    return Figures(median, p95, counted.queries, counted.size, page.bound_ms, met)


@dataclass(frozen=True)
class _Subjects:
    """The records that the pages are about."""

    organization: int
    moved: int
    homes: tuple[Organization, Organization]
    other: str | int
    setting: str
    applied: dict[str, Any]
    switched: dict[str, Any]
    content: int
    counter: int
    patient: int
    entitlement: int

    @classmethod
    def chosen(cls) -> _Subjects:
        """The organization with most children, a branch of about 500, the patient and entitlement with most in them."""
        rows = Organization.objects.filter(parent__kind=SUB).order_by().values("parent")
        organization = rows.annotate(n=Count("pk")).order_by("-n", "parent").first()
        branch, homes = branch_to_move()
        rights = Entitlement.objects.order_by().values("patient").annotate(n=Count("pk"))
        richest = rights.order_by("-n", "patient").values("patient")[:1]
        patient = Patient.objects.filter(pk__in=richest).get()
        below = _written(branch)
        used = Entitlement.objects.filter(status="active").annotate(n=Count("lines__movements"))
        return cls(
            organization=(organization and organization["parent"]) or tree.root().pk,
            moved=branch.pk,
            homes=homes,
            other=below,
            setting=SPREAD[0][0],
            applied={
                "key": SPREAD[0][0],
                "value": 77,
                "mode": "default",
                "reason": "",
                "under": below,
            },
            switched={
                "modules": all_profiles()[-1].code,
                "state": "off",
                "reason": "Measured.",
                "under": below,
            },
            content=shares_for(SystemActor.of("benchmark")).filter(mode="copied").order_by("item")[0].item_id,
            counter=patient.home_organization_id,
            patient=patient.pk,
            entitlement=used.order_by("-n", "pk")[0].pk,
        )


def branch_to_move() -> tuple[Any, tuple[Organization, Organization]]:
    """A sub with nearly 500 below it (`below_count`), and its parent with another that can take it."""
    subs = Organization.objects.filter(kind=SUB)
    counted = tree.with_below(SystemActor.of("benchmark"), subs.select_related("parent"))
    branch = min(counted, key=lambda one: (abs(one.below_count - MOVED), one.pk))
    assert branch.parent is not None
    deepest = max((sub_depth([SUB, *path]) for path in tree.kinds_below(branch)), default=1)
    highest = max(1, MAX_SUB_DEPTH.at_network() - deepest)
    others = Organization.objects.filter(kind=SUB, level__lte=highest).exclude(pk=branch.parent.pk)
    other = others.exclude(lft__range=(branch.lft, branch.rght)).order_by("level", "-lft").first()
    assert other is not None
    return branch, (branch.parent, other)


def _get(browser: Browser, route: str, *ids: int | str, **query: object) -> Ask:
    url = reverse(route, args=ids) + (f"?{urlencode(query)}" if query else "")
    return lambda counted=False: browser.get(url, counted=counted)


def _previewing(browser: Browser, route: str, fields: dict[str, Any]) -> Ask:
    """A form's dry run, which stays on its page and writes nothing."""
    url = reverse(route)
    return lambda counted=False: browser.post(url, fields, counted=counted, stays=True)


def _adding(browser: Browser, under: int) -> Ask:
    url = reverse("organization-add", args=[under])
    numbers = count(time.time_ns())

    def ask(*, counted: bool = False) -> Answer:
        code = f"{ADDED}{next(numbers)}"
        fields = {
            "kind": "sub",
            "name": f"New {code}",
            "code": code,
            "time_zone": "Asia/Kolkata",
            "country": "IN",
        }
        return browser.post(url, fields, counted=counted)

    return ask


def _written(place: Organization) -> str | int:
    """A place as a form asks for it: by its code where a list would be long."""
    return place.code if is_too_long(Organization.objects.all()) else place.pk


def _moving(browser: Browser, moved: int, homes: tuple[Organization, Organization]) -> Ask:
    """To and fro, so that every move moves the same."""
    url = reverse("organization-move", args=[moved])

    def ask(*, counted: bool = False) -> Answer:
        with bound(browser.network_id):
            row = Organization.objects.get(pk=moved)
            to = homes[1] if row.parent_id == homes[0].pk else homes[0]
            to.refresh_from_db()
            seen = preview(browser.actor, [row], to).fingerprint
            parent = _written(to)
        given = {"parent": parent, "reason": "Measured.", "_seen": seen}
        return browser.post(url, given | {"_version": row.version}, counted=counted)

    return ask
