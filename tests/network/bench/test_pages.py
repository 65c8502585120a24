"""bench_pages measures every page on what is loaded, and says on what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Network
from core.tenancy import bound
from network.bench.browser import Browser, UnexpectedAnswerError
from network.bench.load import email_of
from network.bench.pages import Figures
from network.management.commands import bench_pages
from orgs.models import Organization
from orgs.queries.tree import verify_tree
from people.models import User

BOUND = {
    "organization list": 60,
    "organization page": 40,
    "organization search": 100,
    "organization add": 33,
    "organization move": 70,
    "modules": 500,
    "EMR profiles": 500,
    "patient search": 80,
    "journal": 80,
    "consolidated statement": 300,
}

FIGURES = Figures(median_ms=301.0, p95_ms=320.0, queries=9, bytes=1, bound_ms=300, met=False)


@pytest.fixture
def here(loaded: Network, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The command works in the loaded database instead of one of its own."""

    @contextmanager
    def stay(name: str, *, fresh: bool) -> Iterator[bool]:
        yield False

    monkeypatch.setattr(bench_pages, "own_database", stay)
    monkeypatch.setattr(bench_pages, "loaded_with", lambda name: "")
    monkeypatch.setattr(bench_pages, "CODE", "TINY")
    return loaded


def test_one_object_with_figures_bounds_and_the_machine(here: Network) -> None:
    out = StringIO()
    call_command("bench_pages", json=True, rounds=1, stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    assert set(report) == {"measured_at", "rounds", "data", "machine", "pages"}
    assert {"processor", "cores", "memory_gib", "postgresql", "python"} <= set(report["machine"])
    for page in report["pages"].values():
        assert set(page) == {"median_ms", "p95_ms", "queries", "bytes", "bound_ms", "met"}
        assert page["median_ms"] > 0
        assert page["queries"] > 3
    assert {name: page["bound_ms"] for name, page in report["pages"].items() if page["bound_ms"]} == BOUND
    with bound(here.pk):
        assert Organization.objects.count() == report["data"]["organizations"] == 40
        assert not verify_tree()


def test_a_table_with_verdicts(here: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(bench_pages, "measure", lambda rows, **rest: {"statement": FIGURES})
    call_command("bench_pages", rounds=1, stdout=out, stderr=StringIO())
    assert "NOT MET" in out.getvalue()
    assert "1 rounds, warm, one person at a time" in out.getvalue()


def test_a_page_that_does_not_answer_is_no_figure(loaded: Network) -> None:
    with bound(loaded.pk):
        user = User.objects.get(email=email_of("TINY"))
    browser = Browser(user, loaded.pk)
    assert browser.get("/console/organizations/").size > 1000
    with pytest.raises(UnexpectedAnswerError, match="404"):
        browser.get("/console/organizations/0/")


def test_it_measures_as_in_production(here: Network, settings) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("bench_pages", stdout=StringIO())
