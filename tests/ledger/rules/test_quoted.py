"""Exchange rates as they are quoted, one and a file of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.rules.quoted import Quoted, read_rates, wrong_with

HEAD = "date,from,to,rate,source\n"
GOOD = Quoted("EUR", "INR", date(2026, 1, 5), Decimal("90.125"), "ECB")


def test_a_line_is_a_rate():
    (line,) = read_rates(HEAD + "2026-01-05,eur,inr,90.125,ECB\n")
    assert (line.number, line.quoted, line.problem) == (2, GOOD, "")
    assert read_rates("\ufeffsource,rate,to,from,date\nECB,90.125,INR,EUR,2026-01-05")[0].quoted == GOOD


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("05.01.2026,EUR,INR,90,ECB", "'05.01.2026' is no day; write it as 2026-01-31"),
        ("2026-02-30,EUR,INR,90,ECB", "'2026-02-30' is no day"),
        ("0001-01-01,EUR,INR,90,ECB", "from 1900 to 2999"),
        ("2026-01-05,EUX,INR,90,ECB", "'EUX' is no currency"),
        ("2026-01-05,EUR,EUR,1,ECB", "choose two currencies"),
        ("2026-01-05,EUR,INR,ninety,ECB", "'ninety' is no number"),
        ("2026-01-05,EUR,INR,0,ECB", "more than zero"),
        ("2026-01-05,EUR,INR,-90,ECB", "more than zero"),
        ("2026-01-05,EUR,INR,NaN,ECB", "more than zero"),
        ("2026-01-05,EUR,INR,Infinity,ECB", "more than zero"),
        ("2026-01-05,EUR,INR,1e12,ECB", "less than 1,000,000,000,000"),
        ("2026-01-05,EUR,INR,0.0000000000001,ECB", "at most 12 decimals"),
        ("2026-01-05,EUR,INR,90,", "who quoted it"),
        ("2026-01-05,EUR,INR,90," + "x" * 121, "at most 120 characters"),
        ("2026-01-05,EUR,INR,90,a\u202eb", "a character that nobody sees"),
        ("2026-01-05,EUR,INR,90", "It has 4 values; there should be 5"),
        ("2026-01-06,INR,EUR,0.01,ECB", "stand in line 2; a pair has one rate a day"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(text, problem):
    lines = read_rates(f"{HEAD}2026-01-06,EUR,INR,90,ECB\n{text}\n2026-01-07,EUR,INR,91,ECB")
    assert [line.number for line in lines if line.problem] == [3]
    assert problem in lines[1].problem


@pytest.mark.parametrize(
    "text", ["", "\n", "date,from,to,rate\n", "a,b,c,d,e\n", 'date,from,to,rate,source\n"x']
)
def test_a_file_without_its_columns_is_refused_as_a_whole(text):
    (line,) = read_rates(text)
    assert line.number == 1
    assert line.problem


def test_lines_that_are_empty_are_left_out():
    assert len(read_rates(HEAD + "\n2026-01-05,EUR,INR,90,ECB\n\n")) == 1


def test_nothing_is_wrong_with_a_good_one():
    assert wrong_with(GOOD) == ("", "")
