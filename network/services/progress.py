"""What a person who waits for a start reads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TextIO

_COLUMNS = ("email", "password", "role", "organization", "network")


class Progress:
    """Lines with the seconds since the start; a terminal that has gone away is no reason to fail."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._begun = time.monotonic()

    def say(self, message: str) -> None:
        self._print(f"{time.monotonic() - self._begun:6.1f} s  {message}")

    def show(self, text: str) -> None:
        self._print(text)

    def _print(self, text: str) -> None:
        with suppress(OSError):
            self._out.write(f"{text}\n")
            self._out.flush()


def sign_ins_table(sign_ins: Sequence[Mapping[str, str]]) -> str:
    """The demo's sign-ins as a table; a password that all of them share is told once."""
    if not sign_ins:
        return ""
    passwords = {row.get("password", "") for row in sign_ins}
    columns = [name for name in _COLUMNS if name != "password" or len(passwords) > 1]
    rows = [columns, *([str(row.get(name) or "") for name in columns] for row in sign_ins)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    shared = f", all with the password {passwords.pop()}" if len(passwords) == 1 else ""
    return "\n".join([f"Sign in as one of these{shared}:", "", *(f"  {line}" for line in lines)])
