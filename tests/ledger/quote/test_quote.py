"""Quotes: written, mailed, withdrawn, lapsed, and sold as they were written or not at all."""

from __future__ import annotations

from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from core.access import Denied
from core.clock import today_in
from core.errors import Refused, Stale
from core.money import Money
from ledger.actions.package import withdraw_package
from ledger.actions.quote import Offered, mail_quote, make_quote, sell_quote, why_not_sold, withdraw_quote
from ledger.actions.sale import Payer
from ledger.models import LedgerEvent, Package, Quote, QuoteLine, Sale
from ledger.queries.quote import lines_of_quote, quotes_for, total_of
from ledger.queries.verify import verify_ledger
from ledger.rules.settings import DISCOUNT_CAP, LONGEST_QUOTE
from ledger.tables.quote import quote_pdf
from orgs.queries.branding import paper_head
from tests.ledger.market import SYSTEM, new_key, usd
from work.models import Mail


@pytest.fixture
def today(market):
    return today_in(market.world["P"].time_zone)


def write(market, today, at="P", *lines, actor=SYSTEM, days=30, **whom) -> Quote:
    lines = lines or (("CHECKUP", 1, "0.00"), ("COURSE", 2, "50.00"))
    return make_quote(
        actor,
        market.world[at],
        lines=[Offered(Package.objects.get(code=code), number, usd(off)) for code, number, off in lines],
        valid_until=today + timedelta(days=days),
        **(whom or {"patient": market.patient}),
    )


def sell(market, quote, patient=None, key="", **more) -> list[Sale]:
    current = Quote.objects.get(pk=quote.pk)
    order = {"patient": patient or market.patient, "method": "cash", "version": current.version} | more
    return sell_quote(order.pop("actor", SYSTEM), quote, key=key or new_key(), **order)


def refuses(says: str, call, code: str = "not_permitted") -> None:
    with pytest.raises(Refused, match=says) as refused:
        call()
    assert refused.value.code == code


class TestWriting:
    def test_numbered_by_organization_at_the_prices_of_the_day(self, market, today):
        quotes = [write(market, today, at) for at in ("P", "S", "P")]
        assert [one.label for one in quotes] == ["P-Q-1", "S-Q-1", "P-Q-2"]
        lines = lines_of_quote(quotes[0])
        assert [one.total for one in lines] == [usd("900.00"), usd("950.00")]
        assert total_of(quotes[0], lines) == usd("1850.00")
        assert not LedgerEvent.objects.exists()

    def test_for_somebody_by_name(self, market, today):
        assert write(market, today, name="Nora Asks").who == "Nora Asks"
        refuses("for whom", lambda: write(market, today, name=" "))

    def test_what_a_sale_would_refuse(self, market, today, assign):
        refuses("each once", lambda: write(market, today, "P", *[("COURSE", 1, "0.00")] * 2))
        refuses("more than the price", lambda: write(market, today, "P", ("COURSE", 1, "500.01")))
        refuses("Offer 1 to", lambda: write(market, today, "P", ("COURSE", 0, "0.00")))
        assign("P", DISCOUNT_CAP, 4, "enforced")
        refuses("too large", lambda: write(market, today), "discount_over_policy")
        package = Package.objects.get(code="CHECKUP")
        withdraw_package(SYSTEM, package, version=package.version)
        refuses("withdrawn", lambda: write(market, today), "not_sellable_here")

    @pytest.mark.setting("billing.longest_quote")
    def test_for_a_time(self, market, today, assign):
        refuses("has passed", lambda: write(market, today, days=-1))
        assign("P", LONGEST_QUOTE, 14, "enforced")
        refuses("too late", lambda: write(market, today, days=15))
        write(market, today, days=14)

    def test_by_whoever_sells_there_for_whom_they_see(self, market, today):
        desk = market.world.actor("desk")
        with pytest.raises(Denied):
            write(market, today, actor=desk)
        refuses("don.t see this patient", lambda: write(market, today, "S", actor=desk))
        assert quotes_for(desk).count() == 0
        made = write(market, today, "S", actor=desk, name="Nora Asks")
        assert [one.pk for one in quotes_for(desk)] == [made.pk]


