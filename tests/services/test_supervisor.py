"""The supervisor: everything runs while it does, and nothing afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from network.services.layout import PROJECT, Layout
from tests.services.conftest import gone, lives, pids

RUN = """
import signal, sys
from network.services import ServiceError
from network.services.layout import Layout
from network.services.progress import Progress
from network.services.supervisor import AskedToStop, Part, Supervisor
port, last = int(sys.argv[1]), sys.argv[2]
try:
    with Supervisor(Layout.default(), port, ("redis",), Progress(sys.stdout)) as supervisor:
        supervisor.start_services()
        supervisor.start(Part("web", ["sh", "-c", "echo served & exec sleep 60"], signal.SIGTERM))
        supervisor.start(Part("worker", ["sh", "-c", last], signal.SIGKILL))
        print("pids", *(child.pid for child in supervisor._running.values()), flush=True)
        supervisor.watch()
except AskedToStop:
    sys.exit(0)
except ServiceError as error:
    sys.exit(str(error))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(layout: Layout) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(port: int | None = None, last: str = "exec sleep 60") -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", RUN, str(port or free_port()), last],
                cwd=PROJECT,
                env={**os.environ, "CARETREE_VAR": str(layout.var)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def children(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout
    for line in process.stdout:
        if line.startswith("pids"):
            return [int(word) for word in line.split()[1:]]
    raise AssertionError("it did not start")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_everything_first(
    layout: Layout, run: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    process = run()
    everything = [*children(process), *pids(layout, "redis")]
    process.send_signal(number)
    assert process.wait(15) == 0
    assert not any(map(lives, everything))  # before it ended, not some time after


def test_killed_it_leaves_nothing(layout: Layout, run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run()
    everything = [*children(process), *pids(layout, "redis")]
    process.kill()
    assert gone(*everything)


def test_a_dead_part_is_reported_and_everything_stops(
    layout: Layout, run: Callable[..., subprocess.Popen[str]]
) -> None:
    process = run(last="echo out of luck; sleep 0.3; exit 3")
    everything = [*children(process), *pids(layout, "redis")]
    told, _ = process.communicate(timeout=15)
    assert process.returncode == 1
    assert "The worker process ended with status 3" in told
    assert "out of luck" in told
    assert not any(map(lives, everything))


def test_a_dead_service_is_reported_and_revived(
    layout: Layout, run: Callable[..., subprocess.Popen[str]]
) -> None:
    process = run()
    children(process)
    before = pids(layout, "redis")
    os.kill(before[1], signal.SIGKILL)
    assert process.stdout
    told = next(line for line in process.stdout if "redis" in line)
    assert "The embedded redis ended" in told
    next(line for line in process.stdout if "Starting it again" in line)
    deadline = time.monotonic() + 8
    while pids(layout, "redis") == before:
        assert time.monotonic() < deadline


def test_a_port_in_use_is_refused_with_the_way_out(run: Callable[..., subprocess.Popen[str]]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told, _ = run(port=taken.getsockname()[1]).communicate(timeout=15)
    assert "PORT=8001 make run" in told


def test_a_second_one_is_told_of_the_first(run: Callable[..., subprocess.Popen[str]]) -> None:
    port = free_port()
    children(run(port=port))
    told, _ = run().communicate(timeout=15)
    assert f"already runs, at http://127.0.0.1:{port}/" in told
