"""Balances in foreign currencies at a day's rates: booked once, cumulative, and asked for before a month is closed."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from core.money import Money
from ledger.actions.period import close_period
from ledger.actions.revaluation import revalue
from ledger.actions.void import void
from ledger.models import LedgerEvent
from ledger.queries.close_checks import checklist
from ledger.queries.revaluation import revaluations
from ledger.queries.translation import OneCurrency
from ledger.rules.books import TRANSLATION_DIFFERENCE
from ledger.rules.report import Period
from tests.ledger.exchange.conftest import JANUARY, MONTH_END, quote
from tests.ledger.market import SYSTEM, new_key


@pytest.fixture
def owed(rated):
    """E is owed 240.00 dollars since 10 January: 192.00 euros at 1.25, and 160.00 at 1.5 at the month's end."""
    rated.redeem(rated.sell(), "CONSULT", at="E")
    quote(rated, "1.5", MONTH_END)
    return rated


def found(market, until=MONTH_END):
    return revaluations([market.world["P"], market.world["E"], market.world["S"]], until)


def test_what_is_owed_abroad_is_worth_less_when_its_currency_falls(owed):
    (one,) = found(owed)
    assert (one.organization.code, one.balance, one.target) == ("E", Money(24000, "USD"), Money(-3200, "EUR"))
    (made,) = revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    assert made.step == Money(-3200, "EUR")
    assert (owed.balance("E", "fx_gain_loss"), owed.balance("E", "fx_clearing")) == ("32.00", "-32.00")
    event = LedgerEvent.objects.get(kind="revaluation")
    assert (event.effective_on, event.organization_id) == (MONTH_END, owed.world["E"].pk)
    assert AuditEvent.objects.get(verb="books.revalued").new["USD"] == "EUR \N{MINUS SIGN}32.00"


def test_it_is_booked_once_and_the_rest_with_the_next_rate(owed):
    key = new_key()
    for _ in range(2):
        revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=key)
    assert revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key()) == []
    assert LedgerEvent.objects.filter(kind="revaluation").count() == 1
    quote(owed, "1.6", MONTH_END)  # a correction: 150.00
    revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    assert owed.balance("E", "fx_gain_loss") == "42.00"
    quote(owed, "1.2", date(2026, 2, 28))  # 200.00, more than the 192.00 that they were
    revalue(SYSTEM, owed.world["E"], on=date(2026, 2, 28), key=new_key())
    assert owed.balance("E", "fx_gain_loss") == "-8.00"


def test_the_same_key_for_another_day_is_refused(owed):
    revalue(SYSTEM, owed.world["E"], on=MONTH_END, key="once")
    quote(owed, "2", date(2026, 2, 10))
    with pytest.raises(Refused) as refusal:
        revalue(SYSTEM, owed.world["E"], on=date(2026, 2, 10), key="once")
    assert refusal.value.code == "idempotency_conflict"


def test_what_never_was_gains_nothing(owed):
    event = LedgerEvent.objects.get(kind="redemption")
    void(SYSTEM, event, reason="a mistake", on=MONTH_END, key=new_key())
    assert [(one.target.minor, one.step.minor) for one in found(owed)] == [(0, 0)]


def test_a_rate_that_is_missing_is_named_and_nothing_is_booked(owed):
    with pytest.raises(Refused, match="between them for 31 May 2026") as refusal:
        revalue(SYSTEM, owed.world["E"], on=date(2026, 5, 31), key=new_key())
    assert refusal.value.code == "currency_mismatch"
    assert not LedgerEvent.objects.filter(kind="revaluation").exists()


def test_nothing_is_booked_in_a_closed_month(owed):
    close_period(SYSTEM, owed.world["E"], month=date(2026, 1, 1))
    with pytest.raises(Refused) as refusal:
        revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    assert refusal.value.code == "period_closed"


@pytest.mark.parametrize("persona", ["auditor", "desk", "local_admin"])
def test_who_may_not_revalue(owed, persona):
    with pytest.raises(Denied):
        revalue(owed.world.actor(persona), owed.world["E"], on=MONTH_END, key=new_key())


def test_a_revaluation_is_not_voided(owed):
    revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    event = LedgerEvent.objects.get(kind="revaluation")
    with pytest.raises(Refused, match="Run it again"):
        void(SYSTEM, event, reason="wrong", key=new_key())


def test_closing_asks_for_it(owed):
    ids = [owed.world["P"].pk, owed.world["E"].pk]
    (finding,) = checklist(ids, MONTH_END)
    assert (finding.organization_id, finding.blocks) == (owed.world["E"].pk, False)
    assert "32.00" in finding.text
    assert finding.url.startswith(reverse("revaluation"))
    revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    assert checklist(ids, MONTH_END) == []


