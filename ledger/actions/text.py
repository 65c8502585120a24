"""Texts that people type for the catalog, made tidy."""

from __future__ import annotations

from core.errors import Refused


def clean_code(text: str, longest: int = 40) -> str:
    """A code: printable, on one line, without blanks around it. Refused otherwise."""
    code = " ".join(text.split())
    if not 1 <= len(code) <= longest or not code.isprintable():
        raise Refused("invalid", f"A code has 1 to {longest} characters, like CONSULT-1.", field="code")
    return code


def clean_text(text: str, field: str, longest: int = 200, *, empty: bool = False) -> str:
    """A text on one line with single blanks. Refused when too long, unprintable, or empty where it may not be."""
    tidy = " ".join(text.split())
    if not tidy and not empty:
        raise Refused("invalid", f"The {field} is missing.", field=field)
    if len(tidy) > longest or not tidy.isprintable():
        raise Refused("invalid", f"The {field} has at most {longest} characters, all printable.", field=field)
    return tidy
