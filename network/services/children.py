"""Child processes that end with their parent, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from network.services.account import Account
from network.services.layout import PROJECT

_PR_SET_PDEATHSIG = 1
_LARGEST_LOG = 8 * 1024 * 1024
ON_LINUX = sys.platform.startswith("linux")


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    last_signal: signal.Signals,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
    tethered: bool = not ON_LINUX,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, which gets `last_signal` when this process is gone.

    It writes to the log; `output` takes what it prints apart from that. Linux's kernel sees to the signal; elsewhere a small process in between watches a pipe that closes with this one.
    Call it from the main thread: the kernel takes the end of the calling thread for the parent's.
    """
    words = [str(word) for word in command]
    if tethered:
        words = [sys.executable, "-m", "network.services.tether", str(int(last_signal)), *words]
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as errors, output.open("wb") if output else nullcontext(errors) as prints:
        return subprocess.Popen(
            words,
            cwd=PROJECT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE if tethered else subprocess.DEVNULL,
            stdout=prints,
            stderr=errors,
            start_new_session=True,
            preexec_fn=None if tethered else _follow_parent(last_signal),
            **(account.switch if account else {}),
        )


def _follow_parent(last_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()
    kernel = ctypes.CDLL(None, use_errno=True)

    def follow() -> None:
        kernel.prctl(_PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:  # gone before the kernel knew whom to watch
            os._exit(1)

    return follow


def stop(child: subprocess.Popen[bytes], polite: signal.Signals, patience: float = 10.0) -> None:
    """Ask a child to end, and after the given seconds end it; nothing of its session is left."""
    if child.poll() is None:
        child.send_signal(polite)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    # Also after a good end: a child that was killed from outside leaves its own children behind.
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin:
        child.stdin.close()


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented, for a message about the process that wrote it."""
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        return "    (it wrote nothing)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
