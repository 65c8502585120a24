"""The receipt of a sale."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify

from audit.trail import record_patient_read
from core import locale
from core.money import Money
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from ledger.models import Package, Sale
from ledger.permissions import SALE_VIEW
from ledger.queries.credit_note import credit_notes_of, credited_by
from ledger.queries.entitlement import lines_of
from ledger.queries.sale import sales_for
from ledger.queries.tax_summary import tax_note, tax_of_sale
from ledger.rules.exchange import exchange_of
from ledger.rules.payment import payment_label
from ledger.rules.settings import RECEIPT_NOTE
from ledger.tables.receipt_file import credit_note_pdf, receipt_number, receipt_pdf
from orgs.queries.branding import paper_head
from orgs.queries.logo import logos
from orgs.rules.settings import LOCALE


class SaleSubject(ConsoleView, abstract=True):
    """What is about one sale and names its patient."""

    permission = SALE_VIEW
    subject: Sale

    def get_subject(self) -> Sale:
        return found(sales_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def log(self, how: str, what: str) -> None:
        sale = self.subject
        record_patient_read(self.actor, how, [sale.patient_id], organization_id=sale.seller_id, detail=what)


class ReceiptPdf(SaleSubject):
    """The receipt on paper, in the seller's locale."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        sale = self.subject
        self.log("export", "receipt")
        with locale.using(LOCALE.at(sale.seller)):
            content = receipt_pdf(sale, paper_head(sale.seller))
        return pdf_response(f"receipt-{slugify(receipt_number(sale))}", content)


class CreditNotePdf(SaleSubject):
    """A credit note on paper, in the locale of whoever wrote it."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int, note: int) -> HttpResponse:
        sale = self.subject
        one = found(credit_notes_of(sale), pk=note)
        self.log("export", "credit note")
        with locale.using(LOCALE.at(one.organization)):
            content = credit_note_pdf(sale, credited_by([one], sale)[0], paper_head(one.organization))
        return pdf_response(f"credit-note-{slugify(one.label)}", content)


class Receipt(SaleSubject):
    """The receipt of a sale, to be printed and handed over, in the seller's locale."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        sale = self.subject
        self.log("open", "receipt")
        context = {
            "title": "Receipt",
            "description": f"{sale.package.name} at {sale.seller.name}",
            "crumbs": [{"label": "Sales", "url": reverse("sale-list")}],
            "actions": [
                {
                    "label": "Entitlement",
                    "url": reverse("entitlement", args=[sale.entitlement_id]),
                    "icon": "ticket",
                },
                {
                    "label": "To the counter",
                    "url": reverse("counter", args=[sale.seller_id]),
                    "icon": "store",
                },
                {"label": "PDF", "url": reverse("sale-receipt-pdf", args=[sale.pk]), "icon": "file-down"},
                {"label": "Print", "print": True},
            ],
            "credited": credited_by(list(credit_notes_of(sale)), sale),
            "sale": sale,
        }
        with locale.using(LOCALE.at(sale.seller)):
            receipt = render_to_string("components/receipt.html", {"receipt": receipt_of(sale)})
        return self.page("ledger/receipt.html", context | {"receipt": receipt})


def receipt_of(sale: Sale) -> dict[str, Any]:
    """A sale for components/receipt.html."""
    lines = [{"label": f"{line.quantity_text} × {line.what}"} for line in lines_of(sale.entitlement)]
    total = Money(sale.total_minor, sale.currency)
    first: dict[str, Any] = {
        "label": sale.package.name,
        "note": f"Tops up {sale.tops_up.code}" if sale.tops_up else "",
        "quantity": sale.quantity,
        "amount": Money(sale.price_minor, sale.currency),
    }
    discount = (
        [{"label": "Discount", "quantity": "", "amount": Money(-sale.discount_minor, sale.currency)}]
        if sale.discount_minor
        else []
    )
    on_top = (
        [{"label": "Tax on top", "quantity": "", "amount": Money(sale.tax_added_minor, sale.currency)}]
        if sale.tax_added_minor
        else []
    )
    until = sale.entitlement.expires_on
    return {
        "logo": logos(sale.seller),
        "organization": sale.seller.name,
        "address": ", ".join(
            part for part in (sale.seller.address, sale.seller.city, sale.seller.phone) if part
        ),
        "number": receipt_number(sale),
        "at": sale.sold_on,
        "patient": sale.patient.full_name,
        "payer": ", ".join(filter(None, (sale.payer_name, sale.payer_contact))),
        "people": sale.package.most_people if sale.package.use != Package.Use.PERSON else 0,
        "seller": sale.event.actor_label,
        "lines": [
            first,
            *({"label": line["label"], "quantity": "", "amount": None} for line in lines),
            *discount,
            *on_top,
        ],
        "total": total,
        "taxes": tax_of_sale(sale),
        "tax_note": tax_note(sale),
        "paid": [
            {
                "label": payment_label(method),
                "amount": amount,
                "is_foreign": amount.currency != sale.currency,
            }
            for method, amount in sale.paid
        ],
        "rates": [rate.words for rate in exchange_of(sale.event.inputs)],
        "code": sale.entitlement.code,
        "code_note": f"Usable until {locale.long_day(until)}." if until else "Usable without end.",
        "note": RECEIPT_NOTE.at(sale.seller),
        "footer": f"The care is owed by {sale.holder.name}. Show this code at any organization of the network.",
    }
