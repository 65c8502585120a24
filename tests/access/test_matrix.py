"""Every route as every persona: the answer that `routes.py` says, and never a word of another network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.routes import ROUTES, Route
from tests.access.stage import PERSONAS, STRANGERS, Stage
from tests.cast import CANARY

METHODS = ("GET", "POST")


def routes_of(patterns: list[Any]) -> Iterator[tuple[str, str | None]]:
    """(path, name) of every route of a URLconf."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            for path, name in routes_of(pattern.url_patterns):
                yield f"{pattern.pattern}{path}", name
        elif isinstance(pattern, URLPattern):
            yield str(pattern.pattern), pattern.name


def missing(patterns: list[Any]) -> list[str]:
    """Routes without an expected answer."""
    expected = {route.name for route in ROUTES}
    return sorted(
        f"{name or 'without a name'}: /{path}" for path, name in routes_of(patterns) if name not in expected
    )


def test_every_route_has_an_expected_answer():
    assert missing(get_resolver().url_patterns) == [], "add a line to tests/access/routes.py"


def test_a_route_without_an_expected_answer_is_named():
    from django.urls import include, path

    planted = [
        path("console/", include([path("planted/", lambda request: None, name="planted")])),
        path("x/", lambda request: None),
    ]
    assert missing(planted) == ["planted: /console/planted/", "without a name: /x/"]


def test_every_expected_answer_is_of_a_route():
    names = [route.name for route in ROUTES]
    assert sorted(names) == sorted(set(names))
    assert set(names) - {name for _, name in routes_of(get_resolver().url_patterns)} == set()


def expected(route: Route, persona: str, method: str) -> int | str:
    """The status, or where the person is sent."""
    answer = route.answers[METHODS.index(method)]
    if route.kind == "portal":
        return (
            answer
            if persona == "contact"
            else (404 if route.things else answer)
            if persona == "rival"
            else 401
        )
    if route.kind == "public":
        return route.stranger[METHODS.index(method)] if persona in STRANGERS else answer
    if persona in STRANGERS:
        return "/account/sign-in/"
    if persona == "ended":
        return "/networks/" if route.name != "network-switch" else answer
    if persona == "foreigner":
        return 404 if route.things else answer
    return answer if persona in route.may else 403 if persona in route.sees else route.refused


def got(answer: tuple[int, str], wanted: int | str) -> int | str:
    status, said = answer
    if wanted == 404 and status == 405:
        return wanted  # a page that takes no POST may say so before it looks for the record
    if isinstance(wanted, str) and status == 302 and f"'Location': '{wanted}" in said:
        return wanted
    return status


def asks_both(route: Route, persona: str) -> bool:
    """Whoever is turned away before the route is looked at is turned away for one method as for the other."""
    if route.kind == "console":
        return persona not in ("contact", "rival", "ended") or route.name == "home"
    return route.kind == "public" or persona in ("contact", "rival", "stranger", "administrator")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_answer_of(stage: Stage, route: Route):
    wrong = []
    for persona in PERSONAS:
        for method in METHODS if asks_both(route, persona) else METHODS[:1]:
            wanted = expected(route, persona, method)
            answer = stage.ask(persona, method, stage.url(route))
            if got(answer, wanted) != wanted:
                wrong.append(f"{method} by {persona}: {got(answer, wanted)}, expected {wanted}")
            if persona != "foreigner" and CANARY.lower() in answer[1].lower():
                wrong.append(f"{method} by {persona}: shows a canary")
    assert wrong == []


ABOUT_RECORDS = [route for route in ROUTES if route.things]


@pytest.mark.parametrize("route", ABOUT_RECORDS, ids=lambda route: route.name)
def test_nobody_reaches_a_foreign_record_by(stage: Stage, route: Route):
    personas = ["contact"] if route.kind == "portal" else sorted(route.may)
    for thing in route.things:
        url = stage.url(route, foreign=thing)
        answers = {
            (persona, method): stage.ask(persona, method, url) for persona in personas for method in METHODS
        }
        assert {key: answer[0] for key, answer in answers.items() if got(answer, 404) != 404} == {}, (
            thing.name
        )
        assert not [key for key, (_, said) in answers.items() if CANARY.lower() in said.lower()], thing.name


def test_a_record_that_does_not_exist_and_one_of_another_network_look_the_same(stage: Stage):
    foreign = stage.ask(
        "administrator", "GET", reverse("organization", args=[stage.cast.organizations["C1B"].pk])
    )
    nothing = stage.ask("administrator", "GET", reverse("organization", args=[2**40]))
    beyond = stage.ask("administrator", "GET", reverse("organization", args=[2**70]))
    assert foreign[0] == nothing[0] == beyond[0] == 404
    assert foreign[1] == nothing[1] == beyond[1]


def test_the_canaries_are_there_to_be_found(stage: Stage):
    """What the matrix looks for: the foreigner's own pages are full of it."""
    for name in ("organization-list", "membership-list", "audit-list", "home"):
        assert CANARY in stage.ask("foreigner", "GET", reverse(name))[1], name


@pytest.mark.parametrize(
    "name",
    [
        route.name
        for route in ROUTES
        if route.kind == "console"
        and not (route.things or route.also or route.query)
        and route.name != "network-switch"
    ],
)
def test_neither_query_nor_body_chooses_the_network(stage: Stage, name: str):
    foreign = stage.cast.foreign[0].pk
    chosen = f"?network={foreign}&network_id={foreign}&_network={foreign}&organization={stage.cast.organizations['C1B'].pk}"
    status, said = stage.ask("administrator", "GET", reverse(name) + chosen)
    assert status in (200, 302, 405, 422)
    assert CANARY.lower() not in said.lower()
