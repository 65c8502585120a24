"""The auditor's export: the real tool reads it without an error, and comes to the same balances."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from beancount import loader
from beancount.core import data, realization
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from ledger.models import LedgerEvent
from ledger.posting import Record, post
from ledger.queries.journal_export import beancount_of
from ledger.queries.statement import balances_of
from ledger.rules import beancount
from ledger.rules.accounts import CHART, Account, account_type
from ledger.rules.lines import Line
from ledger.rules.report import Period
from orgs.actions.organization import Details, add_organization
from tests.ledger.market import SYSTEM

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))


def books_of(market) -> list:
    return [market.world[code] for code in "PSTQR"]


def journal(market, currency: str, minor: int, on: date) -> None:
    p, s = market.world["P"].pk, market.world["S"].pk
    lines = [
        Line(p, Account.CASH, currency, -minor),
        Line(p, Account.DUE_FROM, currency, minor, s),
        Line(s, Account.DUE_TO, currency, -minor, p),
        Line(s, Account.CASH, currency, minor),
    ]
    kind = LedgerEvent.Kind.JOURNAL
    post(
        Record(
            f"k-{uuid4()}",
            kind,
            on,
            p,
            SYSTEM,
            {"minor": minor},
            lines,
            inputs={"reason": 'A "quoted" \\ reason'},
        )
    )


@pytest.fixture
def busy(market):
    """Postings before, in and after January, in three currencies with 2, 0 and 3 decimals."""
    sale = market.sell(on=date(2025, 12, 20))
    market.redeem(sale, "CONSULT", at="S")
    market.redeem(sale, "PHYSIO", 2, at="Q")
    market.sell(on=date(2026, 2, 3))
    for currency, minor in (("JPY", 12_345), ("KWD", 1_001)):
        journal(market, currency, minor, date(2025, 12, 1))
        journal(market, currency, 2 * minor, date(2026, 1, 15))
        journal(market, currency, 4 * minor, date(2026, 2, 15))
    return market


def read(lines) -> tuple[list, dict[tuple[str, str], Decimal]]:
    """The file as the real tool reads it: its errors, and {(account, currency): number}."""
    entries, errors, _ = loader.load_string("\n".join(lines))
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account in realization.iter_children(realization.realize(entries)):
        for position in account.balance:
            found[account.account, position.units.currency] += position.units.number
    return errors, dict(found)


def told(books, until: date) -> dict[tuple[str, str], Decimal]:
    """The same from the books."""
    codes = {one.pk: one.code for one in books}
    found = {}
    for one in balances_of(list(codes), until):
        own, other = codes[one.organization_id], codes.get(one.counterparty_id or 0, "X")
        section = account_type(one.account).section.value.capitalize()
        words = "".join(word.capitalize() for word in one.account.split("_"))
        name = f"{section}:{own}:{words}" + (f":{other}" if one.counterparty_id else "")
        if one.balance:
            found[name, one.balance.currency] = Decimal(one.balance.decimal())
    return found


def test_the_real_tool_comes_to_the_same_balances(busy):
    books = books_of(busy)
    errors, found = read(beancount_of(books, JANUARY))
    assert errors == []
    assert found == told(books, JANUARY.until)
    assert {currency for _, currency in found} == {"USD", "JPY", "KWD"}
    assert found["Assets:S:Cash", "KWD"] == Decimal("3.003")


def test_any_choice_of_books_balances(busy):
    for code in "PSQ":
        errors, found = read(beancount_of([busy.world[code]], JANUARY))
        assert errors == []
        assert found == told_of_one(busy, code)


def told_of_one(market, code):
    all_books = told(books_of(market), JANUARY.until)
    return {key: number for key, number in all_books.items() if key[0].split(":")[1] == code}


def test_a_changed_amount_is_an_error(busy):
    lines = list(beancount_of(books_of(busy), JANUARY))
    at = next(number for number, line in enumerate(lines) if line.startswith("  Assets:S:DueFrom:P"))
    lines[at] = "  Assets:S:DueFrom:P  0.01 USD"
    assert read(lines)[0]


def test_documents_rules_and_people_are_in_it(busy):
    entries, errors, _ = loader.load_string("\n".join(beancount_of(books_of(busy), JANUARY)))
    assert errors == []
    event = LedgerEvent.objects.get(kind="redemption", organization=busy.world["S"])
    (one,) = [
        entry
        for entry in entries
        if isinstance(entry, data.Transaction) and entry.meta.get("event") == str(event.pk)
    ]
    assert (one.meta["kind"], one.meta["document"], one.meta["at"]) == ("redemption", event.key, "S")
    assert one.meta["rule"] == "sub-80, version 1"
    assert one.payee == busy.world["S"].name


def test_names_in_any_script_and_codes_of_any_signs(busy):
    details = Details(name='अस्पताल "京都" \\ عيادة', code="Ö-1/α", time_zone="UTC")
    odd = add_organization(SYSTEM, busy.world["P"], kind="sub", details=details)
    line = [Line(odd.pk, Account.CASH, "USD", 500), Line(odd.pk, Account.EQUITY, "USD", -500)]
    post(Record("odd", LedgerEvent.Kind.JOURNAL, date(2026, 1, 9), odd.pk, SYSTEM, {}, line))
    lines = list(beancount_of([odd], JANUARY))
    entries, errors, _ = loader.load_string("\n".join(lines))
    assert errors == []
    opened = [entry for entry in entries if isinstance(entry, data.Open)]
    assert {entry.meta["organization"] for entry in opened} == {odd.name}


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=8, unique=True))
def test_no_two_organizations_share_an_account(codes):
    found = beancount.parties((pk, code, code) for pk, code in enumerate(codes, 1))
    names = {beancount.account_name("cash", one, None) for one in found.values()}
    assert len(names) == len(codes)
    lines = [*(line for name in names for line in beancount.opened(date(2026, 1, 1), name, {"USD"}, {}))]
    assert loader.load_string("\n".join(lines))[1] == []


@given(st.text(max_size=80), st.sampled_from(list(CHART)), st.integers(-(10**14), 10**14))
def test_any_text_and_amount_is_read_back(text, account, minor):
    own = beancount.Party("P", "P", "P")
    names = [beancount.account_name(account.value, own, None), "Equity:P:Other"]
    amounts = [Money(minor, "KWD"), Money(-minor, "KWD")]
    lines = [
        *beancount.header(text, {"KWD"}),
        *(
            line
            for name in names
            for line in beancount.opened(date(2026, 1, 1), name, {"KWD"}, {"organization": text})
        ),
        *beancount.transaction(
            date(2026, 1, 2), text, text, {"by": text}, map(beancount.Posting, names, amounts)
        ),
        beancount.balance(date(2026, 1, 3), names[0], amounts[0]),
    ]
    entries, errors, _ = loader.load_string("\n".join(lines))
    assert errors == []
    (one,) = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert one.narration == "".join(char if char.isprintable() else " " for char in text)


def test_the_page_and_the_command_give_the_same(busy, browse, tmp_path):
    asked = {"organization": "P", "below": "on", "since": "2026-01-01", "until": "2026-01-31"}
    page = browse("finance").get(reverse("journal-export"), asked)
    assert page.status_code == 200 and "Beancount" in page.content.decode()
    sent = browse("finance").get(reverse("journal-export"), asked | {"export": "beancount"})
    text = b"".join(sent.streaming_content).decode()
    file = tmp_path / "journal.beancount"
    network = str(busy.world.network.pk)
    call_command(
        "export_journal",
        "--network",
        network,
        "--since",
        "2026-01-01",
        "--until",
        "2026-01-31",
        "--out",
        str(file),
    )
    assert file.read_text(encoding="utf-8") == text
    assert loader.load_file(str(file))[1] == []
    assert browse("desk").get(reverse("journal-export")).status_code == 403


def test_one_reads_only_what_one_may(busy, browse):
    asked = {
        "organization": "P",
        "below": "on",
        "since": "2026-01-01",
        "until": "2026-01-31",
        "export": "beancount",
    }
    assert browse("partner").get(reverse("journal-export"), asked).status_code in (403, 422)
