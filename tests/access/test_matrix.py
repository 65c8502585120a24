"""Every route as every persona: the answer that `network/isolation/routes.py` says, and never a word of another network."""

from __future__ import annotations

import pytest
from django.urls import get_resolver, include, path, reverse

from network.isolation.canaries import canaries_in
from network.isolation.routes import METHODS, PERSONAS, ROUTES, Route, routes_of, unknown
from network.isolation.stage import Stage
from network.isolation.walk import Walked, Walker, blindness


def test_every_route_has_an_expected_answer():
    assert unknown(get_resolver().url_patterns) == [], "add a line to network/isolation/routes.py"


def test_a_route_without_an_expected_answer_is_named():
    planted = [
        path("console/", include([path("planted/", lambda request: None, name="planted")])),
        path("x/", lambda request: None),
    ]
    assert unknown(planted) == ["planted: /console/planted/", "without a name: /x/"]


def test_every_expected_answer_is_of_a_route():
    names = [route.name for route in ROUTES]
    assert sorted(names) == sorted(set(names))
    there = {pattern.name for _, pattern in routes_of(get_resolver().url_patterns)}
    assert set(names) - there == set()


def asks_both(route: Route, persona: str) -> bool:
    """Whoever is turned away before the route is looked at is turned away for one method as for the other."""
    if route.kind == "console":
        return persona not in ("contact", "rival", "ended", "owner") or route.name == "home"
    return route.kind == "public" or persona in ("contact", "rival", "stranger", "administrator")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_answer_of(stage: Stage, route: Route):
    walked = Walked()
    for persona in PERSONAS:
        walker = Walker(stage, persona, walked)
        walker.own(route, METHODS if asks_both(route, persona) else METHODS[:1])
    assert walked.findings == []


ABOUT_RECORDS = [route for route in ROUTES if route.things]


@pytest.mark.parametrize("route", ABOUT_RECORDS, ids=lambda route: route.name)
def test_nobody_reaches_a_foreign_record_by(stage: Stage, route: Route):
    walked = Walked()
    personas = {"portal": {"contact"}, "public": {"owner"}}.get(route.kind, route.may)
    for persona in sorted(personas):
        Walker(stage, persona, walked).foreign(route)
    assert walked.findings == []
    assert sum(walked.requests.values())


def test_a_record_that_does_not_exist_and_one_of_another_network_look_the_same(stage: Stage):
    foreign = stage.ask(
        "administrator", "GET", reverse("organization", args=[stage.cast.organizations["C1B"].pk])
    )
    nothing = stage.ask("administrator", "GET", reverse("organization", args=[2**40]))
    beyond = stage.ask("administrator", "GET", reverse("organization", args=[2**70]))
    assert foreign[0] == nothing[0] == beyond[0] == 404
    assert foreign[1] == nothing[1] == beyond[1]


def test_the_canaries_are_there_to_be_found(stage: Stage):
    """What the matrix looks for: the pages of whoever is meant to see a canary show it, and the others' never do."""
    assert list(blindness(stage)) == []
    assert canaries_in("<td>CANARYc2 work_outbox payload</td>", ["CANARYC1"]) == [
        "CANARYc2 work_outbox payload"
    ]
    assert canaries_in("<td>CANARYC1 network</td>", ["CANARYC1 network"]) == []


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if route.kind == "console" and not (route.things or route.also or route.query)
    ],
    ids=lambda route: route.name,
)
def test_neither_query_nor_body_chooses_the_network(stage: Stage, route: Route):
    walked = Walked()
    Walker(stage, "administrator", walked).chosen(route)
    assert walked.findings == []
