"""What every form asks of a value, whatever it is for."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError

FIRST_YEAR, LAST_YEAR = 1900, 2999


def validate_day(day: date) -> None:
    """Refuse years that only a slip of the finger means: at the ends of the calendar no day comes before or after."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
