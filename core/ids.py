"""Codes that people type: unambiguous letters, grouped."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # Crockford-like: no 0/O, 1/I


def random_code(groups: int = 3, size: int = 4) -> str:
    """A random code such as 'K7WM-2QPX-9DRA': 5 bits a character."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(size)) for _ in range(groups))


def clean_code(typed: str) -> str:
    """What a person typed, as the stored form: upper case, nothing but the alphabet, groups of four."""
    bare = "".join(char for char in typed.upper() if char in ALPHABET)
    return "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))
