"""What every locale writes is read back as the same; what might be another number is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import locale
from core.money import CURRENCIES, Money
from core.tenancy import bound

codes = st.sampled_from([*locale.LOCALES, locale.PLAIN])
DAY = date(2026, 11, 21)
AFTERNOON, MORNING = datetime(2026, 11, 21, 15, 5, 7, tzinfo=UTC), datetime(2026, 11, 21, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "day", "long_day", "moment", "amount"),
    [
        ("en-GB", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 15:05", "1,234,567.89"),
        ("en-US", "Nov 21, 2026", "November 21, 2026", "Nov 21, 2026, 3:05\u202fPM", "1,234,567.89"),
        ("en-IN", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 3:05\u202fpm", "12,34,567.89"),
        ("en-CA", "Nov 21, 2026", "November 21, 2026", "Nov 21, 2026, 3:05\u202fp.m.", "1,234,567.89"),
        ("en-ZA", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 15:05", "1\u00a0234\u00a0567,89"),
        ("en-DE", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 15:05", "1.234.567,89"),
        ("en-CH", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 15:05", "1’234’567.89"),
        ("en-DK", "21 Nov 2026", "21 November 2026", "21 Nov 2026, 15.05", "1.234.567,89"),
        (locale.PLAIN, "2026-11-21", "2026-11-21", "2026-11-21, 15:05", "1234567.89"),
    ],
)
def test_what_they_write(code: str, day: str, long_day: str, moment: str, amount: str) -> None:
    with locale.using(code):
        assert locale.day(DAY) == day
        assert locale.long_day(DAY) == long_day
        assert locale.day_and_time(AFTERNOON) == moment
        assert locale.long_day_and_time(AFTERNOON) == moment.replace(day, long_day)
        assert Money(123456789, "INR").format() == amount
        assert f"{Money(-123456789, 'INR')}" == f"INR {locale.MINUS}{amount}"


def test_what_is_counted_is_one_or_many() -> None:
    assert locale.counted(0, "role") == "0 roles"
    assert locale.counted(1, "role") == "1 role"
    assert locale.counted(1, "role ends", "roles end") == "1 role ends"
    assert locale.counted(2, "role ends", "roles end") == "2 roles end"
    with locale.using("en-IN"):
        assert locale.counted(123456, "role") == "1,23,456 roles"


@pytest.mark.parametrize("code", locale.LOCALES)
def test_it_is_what_babel_writes_by_itself_but_for_the_words(code: str) -> None:
    theirs = code.replace("-", "_")
    with locale.using(code):
        assert locale.day(DAY) == format_date(DAY, "medium", theirs)
        assert locale.long_day(DAY) == format_date(DAY, "long", theirs)
        for moment in (AFTERNOON, MORNING):
            assert locale.day_and_time(moment).endswith(", " + format_time(moment, "short", locale=theirs))
        for number in (0, 7, 999, 1000, 99_999, 100_000, 1_234_567, 12_345_678_901, Decimal("1234567.5")):
            assert locale.number(number) == format_decimal(number, locale=theirs)


def test_the_words_are_the_same_everywhere() -> None:
    for code in locale.LOCALES:
        with locale.using(code):
            assert "Sep " in locale.day(date(2026, 9, 2))
            assert locale.month(DAY) == "November 2026"


def test_the_exact_instant_says_its_zone() -> None:
    with timezone.override(ZoneInfo("Asia/Kolkata")), locale.using("en-US"):
        assert locale.exact(AFTERNOON) == "Saturday, November 21, 2026, 8:35:07\u202fPM IST"
        assert locale.day_and_time(AFTERNOON) == "Nov 21, 2026, 8:35\u202fPM"


def test_part_of_a_whole() -> None:
    assert locale.percent(0.853) == "85%"
    with locale.using("en-DE"):
        assert locale.percent(0.853) == "85\u00a0%"


def test_str_of_an_amount_is_data_and_never_varies() -> None:
    with locale.using("en-DE"):
        amount = Money(-123456789, "INR")
        assert str(amount) == f"{amount!s}" == "INR \N{MINUS SIGN}1,234,567.89"
        assert amount.decimal() == "-1234567.89"
        assert f"{amount}" == "INR \N{MINUS SIGN}1.234.567,89"


@given(codes, st.sampled_from(sorted(CURRENCIES)), st.integers(0, 2**63 - 1))
def test_an_amount_is_read_as_it_is_written(code: str, currency: str, minor: int) -> None:
    with locale.using(code):
        amount = Money(minor, currency)
        assert Money.read(amount.format(), currency) == amount
        assert Money.read(locale.editable(amount.decimal()), currency) == amount


@given(codes, st.text("0123456789., '-", max_size=12), st.integers(0, 4))
def test_what_is_read_is_never_a_thousand_times_what_another_locale_reads(
    code: str, typed: str, decimals: int
) -> None:
    """A number that two locales read differently has more decimals than the field takes, in one of them."""
    read = set()
    for one in (code, "en-GB", "en-DE"):
        with locale.using(one):
            try:
                read.add(Decimal(locale.read_number(typed, decimals)))
            except ValueError as error:
                assert not typed.strip() or typed.strip() in str(error)
    if decimals < 3:
        assert len(read) < 2


@pytest.mark.parametrize(
    ("code", "typed", "decimals", "plain"),
    [
        ("en-DE", "1.234,56", 2, "1234.56"),
        ("en-DE", "1234,56", 2, "1234.56"),
        ("en-DE", "1.234", 2, "1234"),
        ("en-DE", "1,234", 3, "1.234"),
        ("en-IN", "12,34,567", 2, "1234567"),
        ("en-IN", " 12,34,567.5 ", 2, "1234567.5"),
        ("en-GB", "1,234,567.89", 2, "1234567.89"),
        ("en-GB", "1,234,567", 4, "1234567"),
        ("en-ZA", "1 234,50", 2, "1234.50"),
        ("en-ZA", "1\u202f234,50", 2, "1234.50"),
        ("en-CH", "1'234.50", 2, "1234.50"),
        ("en-CH", "1’234.50", 2, "1234.50"),
        ("en-GB", "\N{MINUS SIGN}5", 0, "-5"),
        ("en-GB", "007", 0, "007"),
    ],
)
def test_what_is_read(code: str, typed: str, decimals: int, plain: str) -> None:
    with locale.using(code):
        assert locale.read_number(typed, decimals) == plain


@pytest.mark.parametrize(
    ("code", "typed", "decimals", "says"),
    [
        ("en-DE", "1.5", 2, "“1.5” is not a number as it is written here; write it like 1.234.567,50."),
        ("en-DE", "1234.56", 2, "“1234.56” is not a number"),
        ("en-DE", "1,234.56", 2, "“1,234.56” is not a number"),
        ("en-DE", "1.234", 3, "“1.234” might be 1234 or 1,234. Write the one that is meant."),
        ("en-GB", "1,234", 3, "“1,234” might be 1234 or 1.234. Write the one that is meant."),
        ("en-GB", "1,5", 2, "“1,5” is not a number"),
        ("en-GB", "1.234", 2, "“1.234” has too many decimals; at most 2 here."),
        ("en-GB", "1.5", 0, "“1.5” has too many decimals; none here."),
        ("en-GB", "12,34,567", 2, "“12,34,567” is not a number"),
        (
            "en-IN",
            "1,234,567",
            2,
            "“1,234,567” is not a number as it is written here; write it like 12,34,567.50.",
        ),
        ("en-GB", "1e3", 2, "“1e3” is not a number"),
        ("en-GB", "٣", 2, "is not a number"),
        ("en-GB", "9" * 500, 2, ""),
        ("en-GB", "x" * 500, 2, "…” is not a number"),
    ],
)
def test_what_is_refused(code: str, typed: str, decimals: int, says: str) -> None:
    with locale.using(code):
        if not says:
            with pytest.raises(ValueError, match="too large"):
                Money.read(typed, "INR")
            return
        with pytest.raises(ValueError) as error:
            locale.read_number(typed, decimals)
        assert says in str(error.value)


def test_one_within_another_and_after_an_error() -> None:
    with locale.using("en-DE"):
        with pytest.raises(ZeroDivisionError), locale.using("en-US"):
            assert locale.current() == "en-US"
            raise ZeroDivisionError
        assert locale.current() == "en-DE"
    assert locale.current() == locale.DEFAULT


def test_threads_do_not_mix() -> None:
    def write(code: str) -> set[str]:
        with locale.using(code):
            return {locale.number(1_234_567) for _ in range(2000)}

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(write, ["en-IN", "en-DE", "en-GB", "en-CH"]))
    assert written == [{"12,34,567"}, {"1.234.567"}, {"1,234,567"}, {"1’234’567"}]


@pytest.mark.django_db
def test_a_bound_network_without_one_has_the_default(cast) -> None:
    with bound(cast.network.pk):
        assert locale.current() == locale.DEFAULT


def test_every_currency_suggests_a_known_one() -> None:
    assert set(locale.USUAL.values()) <= set(locale.LOCALES)
    assert set(locale.USUAL) <= CURRENCIES
    assert locale.usual_for("INR") == "en-IN"
    assert locale.usual_for("XAF") == locale.DEFAULT
