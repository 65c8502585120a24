"""Credit transfers as ISO 20022 pain.001.001.09: what a bank takes to pay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from core.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_NAME = 70
LONGEST_TEXT = 140

_WRITTEN = str.maketrans(
    {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ø": "O", "ø": "o", "Æ": "AE",
     "æ": "ae", "Đ": "D", "đ": "d", "Ł": "L", "ł": "l", "&": "+", "’": "'", "–": "-", "—": "-"}
)  # fmt: skip
_OUTSIDE = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")


@dataclass(frozen=True, slots=True)
class BankDetails:
    """One account: an IBAN, or a number at a bank known by its code."""

    holder: str
    iban: str = ""
    account_number: str = ""
    bank_code: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One payment: `reference` goes from end to end, `text` is what the receiver reads."""

    reference: str
    debtor: BankDetails
    creditor: BankDetails
    amount: Money
    text: str


def pain_001(
    message_id: str, *, made_at: datetime, sender: str, pay_on: date, orders: Sequence[Order]
) -> bytes:
    """The file, the same bytes for the same orders. One instruction for each account that pays."""
    document = Element("Document", xmlns=NAMESPACE)
    root = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(root, "GrpHdr")
    _say(header, "MsgId", message_id)
    _say(header, "CreDtTm", made_at.astimezone(UTC).isoformat(timespec="seconds"))
    _totals(header, orders)
    _say(SubElement(header, "InitgPty"), "Nm", plain(sender, LONGEST_NAME))
    by_debtor = sorted(orders, key=lambda one: (_key(one.debtor), one.reference))
    for number, (_, group) in enumerate(groupby(by_debtor, key=lambda one: _key(one.debtor)), start=1):
        _instruct(root, f"{message_id}-{number}", pay_on, list(group))
    content: bytes = tostring(document, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + content


def plain(text: str, longest: int) -> str:
    """Text in the characters that banks carry (EPC217-08), whatever script it was in; never empty, never a path."""
    spelled = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_WRITTEN))
    written = "".join(char for char in spelled if not unicodedata.combining(char))
    carried = " ".join(_OUTSIDE.sub(".", written).split())
    return re.sub("/{2,}", "/", carried).strip("/ ")[:longest].strip("/ ") or "."


def _instruct(root: Element, name: str, pay_on: date, orders: Sequence[Order]) -> None:
    """All that one account pays."""
    debtor, currency = orders[0].debtor, orders[0].amount.currency
    block = SubElement(root, "PmtInf")
    _say(block, "PmtInfId", name)
    _say(block, "PmtMtd", "TRF")
    _totals(block, orders)
    _say(SubElement(block, "ReqdExctnDt"), "Dt", pay_on.isoformat())
    _say(SubElement(block, "Dbtr"), "Nm", plain(debtor.holder, LONGEST_NAME))
    _account(SubElement(block, "DbtrAcct"), debtor)
    _bank(SubElement(block, "DbtrAgt"), debtor)
    _say(block, "ChrgBr", "SLEV" if currency == "EUR" else "SHAR")
    for order in orders:
        _transfer(block, order)


def _transfer(block: Element, order: Order) -> None:
    transfer = SubElement(block, "CdtTrfTxInf")
    _say(SubElement(transfer, "PmtId"), "EndToEndId", order.reference)
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", Ccy=order.amount.currency)
    amount.text = order.amount.decimal()
    if order.creditor.bic or order.creditor.bank_code:
        _bank(SubElement(transfer, "CdtrAgt"), order.creditor)
    _say(SubElement(transfer, "Cdtr"), "Nm", plain(order.creditor.holder, LONGEST_NAME))
    _account(SubElement(transfer, "CdtrAcct"), order.creditor)
    _say(SubElement(transfer, "RmtInf"), "Ustrd", plain(order.text, LONGEST_TEXT))


def _totals(parent: Element, orders: Sequence[Order]) -> None:
    _say(parent, "NbOfTxs", str(len(orders)))
    total = sum((one.amount for one in orders), Money(0, orders[0].amount.currency))
    _say(parent, "CtrlSum", total.decimal())


def _account(parent: Element, details: BankDetails) -> None:
    name = SubElement(parent, "Id")
    if details.iban:
        _say(name, "IBAN", details.iban)
    else:
        _say(SubElement(name, "Othr"), "Id", details.account_number)


def _bank(parent: Element, details: BankDetails) -> None:
    """The bank by BIC, by its code, or as the standard says that neither was given."""
    bank = SubElement(parent, "FinInstnId")
    if details.bic:
        _say(bank, "BICFI", details.bic)
    if details.bank_code:
        _say(SubElement(bank, "ClrSysMmbId"), "MmbId", details.bank_code)
    if not details.bic and not details.bank_code:
        _say(SubElement(bank, "Othr"), "Id", "NOTPROVIDED")


def _key(details: BankDetails) -> tuple[str, str, str]:
    return details.iban, details.account_number, details.bank_code


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
