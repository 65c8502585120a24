"""What somebody typed into the search for patients, taken apart. Pure functions, no ORM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from patients.rules.keys import identifier_word, name_words, phone_words

MOST_WORDS = 6
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_NUMBER = re.compile(r"[\d\s()+./-]+")


@dataclass(frozen=True)
class Typed:
    """What to look for: all of the words (as beginnings), or one of the numbers, or a whole identifier."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    identifier: str = ""
    birth_date: date | None = None

    @property
    def is_empty(self) -> bool:
        return self == Typed()


def letters_of(text: str) -> int:
    """How many letters and digits a text has."""
    return sum(char.isalnum() for char in text)


def take_apart(text: str) -> Typed:
    """Names in any order, a phone number, an identifier, a birth date (1980-03-12 or 12.3.1980), or several."""
    rest, birth_date = _without_date(text)
    has_digit = any(char.isdigit() for char in rest)
    identifier = identifier_word(rest) if has_digit else ""
    if has_digit and _NUMBER.fullmatch(rest):
        return Typed((), tuple(sorted(phone_words(rest))), identifier, birth_date)
    words = {word.lstrip("0") or word if word.isdigit() else word for word in name_words(rest)}
    return Typed(tuple(sorted(words)[:MOST_WORDS]), (), identifier, birth_date)


def _without_date(text: str) -> tuple[str, date | None]:
    for token in text.split():
        found = _as_date(token)
        if found is not None:
            return text.replace(token, " ", 1).strip(), found
    return text.strip(), None


def _as_date(token: str) -> date | None:
    iso, day_first = _ISO.fullmatch(token), _DAY_FIRST.fullmatch(token)
    parts = iso.groups() if iso else day_first.groups()[::-1] if day_first else None
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None
