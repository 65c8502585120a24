"""Statements as ISO 20022 camt.053, the bank-to-customer statement, of any version from .02 on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from sys import intern
from typing import TYPE_CHECKING

from defusedxml import ElementTree as Safe
from defusedxml.common import DefusedXmlException

from core import locale
from core.money import Money, decimals_of
from settlement.rules.statement_file import MOST_LINES, Read, Statement, Unreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)\}Document")
_REFERENCES = ("EndToEndId", "InstrId", "AcctSvcrRef", "TxId", "PmtInfId")
_NONE = {"", "NOTPROVIDED"}


def is_xml(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def check_camt(content: bytes) -> None:
    """Raises `Unreadable` where the first element is that of no camt.053; reads no further."""
    try:
        _, root = next(Safe.iterparse(BytesIO(content), events=("start",), forbid_dtd=True))
    except (Safe.ParseError, DefusedXmlException, ValueError, LookupError, StopIteration):
        raise Unreadable("The file is no XML that can be read safely.") from None
    _check_root(root)


def _check_root(root: Element) -> None:
    version = _NAMESPACE.fullmatch(root.tag)
    if version is None or int(version[1]) < 2:
        raise Unreadable("The file is no camt.053, from version .02 on.")


def read_camt(content: bytes, currency: str) -> Statement:
    """The booked entries of one statement with its balances; every detail of an entry is a line. Raises `Unreadable`."""
    try:
        root = Safe.fromstring(content, forbid_dtd=True)
    except (Safe.ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable("The file is no XML that can be read safely.") from None
    _check_root(root)
    for element in root.iter():
        element.tag = intern(str(element.tag).rpartition("}")[2])
    statements = root.findall("BkToCstmrStmt/Stmt")
    if len(statements) != 1:
        raise Unreadable(f"The file has {len(statements)} statements. Send one at a time.")
    return _statement(statements[0], currency)


def _statement(statement: Element, currency: str) -> Statement:
    own = statement.findtext("Acct/Ccy", "") or currency
    if own != currency:
        raise Unreadable(f"The account is in {own[:3]}, the books are in {currency}.")
    found = Statement()
    found.opening_minor, found.since = _balance(statement, ("OPBD", "PRCD"), currency)
    found.closing_minor, found.until = _balance(statement, ("CLBD",), currency)
    period = statement.find("FrToDt")
    if period is not None:
        found.since = _day(period.findtext("FrDtTm", "")) or found.since
        found.until = _day(period.findtext("ToDtTm", "")) or found.until
    for entry in statement.findall("Ntry"):
        if _code(entry, "Sts") not in ("BOOK", ""):
            continue
        for line in _lines(entry, currency, len(found.lines) + 1):
            found.lines.append(line)
        if len(found.lines) > MOST_LINES:
            raise Unreadable(f"The file has more than {locale.number(MOST_LINES)} lines. Split it by period.")
    _check_balances(found, currency)
    return found


def _check_balances(found: Statement, currency: str) -> None:
    """Opening and entries make the closing balance, or the file isn't whole."""
    if found.opening_minor is None or found.closing_minor is None:
        raise Unreadable("The statement lacks its opening (OPBD) or closing (CLBD) balance.")
    moved = sum(line.minor for line in found.lines)
    if found.opening_minor + moved != found.closing_minor:
        opening, closing, sum_ = (
            Money(one, currency)
            for one in (found.opening_minor, found.closing_minor, found.opening_minor + moved)
        )
        raise Unreadable(
            f"The balances don’t fit: opening {opening} and the entries make {sum_}, closing is {closing}."
        )


def _balance(statement: Element, codes: tuple[str, ...], currency: str) -> tuple[int | None, date | None]:
    for code in codes:
        for balance in statement.findall("Bal"):
            if balance.findtext("Tp/CdOrPrtry/Cd") == code:
                return _signed(balance, currency), _date(balance, "Dt")
    return None, None


def _lines(entry: Element, currency: str, number: int) -> Iterator[Read]:
    """One line for each detail with an amount of its own, where they make up the entry; else one for the entry."""
    total, on = _signed(entry, currency), _date(entry, "BookgDt") or _date(entry, "ValDt")
    if on is None:
        raise Unreadable(f"Entry {number} has no booking date.")
    text = entry.findtext("AddtlNtryInf", "")
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part(detail, entry, currency) for detail in details]
    if len(parts) > 1 and None not in parts and sum(part for part in parts if part is not None) == total:
        for place, (detail, part) in enumerate(zip(details, parts, strict=True)):
            assert part is not None
            yield Read(number + place, on, part, currency, _reference(detail), _text(detail) or text[:300])
        return
    source = details[0] if len(details) == 1 else entry
    reference = _reference(source) or entry.findtext("AcctSvcrRef", "") or entry.findtext("NtryRef", "")
    yield Read(number, on, total, currency, reference[:140], (_text(source) or text)[:300])


def _part(detail: Element, entry: Element, currency: str) -> int | None:
    """The amount of a detail, in the account's currency, signed as it or its entry says."""
    amount = detail.find("Amt")
    if amount is None:
        amount = detail.find("AmtDtls/TxAmt/Amt")
    if amount is None or amount.get("Ccy") != currency:
        return None
    minor = _minor(amount, currency)
    return (
        minor
        if _code(detail if detail.find("CdtDbtInd") is not None else entry, "CdtDbtInd") == "CRDT"
        else -minor
    )


def _signed(element: Element, currency: str) -> int:
    amount = element.find("Amt")
    if amount is None:
        raise Unreadable("An entry or balance has no amount.")
    if amount.get("Ccy") != currency:
        raise Unreadable(f"An amount is in {str(amount.get('Ccy'))[:3]}, the books are in {currency}.")
    side = _code(element, "CdtDbtInd")
    if side not in ("CRDT", "DBIT"):
        raise Unreadable("An amount says neither CRDT nor DBIT.")
    minor = _minor(amount, currency)
    return minor if side == "CRDT" else -minor


def _minor(amount: Element, currency: str) -> int:
    whole, _, fraction = (amount.text or "").strip().partition(".")
    plain = fraction.rstrip("0") if len(fraction) > decimals_of(currency) else fraction
    try:
        return Money.parse(whole + (f".{plain}" if plain else ""), currency).minor
    except ValueError as wrong:
        raise Unreadable(str(wrong)) from None


def _code(element: Element, name: str) -> str:
    """A code as older versions write it, or in the element that newer ones put around it."""
    return (element.findtext(f"{name}/Cd") or element.findtext(name) or "").strip()


def _date(element: Element, name: str) -> date | None:
    return _day(element.findtext(f"{name}/Dt") or element.findtext(f"{name}/DtTm") or "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _reference(element: Element) -> str:
    refs = element.find("Refs")
    said = [refs.findtext(name, "").strip() for name in _REFERENCES] if refs is not None else []
    said.append(element.findtext("RmtInf/Strd/CdtrRefInf/Ref", "").strip())
    return next((one for one in said if one not in _NONE), "")[:140]


def _text(element: Element) -> str:
    said = [one.text or "" for one in element.findall("RmtInf/Ustrd")]
    return " ".join(" ".join(said).split())[:300]
