"""The whole benchmark, in the database that is connected: its figures as one plain dictionary."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import connection, connections

from audit.actions.seal import check_seals, seal_waiting
from core.tenancy import bound
from ledger.bench import raw
from ledger.bench.measure import (
    BATCH,
    Login,
    crossings,
    grow,
    in_turns,
    medians,
    ratio,
    several_at_once,
    statements,
    ways,
)
from ledger.bench.world import World, build, records
from ledger.models import JournalLine

SUBS = 40
SMALL, LARGE = 10_000, 1_000_000

Say = Callable[[str], None]


def run(
    say: Say, *, large: int = LARGE, rounds: int = 15, seconds: float = 3.0, crossing: float = 60.0
) -> dict[str, Any]:
    """Measure everything; returns plain figures.

    Ratios are to the statement by hand, sent as Django sends SQL, and do not wait for the disk except where they say
    durable. Microseconds are medians a posting.
    """
    say("making the network")
    world = build(SUBS)
    with connections["migrator"].cursor() as cursor:
        cursor.execute(raw.SET_UP)
    grow(world, SMALL, lambda have: None)

    say("one connection, in turns")
    small = _in_turns(world, rounds, durable=False)
    durable = _in_turns(world, max(rounds // 3, 1), durable=True)

    say("several connections")
    at_once = _at_once(world, seconds)

    say(f"entries between organizations by chance, {crossing:.0f} s")
    crossed = crossings(world, number=8, seconds=crossing)

    say(f"growing to {large:,} lines")
    grow(world, large, lambda have: say(f"  {have:,}"))
    big = _in_turns(world, rounds, durable=False)
    say("sealing and verifying it")
    seals = _seals(world)
    return {
        "atomic": ratio(small, "raw", "atomic"),
        "function": ratio(small, "raw", "function"),
        "bulk": ratio(small, "raw", "bulk"),
        "hot_over_spread": round(
            at_once["durable"]["function_hot_8"] / at_once["durable"]["function_spread_8"], 3
        ),
        # In units of the statement by hand, whose tables stay small: what the machine does meanwhile falls out.
        "growth": round(ratio(small, "raw", "function") / ratio(big, "raw", "function"), 3),
        "prepared": {
            "function": ratio(small, "raw_prepared", "function_prepared"),
            "atomic": ratio(small, "raw_prepared", "atomic"),
        },
        "growth_in_microseconds": round(medians(big)["function"] / medians(small)["function"], 3),
        "durable": {name: ratio(durable, "raw", name) for name in ("function", "atomic", "bulk")},
        "lines": {"small": SMALL, "large": large},
        "seals": seals,
        "crossings": crossed,
        "statements": statements(world),
        "raw": {
            "microseconds": {"small": medians(small), "durable": medians(durable), "large": medians(big)},
            "per_second": at_once,
        },
    }


def _seals(world: World) -> dict[str, float]:
    """Journal lines a second that are sealed, and verified with the chain above them."""
    with bound(world.network_id):
        lines = JournalLine.objects.count()
    begun = perf_counter()
    seal_waiting(world.network_id, "journal")
    sealed = perf_counter()
    with bound(world.network_id):
        checked = check_seals("journal")
    verified = perf_counter()
    if checked.count:
        raise RuntimeError(f"Seals that were just made do not hold: {checked.findings}")
    return {"sealed": round(lines / (sealed - begun)), "verified": round(lines / (verified - sealed))}


def _in_turns(world: World, rounds: int, *, durable: bool) -> dict[str, list[float]]:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {'on' if durable else 'off'}")
    with Login.of_web().connect(world.network_id, durable=durable) as own:
        return in_turns(ways(world, own), records(world), rounds=rounds, size=BATCH)


def _at_once(world: World, seconds: float) -> dict[str, dict[str, float]]:
    """Postings a second, durable and not: three turns of each, interleaved, the middle one counts."""
    figures: dict[str, dict[str, float]] = {}
    for name, durable in (("durable", True), ("not_durable", False)):
        turns: dict[str, list[float]] = {}
        for _ in range(3):
            for kind in ("raw", "function"):
                for number, hot in ((1, True), (8, True), (8, False)):
                    label = f"{kind}_{'hot' if hot else 'spread'}_{number}"
                    rate = several_at_once(
                        world, kind, number=number, seconds=seconds, hot=hot, durable=durable
                    )
                    turns.setdefault(label, []).append(rate)
        figures[name] = {label: round(sorted(rates)[1], 1) for label, rates in turns.items()}
    return figures
