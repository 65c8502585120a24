"""IBANs, BICs and local numbers as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.rules.bank import clean_bic, clean_iban, clean_number

IBAN = "DE89370400440532013000"


def test_spaces_and_small_letters_are_how_people_type():
    assert clean_iban("de89 3704 0044 0532 0130 00") == IBAN
    assert clean_bic(" deutdeff ") == "DEUTDEFF"
    assert clean_number("0001 2345", 34) == "00012345"


@given(st.integers(4, len(IBAN) - 1), st.integers(1, 9))
def test_one_wrong_digit_is_found(place, by):
    """Modulo 97 finds every single wrong digit."""
    wrong = IBAN[:place] + str((int(IBAN[place]) + by) % 10) + IBAN[place + 1 :]
    with pytest.raises(ValueError, match="check digits"):
        clean_iban(wrong)


@given(st.integers(4, len(IBAN) - 2))
def test_two_digits_in_the_wrong_order_are_found(place):
    turned = IBAN[:place] + IBAN[place + 1] + IBAN[place] + IBAN[place + 2 :]
    if turned != IBAN:
        with pytest.raises(ValueError, match="check digits"):
            clean_iban(turned)


@pytest.mark.parametrize(
    "typed", ["", "DE89", "1234", "DE89 3704 0044 0532 0130 0ü", "DE8937040044053201300012345678901234"]
)
def test_what_is_no_iban_is_refused(typed):
    with pytest.raises(ValueError, match="IBAN"):
        clean_iban(typed)


@pytest.mark.parametrize("typed", ["DEUT", "DEUTDEFF1", "DEUTDEFF12345", "DEUT1EFF"])
def test_what_is_no_bic_is_refused(typed):
    with pytest.raises(ValueError, match="BIC"):
        clean_bic(typed)


@pytest.mark.parametrize("typed", ["", "-1", "a b;c", "é1", "1" * 35])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValueError, match="plain"):
        clean_number(typed, 34)
