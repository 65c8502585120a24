"""Receipts and credit notes on paper. The same records give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from core import locale
from core.money import Money
from core.paper import TOTAL, Column, Paper, PaperHead, Row
from ledger.models import Package, Sale
from ledger.queries.charge_receipt import Charged
from ledger.queries.credit_note import Credited
from ledger.queries.entitlement import lines_of
from ledger.queries.tax_summary import TaxRow, tax_note, tax_of_sale
from ledger.rules.exchange import exchange_of
from ledger.rules.payment import payment_label
from ledger.rules.settings import RECEIPT_NOTE


def receipt_number(sale: Sale) -> str:
    """The number on a receipt: its organization's, or, as long as none was given, its event's."""
    return f"{sale.seller.code}-{sale.receipt_number or sale.event_id}"


def receipt_pdf(sale: Sale, head: PaperHead) -> bytes:
    """A sale: who bought what and how it was paid, and what is left of it until when."""
    paper = Paper(
        "Receipt",
        head,
        made_at=sale.event.posted_at,
        subtitle=receipt_number(sale),
        note=RECEIPT_NOTE.at(sale.seller),
    )
    shared = sale.package.use != Package.Use.PERSON
    paper.facts(
        [
            ("Patient", sale.patient.full_name),
            ("Paid by", ", ".join(filter(None, (sale.payer_name, sale.payer_contact)))),
            ("For at most", f"{locale.number(sale.package.most_people)} people" if shared else ""),
            ("Date", sale.sold_on),
            ("Served by", sale.event.actor_label),
            ("Care owed by", sale.holder.name),
            ("Entitlement code", sale.entitlement.code),
            ("Tops up", sale.tops_up.code if sale.tops_up else ""),
            ("Usable until", sale.entitlement.expires_on or "without end"),
        ]
    )
    _sold(paper, sale)
    _left(paper, sale)
    return paper.pdf()


def credit_note_pdf(sale: Sale, credited: Credited, head: PaperHead) -> bytes:
    """What was taken back of a sale, and what was paid for it."""
    note = credited.note
    paper = Paper("Credit note", head, made_at=note.event.posted_at, subtitle=note.label)
    paper.facts(
        [
            ("Of receipt", receipt_number(sale)),
            ("Patient", sale.patient.full_name),
            ("Date", note.event.effective_on),
            ("Why", credited.reason),
            ("Served by", note.event.actor_label),
            ("Entitlement code", sale.entitlement.code),
        ]
    )
    rows = [Row([what, units, amount]) for what, units, amount in credited.lines]
    if credited.tax.minor:
        rows.append(Row(["Tax given back", "", credited.tax]))
    kept = [Row(["Kept by the terms of the package", "", -credited.kept])] if credited.kept.minor else []
    paper.heading(credited.title)
    paper.table(
        [Column("Item", 3), Column("Units"), Column(sale.currency, amount=True)],
        [*rows, *kept, Row(["Paid back", "", credited.paid], TOTAL)],
    )
    if credited.is_withdrawn:
        paper.text("This was voided since: nothing is taken back by it.")
    return paper.pdf()


def charge_receipt_pdf(charged: Charged, head: PaperHead) -> bytes:
    """What a patient paid for a service without a package, or beside credit."""
    receipt, currency = charged.receipt, charged.total.currency
    event = receipt.event
    paper = Paper(
        "Receipt",
        head,
        made_at=event.posted_at,
        subtitle=receipt.label,
        note=RECEIPT_NOTE.at(receipt.organization),
    )
    paper.facts(
        [
            ("Patient", receipt.patient.full_name),
            ("Date", event.effective_on),
            ("Served by", event.actor_label),
        ]
    )
    rows = [Row([charged.service, locale.number(charged.quantity), charged.price])]
    if charged.added.minor:
        rows.append(Row(["Tax on top", "", charged.added]))
    paper.heading("What was charged")
    paper.table(
        [Column("Service", 3), Column("Quantity"), Column(currency, amount=True)],
        [*rows, Row(["Total", "", charged.total], TOTAL)],
    )
    if charged.note:
        paper.text(charged.note)
    _taxes(paper, charged.taxes, currency)
    _payments(paper, charged.payments)
    for words in charged.rates:
        paper.text(f"Exchanged at {words}")
    if charged.voided_on:
        paper.text(f"This was voided on {locale.long_day(charged.voided_on)}: what was paid is given back.")
    return paper.pdf()


def _sold(paper: Paper, sale: Sale) -> None:
    currency = sale.currency
    rows = [Row([sale.package.name, locale.number(sale.quantity), Money(sale.price_minor, currency)])]
    if sale.discount_minor:
        rows.append(Row(["Discount", "", Money(-sale.discount_minor, currency)]))
    if sale.tax_added_minor:
        rows.append(Row(["Tax on top", "", Money(sale.tax_added_minor, currency)]))
    paper.heading("What was sold")
    paper.table(
        [Column("Item", 3), Column("Quantity"), Column(currency, amount=True)],
        [*rows, Row(["Total", "", Money(sale.total_minor, currency)], TOTAL)],
    )
    _taxes(paper, tax_of_sale(sale), currency)
    if note := tax_note(sale):
        paper.text(note)
    _payments(paper, sale.paid)
    for rate in exchange_of(sale.event.inputs):
        paper.text(f"Exchanged at {rate.words}")


def _taxes(paper: Paper, taxes: Sequence[TaxRow], currency: str) -> None:
    if taxes:
        paper.heading("Tax in the total")
        paper.table(
            [Column("Tax", 3), Column("On", amount=True), Column(currency, amount=True)],
            [Row([tax.label, tax.base, tax.tax]) for tax in taxes],
        )


def _payments(paper: Paper, payments: Sequence[tuple[str, Money]]) -> None:
    if payments:
        paper.heading("How it was paid")
        paper.table(
            [Column("Payment", 3), Column("Currency"), Column("Amount", amount=True)],
            [Row([payment_label(method), amount.currency, amount]) for method, amount in payments],
        )


def _left(paper: Paper, sale: Sale) -> None:
    paper.heading("What is left")
    paper.table(
        [Column("Service", 3), Column("Bought"), Column("Left")],
        [Row([line.what, line.quantity_text, line.left_text]) for line in lines_of(sale.entitlement)],
    )