def test_the_pages_say_and_book_it(owed, browse):
    finance = browse("finance")
    asked = {"organization": "P", "on": "2026-01-31", "below": "on"}
    page = finance.get(reverse("revaluation"), asked).content.decode()
    assert "240.00" in page
    assert "1 EUR = 1.5 USD" in page
    assert "Book differences" in page
    typed = {"organization": owed.world["P"].code, "on": "2026-01-31", "below": "on", "_key": "k"}
    answer = owed.world.post(finance, reverse("revaluation-book"), typed)
    assert answer.status_code == 302
    assert owed.balance("E", "fx_gain_loss") == "32.00"
    assert "Book differences" not in finance.get(answer.url).content.decode()
    assert browse("desk").get(reverse("revaluation")).status_code == 403
    assert browse("auditor").get(reverse("revaluation-book")).status_code == 403
    wrong = owed.world.post(finance, reverse("revaluation-book"), typed | {"on": "2026-05-31"})
    assert wrong.status_code == 422
    assert "no exchange rate" in wrong.content.decode()


def test_the_command_books_it_or_says_it(owed):
    def run(*options: str) -> dict:
        out = io.StringIO()
        call_command(
            "revalue",
            "--network",
            str(owed.world.network.pk),
            "--on",
            "2026-01-31",
            "--json",
            *options,
            stdout=out,
        )
        return json.loads(out.getvalue())

    (said,) = run("--dry-run")["differences"]
    assert (said["organization"], said["currency"], said["step"]) == ("E", "USD", "-32.00")
    assert not LedgerEvent.objects.filter(kind="revaluation").exists()
    run("--organization", "S")
    assert not LedgerEvent.objects.filter(kind="revaluation").exists()
    run()
    assert run()["differences"] == []
    assert owed.balance("E", "fx_gain_loss") == "32.00"
    with pytest.raises(CommandError, match="no exchange rate"):
        call_command(
            "revalue", "--network", str(owed.world.network.pk), "--on", "2026-05-31", stdout=io.StringIO()
        )


def test_what_is_revalued_leaves_a_difference_of_the_averages_alone(owed):
    """E in euros: 160.00 due, 32.00 lost, revenue of 240.00 dollars at the mean of 1/1.25 and 1/1.5."""
    revalue(SYSTEM, owed.world["E"], on=MONTH_END, key=new_key())
    figures, _ = OneCurrency("EUR", ["EUR", "USD"]).standing([owed.world["E"].pk], MONTH_END)
    assert figures == {
        ("due_from", "EUR"): 16000,
        ("fx_gain_loss", "EUR"): 3200,
        ("intercompany_revenue", "EUR"): -17600,
        (TRANSLATION_DIFFERENCE, "EUR"): -1600,
    }


def test_a_statement_is_shown_in_one_currency_or_says_what_is_missing(owed, browse):
    finance = browse("finance")
    asked = {"kind": "balance-sheet", "organization": "P", "scope": "consolidated", "until": "2026-01-31"}
    each = finance.get(reverse("report"), asked).content.decode()
    assert "In EUR" not in each
    assert "All in EUR" in each
    page = finance.get(reverse("report"), asked | {"in": "EUR"}).content.decode()
    assert "Translation difference" in page
    assert "1 EUR = 1.5 USD" in page
    assert "Assets equal liabilities and equity in every column." in page
    sheet = finance.get(reverse("report"), asked | {"in": "EUR", "export": "csv"}).content.decode()
    assert "Translation difference" in sheet
    assert "USD, average of January 2026" in sheet
    for kind in ("trial-balance", "profit-and-loss"):
        for compare in ("", "previous", "organizations"):
            response = finance.get(reverse("report"), asked | {"kind": kind, "in": "EUR", "compare": compare})
            assert response.status_code == 200
    missing = finance.get(reverse("report"), asked | {"until": "2026-05-31", "in": "EUR"}).content.decode()
    assert "a rate between USD and EUR for 31 May 2026" in missing
    assert "In USD" in missing


def test_what_moved_is_at_the_averages_of_its_months(owed):
    owed.redeem(owed.sell(), "LAB", at="E", on=date(2026, 2, 2))
    quote(owed, "2", date(2026, 2, 1))
    one = OneCurrency("EUR", ["EUR", "USD"])
    figures, _ = one.moved([owed.world["E"].pk], Period(JANUARY, date(2026, 2, 15)))
    assert figures == {("intercompany_revenue", "EUR"): -17600 - 7500}  # 150.00 dollars at 1/2
    assert one.missing == []
