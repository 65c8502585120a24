"""The walk: every route as every persona, and every answer searched for what belongs to another network."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from django.db import connections
from django.urls import get_resolver, reverse

from network.isolation.canaries import canaries_in
from network.isolation.cast import CANARY
from network.isolation.routes import METHODS, ROUTES, Route, export_formats, unknown
from network.isolation.stage import Answer, Stage

#: What is meant to be seen across the wall: persona -> (how such canaries begin, why).
MEANT = {
    "foreigner": ((f"{CANARY}C1",), "works in that network"),
    "guest": ((f"{CANARY}C1 network",), "works there too, and the switcher names one's networks"),
    "owner": (
        (f"{CANARY}C1 network", f"{CANARY}C1 orgs_onboardingstep"),
        "sees the list of the enterprise's Parent Accounts, by name, with their checklists",
    ),
}
#: Where each of those is shown it: without it the search would prove nothing.
SHOWN = (
    ("foreigner", "organization-list"),
    ("foreigner", "membership-list"),
    ("foreigner", "audit-list"),
    ("foreigner", "home"),
    ("guest", "network-switch"),
    ("owner", "enterprise"),
)


@dataclass(frozen=True)
class Finding:
    """Something that isn't as it should be: who did what (`asked` is the kind of request), and what came back."""

    kind: str
    persona: str
    request: str
    what: str
    canary: str = ""
    where: str = ""
    asked: str = ""


@dataclass
class Walked:
    """What was asked, counted by persona and kind of request, and what was found."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    exports: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def by(self, persona: str, kind: str) -> int:
        return self.requests[persona, kind]

    def take(self, other: Walked) -> None:
        self.requests.update(other.requests)
        self.exports.update(other.exports)
        self.findings.extend(other.findings)


def walk(
    stage: Stage, told: Callable[[str], object], personas: Sequence[str], routes: Sequence[Route]
) -> Walked:
    """Routes as personas, in a process for each core."""
    walked = Walked()
    connections.close_all()  # a connection can't be shared with the processes
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork"), _enter, (stage, personas)) as pool:
        try:
            for route, found in zip(routes, pool.map(_walk_route, routes), strict=True):
                walked.take(found)
                told(f"{route.name}: {sum(found.requests.values())} requests")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return walked


_entered: list[tuple[Stage, Sequence[str]]] = []


def _enter(stage: Stage, personas: Sequence[str]) -> None:
    """In a process of its own: who walks where; handed over once, not with each route. Its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _entered[:] = [(stage, personas)]


def _walk_route(route: Route) -> Walked:
    """One route in every way as every persona."""
    ((stage, personas),) = _entered
    walked = Walked()
    formats = export_formats(get_resolver().url_patterns).get(route.name, ())
    for persona in personas:
        walker = Walker(stage, persona, walked)
        walker.own(route)
        walker.foreign(route)
        walker.exports(route, formats)
        walker.chosen(route)
    return walked


def unwalked() -> list[Finding]:
    """Routes that no line names."""
    return [
        Finding("route", "", route, "no line in network/isolation/routes.py: nothing walked it")
        for route in unknown(get_resolver().url_patterns)
    ]


def present() -> list[Route]:
    """The known routes that this installation has; pages of development may be missing."""
    there = set(get_resolver().reverse_dict)
    return [route for route in ROUTES if route.name in there]


def blindness(stage: Stage) -> Iterator[Finding]:
    """Whether the search finds what is there to be found: those who are meant to see a canary see it."""
    for persona, name in SHOWN:
        if not canaries_in(stage.ask(persona, "GET", reverse(name)).said):
            yield Finding("blind", persona, f"GET {reverse(name)}", "shows no canary, and is meant to")


