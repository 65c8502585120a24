"""Receipts and credit notes on paper: what they say, their numbers, and the same bytes for the same records."""

from __future__ import annotations

import pypdfium2
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from audit.models import AccessEvent
from ledger.actions.credit_note import number_credit_note
from ledger.actions.receipt import number_receipt
from ledger.actions.refund import Units, refund
from ledger.actions.void import void
from ledger.models import CreditNote, Sale
from ledger.queries.credit_note import credit_notes_of, credited_by
from ledger.queries.sale import sales_for
from ledger.tables.receipt_file import credit_note_pdf, receipt_pdf
from orgs.queries.branding import paper_head
from tests.ledger.market import DAY, SYSTEM, new_key, usd
from work.models import OutboxEvent


def text_of(pdf: bytes) -> str:
    """What is written on it, blanks made single."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def of(sale: Sale) -> Sale:
    return sales_for(SYSTEM).get(pk=sale.pk)


def on_paper(sale: Sale) -> bytes:
    one = of(sale)
    return receipt_pdf(one, paper_head(one.seller))


def give_back(market, sale, units: int = 2):
    line = market.line(sale, "PHYSIO")
    event = refund(
        SYSTEM,
        market.world["P"],
        entitlement=market.entitlement(sale),
        units=[Units(line, units)],
        reason="moved away",
        on=DAY,
        key=new_key(),
    )
    number_credit_note({"event_id": event.pk})
    return event


def credited(sale: Sale) -> list:
    one = of(sale)
    return credited_by(list(credit_notes_of(one)), one)


def test_the_receipt_says_what_was_sold_paid_and_is_left(market):
    sale = market.sell(discount=usd("100.00"))
    number_receipt({"sale_id": sale.pk})
    market.redeem(sale, "PHYSIO", 2)
    said = text_of(on_paper(sale))
    for part in (
        "Receipt",
        "P-1",
        "Asha Rao",
        "900.00",
        "100.00",
        "800.00",
        "Cash",
        market.entitlement(sale).code,
    ):
        assert part in said
    assert "Physio 5 3" in said


def test_the_same_records_give_the_same_bytes(market):
    sale = market.sell()
    before = on_paper(sale)
    assert on_paper(sale) == before
    market.redeem(sale, "PHYSIO")
    assert on_paper(sale) != before


class TestCreditNotes:
    def test_a_refund_has_one_with_a_number_of_its_own(self, market):
        sale, other = market.sell(), market.sell()
        give_back(market, sale)
        give_back(market, other)
        give_back(market, sale, 1)
        assert [one.note.label for one in credited(sale)] == ["P-CN-1", "P-CN-3"]
        (first, _) = credited(sale)
        assert (first.title, first.paid, first.kept.minor, first.reason) == (
            "Refund",
            usd("165.00"),
            0,
            "moved away",
        )

    def test_numbering_again_changes_nothing(self, market):
        event = give_back(market, market.sell())
        number_credit_note({"event_id": event.pk})
        assert CreditNote.objects.count() == 1

    def test_what_the_package_keeps_is_said(self, market):
        parts = {"PHYSIO": (5, "110.00")}
        market.add_package("FEE", "500.00", parts, refund="allocated_price_less_fee", refund_fee=usd("20.00"))
        sale = market.sell("FEE")
        give_back(market, sale)
        (one,) = credited(sale)
        assert (one.paid, one.kept) == (usd("180.00"), usd("20.00"))
        said = text_of(credit_note_pdf(of(sale), one, paper_head(market.world["P"])))
        assert "Kept by the terms of the package" in said
        assert "180.00" in said

    def test_the_void_of_a_sale_has_one_and_that_of_a_redemption_none(self, market):
        sale = market.sell()
        void(SYSTEM, market.redeem(sale, "LAB"), reason="wrong", on=DAY, key="v1")
        assert not OutboxEvent.objects.filter(topic="sale.credited").exists()
        voided = void(SYSTEM, sale.event, reason="sold twice", on=DAY, key="v2")
        (waiting,) = OutboxEvent.objects.filter(topic="sale.credited")
        assert waiting.ids == {"event_id": voided.pk}
        number_credit_note(waiting.ids)
        (one,) = credited(sale)
        assert (one.title, one.paid, one.is_withdrawn) == ("Sale voided", usd("900.00"), False)

    def test_a_refund_that_was_voided_takes_nothing_back(self, market):
        sale = market.sell()
        void(SYSTEM, give_back(market, sale), reason="wrong", on=DAY, key="v")
        (one,) = credited(sale)
        assert one.is_withdrawn
        assert "nothing is taken back" in text_of(
            credit_note_pdf(of(sale), one, paper_head(market.world["P"]))
        )

    def test_the_database_keeps_them_as_they_are(self, market):
        sale = market.sell()
        give_back(market, sale)
        copy = """INSERT INTO ledger_creditnote (event_id, sale_id, organization_id, number)
            SELECT {}, sale_id, organization_id, {} FROM ledger_creditnote"""
        for says, statement in (
            ("permission denied", "DELETE FROM ledger_creditnote"),
            ("permission denied", "UPDATE ledger_creditnote SET number = 7"),
            ("one_per_event", copy.format("event_id", "2")),
            ("number_unique", copy.format(sale.event_id, "number")),
            ("number_positive", copy.format(sale.event_id, "0")),
        ):
            with (
                pytest.raises(DatabaseError, match=says),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_the_pages_give_both_and_log_it(market, browse):
    sale = market.sell()
    give_back(market, sale)
    client = browse("administrator")
    page = client.get(reverse("sale-receipt", args=[sale.pk])).content.decode()
    note = CreditNote.objects.get()
    for url in (
        reverse("sale-receipt-pdf", args=[sale.pk]),
        reverse("credit-note-pdf", args=[sale.pk, note.pk]),
    ):
        assert url in page
        answer = client.get(url)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    assert AccessEvent.objects.filter(detail="credit note").exists()
    other = market.sell()
    assert client.get(reverse("credit-note-pdf", args=[other.pk, note.pk])).status_code == 404
