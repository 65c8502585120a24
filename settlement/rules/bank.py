"""Bank accounts as they are typed: spaces out, capitals, and the check digits of an IBAN."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9./-]*")


def clean_iban(typed: str) -> str:
    """An IBAN without spaces; ValueError says what is wrong with it (ISO 13616, ISO 7064 modulo 97)."""
    iban = _squeezed(typed)
    if not _IBAN.fullmatch(iban):
        raise ValueError("An IBAN has two letters, two check digits and 11 to 30 letters or digits.")
    turned = iban[4:] + iban[:4]
    if int("".join(str(int(char, 36)) for char in turned)) % 97 != 1:
        raise ValueError("The check digits of this IBAN don't fit. Compare it with the bank's paper.")
    return iban


def clean_bic(typed: str) -> str:
    """A BIC in capitals; ValueError unless it has eight or eleven characters as ISO 9362 wants them."""
    bic = _squeezed(typed)
    if not _BIC.fullmatch(bic):
        raise ValueError("A BIC has 8 or 11 letters and digits, as DEUTDEFF.")
    return bic


def clean_number(typed: str, longest: int) -> str:
    """A local account number or bank code in plain letters and digits; ValueError otherwise."""
    number = _squeezed(typed)
    if not _PLAIN.fullmatch(number) or len(number) > longest:
        raise ValueError(f"It has at most {longest} plain letters and digits.")
    return number


def _squeezed(typed: str) -> str:
    return "".join(typed.split()).upper()
