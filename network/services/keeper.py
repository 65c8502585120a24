"""Owns one embedded service for all its users, and stops it when the last of them is gone.

Usage: python -m network.services.keeper SERVICE VAR DESCRIPTOR, by `network.services.lease` only: DESCRIPTOR is the
keeper's lock, which its starter took and hands over, so that there is never a second keeper nor a moment without one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from network.services.account import Account
from network.services.children import spawn, stop, tail
from network.services.errors import ServiceError
from network.services.layout import Layout
from network.services.locks import open_lock, try_lock
from network.services.postgres import Postgres
from network.services.redis import Redis
from network.services.service import Service
from network.services.state import State, Status

SERVICES: dict[str, type[Service]] = {Postgres.name: Postgres, Redis.name: Redis}

_TICK = 0.1
_PATIENCE_TO_START = 60.0


class Keeper:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._folder = service.layout.keeping(service.name)
        self._child: subprocess.Popen[bytes] | None = None
        self._told_to_stop = False

    def run(self) -> int:
        """Start, keep until the last user is gone, stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        try:
            self._start()
            self._tell("ready")
            self._keep()
            self._tell("stopping")
            status = 0
        except ServiceError as error:
            self._tell("failed", str(error))
            status = 1
        finally:
            if self._child:
                stop(self._child, self._service.polite, patience=20)
        return status

    def _stop_soon(self, number: int, frame: FrameType | None) -> None:
        self._told_to_stop = True

    def _tell(self, status: Status, message: str = "") -> None:
        service = self._child.pid if self._child else 0
        State(status, message, keeper=os.getpid(), service=service).write(self._folder / "state.json")

    def _start(self) -> None:
        self._service.prepare(lambda message: self._tell("starting", message))
        deadline = time.monotonic() + _PATIENCE_TO_START
        self._child = self._spawn()
        while not self._service.answers():
            if self._child.poll() is not None:
                self._retry_or_refuse()
            if time.monotonic() > deadline:
                raise ServiceError(self._report("does not answer"))
            time.sleep(0.02)
        self._service.complete(lambda message: self._tell("starting", message))

    def _spawn(self) -> subprocess.Popen[bytes]:
        service = self._service
        return spawn(
            service.command, log=service.log, last_signal=service.last_signal, account=service.account
        )

    def _retry_or_refuse(self) -> None:
        if not self._service.may_be_in_the_way():
            raise ServiceError(self._report("did not start"))
        time.sleep(0.3)
        self._child = self._spawn()

    def _keep(self) -> None:
        users = open_lock(self._folder / "users.lock")
        # Alone with the lock, nobody uses the service; and while it is held, whoever comes next waits for the end.
        while not self._told_to_stop and not try_lock(users):
            if self._child and self._child.poll() is not None:
                raise ServiceError(self._report("ended"))
            time.sleep(_TICK)

    def _report(self, what: str) -> str:
        log = self._service.log
        return f"The embedded {self._service.name} {what}. The end of {log}:\n{tail(log)}"


def main(name: str, var: str, descriptor: str) -> NoReturn:
    os.set_inheritable(int(descriptor), False)
    if os.fork():  # the starter waits for this half only and is nobody's parent afterwards
        os._exit(0)
    layout = Layout(Path(var))
    try:
        keeper = Keeper(SERVICES[name](layout, Account.choose()))
    except ServiceError as error:
        State("failed", str(error)).write(layout.keeping(name) / "state.json")
        sys.exit(1)
    sys.exit(keeper.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