@dataclass
class Walker:
    """One persona on its way; `walked` keeps what it met."""

    stage: Stage
    persona: str
    walked: Walked

    def own(self, route: Route, methods: Sequence[str] = METHODS) -> None:
        """The route with the main network's records: the expected answer, and no canary."""
        for method in methods:
            answer, request = self._ask(route.kind, method, self.stage.url(route))
            wanted = route.expected(self.persona, method)
            if got(answer, wanted) != wanted:
                self._found(
                    "answer", route.kind, request, f"answered {got(answer, wanted)}, expected {wanted}"
                )

    def foreign(self, route: Route) -> None:
        """Each of its records replaced by each foreign network's: whoever may use the route finds nothing there."""
        for thing in route.things:
            for island, ids in enumerate(self.stage.foreign):
                if thing.table not in ids or (self.persona == "foreigner" and island == 0):
                    continue
                url = self.stage.url(route, foreign=thing, island=island)
                for method in METHODS if self._uses(route) else METHODS[:1]:
                    answer, request = self._ask("foreign", method, url)
                    wanted = self._turned_away(route)
                    if got(answer, wanted) != wanted:
                        self._found(
                            "reached",
                            "foreign",
                            request,
                            f"a foreign {thing.name} answered {got(answer, wanted)}, expected {wanted}",
                        )

    def exports(self, route: Route, formats: Sequence[str]) -> None:
        """The files of a list."""
        for kind in formats:
            url = self.stage.url(route)
            url += f"{'&' if '?' in url else '?'}export={kind}"
            answer, request = self._ask("export", "GET", url)
            if answer.status == 200 and "attachment" in answer.said.partition("\n")[0]:
                self.walked.exports[kind] += 1
            elif route.expected(self.persona, "GET") == 200 and answer.status not in (302, 403):
                self._found("answer", "export", request, f"answered {answer.status}, expected a file")

    def chosen(self, route: Route) -> None:
        """A foreign network named in the address: it is the session that says which network is bound."""
        if not self._uses(route) or route.kind != "console" or route.things or route.query or route.also:
            return
        foreign = self.stage.cast.foreign[-1].pk
        place = self.stage.foreign[-1]["orgs_organization"]
        url = (
            f"{self.stage.url(route)}?network={foreign}&network_id={foreign}&_network={foreign}"
            f"&organization={place}&under={place}&vendor={place}&selected={place}"
        )
        answer, request = self._ask("chosen", "GET", url)
        if answer.status >= 500:
            self._found("answer", "chosen", request, f"answered {answer.status}")

    def _uses(self, route: Route) -> bool:
        return self.persona in route.may or (route.kind, self.persona) in {
            ("portal", "contact"),
            ("public", "owner"),
        }

    def _turned_away(self, route: Route) -> int | str:
        """The answer about a record that isn't there."""
        if route.kind == "console":
            usual = route.expected(self.persona, "GET")
            return usual if isinstance(usual, str) else 404
        if route.kind == "portal":
            return 404 if self.persona in ("contact", "rival") else 401
        usual = route.expected(self.persona, "GET")
        return 404 if usual == 200 else usual

    def _ask(self, kind: str, method: str, url: str) -> tuple[Answer, str]:
        answer, request = self.stage.ask(self.persona, method, url), f"{method} {url}"
        self.walked.requests[self.persona, kind] += 1
        meant = MEANT[self.persona][0] if self.persona in MEANT else ()
        for canary in canaries_in(answer.said, meant):
            self.walked.findings.append(
                Finding(
                    "leak",
                    self.persona,
                    request,
                    f"answered {answer.status} and shows it",
                    canary,
                    _where(answer.said, canary),
                    kind,
                )
            )
        return answer, request

    def _found(self, kind: str, asked: str, request: str, what: str) -> None:
        self.walked.findings.append(Finding(kind, self.persona, request, what, asked=asked))


def got(answer: Answer, wanted: int | str) -> int | str:
    """The status, or the place where the person was sent if that was wanted."""
    status, said = answer
    if wanted == 404 and status == 405:
        return wanted  # a page that takes no such method may say so before it looks for the record
    if isinstance(wanted, str) and status == 302 and f"'Location': '{wanted}" in said:
        return wanted
    return status


def _where(said: str, canary: str) -> str:
    """Where in the answer it stands: in the headers, or in which line of the body with what is around it."""
    place = said.index(canary)
    line = said.count("\n", 0, place)
    around = " ".join(said[max(0, place - 40) : place + len(canary) + 20].split())
    return f"headers: {around}" if line == 0 else f"line {line}: {around}"
