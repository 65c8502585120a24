"""What a service's keeper tells those who wait for it, in one small file that is only ever replaced whole."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Status = Literal["starting", "ready", "stopping", "failed"]


@dataclass(frozen=True)
class State:
    status: Status
    message: str = ""
    keeper: int = 0
    service: int = 0

    @property
    def is_ready(self) -> bool:
        """Ready, and said so by a keeper that lives: a killed keeper leaves its last word behind."""
        return self.status == "ready" and _lives(self.keeper)

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> State:
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls("starting")


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
