"""The users' side of an embedded service: hold it while you use it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from network.services.children import tail
from network.services.errors import ServiceError
from network.services.layout import PROJECT, Layout
from network.services.locks import open_lock, try_lock
from network.services.state import State

_PATIENCE = 90.0
_TICK = 0.02

Progress = Callable[[str], None]


class Lease:
    """One process's share in one service; taken again at no cost, and revived when the service has died."""

    def __init__(self, layout: Layout, service: str) -> None:
        self._layout = layout
        self._service = service
        self._folder = layout.keeping(service)
        self._state = self._folder / "state.json"
        self._share: int | None = None
        self._started = False

    def begin(self) -> None:
        """Take the share and see to it that somebody keeps the service, without waiting for it to serve."""
        self._started = False
        if self._share is None:
            self._layout.prepare(self._service)
            self._share = self._take_share()
        self._keep_kept()

    def wait(self, progress: Progress | None = None) -> None:
        """Return when the service serves."""
        deadline = time.monotonic() + _PATIENCE
        told = ""
        while True:
            kept = self._keep_kept()
            state = State.read(self._state)
            if kept and state.is_ready:
                return
            if progress and state.status == "starting" and state.message != told:
                told = state.message
                progress(told)
            if time.monotonic() > deadline:
                raise ServiceError(f"The embedded {self._service} does not get ready; see {self._log}.")
            time.sleep(_TICK)

    def is_kept(self) -> bool:
        """Whether the service still has its keeper; false after it died."""
        lock = open_lock(self._folder / "keeper.lock")
        try:
            return not try_lock(lock)
        finally:
            os.close(lock)

    def last_word(self) -> str:
        return State.read(self._state).message

    def end(self) -> None:
        """Give the share back. By closing only: a forked child holds the same lock, and would lose it too."""
        if self._share is not None:
            os.close(self._share)
            self._share = None

    def end_and_wait(self, patience: float = 25.0) -> None:
        """Give the share back and, if it was the last, return when the service has stopped."""
        self.end()
        begun = time.monotonic()
        while self.is_kept() and time.monotonic() - begun < patience:
            # A keeper that nobody else keeps busy notices within a few ticks of its own.
            if State.read(self._state).status == "ready" and time.monotonic() - begun > 1:
                return
            time.sleep(_TICK)

    @property
    def _log(self) -> str:
        return str(self._layout.log(f"{self._service}-keeper"))

    def _take_share(self) -> int:
        lock = open_lock(self._folder / "users.lock")
        deadline = time.monotonic() + _PATIENCE
        while not try_lock(lock, shared=True):  # a keeper is stopping: the next one starts afresh
            if time.monotonic() > deadline:
                os.close(lock)
                raise ServiceError(f"The embedded {self._service} does not finish stopping; see {self._log}.")
            time.sleep(_TICK)
        return lock

    def _keep_kept(self) -> bool:
        """Start a keeper if there is none; false if there was none."""
        lock = open_lock(self._folder / "keeper.lock")
        try:
            if not try_lock(lock):
                return True
            if self._started:
                raise ServiceError(self._why_it_failed())
            State("starting").write(
                self._state
            )  # the last word of an earlier keeper says nothing about this one
            self._start_keeper(lock)
            self._started = True
            return False
        finally:
            os.close(lock)

    def _start_keeper(self, lock: int) -> None:
        words = [sys.executable, "-m", "network.services.keeper"]
        with open(self._log, "wb") as log:
            subprocess.run(
                [*words, self._service, str(self._layout.var), str(lock)],
                check=True,
                cwd=PROJECT,
                pass_fds=[lock],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _why_it_failed(self) -> str:
        state = State.read(self._state)
        if state.status == "failed":
            return state.message
        keeper = self._layout.log(f"{self._service}-keeper")
        return f"The embedded {self._service} did not start. The end of {keeper}:\n{tail(keeper)}"


_guard = threading.Lock()
_leases: dict[str, Lease] = {}


def hold(*services: str, progress: Progress | None = None) -> list[Lease]:
    """Hold services until this process ends (or lets go), starting what nobody keeps; cheap when held already."""
    with _guard:
        leases = [_leases.setdefault(service, Lease(Layout.default(), service)) for service in services]
        for lease in leases:
            lease.begin()
        for lease in leases:
            lease.wait(progress)
        return leases


def let_go() -> None:
    """Give everything back and wait for what this process was the last to use."""
    with _guard:
        leases = list(_leases.values())
        _leases.clear()
        for lease in leases:
            lease.end()
        for lease in leases:
            lease.end_and_wait()
