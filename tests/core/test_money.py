"""Money is exact, keeps its currency, and reads only plain decimal strings."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CURRENCIES, CurrencyMismatchError, Money, decimals_of, round_half_away

currencies = st.sampled_from(sorted(CURRENCIES))
minors = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("400.00", "INR", 40000),
        ("400", "INR", 40000),
        ("400.5", "INR", 40050),
        ("0.05", "EUR", 5),
        ("3.333", "KWD", 3333),
        ("100", "JPY", 100),
        ("1.2345", "CLF", 12345),
        ("92233720368547758.07", "INR", 2**63 - 1),
    ],
)
def test_plain_decimal_strings_are_read(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "says"),
    [
        ("1.005", "INR", "too many decimals; INR has 2"),
        ("1.0", "JPY", "too many decimals; JPY has 0"),
        ("1.0000", "KWD", "too many decimals; KWD has 3"),
        ("1e3", "INR", "not an amount"),
        ("+5.00", "INR", "not an amount"),
        ("1,000.00", "INR", "not an amount"),
        ("1 000", "INR", "not an amount"),
        (" 5", "INR", "not an amount"),
        ("5\n", "INR", "not an amount"),
        (".5", "INR", "not an amount"),
        ("5.", "INR", "not an amount"),
        ("", "INR", "not an amount"),
        ("₹5", "INR", "not an amount"),
        ("٥", "INR", "not an amount"),
        ("NaN", "INR", "not an amount"),
        ("\N{MINUS SIGN}5.00", "INR", "not an amount"),
        ("-5.00", "INR", "negative"),
        ("92233720368547758.08", "INR", "too large"),
        ("9" * 5000, "INR", "too large"),
        ("5.00", "XXX", "not an ISO 4217 currency"),
        ("5.00", "inr", "not an ISO 4217 currency"),
    ],
)
def test_anything_else_is_refused_in_clear_words(text: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Money.parse(text, currency)


def test_a_sign_is_read_only_where_it_is_asked_for() -> None:
    assert Money.parse("-10.00", "INR", signed=True) == Money(-1000, "INR")
    with pytest.raises(ValueError):
        Money.parse("--1", "INR", signed=True)


def test_the_decimals_are_those_of_iso_4217() -> None:
    assert [decimals_of(code) for code in ("JPY", "INR", "KWD", "CLF", "ISK", "MGA", "TND")] == [
        0, 2, 3, 4, 0, 2, 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("money", "shown", "plain"),
    [
        (Money(123450, "INR"), "1,234.50", "1234.50"),
        (Money(-123450, "INR"), "\N{MINUS SIGN}1,234.50", "-1234.50"),
        (Money(-5, "INR"), "\N{MINUS SIGN}0.05", "-0.05"),
        (Money(0, "INR"), "0.00", "0.00"),
        (Money(1234567, "JPY"), "1,234,567", "1234567"),
        (Money(1666, "KWD"), "1.666", "1.666"),
    ],
)
def test_amounts_are_shown_for_people_and_written_plainly(money: Money, shown: str, plain: str) -> None:
    assert money.format() == shown
    assert money.decimal() == plain


@given(minors, currencies)
def test_what_is_written_plainly_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.decimal(), currency, signed=True) == money


@given(minors, minors, currencies)
def test_arithmetic_is_that_of_whole_numbers(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert (left + right).minor == a + b
    assert (left - right).minor == a - b
    assert (left * 3).minor == (3 * left).minor == 3 * a
    assert (-left).minor == -a
    assert abs(left).minor == abs(a)
    assert bool(left) == bool(a)
    assert (left < right, left <= right, left > right, left >= right) == (a < b, a <= b, a > b, a >= b)


def test_different_currencies_never_meet() -> None:
    rupees, yen = Money(1, "INR"), Money(1, "JPY")
    assert rupees != yen
    for meet in (
        lambda: rupees + yen,
        lambda: rupees - yen,
        lambda: rupees < yen,
        lambda: rupees <= yen,
        lambda: rupees > yen,
        lambda: rupees >= yen,
    ):
        with pytest.raises(CurrencyMismatchError):
            meet()


def test_floats_and_other_things_are_refused() -> None:
    for wrong in (1.0, True, "1", None):
        with pytest.raises(TypeError):
            Money(wrong, "INR")  # type: ignore[arg-type]
    for wrong in (1.5, Fraction(1, 2), True):
        with pytest.raises(TypeError):
            Money(1, "INR") * wrong
    with pytest.raises(TypeError):
        Money(1, "INR") + 1
    with pytest.raises(TypeError):
        Money(1, "INR") - 1
    with pytest.raises(ValueError):
        Money(1, "ABC")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(49, 100), 0),
        (Fraction(-149, 100), -1),
        (7, 7),
        (-7, -7),
        (0, 0),
    ],
)
def test_rounding_is_half_away_from_zero(value: Fraction | int, rounded: int) -> None:
    assert round_half_away(value) == rounded


@given(st.fractions())
def test_rounding_is_nearest_and_symmetric(value: Fraction) -> None:
    assert abs(round_half_away(value) - value) <= Fraction(1, 2)
    assert round_half_away(-value) == -round_half_away(value)
