"""The receipt of a charge: what was paid without a package, or beside credit, with its number and its tax."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessEvent
from ledger.actions.charge import charge
from ledger.actions.receipt import number_charge_receipt
from ledger.actions.redemption import Rest
from ledger.actions.void import void
from ledger.models import ChargeReceipt
from ledger.queries.charge_receipt import charge_receipts_for, charged_by, charged_to
from ledger.rules.terms import Basis, Event, Outcome, Share
from ledger.tables.receipt_file import charge_receipt_pdf
from orgs.queries.branding import paper_head
from tests.ledger.market import DAY, SYSTEM, new_key, usd
from tests.ledger.receipt.test_paper import text_of
from tests.ledger.redemption.test_credit import buy, credit
from tests.ledger.redemption.test_part_payment import use
from work.models import OutboxEvent


def do_charge(market, service="CONSULT", at="P", **request):
    request = {"patient": market.patient, "on": DAY, "key": new_key()} | request
    return charge(SYSTEM, market.world[at], service=market.services[service], **request)


def of(event) -> ChargeReceipt:
    return charge_receipts_for(SYSTEM).get(event=event)


def on_paper(event) -> str:
    one = of(event)
    return text_of(charge_receipt_pdf(charged_by(one), paper_head(one.organization)))


def test_it_says_what_was_done_and_how_it_was_paid(market):
    said = on_paper(do_charge(market, quantity=2, method="card"))
    for part in ("Receipt", "Asha Rao", "Consult", "2", "800.00", "Total", "Card", "10 Jan 2026"):
        assert part in said


@pytest.mark.parametrize(
    ("service", "price", "added", "total", "tax"),
    [("SPA", "118.00", "0.00", "118.00", "18.00"), ("MASSAGE", "100.00", "5.00", "105.00", "5.00")],
)
def test_its_tax_is_shown(spa, service, price, added, total, tax):
    event = do_charge(spa.market, service)
    said = charged_by(of(event))
    assert (said.price, said.added, said.total) == (usd(price), usd(added), usd(total))
    assert [row.tax for row in said.taxes] == [usd(tax)]
    assert said.payments == [("cash", usd(total))]
    paper = on_paper(event)
    assert ("Tax on top" in paper, "Tax in the total" in paper) == (added != "0.00", True)


def test_beside_credit_it_is_for_the_rest(spa):
    market = spa.market
    event = use(market, buy(market, credit(market, "100.00", "50.00")), "SPA", at="S", rest=Rest("card"))
    said = charged_by(of(event))
    assert (said.total, said.payments) == (usd("18.00"), [("card", usd("18.00"))])
    assert [(row.base, row.tax) for row in said.taxes] == [(usd("15.25"), usd("2.75"))]
    assert said.note == "Of USD 118.00, USD 100.00 was paid by credit"
    assert of(event).label.startswith("S-CH-")
    assert said.note in on_paper(event)


def test_at_the_holder_it_has_the_tax_of_the_rest_alone(spa):
    market = spa.market
    said = charged_by(of(use(market, buy(market, credit(market, "100.00", "50.00")), "SPA")))
    assert [(row.base, row.tax) for row in said.taxes] == [(usd("15.25"), usd("2.75"))]


def test_abroad_it_says_the_rate(rated):
    event = use(rated, buy(rated, credit(rated, "100.00", "90.00")), at="E")
    said = charged_by(of(event))
    assert str(said.total) == "EUR 240.00"
    assert ["1 EUR = 1.25 USD" in rate for rate in said.rates] == [True]


class TestNumbers:
    def test_each_organization_has_its_own_row(self, market):
        here = [do_charge(market), do_charge(market)]
        there = do_charge(market, at="S")
        for event in (here[1], there, here[0]):
            number_charge_receipt({"receipt_id": of(event).pk})
        number_charge_receipt({"receipt_id": of(here[0]).pk})
        assert [of(event).label for event in (*here, there)] == ["P-CH-1", "P-CH-2", "S-CH-1"]

    def test_they_are_asked_for_with_the_posting(self, market):
        event = do_charge(market)
        assert OutboxEvent.objects.filter(topic="service.charged", ids={"receipt_id": of(event).pk}).exists()
        assert of(event).label == f"P-CH-{event.pk}"

    def test_one_key_one_receipt(self, market):
        assert do_charge(market, key="once") == do_charge(market, key="once")
        assert ChargeReceipt.objects.count() == 1

    @pytest.mark.parametrize(
        ("constraint", "statement"),
        [
            ("chargereceipt_number_positive", "UPDATE ledger_chargereceipt SET number = 0"),
            ("chargereceipt_number_unique", "UPDATE ledger_chargereceipt SET number = 1"),
            (
                "chargereceipt_one_per_event",
                "INSERT INTO ledger_chargereceipt (network_id, event_id, organization_id, patient_id)"
                " SELECT network_id, event_id, organization_id, patient_id FROM ledger_chargereceipt",
            ),
            ("permission denied", "UPDATE ledger_chargereceipt SET patient_id = patient_id + 1"),
            ("permission denied", "DELETE FROM ledger_chargereceipt"),
        ],
    )
    def test_what_the_table_refuses(self, market, constraint, statement):
        do_charge(market), do_charge(market)
        with pytest.raises((IntegrityError, DatabaseError), match=constraint), transaction.atomic():
            connection.cursor().execute(statement)


class TestNone:
    def test_who_pays_nothing_has_none(self, market):
        share = Share("servicing", percent=Fraction(100), basis=Basis.LIST_PRICE)
        market.add_rule("parent-pays", Event.CHARGE, outcome=Outcome(payer="parent", transfer=share))
        do_charge(market, at="S")
        assert not ChargeReceipt.objects.exists()

    def test_what_costs_nothing_has_none(self, market):
        market.add_service("FREE", "0.00")
        do_charge(market, "FREE")
        assert not ChargeReceipt.objects.exists()

    def test_what_credit_pays_wholly_has_none(self, market):
        use(market, buy(market, credit(market, "500.00", "450.00")))
        assert not ChargeReceipt.objects.exists()


def test_a_void_stands_on_it(market):
    event = do_charge(market)
    assert "voided" not in on_paper(event)
    void(SYSTEM, event, reason="mistake", on=DAY, key=new_key())
    assert "This was voided on 10 January 2026" in on_paper(event)


class TestPages:
    def test_the_charge_leads_to_it_and_every_look_is_logged(self, market, browse):
        url = reverse("counter-charge", args=[market.world["P"].pk, market.patient.pk])
        typed = {"service": market.services["LAB"].pk, "quantity": "1", "method": "card", "_key": "k"}
        client = browse("parent_desk")
        answer = market.world.post(client, url, typed)
        one = ChargeReceipt.objects.get()
        assert answer.url == reverse("charge-receipt", args=[one.pk])
        page = client.get(answer.url).content.decode()
        assert ("250.00" in page, "Card" in page, "Asha Rao" in page) == (True, True, True)
        paper = client.get(reverse("charge-receipt-pdf", args=[one.pk]))
        assert paper.headers["Content-Type"] == "application/pdf"
        reads = AccessEvent.objects.filter(detail="receipt").order_by("pk")
        assert [(read.kind, read.patient_ids) for read in reads] == [
            ("open", [market.patient.pk]),
            ("export", [market.patient.pk]),
        ]

    def test_who_may_not_see_the_sales_there_sees_none(self, market, browse):
        one = of(do_charge(market))
        assert browse("desk").get(reverse("charge-receipt", args=[one.pk])).status_code == 404
        assert browse("clinician").get(reverse("charge-receipt", args=[one.pk])).status_code in (403, 404)

    def test_the_patient_s_page_and_the_event_lead_to_it(self, market, browse):
        event = do_charge(market)
        link = reverse("charge-receipt", args=[of(event).pk])
        for url in (
            reverse("patient-prepaid", args=[market.patient.pk]),
            reverse("ledger-event", args=[event.pk]),
        ):
            assert link in browse("administrator").get(url).content.decode()

    def test_the_list_costs_the_same_however_long(self, market):
        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                charged_to(SYSTEM, market.patient)
            return len(found)

        do_charge(market)
        few = queries()
        for _ in range(5):
            void(SYSTEM, do_charge(market, "LAB"), reason="mistake", on=DAY, key=new_key())
        assert queries() == few
        assert [one.is_voided for one in charged_to(SYSTEM, market.patient)] == [True] * 5 + [False]
