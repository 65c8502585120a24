"""The receipt of a charge, and of what was paid beside credit."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify

from audit.trail import record_patient_read
from core import locale
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from ledger.models import ChargeReceipt
from ledger.permissions import SALE_VIEW
from ledger.queries.charge_receipt import Charged, charge_receipts_for, charged_by
from ledger.rules.payment import payment_label
from ledger.rules.settings import RECEIPT_NOTE
from ledger.tables.receipt_file import charge_receipt_pdf
from orgs.queries.branding import paper_head
from orgs.queries.logo import logos
from orgs.rules.settings import LOCALE


class ChargeReceiptSubject(ConsoleView, abstract=True):
    """What is about one receipt and names its patient."""

    permission = SALE_VIEW
    subject: ChargeReceipt

    def get_subject(self) -> ChargeReceipt:
        return found(charge_receipts_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def log(self, how: str) -> None:
        one = self.subject
        record_patient_read(
            self.actor, how, [one.patient_id], organization_id=one.organization_id, detail="receipt"
        )


class ChargeReceiptPdf(ChargeReceiptSubject):
    """The receipt on paper, in the locale of whoever took the money."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        self.log("export")
        with locale.using(LOCALE.at(one.organization)):
            content = charge_receipt_pdf(charged_by(one), paper_head(one.organization))
        return pdf_response(f"receipt-{slugify(one.label)}", content)


class ChargeReceiptPage(ChargeReceiptSubject):
    """The receipt, to be printed and handed over, in the locale of whoever took the money."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        self.log("open")
        charged = charged_by(one)
        counter = reverse("counter-patient", args=[one.organization_id, one.patient_id])
        context = {
            "title": "Receipt",
            "description": f"{charged.service} at {one.organization.name}",
            "status": "voided" if charged.voided_on else "",
            "crumbs": [{"label": "Counter", "url": reverse("counter", args=[one.organization_id])}],
            "actions": [
                {"label": "To the counter", "url": counter, "icon": "store"},
                {"label": "PDF", "url": reverse("charge-receipt-pdf", args=[one.pk]), "icon": "file-down"},
                {"label": "Print", "print": True},
            ],
        }
        with locale.using(LOCALE.at(one.organization)):
            receipt = render_to_string("components/receipt.html", {"receipt": receipt_of(charged)})
        return self.page("ledger/receipt.html", context | {"receipt": receipt})


def receipt_of(charged: Charged) -> dict[str, Any]:
    """A charge for components/receipt.html."""
    one, place = charged.receipt, charged.receipt.organization
    voided = charged.voided_on
    on_top = [{"label": "Tax on top", "quantity": "", "amount": charged.added}] if charged.added.minor else []
    first = {
        "label": charged.service,
        "note": charged.note,
        "quantity": charged.quantity,
        "amount": charged.price,
    }
    return {
        "logo": logos(place),
        "organization": place.name,
        "address": ", ".join(part for part in (place.address, place.city, place.phone) if part),
        "number": one.label,
        "at": one.event.effective_on,
        "patient": one.patient.full_name,
        "seller": one.event.actor_label,
        "lines": [first, *on_top],
        "total": charged.total,
        "taxes": charged.taxes,
        "paid": [
            {"label": payment_label(method), "amount": amount, "is_foreign": False}
            for method, amount in charged.payments
        ],
        "rates": charged.rates,
        "note": RECEIPT_NOTE.at(place),
        "footer": f"Voided on {locale.long_day(voided)}: what was paid is given back." if voided else "",
    }
