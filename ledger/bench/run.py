"""The whole benchmark, in the database that is connected: its figures as one plain dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from ledger.bench import raw
from ledger.bench.measure import BATCH, Login, grow, in_turns, medians, ratio, several_at_once, ways
from ledger.bench.world import World, build, records

SUBS = 40
SMALL, LARGE = 10_000, 1_000_000

Say = Callable[[str], None]


def run(say: Say, *, large: int = LARGE, rounds: int = 15, seconds: float = 3.0) -> dict[str, Any]:
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

    say(f"growing to {large:,} lines")
    grow(world, large, lambda have: say(f"  {have:,}"))
    big = _in_turns(world, rounds, durable=False)
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
        "raw": {
            "microseconds": {"small": medians(small), "durable": medians(durable), "large": medians(big)},
            "per_second": at_once,
        },
    }


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
