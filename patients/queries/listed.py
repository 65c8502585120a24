"""What lists may show of patients, and from what on a search answers."""

from __future__ import annotations

from datetime import date

from core import locale
from patients.rules.settings import LISTED_BIRTH_DATES, SHORTEST_SEARCH


def listed_birth_date(born: date) -> str:
    """A birth date as lists show it: whole, its year, or ''."""
    shown = LISTED_BIRTH_DATES.at_network()
    if shown == "none":
        return ""
    return str(born.year) if shown == "year" else locale.day(born)


def search_hint() -> str:
    """What to type into a search for patients."""
    shortest = SHORTEST_SEARCH.at_network()
    hint = "Name, phone or identifier"
    return hint if shortest == 1 else f"{hint}, from {shortest} letters on"
