"""How much of a patient a vendor sees. Pure functions."""

from collections.abc import Iterable

NAME = "name"
BIRTH_DATE = "birth_date"
FULL = "full"

#: From the least to the most.
DETAILS = {NAME: "Name", BIRTH_DATE: "Name and birth date", FULL: "Name, birth date and gender"}


def least(choices: Iterable[str]) -> str:
    """Of several choices the one that shows the least."""
    return min(choices, key=list(DETAILS).index)


def shows_birth_date(choice: str) -> bool:
    return choice in (BIRTH_DATE, FULL)


def shows_gender(choice: str) -> bool:
    return choice == FULL
