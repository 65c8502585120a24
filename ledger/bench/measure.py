"""Measuring: one connection in turns, several at once, and what a posting costs as the ledger grows."""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
from django.db import connection, connections

from core.tenancy import bound
from ledger import posting
from ledger.bench import raw
from ledger.bench.world import FIRST_DAY, World, crossing, record, records
from ledger.models import JournalLine

Run = Callable[[list[posting.Record]], object]
BATCH = 100


@dataclass(frozen=True)
class Login:
    """How the web role logs in, for connections of the benchmark's own."""

    parameters: dict[str, Any]

    @classmethod
    def of_web(cls) -> Login:
        known = connections["default"].get_connection_params()
        names = ("dbname", "user", "password", "host", "port")
        return cls({name: known[name] for name in names if known.get(name)})

    def connect(self, network_id: int, *, durable: bool) -> psycopg.Connection:
        own = psycopg.connect(**self.parameters, autocommit=True)
        own.execute("SELECT set_config('app.network', %s, false)", [str(network_id)])
        own.execute(f"SET synchronous_commit = {'on' if durable else 'off'}")
        return own


def in_turns(
    runs: dict[str, Run], source: Iterator[posting.Record], *, rounds: int, size: int
) -> dict[str, list[float]]:
    """Microseconds a posting of each way, by rounds in which every way takes its turn.

    What is posted is made before the clock starts.
    """
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(list(islice(source, size)))  # plans are made and pages read before anything counts
    for _ in range(rounds):
        for name, run in runs.items():
            batch = list(islice(source, size))
            begun = time.perf_counter()
            run(batch)
            costs[name].append((time.perf_counter() - begun) / size * 1e6)
    return costs


def ratio(costs: dict[str, list[float]], of: str, to: str) -> float:
    """How often `of` fits into `to`: the median over rounds, so that a busy moment of the machine counts for both."""
    return round(statistics.median(a / b for a, b in zip(costs[of], costs[to], strict=True)), 3)


def medians(costs: dict[str, list[float]]) -> dict[str, float]:
    return {name: round(statistics.median(each), 1) for name, each in costs.items()}


def ways(world: World, own: psycopg.Connection) -> dict[str, Run]:
    """The statement by hand, our function, ours inside atomic(), a hundred in one call: all sent as Django sends SQL.

    Besides, the first two prepared on the server, over a connection without Django.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.network', %s, false)", [str(world.network_id)])

    def by_hand(batch: list[posting.Record]) -> None:
        with connection.cursor() as cursor:
            for one in batch:
                cursor.execute(raw.STATEMENT, raw.parameters(world, one))

    def function(batch: list[posting.Record]) -> None:
        with connection.cursor() as cursor:
            for one in batch:
                cursor.execute(posting.POST_EVENT, posting.parameters_of(one))

    def atomic(batch: list[posting.Record]) -> None:
        for one in batch:
            with bound(world.network_id):
                posting.post(one)

    def bulk(batch: list[posting.Record]) -> None:
        with bound(world.network_id):
            posting.post_many(batch)

    def by_hand_prepared(batch: list[posting.Record]) -> None:
        for one in batch:
            own.execute(raw.STATEMENT, raw.parameters(world, one), prepare=True)

    def function_prepared(batch: list[posting.Record]) -> None:
        for one in batch:
            own.execute(posting.POST_EVENT, posting.parameters_of(one), prepare=True)

    return {
        "raw": by_hand,
        "function": function,
        "atomic": atomic,
        "bulk": bulk,
        "raw_prepared": by_hand_prepared,
        "function_prepared": function_prepared,
    }


def several_at_once(
    world: World, kind: str, *, number: int, seconds: float, hot: bool, durable: bool
) -> float:
    """Postings a second of several connections, each in a process of its own.

    Hot: all of them post between the same two organizations. Spread: each between the parent and a sub of its own.
    Each takes units of its own entitlement, as patients do.
    """
    context = multiprocessing.get_context("fork")
    for alias in connections:
        connections[alias].close()
    login, barrier, counts = Login.of_web(), context.Barrier(number), context.Queue()
    workers = [
        context.Process(target=_work, args=(world, login, kind, n, seconds, hot, durable, barrier, counts))
        for n in range(number)
    ]
    for worker in workers:
        worker.start()
    total = sum(counts.get(timeout=seconds + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return float(total) / seconds


def _work(
    world: World,
    login: Login,
    kind: str,
    n: int,
    seconds: float,
    hot: bool,
    durable: bool,
    barrier: Any,
    counts: Any,
) -> None:
    sub_id, line_id = world.subs[0 if hot else n], world.entitlement_lines[n]
    with login.connect(world.network_id, durable=durable) as own:

        def one(number: int, run: str) -> None:
            made = record(world, sub_id, line_id, on=FIRST_DAY, key=f"{time.time_ns()}-{n}-{run}-{number}")
            if kind == "raw":
                own.execute(raw.STATEMENT, raw.parameters(world, made), prepare=True)
            else:
                own.execute(posting.POST_EVENT, posting.parameters_of(made), prepare=True)

        for number in range(20):
            one(number, "warm")
        barrier.wait()
        until, done = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            one(done, "timed")
            done += 1
    counts.put(done)


def crossings(world: World, *, number: int, seconds: float) -> dict[str, int]:
    """How many entries between organizations by chance several connections post, and how many end in a deadlock.

    Every connection begins with accounts that aren't there yet, and each entry takes two entitlements besides.
    """
    context = multiprocessing.get_context("fork")
    for alias in connections:
        connections[alias].close()
    login, counts = Login.of_web(), context.Queue()
    workers = [context.Process(target=_cross, args=(world, login, n, seconds, counts)) for n in range(number)]
    for worker in workers:
        worker.start()
    each = [counts.get(timeout=seconds + 60) for _ in workers]
    for worker in workers:
        worker.join()
    return {"posted": sum(posted for posted, _ in each), "deadlocks": sum(deadlocks for _, deadlocks in each)}


def _cross(world: World, login: Login, n: int, seconds: float, counts: Any) -> None:
    random.seed(n)
    posted = deadlocks = 0
    with login.connect(world.network_id, durable=False) as own:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            made = crossing(world, on=FIRST_DAY, key=f"crossing-{n}-{posted}-{deadlocks}")
            try:
                own.execute(posting.POST_EVENT, posting.parameters_of(made), prepare=True)
                posted += 1
            except psycopg.errors.DeadlockDetected:
                deadlocks += 1
    counts.put((posted, deadlocks))


def statements(world: World) -> int:
    """How many statements one posting sends inside the `bound` of its own, beside its BEGIN and COMMIT."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        sent.append(sql)
        return execute(sql, *arguments)

    one = next(records(world))
    with connection.execute_wrapper(note), bound(world.network_id):
        posting.post(one)
    return len(sent)


def grow(world: World, lines: int, told: Callable[[int], None]) -> None:
    """Post in bulk until the ledger has so many lines, folding as the job would."""
    source = records(world)
    with bound(world.network_id):
        have = JournalLine.objects.count()
    while have < lines:
        with bound(world.network_id):
            posting.post_many(list(islice(source, 500)))
        have += 3000
        if have % 60_000 < 3000:
            with bound(world.network_id):
                posting.fold_deltas(1_000_000)
            told(have)
    with bound(world.network_id):
        posting.fold_deltas(1_000_000)
    connection.close()
    with connections["migrator"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
