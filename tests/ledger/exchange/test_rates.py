"""Exchange rates are put on record, corrected and never changed."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from ledger.actions.exchange import Entered, enter_rates
from ledger.models import ExchangeRate
from ledger.queries.exchange import rate_in_force
from ledger.rules.quoted import Quoted
from ledger.rules.settings import EXCHANGE_RATE_DAYS
from tests.ledger.market import SYSTEM

DAY = date(2026, 1, 5)
GOOD = Quoted("EUR", "USD", DAY, Decimal("1.25"), "a bank")
HEAD = "date,from,to,rate,source\n"


def test_a_rate_is_on_record_and_in_the_trail(world):
    assert enter_rates(world.actor("finance"), world["P"], quoted=[GOOD]) == Entered(1, 0, 0)
    row = ExchangeRate.objects.get()
    assert (row.pair, row.version, row.plain, row.entered_by_id) == (
        "EURUSD",
        1,
        "1.25",
        world.users["finance"].pk,
    )
    told = AuditEvent.objects.get(verb="exchange_rate.entered")
    assert told.new == {"rates": 1, "EUR to USD, 2026-01-05": "1.25"}


def test_a_correction_is_one_more_version_whichever_way_round(world):
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    turned = Quoted("USD", "EUR", DAY, Decimal("0.5"), "a bank")
    assert enter_rates(SYSTEM, world["P"], quoted=[turned]) == Entered(0, 1, 0)
    assert list(ExchangeRate.objects.order_by("version").values_list("version", "base")) == [
        (1, "EUR"),
        (2, "USD"),
    ]
    assert rate_in_force("EUR", "USD", DAY).factor("EUR", "USD") == 2


def test_what_stands_so_already_is_left(world):
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    assert enter_rates(SYSTEM, world["P"], quoted=[GOOD]) == Entered(0, 0, 1)
    assert ExchangeRate.objects.count() == 1


def test_all_or_none_are_entered(world):
    wrong = Quoted("EUR", "EUR", DAY, Decimal(1), "a bank")
    with pytest.raises(Refused, match="choose two currencies") as refusal:
        enter_rates(SYSTEM, world["P"], quoted=[GOOD, wrong])
    assert refusal.value.field == "quote"
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("persona", ["desk", "auditor", "local_admin", "clinician"])
def test_who_may_not_enter_rates(world, persona):
    with pytest.raises(Denied):
        enter_rates(world.actor(persona), world["P"], quoted=[GOOD])


@pytest.mark.setting("billing.exchange_rate_days")
def test_a_rate_holds_until_the_next_but_not_for_ever(world, assign):
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    assert rate_in_force("USD", "EUR", date(2026, 1, 4)) is None
    assert rate_in_force("USD", "EUR", date(2026, 2, 5)).on == DAY
    assert rate_in_force("USD", "EUR", date(2026, 2, 6)) is None
    assign("P", EXCHANGE_RATE_DAYS, 3)
    assert rate_in_force("USD", "EUR", date(2026, 1, 8)).on == DAY
    assert rate_in_force("USD", "EUR", date(2026, 1, 9)) is None


ROW = 'INSERT INTO ledger_exchangerate (network_id, base, quote, "on", version, value, source, entered_by_label) VALUES ({network}, {row})'
ATTACKS = {
    "zero": "'EUR', 'INR', '2026-01-05', 1, 0, 'x', 'me'",
    "negative": "'EUR', 'INR', '2026-01-05', 1, -1, 'x', 'me'",
    "no number": "'EUR', 'INR', '2026-01-05', 1, 'NaN', 'x', 'me'",
    "one currency": "'EUR', 'EUR', '2026-01-05', 1, 1, 'x', 'me'",
    "no currency": "'eur', 'INR', '2026-01-05', 1, 1, 'x', 'me'",
    "no source": "'EUR', 'INR', '2026-01-05', 1, 1, '', 'me'",
    "no version": "'EUR', 'INR', '2026-01-05', 0, 1, 'x', 'me'",
    "twice": "'EUR', 'USD', '2026-01-05', 1, 9, 'x', 'me'",
    "twice, turned": "'USD', 'EUR', '2026-01-05', 1, 9, 'x', 'me'",
}


@pytest.mark.parametrize("row", ATTACKS.values(), ids=ATTACKS)
def test_the_database_refuses_what_is_no_rate(world, row):
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROW.format(network=world.network.pk, row=row))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_exchangerate SET value = 2",
        "DELETE FROM ledger_exchangerate",
        "TRUNCATE ledger_exchangerate",
    ],
)
def test_the_database_changes_no_rate(world, statement):
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_pages_of_rates(world, browse):
    finance = browse("finance")
    data = {"base": "eur", "quote": "usd", "value": "1.25", "on": "2026-01-05", "source": "a bank"}
    assert world.post(finance, reverse("rate-add"), data).status_code == 302
    data["value"] = "1.30"
    assert world.post(finance, reverse("rate-add"), data).status_code == 302
    page = finance.get(reverse("rate-list"), {"q": "EUR/USD"}).content.decode()
    assert "1.25" in page
    assert "Corrected" in page
    assert "EUR" not in _rows(finance.get(reverse("rate-list"), {"q": "JPY"}).content.decode())
    sent = finance.get(reverse("rate-list"), {"export": "csv"}).getvalue().decode()
    assert "1.3" in sent
    data["value"] = "0"
    wrong = world.post(finance, reverse("rate-add"), data)
    assert wrong.status_code == 422
    assert "more than zero" in wrong.content.decode()
    assert browse("desk").get(reverse("rate-add")).status_code == 403


def _rows(page: str) -> str:
    return page.partition("<tbody")[2].partition("</tbody>")[0]


def test_a_file_is_shown_line_by_line_before_it_is_taken(world, browse):
    finance, url = browse("finance"), reverse("rate-import")
    enter_rates(SYSTEM, world["P"], quoted=[GOOD])
    text = HEAD + "2026-01-05,EUR,USD,1.30,a bank\n2026-01-06,EUR,USD,zq,a bank\n"
    shown = world.post(finance, url, {"file": SimpleUploadedFile("r.csv", text.encode())})
    assert shown.status_code == 422
    page = shown.content.decode()
    assert "&#x27;zq&#x27; is no number" in page
    assert "Corrects 1 EUR = 1.25 USD, of 5 Jan 2026" in page
    assert "2026-01-06,EUR,USD,zq" in page  # what was sent is there to be corrected
    text = text.replace("zq", "1.31")
    shown = world.post(finance, url, {"text": text})
    assert "Import 2 rates" in shown.content.decode()
    assert ExchangeRate.objects.count() == 1
    seen = shown.context["seen"]
    assert (
        world.post(finance, url, {"text": text + "2026-01-07,EUR,USD,2,x\n", "seen": seen}).status_code == 200
    )
    assert ExchangeRate.objects.count() == 1  # another text than the one that was shown
    assert world.post(finance, url, {"text": text, "seen": seen}).status_code == 302
    assert ExchangeRate.objects.count() == 3


@pytest.mark.parametrize(
    "sent", [{}, {"file": SimpleUploadedFile("r.csv", b"\xff\xfe\x00")}, {"text": "\x00"}]
)
def test_a_file_that_is_none_is_refused(world, browse, sent):
    assert world.post(browse("finance"), reverse("rate-import"), sent).status_code == 422
    assert not ExchangeRate.objects.exists()


def test_the_command_says_each_line_and_takes_all_or_none(world, tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text(HEAD + "2026-01-05,EUR,USD,1.25,a bank\n2026-01-06,EUR,USD,0,a bank\n")

    def run(*options: str) -> dict:
        out = io.StringIO()
        try:
            call_command(
                "import_rates", str(path), "--network", str(world.network.pk), "--json", *options, stdout=out
            )
        except CommandError as error:
            assert "nothing was put on record" in str(error)
        return json.loads(out.getvalue())

    said = run()
    assert (said["refused"], [one["result"] for one in said["lines"]]) == (True, ["new", "wrong"])
    assert not ExchangeRate.objects.exists()
    path.write_text(path.read_text().replace(",0,", ",1.5,"))
    assert run("--dry-run")["refused"] is False
    assert not ExchangeRate.objects.exists()
    assert [one["result"] for one in run()["lines"]] == ["new", "new"]
    assert [one["result"] for one in run()["lines"]] == ["on record already"] * 2
    assert ExchangeRate.objects.count() == 2
