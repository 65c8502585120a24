"""Whoever uses a service shares it; the end of the last user, however it comes, is the end of the service."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import psycopg

from network.services.account import Account
from network.services.layout import Layout
from tests.services.conftest import User, gone, lives, pids, state


def connect(layout: Layout) -> psycopg.Connection:
    return psycopg.connect(
        f"host={layout.sockets('postgres')} user=postgres dbname=caretree", autocommit=True
    )


def test_users_share_a_service_and_the_last_one_stops_it(layout: Layout, user: Callable[[], User]) -> None:
    first, second = user(), user()
    for one in (first, second):  # both at once, so that they race for the first start
        one.ask("redis")
    assert [first.answer(), second.answer()] == ["held", "held"]
    keeper, redis = pids(layout, "redis")

    first.end()
    assert not gone(redis, within=0.7)
    assert pids(layout, "redis") == (keeper, redis)

    second.end()
    assert gone(keeper, redis)


def test_many_first_users_start_it_once(layout: Layout, user: Callable[[], User]) -> None:
    crowd = [user() for _ in range(6)]
    for one in crowd:
        one.ask("redis")
    assert [one.answer() for one in crowd] == ["held"] * 6
    assert layout.log("redis").read_text().count("just started") == 1


def test_a_user_that_comes_while_it_stops_gets_a_new_one(layout: Layout, user: Callable[[], User]) -> None:
    for _ in range(3):
        passing = user()
        assert passing.hold("redis") == "held"
        passing.end()
    assert user().hold("redis") == "held"
    assert lives(pids(layout, "redis")[1])


def test_killing_the_only_user_leaves_nothing(layout: Layout, user: Callable[[], User]) -> None:
    only = user()
    assert only.hold("postgres", "redis") == "held"
    everything = pids(layout, "postgres") + pids(layout, "redis")
    only.kill()
    assert gone(*everything)
    assert state(layout, "postgres").status == "stopping"


def test_killing_the_keeper_ends_the_service_and_the_next_use_revives_it(
    layout: Layout, user: Callable[[], User]
) -> None:
    one = user()
    one.hold("postgres")
    keeper, postgres = pids(layout, "postgres")
    os.kill(keeper, signal.SIGKILL)
    assert gone(keeper)
    assert one.hold("postgres") == "held"  # although the old server may still be closing its books
    assert gone(postgres)
    with connect(layout) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_was_committed_outlives_a_killed_server(layout: Layout, user: Callable[[], User]) -> None:
    one = user()
    one.hold("postgres")
    with connect(layout) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(pids(layout, "postgres")[1], signal.SIGKILL)
    assert gone(*pids(layout, "postgres"))
    assert "ended" in state(layout, "postgres").message
    assert (layout.data("postgres") / "data" / "postmaster.pid").exists()

    assert one.hold("postgres") == "held"
    with connect(layout) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_lock_file_whose_number_is_now_a_strangers_does_not_stop_the_start(
    layout: Layout, user: Callable[[], User]
) -> None:
    one = user()
    one.hold("postgres")
    one.kill()
    gone(*pids(layout, "postgres"))
    lock = layout.data("postgres") / "data" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], **Account.choose().switch) as stranger:
        lock.write_text(f"{stranger.pid}\n{lock.parent}\n1\n5432\n\n\n\nready\n")
        assert user().hold("postgres") == "held"
        stranger.kill()


def test_a_service_that_does_not_start_says_why(layout: Layout, user: Callable[[], User]) -> None:
    (layout.data("postgres") / "data").mkdir(parents=True)
    (layout.data("postgres") / "data" / "PG_VERSION").write_text("99\n")
    assert "made by PostgreSQL 99" in user().hold("postgres")
    one = user()
    layout.data("redis").mkdir()
    (layout.data("redis") / "appendonly.aof").write_text("nonsense")
    (layout.data("redis") / "appendonly.aof").chmod(0o666)
    answer = one.hold("redis")
    assert answer.startswith("refused: The embedded redis did not start.")
    assert "Bad file format" in answer
