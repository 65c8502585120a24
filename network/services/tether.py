"""Runs a command for as long as the pipe on its input stays open: what ties children to parents without Linux.

Usage: python -m network.services.tether SIGNAL COMMAND [ARGUMENT...]
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from types import FrameType

_PATIENCE = 8.0
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(last_signal: signal.Signals, command: list[str]) -> int:
    # Held back until there is someone to forward it to: a signal in between would end the tether alone.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    )

    def forward(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    for number in _FORWARDED:
        signal.signal(number, forward)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    while child.poll() is None:
        closed, _, _ = select.select([sys.stdin], [], [], 0.1)
        if closed and not os.read(sys.stdin.fileno(), 1):
            return _end(child, last_signal)
    return _status(child.returncode)


def _end(child: subprocess.Popen[bytes], last_signal: signal.Signals) -> int:
    child.send_signal(last_signal)
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
    return _status(child.wait())


def _status(code: int) -> int:
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(signal.Signals(int(sys.argv[1])), sys.argv[2:]))
