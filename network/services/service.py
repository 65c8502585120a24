"""What an embedded service is to the process that keeps it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from network.services.account import Account
from network.services.layout import Layout

Say = Callable[[str], None]


@dataclass
class Service:
    """One program with its data; the keeper prepares, starts, probes, completes and stops it, in this order."""

    layout: Layout
    account: Account

    name: ClassVar[str]
    polite: ClassVar[signal.Signals]
    last_signal: ClassVar[signal.Signals]

    @property
    def log(self) -> Path:
        return self.layout.log(self.name)

    @property
    def sockets(self) -> Path:
        return self.layout.sockets(self.name)

    @property
    def data(self) -> Path:
        return self.layout.data(self.name)

    def prepare(self, say: Say) -> None:
        """Make what the program needs before it starts; on first use that takes a while, so say so."""
        raise NotImplementedError

    @property
    def command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the started program serves."""
        raise NotImplementedError

    def may_be_in_the_way(self) -> bool:
        """Whether the program just ended because its predecessor is still about to."""
        return False

    def complete(self, say: Say) -> None:
        """What is left to do once it serves, before others may use it."""
