"""The one process of `manage.py run`: it owns web, worker and beat, shares the services, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from network.services.children import spawn, stop, tail
from network.services.errors import ServiceError
from network.services.layout import Layout
from network.services.lease import Lease, hold, let_go
from network.services.locks import open_lock, try_lock
from network.services.progress import Progress

_TICK = 0.1
_TITLES = {"postgres": "PostgreSQL", "redis": "Redis"}
_ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PROGRAMS = Path(sys.executable).parent


class AskedToStop(Exception):  # noqa: N818 - nothing went wrong
    """Ctrl-C, a terminal that closed, or a polite kill."""


@dataclass(frozen=True)
class Part:
    """A program that the supervisor runs for as long as it runs itself."""

    name: str
    command: Sequence[str | Path]
    # Sent by the kernel when the supervisor is gone. What has children of its own must get to end them.
    last_signal: signal.Signals


def web(port: int) -> Part:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    # Two processes for two cores; whoever holds a slow connection delays a stop by seconds, not for good.
    workers = ["--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "4"]
    command: list[str | Path] = [_PROGRAMS / "granian", *options, *workers, "network.wsgi:application"]
    return Part("web", command, signal.SIGTERM)


def worker() -> Part:
    options = ["--pool=threads", "--concurrency=4", "--loglevel=info", "--without-mingle", "--without-gossip"]
    return Part("worker", [_PROGRAMS / "celery", "-A", "network", "worker", *options], signal.SIGKILL)


def beat(layout: Layout) -> Part:
    schedule = layout.data("beat") / "schedule"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    options: list[str | Path] = ["--loglevel=info", "--pidfile=", "--schedule", schedule]
    return Part("beat", [_PROGRAMS / "celery", "-A", "network", "beat", *options], signal.SIGKILL)


class Supervisor:
    """Use as a context: inside, a request to stop raises AskedToStop; at its end, everything has stopped."""

    def __init__(self, layout: Layout, port: int, services: Sequence[str], progress: Progress) -> None:
        self._layout = layout
        self._port = port
        self._services = services
        self._progress = progress
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._leases: list[Lease] = []
        self._lock: int | None = None
        self._asked = False

    def __enter__(self) -> Supervisor:
        for number in _ASKED_TO_STOP:
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _ASKED_TO_STOP:
            signal.signal(number, signal.SIG_IGN)
        if self._running:
            self._progress.say(f"Stopping {', '.join(self._running)}")
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
        for child in self._running.values():
            stop(child, signal.SIGTERM, patience=8)
        self._running.clear()
        let_go()
        if self._lock is not None:
            os.close(self._lock)
            self._progress.say("Stopped")

    def start_services(self) -> None:
        """Refuse what would end badly later, then start what is ours to start."""
        self._assert_alone()
        self._assert_port_free()
        if self._services:
            self._progress.say(f"Starting {' and '.join(_TITLES[service] for service in self._services)}")
            self._leases = hold(
                *self._services, progress=lambda message: self._progress.say(message.capitalize())
            )

    def start(self, part: Part) -> None:
        log = self._layout.log(part.name)
        self._running[part.name] = spawn(part.command, log=log, last_signal=part.last_signal)

    def wait_for_first_page(self, limit: float = 120.0) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            self._assert_all_live()
            try:
                opener.open(f"http://127.0.0.1:{self._port}/", timeout=30).close()
            except urllib.error.HTTPError as error:
                raise ServiceError(self._about("web", f"answers its first page with {error.code}")) from error
            except OSError:
                time.sleep(_TICK)
            else:
                return
        raise ServiceError(self._about("web", f"served no page within {limit:.0f} s"))

    def run_once(self, part: Part, output: Path, patience_told: str) -> bool:
        """Run a program to its end beside the others, telling every ten seconds that it takes a while."""
        child = spawn(
            part.command, log=self._layout.log(part.name), last_signal=part.last_signal, output=output
        )
        self._running[part.name] = child
        told = time.monotonic()
        while child.poll() is None:
            self._assert_all_live(but=part.name)
            if time.monotonic() - told > 10:
                told = time.monotonic()
                self._progress.say(patience_told)
            time.sleep(_TICK)
        del self._running[part.name]
        if child.returncode:
            self._progress.say(self._about(part.name, f"failed with status {child.returncode}"))
        return child.returncode == 0

    def watch(self) -> None:
        """Return never: a dead part raises ServiceError, a request to stop AskedToStop. A dead service is revived."""
        while True:
            self._assert_all_live()
            time.sleep(_TICK * 3)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Raised to get out of whatever takes long, and kept because Python drops what is raised at a bad moment
        # (in the hooks around a fork, in a finalizer).
        self._asked = True
        raise AskedToStop

    def _assert_alone(self) -> None:
        self._layout.var.mkdir(parents=True, exist_ok=True)
        self._layout.log("web").parent.mkdir(exist_ok=True)
        lock = open_lock(self._layout.var / "run.lock")
        if not try_lock(lock):
            address = os.read(lock, 100).decode()
            os.close(lock)
            raise ServiceError(f"This checkout already runs, at {address}. Stop that one first.")
        os.ftruncate(lock, 0)
        os.write(lock, f"http://127.0.0.1:{self._port}/".encode())
        self._lock = lock

    def _assert_port_free(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise ServiceError(
                    f"Port {self._port} can't be used ({error.strerror}). Choose another: PORT=8001 make run"
                ) from error

    def _assert_all_live(self, but: str = "") -> None:
        if self._asked:
            raise AskedToStop
        for name, child in self._running.items():
            if name != but and child.poll() is not None:
                raise ServiceError(self._about(name, f"ended with status {child.returncode}"))
        for lease in self._leases:
            if not lease.is_kept():
                self._progress.say(f"{lease.last_word()}\nStarting it again")
                hold(*self._services)

    def _about(self, name: str, what: str) -> str:
        log = self._layout.log(name)
        return f"The {name} process {what}. The end of {log}:\n{tail(log)}"
