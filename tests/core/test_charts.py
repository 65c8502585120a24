"""What stands at the axis of a chart."""

from __future__ import annotations

import pytest

from core import locale
from core.charts import short_number


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.0, "en-GB", "0"),
        (300_000.0, "en-GB", "300k"),
        (1_234.0, "en-GB", "1,234"),
        (12_500.0, "en-GB", "12.5k"),
        (-2_500_000.0, "en-GB", "\N{MINUS SIGN}2.5m"),
        (0.125, "en-GB", "0.12"),
        (12_500.0, "en-DE", "12,5k"),
        (1_234.0, "en-CH", "1’234"),
        (4e9, "en-IN", "4bn"),
    ],
)
def test_it_is_short_and_written_as_the_locale_does(value: float, code: str, text: str) -> None:
    with locale.using(code):
        assert short_number(value) == text
