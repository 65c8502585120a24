"""What every form asks of a value, whatever it is for."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import Refused

FIRST_YEAR, LAST_YEAR = 1900, 2999
#: Control characters, line breaks, and those that turn the direction of what stands around them: a name with one reads
#: as another, or as a line of its own.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
UNSEEN_TEXT = "It has a character that nobody sees. Type it anew instead of pasting it."


def validate_day(day: date) -> None:
    """Refuse years that only a slip of the finger means: at the ends of the calendar no day comes before or after."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")


def refuse_unseen(field: str, text: str) -> None:
    """Refuse a text for the field in which it was typed."""
    if UNSEEN.search(text):
        raise Refused("invalid", UNSEEN_TEXT, field=field)


def email_address(text: str) -> str:
    """An e-mail address; ValueError otherwise."""
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(f"“{text}” is no e-mail address, such as help@clinic.example.") from None
    return text
