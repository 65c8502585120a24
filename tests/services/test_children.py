"""A child ends with its parent, whichever way the system offers to see to it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from network.services.children import ON_LINUX, spawn, stop, tail
from network.services.layout import PROJECT
from tests.services.conftest import gone, lives

PARENT = """
    import signal, sys, time
    from pathlib import Path
    from network.services.children import spawn
    child = spawn(["sleep", "60"], log=Path(sys.argv[1]), last_signal=signal.SIGTERM, tethered=sys.argv[2] == "True")
    print(child.pid, flush=True)
    time.sleep(60)
"""
WAYS = pytest.mark.parametrize("tethered", [False, True] if ON_LINUX else [True])


def sleepers(pid: int) -> list[int]:
    """The child and, where it is a tether, what it holds."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [pid, *map(int, found.stdout.split())]


def wait_for_sleep(pid: int, count: int) -> list[int]:
    found = sleepers(pid)
    while len(found) < count:
        found = sleepers(pid)
    return found


@WAYS
def test_a_killed_parent_takes_its_child_along(tmp_path: Path, tethered: bool) -> None:
    words = [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path / "log"), str(tethered)]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        everyone = wait_for_sleep(int(parent.stdout.readline()), 2 if tethered else 1)
        assert all(lives(pid) for pid in everyone)
        parent.kill()
    assert gone(*everyone)


@WAYS
def test_a_child_gets_the_polite_signal(tmp_path: Path, tethered: bool) -> None:
    script = "trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
    log = tmp_path / "log"
    child = spawn(["sh", "-c", script], log=log, last_signal=signal.SIGKILL, tethered=tethered)
    while not log.exists() or "ready" not in log.read_text():
        assert child.poll() is None
    stop(child, signal.SIGTERM)
    assert child.returncode == 7
    assert "asked" in tail(log)


@WAYS
def test_a_stubborn_child_is_ended_with_all_it_started(tmp_path: Path, tethered: bool) -> None:
    script = "trap '' TERM; sleep 60 & echo ready; while :; do wait; done"
    log = tmp_path / "log"
    child = spawn(["sh", "-c", script], log=log, last_signal=signal.SIGKILL, tethered=tethered)
    while not log.exists() or "ready" not in log.read_text():
        assert child.poll() is None
    session = subprocess.run(["pgrep", "-s", str(child.pid)], capture_output=True, text=True, check=True)
    stop(child, signal.SIGTERM, patience=0.3)
    assert gone(*map(int, session.stdout.split()))
