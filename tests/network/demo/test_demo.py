"""The demo that a newcomer meets is built whole, is itself sound, and every entry of it is explained."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command

from core.tenancy import bound
from core.tenancy.every import networks_meant
from ledger.models import JournalLine, LedgerEvent
from ledger.queries.explain import explain
from ledger.queries.replay import replay
from network.demo.build import build_demo
from tests import databases
from tests.ledger.explained import all_lines, assert_explained

BY_HAND = {"journal"}


@pytest.fixture(scope="module")
def networks(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[list[int]]:
    with django_db_blocker.unblock(), databases.own("demo"):
        assert build_demo(lambda text: None)
        assert not build_demo(lambda text: None)  # once
        yield networks_meant(None)


@pytest.mark.parametrize("command", ["verify_tree", "verify_ledger"])
def test_it_is_proven(networks: list[int], command: str) -> None:
    for network in networks:
        call_command(command, network=network, stdout=StringIO())


def test_every_entry_is_what_its_inputs_give(networks: list[int]) -> None:
    for network in networks:
        with bound(network):
            events = LedgerEvent.objects.select_related("rule_version__rule", "voids", "organization")
            posted: dict[int, list[tuple[int, int]]] = {}
            for event_id, *line in JournalLine.objects.order_by("event", "line_no").values_list(
                "event_id", "organization_id", "amount_minor"
            ):
                posted.setdefault(event_id, []).append((line[0], line[1]))
            computed = [
                event for event in events if event.line_count and (event.voids or event).kind not in BY_HAND
            ]
            for event in computed:
                lines = [(line.organization_id, line.amount_minor) for line in replay(event)]
                assert lines == posted[event.pk], (event.kind, event.inputs)


def test_every_line_is_the_sum_of_its_reasons(networks: list[int]) -> None:
    count = 0
    for network in networks:
        with bound(network):
            count += assert_explained(all_lines())
    assert count > 1000


def test_every_kind_of_event_says_why(networks: list[int]) -> None:
    with bound(networks[0]):
        for event in LedgerEvent.objects.exclude(line_count=0).order_by("kind", "pk").distinct("kind"):
            why = explain(event)
            assert why.reckoned or why.arithmetic or why.voids or event.kind in BY_HAND, event.kind
