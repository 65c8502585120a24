"""Payment files are valid against the bank's schema, whatever the names, and add up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import sepaxml
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import Money
from settlement.rules.pain001 import NAMESPACE, BankDetails, Order, pain_001, plain

MADE = datetime(2026, 2, 1, 10, 30, tzinfo=UTC)
NS = {"p": NAMESPACE}
IBANS = ("DE89370400440532013000", "GB29NWBK60161331926819", "NL91ABNA0417164300")

HOLDERS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=70)
WITH_IBAN = st.builds(
    BankDetails, HOLDERS, iban=st.sampled_from(IBANS), bic=st.sampled_from(["", "DEUTDEFF", "NWBKGB2LXXX"])
)
LOCAL = st.builds(
    BankDetails,
    HOLDERS,
    account_number=st.from_regex(r"[A-Z0-9][A-Z0-9./-]{0,33}", fullmatch=True),
    bank_code=st.from_regex(r"[A-Z0-9][A-Z0-9./-]{0,34}", fullmatch=True),
)
DETAILS = WITH_IBAN | LOCAL


@st.composite
def orders(draw) -> list[Order]:
    currency = draw(st.sampled_from(["EUR", "INR", "JPY", "KWD"]))
    found = draw(
        st.lists(st.tuples(DETAILS, DETAILS, st.integers(1, 10**14), HOLDERS), min_size=1, max_size=5)
    )
    return [
        Order(f"S7-{number}", debtor, creditor, Money(minor, currency), f"Settlement 7 {text}")
        for number, (debtor, creditor, minor, text) in enumerate(found, start=1)
    ]


@cache
def schema() -> xmlschema.XMLSchema:
    folder = Path(sepaxml.__file__).parent / "schemas"
    return xmlschema.XMLSchema(str(folder / "pain.001.001.09.xsd"))


def written(found: list[Order]) -> bytes:
    return pain_001("S7-abc", made_at=MADE, sender="Harbor Häfen", pay_on=date(2026, 2, 3), orders=found)


@settings(max_examples=60)
@given(orders())
def test_every_file_is_valid_against_the_schema_and_adds_up(found):
    content = written(found)
    schema().validate(content.decode())
    root = fromstring(content)
    amounts = [int(Money.parse(one.text, one.get("Ccy")).minor) for one in root.iterfind(".//p:InstdAmt", NS)]
    header = root.find(".//p:GrpHdr", NS)
    currency = found[0].amount.currency
    assert header.find("p:NbOfTxs", NS).text == str(len(found)) == str(len(amounts))
    assert Money.parse(header.find("p:CtrlSum", NS).text, currency).minor == sum(amounts)
    assert sum(amounts) == sum(one.amount.minor for one in found)
    blocks = root.findall(".//p:PmtInf", NS)
    assert len(blocks) == len(
        {(one.debtor.iban, one.debtor.account_number, one.debtor.bank_code) for one in found}
    )
    assert {one.text for one in root.iterfind(".//p:EndToEndId", NS)} == {one.reference for one in found}


@given(orders())
@settings(max_examples=20)
def test_the_same_orders_give_the_same_bytes(found):
    assert written(found) == written(list(found))


@given(st.text(max_size=200))
def test_names_come_in_the_characters_that_banks_carry(text):
    said = plain(text, 70)
    assert 1 <= len(said) <= 70
    assert set(said) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
    assert not said.startswith("/")
    assert not said.endswith("/")
    assert "//" not in said


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("Müller & Söhne", "Mueller + Soehne"),
        ("Clínica Ñandú", "Clinica Nandu"),
        ("Straße 5", "Strasse 5"),
        ("//x", "x"),
    ],
)
def test_letters_are_spelled_out(name, carried):
    assert plain(name, 70) == carried


def test_an_account_without_bank_says_so_and_a_local_one_names_its_code():
    order = Order(
        "S7-1",
        BankDetails("Payer", iban=IBANS[0]),
        BankDetails("Payee", account_number="000123456789", bank_code="HDFC0000001"),
        Money(10_000, "INR"),
        "Settlement 7",
    )
    root = fromstring(written([order]))
    assert root.find(".//p:DbtrAgt/p:FinInstnId/p:Othr/p:Id", NS).text == "NOTPROVIDED"
    assert root.find(".//p:CdtrAgt/p:FinInstnId/p:ClrSysMmbId/p:MmbId", NS).text == "HDFC0000001"
    assert root.find(".//p:CdtrAcct/p:Id/p:Othr/p:Id", NS).text == "000123456789"