class TestSelling:
    def test_everything_at_its_prices_at_once(self, market, today):
        quote = write(market, today)
        sales = sell(market, quote, key="k")
        assert [one.total_minor for one in sales] == [900_00, 950_00]
        assert market.balance("P", "cash") == "1850.00"
        assert Quote.objects.get(pk=quote.pk).status == "sold"
        assert sell(market, quote, key="k") == sales
        refuses("is sold", lambda: sell(market, quote))
        assert list(verify_ledger()) == []

    def test_to_somebody_who_is_a_patient_by_now(self, market, today):
        quote = write(market, today, name="Nora Asks")
        nora = market.register("Nora")
        sell(market, quote, nora)
        assert Quote.objects.get(pk=quote.pk).who == nora.full_name

    def test_not_to_another_patient(self, market, today):
        quote = write(market, today)
        refuses("for another patient", lambda: sell(market, quote, market.register("Ravi")))

    def test_what_changed_since_is_named_and_nothing_sold(self, market, today, assign):
        quote = write(market, today)
        Package.objects.filter(code="CHECKUP").update(price_minor=910_00)
        course = Package.objects.get(code="COURSE")
        withdraw_package(SYSTEM, course, version=course.version)
        with pytest.raises(Refused) as refused:
            sell(market, quote)
        for part in ("Checkup costs USD 910.00 now", "offered for USD 900.00", "Course is withdrawn"):
            assert part in refused.value.message
        assert not Sale.objects.exists()

    def test_a_discount_over_policy_by_now(self, market, today, assign):
        quote = write(market, today)
        assign("P", DISCOUNT_CAP, 4, "enforced")
        refuses("discount of 50.00", lambda: sell(market, quote))

    def test_one_that_fails_takes_the_others_back(self, market, today):
        market.add_package("STAFF", "500.00", {"PHYSIO": (5, "110.00")}, use="company", most_people=9)
        quote = write(market, today, "P", ("CHECKUP", 1, "0.00"), ("STAFF", 1, "0.00"))
        refuses("Name the company", lambda: sell(market, quote))
        assert not Sale.objects.exists()
        assert QuoteLine.objects.filter(sale=None).count() == 2
        sell(market, quote, payer=Payer("Acme Mills"))
        assert Sale.objects.get(package__code="STAFF").payer_name == "Acme Mills"

    def test_it_lapses_by_itself(self, market, today):
        quote = write(market, today, days=0)
        assert why_not_sold(quote) == ""
        quote.valid_until -= timedelta(days=1)
        assert "lapsed after" in why_not_sold(quote)
        quote.status = "sold"
        assert "is sold" in why_not_sold(quote)

    def test_not_once_it_was_withdrawn(self, market, today):
        quote = write(market, today)
        withdraw_quote(SYSTEM, quote, version=quote.version)
        refuses("is withdrawn", lambda: sell(market, quote))
        with pytest.raises(Stale):
            withdraw_quote(SYSTEM, quote, version=quote.version)


class TestPaper:
    def test_it_says_what_is_offered(self, market, today):
        quote = write(market, today)
        content = quote_pdf(quote, lines_of_quote(quote), paper_head(market.world["P"]))
        with pypdfium2.PdfDocument(content) as document:
            said = document[0].get_textpage().get_text_range()
        for part in ("P-Q-1", "Asha Rao", "Checkup", "1,000.00", "50.00", "1,850.00"):
            assert part in said
        assert quote_pdf(quote, lines_of_quote(quote), paper_head(market.world["P"])) == content

    def test_it_is_mailed_to_who_has_an_address(self, market, today):
        quote = write(market, today)
        refuses("no address", lambda: mail_quote(SYSTEM, quote))
        market.patient.email = "asha@rao.example"
        market.patient.save()
        assert mail_quote(SYSTEM, quote) == "asha@rao.example"
        mail = Mail.objects.get(to="asha@rao.example")
        assert "1,850.00" in mail.body
        assert "P-Q-1" in mail.subject
        withdraw_quote(SYSTEM, quote, version=quote.version)
        refuses("is withdrawn", lambda: mail_quote(SYSTEM, quote))


def test_what_the_database_holds(market, today):
    write(market, today, name="Nora Asks")
    copy = """INSERT INTO ledger_quote (organization_id, number, name, currency, valid_until, status, made_by, made_at, version)
        SELECT organization_id, {}, {}, currency, valid_until, {}, made_by, made_at, 1 FROM ledger_quote"""
    line = """INSERT INTO ledger_quoteline (quote_id, package_id, quantity, price_minor, discount_minor)
        SELECT quote_id, {}, {}, price_minor, {} FROM ledger_quoteline WHERE quantity = 2"""
    other = str(market.add_package("OTHER", "1.00", {"LAB": (1, "1.00")}).pk)
    for says, statement in (
        ("quote_number_unique", copy.format("number", "name", "status")),
        ("quote_number_positive", copy.format("0", "name", "status")),
        ("quote_status_known", copy.format("7", "name", "'lost'")),
        ("quote_for_somebody", copy.format("7", "''", "status")),
        ("quote_for_somebody", copy.format("7", "name", "'sold'")),
        ("quoteline_package_once", line.format("package_id", "1", "0")),
        ("quoteline_adds_up", line.format(other, "0", "0")),
        ("quoteline_adds_up", line.format(other, "1", "price_minor + 1")),
        ("permission denied", "DELETE FROM ledger_quote"),
        ("permission denied", "UPDATE ledger_quoteline SET price_minor = 1"),
    ):
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_from_the_counter_to_the_receipt(market, today, browse):
    client, here = browse("administrator"), market.world["P"].pk
    patient = client.get(reverse("counter-patient", args=[here, market.patient.pk])).content.decode()
    url = f"{reverse('quote-add', args=[here])}?patient={market.patient.pk}"
    assert url in patient
    sent = {
        "valid_until": (today + timedelta(days=9)).isoformat(),
        "package_0": str(market.packages["COURSE"].pk),
        "discount_0": "50.00",
    }
    assert market.world.post(client, url, sent).status_code == 302
    quote = Quote.objects.get()
    assert Money(450_00, "USD") == lines_of_quote(quote)[0].total
    page = client.get(reverse("quote", args=[quote.pk])).content.decode()
    assert "450.00" in page
    assert client.get(reverse("quote-pdf", args=[quote.pk])).content.startswith(b"%PDF")
    to = reverse("quote-sell-to", args=[quote.pk, market.patient.pk])
    done = market.world.post(client, to, {"method": "card", "_version": quote.version, "_key": new_key()})
    assert done.status_code == 302
    assert reverse("sale-receipt", args=[Sale.objects.get().pk]) in client.get(done.url).content.decode()
    assert "Sold" in client.get(reverse("quote-list")).content.decode()
