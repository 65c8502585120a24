"""Keys by which patients are found and compared. Pure functions, no ORM."""

from __future__ import annotations

import re

from core.search_key import normalize

LONGEST = 100
PHONE_DIGITS = 10
IDENTIFIER_LENGTH = 60
_APOSTROPHES = re.compile("['’‘`´]")
_NOT_ALNUM = re.compile(r"[\W_]+")


def name_key(name: str) -> str:
    """A name as it is compared and sorted: O’Brien -> obrien, Müller-Lüdenscheidt -> muller ludenscheidt."""
    return normalize(_APOSTROPHES.sub("", name))[:200]


def name_words(*names: str) -> set[str]:
    """The words of names, each as it is stored and searched."""
    return {word[:LONGEST] for name in names for word in name_key(name).split()}


def phone_key(phone: str) -> str:
    """The last ten digits of a phone number, so that it is the same with and without its country code."""
    return _digits(phone)[-PHONE_DIGITS:]


def phone_words(phone: str) -> set[str]:
    """The forms under which a phone number is searched: with its country code and without."""
    return {form for form in (_digits(phone)[:LONGEST], phone_key(phone)) if form}


def identifier_key(value: str) -> str:
    """An identifier without spaces and signs, in upper case: '1234 5678-90 a' -> '1234567890A'."""
    return _NOT_ALNUM.sub("", value).upper()[:IDENTIFIER_LENGTH]


def identifier_word(value: str) -> str:
    """An identifier as a search word: it is found whole or not at all."""
    return f"#{identifier_key(value)}"


def search_words(given_name: str, family_name: str, phone: str, identifiers: list[str]) -> set[str]:
    """Every word under which a patient is found."""
    return (
        name_words(given_name, family_name)
        | phone_words(phone)
        | {identifier_word(value) for value in identifiers}
    )


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char in "0123456789").lstrip("0")
