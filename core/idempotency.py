"""Idempotency keys: what a form carries so that a double click acts once."""

from __future__ import annotations

from core.errors import Refused


def check_key(key: str, longest: int) -> None:
    """Refuse what can't be a key, before a database that stores no NUL and no longer text meets it."""
    if not 1 <= len(key) <= longest or not key.isprintable():
        raise Refused("not_permitted", f"A key has 1 to {longest} printable characters; open a fresh form.")
