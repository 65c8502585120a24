"""What every form asks of a value, whatever it is for."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError

FIRST_YEAR, LAST_YEAR = 1900, 2999
#: Control characters, and those that turn the direction of what stands around them: a name with one reads as another.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
UNSEEN_TEXT = "It has a character that nobody sees. Type it anew instead of pasting it."


def validate_day(day: date) -> None:
    """Refuse years that only a slip of the finger means: at the ends of the calendar no day comes before or after."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
