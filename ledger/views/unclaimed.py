"""Pages of unclaimed property: who holds it, what is held, and its payment to the state or to the patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from audit.trail import record_patient_read
from core import locale
from core.clock import today_in
from core.money import Money
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from core.views.bulk import BulkPage
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from ledger.actions.unclaimed import pay_unclaimed
from ledger.forms.unclaimed import UnclaimedPaymentForm
from ledger.models import LedgerEvent, UnclaimedItem
from ledger.permissions import ENTITLEMENT_VOID, JOURNAL_VIEW, STATEMENT_VIEW, UNCLAIMED_PAY
from ledger.queries.entitlement import bearers_seen
from ledger.queries.unclaimed import (
    by_hand,
    held_by,
    holders_for,
    paid_by,
    payable_for,
    payments_for,
    unclaimed_for,
    unclaimed_of,
)
from ledger.rules.settings import DORMANCY_MONTHS
from ledger.rules.unclaimed import Payee, due_on
from ledger.tables.unclaimed import (
    PAID_TO,
    HolderFilter,
    HolderTable,
    UnclaimedFilter,
    UnclaimedTable,
    payment_pdf,
)
from ledger.views.entitlement import SOMEBODY, LoggedPrepaid
from orgs.queries.branding import paper_head
from orgs.rules.settings import LOCALE
from orgs.views.organization import OrganizationSubject
from patients.queries.patient import exportable_names

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


def _crumbs(holder: Organization | None = None) -> list[dict[str, str]]:
    own = (
        [{"label": holder.name, "url": reverse("organization-unclaimed", args=[holder.pk])}] if holder else []
    )
    return [{"label": "Unclaimed property", "url": reverse("unclaimed-list")}, *own]


class UnclaimedList(ListPage):
    """Everybody who holds unclaimed property, and how much of it is due."""

    permission = STATEMENT_VIEW
    module = "finance"
    title = "Unclaimed property"
    table_class = HolderTable
    filter_class = HolderFilter

    def get_rows(self) -> QuerySet[Organization]:
        return holders_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        held = held_by(records)
        for one in records:
            one.held = held[one.pk]

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "What patients bought and never used, where it belongs to them or to the state."
        }


class ItemList(LoggedPrepaid, abstract=True):
    """Unclaimed items, with whose they are where one may know it."""

    module = "finance"
    nav = "unclaimed-list"
    patient_field = "entitlement__patient_id"
    shows = "unclaimed property"
    table_class = UnclaimedTable

    def decorate(self, records: Sequence[Any]) -> None:
        seen = bearers_seen(self.actor, [one.entitlement_id for one in records])
        for one in records:
            one.is_bearer_hidden = one.entitlement_id not in seen
            one.due_on = due_on(one.dormant_on, DORMANCY_MONTHS.at(one.holder))
            one.state_word, one.state, one.tone = _state(one)
            one.may_claim = one.is_held and self.may_claim

    @cached_property
    def may_claim(self) -> bool:
        return self.may(UNCLAIMED_PAY, self.subject)


def _state(one: Any) -> tuple[str, str, str]:
    """What became of an item: a word, how it is said, and its tone."""
    if one.payment is not None:
        return "paid", PAID_TO[Payee(one.payment.inputs["payee"])], ""
    if one.due_on <= today_in(one.holder.time_zone):
        return "due", "Due", "warn"
    return "held", "Held", ""


class OrganizationUnclaimed(OrganizationSubject, ItemList):
    """What one organization holds, and held."""

    permission = STATEMENT_VIEW
    filter_class = UnclaimedFilter
    shipped_views = (("Due to the state", "state=due"), ("Held", "state=held"))

    def get_subject(self) -> Organization:
        place = super().get_subject()
        if not place.keeps_books:
            raise Http404(f"{place.name} keeps no books.")
        return place

    def get_rows(self) -> QuerySet[UnclaimedItem]:
        return unclaimed_of(self.subject)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may_claim:
            return []
        return [BulkAction("Pay to the state", "landmark", reverse("unclaimed-pay-many"))]

    def get_context(self) -> dict[str, Any]:
        place = self.subject
        held = held_by([place])[place.pk]
        rest = by_hand(place, held)
        months = locale.counted(DORMANCY_MONTHS.at(place), "month", "months")
        return {
            "title": f"Unclaimed property at {place.name}",
            "description": f"Due to the state {months} after the last day on which it could be used.",
            "crumbs": _crumbs(),
            "list_title": "Items",
            "stats": [
                {"label": "Held", "amount": held.total, "note": locale.counted(held.items, "item", "items")},
                {"label": "Due to the state", "amount": held.due},
                {
                    "label": "In the books",
                    "amount": held.total + rest,
                    "note": f"{rest} of it entered by hand" if rest else "Equal to what is held",
                },
            ],
        }


class UnclaimedPay(BulkPage):
    """Pay several items to the state, at once."""

    permission = UNCLAIMED_PAY
    module = "finance"
    nav = "unclaimed-list"
    form_class = UnclaimedPaymentForm
    title = "Pay to the state"
    submit_label = "Pay"
    nouns = ("item", "items")
    done = "paid to the state"
    list_route = "unclaimed-list"
    keyed: ClassVar[bool] = True
    most = 5_000

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        if paid := self.taking_part:
            total = sum((one.amount for one in paid[1:]), paid[0].amount)
            context["consequences"] = [
                f"{total} leaves the cash of {paid[0].holder.name} as one payment, which can be voided."
            ]
        return context

    def get_form(self, data: Any = None, files: Any = None) -> UnclaimedPaymentForm:
        return UnclaimedPaymentForm(data, initial={"on": today_in(self.request.network.time_zone)})

    def get_rows(self) -> QuerySet[UnclaimedItem]:
        return payable_for(self.actor)

    def name_of(self, record: UnclaimedItem) -> str:
        return f"{record.entitlement.code}, {record.amount}"

    def version_of(self, record: UnclaimedItem) -> int:
        return 0 if self._is_paid_by_this(record) else record.payment_id or 0

    def _is_paid_by_this(self, record: UnclaimedItem) -> bool:
        """Whether the same form was sent before."""
        return record.payment is not None and record.payment.key == self.request.POST.get("_key")

    def why_not(self, record: UnclaimedItem) -> str:
        if not record.is_held and not self._is_paid_by_this(record):
            return "is paid already"
        if record.holder_id != self.found[0].holder_id:
            return f"is held by {record.holder.name}; a payment is of what one organization holds"
        due = due_on(record.dormant_on, DORMANCY_MONTHS.at(record.holder))
        return f"is due on {locale.day(due)}" if due > today_in(record.holder.time_zone) else ""

    def do_all(self, records: Sequence[UnclaimedItem], form: Any) -> None:
        said = form.cleaned_data
        pay_unclaimed(
            self.actor,
            records[0].holder,
            items=records,
            payee=Payee.STATE,
            reference=said["reference"],
            on=said["on"],
            key=self.idempotency_key(),
        )


class UnclaimedClaim(FormPage):
    """Pay an item to the patient who came back for it."""

    permission = UNCLAIMED_PAY
    module = "finance"
    nav = "unclaimed-list"
    form_class = UnclaimedPaymentForm
    title = "Pay to the patient"
    submit_label = "Pay"
    keyed: ClassVar[bool] = True
    subject: UnclaimedItem

    def get_subject(self) -> UnclaimedItem:
        return found(unclaimed_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_initial(self) -> dict[str, Any]:
        return {"on": today_in(self.subject.holder.time_zone)}

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        is_seen = bool(bearers_seen(self.actor, [one.entitlement_id]))
        if is_seen:
            record_patient_read(self.actor, "open", [one.patient_id], detail="unclaimed property")
        patient = one.entitlement.patient.full_name if is_seen else SOMEBODY
        return {
            "description": f"{one.entitlement.code} \u00b7 {patient}",
            "consequences": [
                f"{one.amount} leaves the cash of {one.holder.name}. The payment can be voided."
            ],
            "blockers": [] if one.is_held else [{"text": "This has been paid already."}],
            "crumbs": _crumbs(one.holder),
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> LedgerEvent:
        said = form.cleaned_data
        return pay_unclaimed(
            self.actor,
            self.subject.holder,
            items=[self.subject],
            payee=Payee.PATIENT,
            reference=said["reference"],
            on=said["on"],
            key=self.idempotency_key(),
        )

    def success_url(self, result: Any) -> str:
        return reverse("organization-unclaimed", args=[self.subject.holder_id])

    def success_message(self, result: LedgerEvent) -> str:
        return f"{self.subject.amount} was paid to the patient."


class PaymentSubject(ConsoleView, abstract=True):
    """What is about one payment of unclaimed property."""

    subject: LedgerEvent

    def get_subject(self) -> LedgerEvent:
        return found(payments_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class UnclaimedPaymentPage(PaymentSubject, ItemList):
    """What one payment was of."""

    permission = STATEMENT_VIEW

    def get_rows(self) -> QuerySet[UnclaimedItem]:
        return paid_by(self.subject)

    @cached_property
    def may_claim(self) -> bool:
        return False  # here one looks at what was paid

    def get_context(self) -> dict[str, Any]:
        payment, said = self.subject, self.subject.inputs
        voided = payment.voided_by.first()
        total = Money(sum(item["amount_minor"] for item in said["items"]), payment.organization.currency)
        return {
            "title": f"Payment {said['reference']}",
            "description": f"{PAID_TO[Payee(said['payee'])]} on {locale.long_day(payment.effective_on)}, {total}",
            "status": "voided" if voided else "posted",
            "crumbs": _crumbs(payment.organization),
            "list_title": "What was paid",
            "actions": self._buttons(is_voided=voided is not None),
        }

    def _buttons(self, *, is_voided: bool) -> list[dict[str, Any]]:
        pk = self.subject.pk
        buttons: list[dict[str, Any]] = [
            {"label": "PDF", "url": reverse("unclaimed-payment-pdf", args=[pk]), "icon": "file-down"}
        ]
        if self.may(JOURNAL_VIEW, self.subject):
            buttons.append({"label": "Entry", "url": reverse("ledger-event", args=[pk]), "icon": "book-open"})
        if (
            not is_voided
            and self.may(UNCLAIMED_PAY, self.subject)
            and self.may(ENTITLEMENT_VOID, self.subject)
        ):
            buttons.append({"label": "Void", "url": reverse("event-void", args=[pk]), "dialog": True})
        return buttons


class UnclaimedPaymentPdf(PaymentSubject):
    """The list of what was paid, on paper, in the holder's locale."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any, pk: int) -> HttpResponse:
        payment = self.subject
        items = list(paid_by(payment))
        names = exportable_names(self.actor, [one.patient_id for one in items])
        if names:
            record_patient_read(self.actor, "export", list(names), detail="unclaimed property")
        with locale.using(LOCALE.at(payment.organization)):
            content = payment_pdf(payment, items, names, paper_head(payment.organization))
        return pdf_response(f"unclaimed-property-{payment.pk}", content)
