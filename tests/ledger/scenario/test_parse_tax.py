"""What a scenario file says of tax, and what is malformed."""

from datetime import date
from fractions import Fraction

import pytest

from ledger.rules.tax import Method, TaxPoint
from ledger.scenario.parse import parse_scenario
from ledger.scenario.reading import Malformed

HEAD = "name: tax\ncurrency: INR\n"


def test_codes_rates_and_services():
    scenario = parse_scenario(
        HEAD
        + """
tax_codes:
  - {code: A, method: included, rates: [{from: 2026-01-01, percent: "18"}, {from: 2026-07-01, percent: "12.5"}]}
  - {code: N, method: exempt}
tax_point: redemption
services: [{code: SPA, list_price: "1.00", tax: A}]
"""
    )
    rates = ((date(2026, 1, 1), Fraction(18)), (date(2026, 7, 1), Fraction(25, 2)))
    assert [(one.code, one.method, one.rates) for one in scenario.tax_codes] == [
        ("A", Method.INCLUDED, rates),
        ("N", Method.EXEMPT, ()),
    ]
    assert scenario.tax_point is TaxPoint.REDEMPTION
    assert scenario.services[0].tax == "A"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tax_codes: [{code: A, method: added}]", "rates is missing"),
        ("tax_codes: [{code: A, method: free}]", "free"),
        ('tax_codes: [{code: A, method: exempt, rates: [{from: 2026-01-01, percent: "1"}]}]', "no rate"),
        ('tax_codes: [{code: A, method: added, rates: [{from: 2026-01-01, percent: "101"}]}]', "at most 100"),
        (
            'tax_codes: [{code: A, method: added, rates: [{from: 2026-01-01, percent: "1"}, '
            '{from: 2026-01-01, percent: "2"}]}]',
            "order of their days",
        ),
        ("tax_codes: [{code: A, method: exempt}, {code: A, method: exempt}]", "declared twice"),
        ("tax_point: never", "never"),
        ('services: [{code: SPA, list_price: "1.00", tax: A}]', "there is no tax code A"),
    ],
)
def test_what_is_malformed(text, says):
    with pytest.raises(Malformed, match=says) as malformed:
        parse_scenario(HEAD + text)
    assert malformed.value.line == 3
