"""A `var` folder of its own for each test, and processes that use the embedded services in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from network.services.layout import PROJECT, Layout
from network.services.state import State

USE = """
import sys
from network.services import ServiceError, hold
for line in sys.stdin:
    try:
        hold(*line.split())
    except ServiceError as error:
        print("refused:", str(error).replace("\\n", " "), flush=True)
    else:
        print("held", flush=True)
"""


class User:
    """Another process that holds services, until it ends or is ended."""

    def __init__(self, layout: Layout) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE],
            cwd=PROJECT,
            env={**os.environ, "CARETREE_VAR": str(layout.var)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *services: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(" ".join(services) + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def hold(self, *services: str) -> str:
        self.ask(*services)
        return self.answer()

    def end(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def kill(self) -> None:
        self.process.kill()
        self.end()


def lives(pid: int) -> bool:
    """Whether a process runs; one that waits for its parent to take note of its end does not."""
    state = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def gone(*pids: int, within: float = 8.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(lives(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def state(layout: Layout, service: str) -> State:
    return State.read(layout.keeping(service) / "state.json")


def pids(layout: Layout, service: str) -> tuple[int, int]:
    """The keeper's and the service's process numbers."""
    told = state(layout, service)
    return told.keeper, told.service


def assert_nothing_left(layout: Layout) -> None:
    for service in ("postgres", "redis"):
        for pid in pids(layout, service):
            if pid and not gone(pid, within=10):
                os.kill(pid, signal.SIGKILL)
                pytest.fail(f"{service} left process {pid} behind")


@pytest.fixture
def layout() -> Iterator[Layout]:
    """Not pytest's own temporary folder: that one is closed to the account that root's services run as."""
    folder = Path(tempfile.mkdtemp(prefix="services-"))
    folder.chmod(0o755)
    place = Layout(folder)
    yield place
    assert_nothing_left(place)
    shutil.rmtree(folder)


@pytest.fixture
def user(layout: Layout) -> Iterator[Callable[[], User]]:
    started: list[User] = []

    def start() -> User:
        started.append(User(layout))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()
