"""Reading statements: CSV as counterparties write it, camt.053 as banks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from settlement.rules.camt053 import is_xml, read_camt
from settlement.rules.statement_csv import Mapping, guessed, preview, read_csv
from settlement.rules.statement_file import Unreadable

PLAIN = b"Date,Amount,Reference,Text\n2026-05-03,1234.50,17,Physiotherapy\n2026-05-04,-20,18,Taken back\n"


def rows(content: bytes, mapping: Mapping | None = None, currency: str = "INR"):
    read = read_csv(content, mapping or guessed(content), currency)
    assert read.problems == []
    return [(one.number, one.on.isoformat(), one.minor, one.reference) for one in read.lines]


def test_a_plain_file_is_read_from_their_side():
    assert rows(PLAIN) == [(2, "2026-05-03", -123450, "17"), (3, "2026-05-04", 2000, "18")]
    assert [row[2] for row in rows(PLAIN, replace(guessed(PLAIN), sign="ours"))] == [123450, -2000]


FILES = {
    "german": "Datum;Betrag;Beleg-Ref\n03.05.2026;1.234,50;17\n".encode("cp1252"),
    "utf-16": "Date\tTotal\tEntry\n2026-05-03\t1234.50\t17\n".encode("utf-16"),
    "with a mark": "\ufeffDay|Amount|Ref\n03/05/2026|1234.5|17\n".encode(),
    "indian": b'Date,Amount,Ref\n13/05/2026,"12,34,567.50",17\n03/05/2026,"1,234.50",17\n',
    "brackets": b"Date,Amount,Ref\n2026-05-03,1234.50,17\n2026-05-03,(7.25),17\n",
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_told_apart(name):
    read = read_csv(FILES[name], guessed(FILES[name]), "INR")
    assert read.problems == []
    assert (date(2026, 5, 3), -123450, "17") in [(one.on, one.minor, one.reference) for one in read.lines]


def test_debit_and_credit_are_one_amount():
    content = b"Date,Debit,Credit,Ref\n2026-05-03,10.00,,1\n2026-05-03,,7.50,2\n"
    assert [row[2] for row in rows(content)] == [1000, -750]


def test_decimals_are_the_currency_s():
    content = b"Date,Amount,Ref\n2026-05-03,1200,1\n2026-05-03,1200.00,2\n"
    assert [row[2] for row in rows(content, currency="JPY")] == [-1200, -1200]


def test_every_wrong_line_says_what_is_wrong():
    content = b"Date,Amount,Ref,Currency\n2026-13-01,1.00,1,\n2026-05-01,one,2,\n2026-05-01,1.005,3,INR\n2026-05-01,1,4,XXX\n"
    mapping = replace(guessed(content), days="%Y-%m-%d")
    problems = dict(read_csv(content, mapping, "INR").problems)
    assert sorted(problems) == [2, 3, 4, 5]
    assert "is no day like 2026-01-31" in problems[2]
    assert "“one” is no amount" in problems[3]
    assert "too many decimals" in problems[4]
    assert "XXX" in problems[5]


@pytest.mark.parametrize(
    "content",
    [b"", b"Date,Amount\n", b"\0\0\0", b"Text,Reference\nx,y\n", b'Date,Amount\n"' + b"x" * 200_000],
)
def test_what_is_no_statement_is_said(content):
    with pytest.raises(Unreadable):
        read_csv(content, guessed(content), "INR")


def test_the_preview_shows_heads_once_each_and_the_first_rows():
    heads, sample = preview(b"Date,Amount,Amount,\n2026-05-03,1\n", Mapping())
    assert heads == ["Date", "Amount", "Column 3", "Column 4"]
    assert sample == [["2026-05-03", "1", "", ""]]


def test_a_mapping_is_stored_and_read_back():
    mapping = guessed(FILES["german"])
    assert Mapping.read(mapping.stored() | {"gone": "x"}) == mapping


ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-05-0{day}</Dt></BookgDt><AcctSvcrRef>BANK{day}</AcctSvcrRef>{details}</Ntry>"""
DETAIL = """<TxDtls><Refs><EndToEndId>{ref}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>Invoice</Ustrd><Ustrd>{ref}</Ustrd></RmtInf></TxDtls>"""


def camt(
    *entries: str, opening: str = "100.00", closing: str = "155.00", version: str = "02", head: str = ""
) -> bytes:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        f"<Dt><Dt>2026-05-{day}</Dt></Dt></Bal>"
        for code, amount, day in (("OPBD", opening, "01"), ("CLBD", closing, "31"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        f"<BkToCstmrStmt><Stmt><Id>1</Id><Acct><Ccy>EUR</Ccy></Acct>{balances}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(amount: str, side: str = "CRDT", day: int = 3, status: str = "BOOK", details: str = "") -> str:
    details = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    return ENTRY.format(amount=amount, side=side, day=day, status=status, details=details)


TWO = DETAIL.format(ref="17", amount="40.00") + DETAIL.format(ref="18", amount="20.00")


@pytest.mark.parametrize(
    ("version", "status"), [("02", "BOOK"), ("08", "<Cd>BOOK</Cd>"), ("13", "<Cd>BOOK</Cd>")]
)
def test_entries_and_their_details_are_lines(version, status):
    content = camt(
        entry("60.00", details=TWO, status=status), entry("5.00", "DBIT", 4, status), version=version
    )
    assert is_xml(content)
    read = read_camt(content, "EUR")
    assert [(one.number, one.on.day, one.minor, one.reference, one.text) for one in read.lines] == [
        (1, 3, 4000, "17", "Invoice 17"),
        (2, 3, 2000, "18", "Invoice 18"),
        (3, 4, -500, "BANK4", ""),
    ]
    assert (read.opening_minor, read.closing_minor, read.since, read.until) == (
        10000,
        15500,
        date(2026, 5, 1),
        date(2026, 5, 31),
    )


def test_details_that_do_not_make_up_the_entry_are_one_line_and_what_is_pending_is_none():
    content = camt(entry("55.00", details=TWO), entry("9.00", status="PDNG"))
    assert [(one.minor, one.reference) for one in read_camt(content, "EUR").lines] == [(5500, "BANK3")]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (camt(entry("54.00")), "don’t fit"),
        (camt(entry("55.00"), closing="x"), "not an amount"),
        (camt(entry("55.00")).replace(b"OPBD", b"ITBD"), "lacks its opening"),
        (camt(entry("55.00"), version="01"), "no camt.053"),
        (b"<a/>", "no camt.053"),
        (b"<a", "no XML"),
        (camt(entry("55.00"), head=BOMB), "no XML that can be read safely"),
        (camt(entry("55.00"), head=OUTSIDE), "no XML that can be read safely"),
        (camt(entry("55.00")).replace(b'Ccy="EUR">55', b'Ccy="USD">55'), "is in USD"),
        (camt(entry("55.00", "BOTH")), "neither CRDT nor DBIT"),
    ],
)
def test_what_is_no_whole_statement_is_said(content, says):
    with pytest.raises(Unreadable, match=says):
        read_camt(content, "EUR")


def test_another_currency_than_the_books_is_said():
    with pytest.raises(Unreadable, match="account is in EUR"):
        read_camt(camt(entry("55.00")), "INR")
