"""Pages of sales and entitlements: receipts, what is left, what happened, refunds and voids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from audit.trail import record_patient_read
from core import locale
from core.clock import today_in
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions.refund import Units, refund
from ledger.actions.void import NOT_VOIDED, void
from ledger.forms.counter import RefundForm
from ledger.models import Entitlement, LedgerEvent, Package
from ledger.permissions import (
    ENTITLEMENT_CHANGE,
    ENTITLEMENT_REFUND,
    ENTITLEMENT_VIEW,
    ENTITLEMENT_VOID,
    JOURNAL_VIEW,
    REDEMPTION_IMPORT,
    SALE_CREATE,
    SALE_VIEW,
)
from ledger.queries.beneficiary import beneficiaries_of, users_of
from ledger.queries.charge_receipt import charged_to
from ledger.queries.entitlement import bearers_seen, bought_by, entitlements_for, history_of, lines_of
from ledger.queries.journal import voidable_events_for
from ledger.queries.refund import (
    never_refunded,
    not_elsewhere,
    refund_places,
    refund_sentence,
    refunded_until,
    too_late_to_refund,
)
from ledger.queries.reminder import last_reminder
from ledger.queries.sale import sales_for
from ledger.queries.tax_back import is_taxed_later
from ledger.queries.tax_summary import tax_of_entitlement
from ledger.queries.top_up import together_with
from ledger.tables.entitlement import EntitlementFilter, EntitlementTable, SaleFilter, SaleTable
from orgs.forms.organization import ReasonForm
from patients.queries.patient import exportable_names, patients_for
from patients.views.subject import PatientSubject

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization
    from patients.models import Patient


SOMEBODY = "a patient whom you don\u2019t see"


class LoggedPrepaid(ListPage, abstract=True):
    """A list that names patients; its files name those whom the actor may export. Both are logged."""

    patient_field = "patient_id"
    shows: ClassVar[str]

    def on_page(self, records: Any) -> None:
        shown = [one.patient_id for one in records if not getattr(one, "is_bearer_hidden", False)]
        record_patient_read(self.actor, "list", shown, detail=self.shows)

    def on_export(self, table: Any, patient_ids: Sequence[int]) -> None:
        table.patient_names = exportable_names(self.actor, patient_ids)
        if table.patient_names:
            record_patient_read(self.actor, "export", list(table.patient_names), detail=self.shows)


class SaleList(LoggedPrepaid):
    """Sales at the organizations one may see."""

    permission = SALE_VIEW
    title = "Sales"
    shows = "sales"
    table_class = SaleTable
    filter_class = SaleFilter

    def get_rows(self) -> Any:
        return sales_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        return {"description": "Packages sold, with their receipts."}


class EntitlementList(LoggedPrepaid):
    """Entitlements one may see."""

    permission = ENTITLEMENT_VIEW
    title = "Entitlements"
    shows = "entitlements"
    table_class = EntitlementTable
    filter_class = EntitlementFilter

    def get_rows(self) -> Any:
        return entitlements_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        seen = bearers_seen(self.actor, [one.pk for one in records])
        for one in records:
            one.is_bearer_hidden = one.pk not in seen

    def get_context(self) -> dict[str, Any]:
        imports = {"label": "Imports", "url": reverse("redemption-import-list"), "icon": "upload"}
        return {
            "description": "What patients bought, and what is left.",
            "actions": [imports] if self.may(REDEMPTION_IMPORT) else [],
        }


class EntitlementSubject(ConsoleView, abstract=True):
    """A page about one entitlement."""

    permission = ENTITLEMENT_VIEW
    subject: Entitlement

    def get_subject(self) -> Entitlement:
        return found(entitlements_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class EntitlementPage(EntitlementSubject):
    """What was bought, what is left of each service, and everything that happened."""

    def permission_target(self) -> None:
        """Holder, seller and the patient's organizations all see it in their lists, so they may open it."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        history = history_of(one)
        is_shared = one.package.use != Package.Use.PERSON
        users = users_of(self.actor, [row.event for row in history]) if is_shared else {}
        is_bearer_seen = one.pk in bearers_seen(self.actor, [one.pk])
        bearer = one.patient.full_name if is_bearer_seen else SOMEBODY
        record_patient_read(
            self.actor,
            "open",
            sorted(
                {user.pk for user in users.values() if user} | ({one.patient_id} if is_bearer_seen else set())
            ),
            organization_id=one.holder_id,
            detail="entitlement",
        )
        lines = list(lines_of(one))
        is_left = any(line.left_units for line in lines)
        may_refund = is_left and refund_places(self.actor, one).exists()
        refund_button = {
            "label": "Refund",
            "url": reverse("entitlement-refund", args=[one.pk]),
            "icon": "undo-2",
            "dialog": True,
        }
        visible = patients_for(self.actor).filter(pk=one.patient_id).exists()
        context = {
            "title": f"{one.package.name}",
            "description": f"{one.code} · {bearer}",
            "status": one.status,
            "status_label": one.get_status_display(),
            "crumbs": [{"label": "Entitlements", "url": reverse("entitlement-list")}],
            "actions": [
                *([people_action(one)] if is_shared else []),
                *([top_up_action(one)] if self.may_top_up(one) else []),
                *(change_actions(one) if is_left and self.may(ENTITLEMENT_CHANGE, one.holder) else []),
                *([refund_button] if may_refund else []),
            ],
            "entitlement": one,
            "bearer": bearer,
            "reminded": last_reminder(one),
            "together": together_with(one),
            "people": f"{beneficiaries_of(one).count() + 1} of at most {locale.number(one.package.most_people)}"
            if is_shared
            else "",
            "lines": [line_figures(line, one.currency) for line in lines],
            "taxes": tax_of_entitlement(one),
            "is_taxed_later": is_taxed_later(one),
            "history": [(row, used_by(users, row.event.pk)) for row in reversed(history)],
            "patient_url": reverse("patient", args=[one.patient_id]) if visible else "",
            "may_void": self.may(ENTITLEMENT_VOID),
            "may_explain": self.may(JOURNAL_VIEW),
            "not_voided": list(NOT_VOIDED),
            "never_refunded": never_refunded(one),
            "refunded_until": refunded_until(one),
        }
        return self.page("ledger/entitlement.html", context)

    def may_top_up(self, one: Entitlement) -> bool:
        return one.status == Entitlement.Status.ACTIVE and self.may(SALE_CREATE)


def used_by(users: Mapping[int, Patient | None], event_id: int) -> str:
    """Who used it, of several people; '' of any other event."""
    user = users.get(event_id)
    return (user.full_name if user else SOMEBODY) if event_id in users else ""


def people_action(entitlement: Entitlement) -> dict[str, Any]:
    url = reverse("entitlement-people", args=[entitlement.pk])
    return {"label": "People", "url": url, "icon": "users"}


def top_up_action(entitlement: Entitlement) -> dict[str, Any]:
    url = reverse("entitlement-top-up", args=[entitlement.pk])
    return {"label": "Top up", "url": url, "icon": "plus"}


def change_actions(entitlement: Entitlement) -> list[dict[str, Any]]:
    """The buttons of an entitlement of which something is left, as far as they make sense today."""
    today = today_in(entitlement.holder.time_zone)
    frozen = entitlement.frozen_until is not None and entitlement.frozen_until >= today

    def button(label: str, name: str, icon: str, *, dialog: bool = True) -> dict[str, Any]:
        url = reverse(name, args=[entitlement.pk])
        return {"label": label, "url": url, "icon": icon, **({"dialog": True} if dialog else {})}

    return [
        button("End freeze", "entitlement-freeze-end", "sun")
        if frozen
        else button("Freeze", "entitlement-freeze", "snowflake"),
        *([button("Extend", "entitlement-extend", "calendar-plus")] if entitlement.expires_on else []),
        button("Transfer", "entitlement-transfer", "user-round-plus", dialog=False),
    ]


def line_figures(line: Any, currency: str) -> dict[str, Any]:
    """An entitlement line with its figures as money."""
    return {
        "service": line.what,
        "quantity": line.quantity_text,
        "left": line.left_text,
        "allocated": Money(line.total_minor, currency),
        "taken": Money(line.total_minor - line.open_minor, currency),
        "open": Money(line.open_minor, currency),
    }


class PatientPrepaid(PatientSubject):
    """The tab of a patient's page: what they bought, as far as one may see it."""

    permission = ENTITLEMENT_VIEW
    shows = "Prepaid"

    def get(self, request: Any, pk: int) -> HttpResponse:
        bought = bought_by(self.actor, self.subject)
        context = {"entitlements": bought, "charged": charged_to(self.actor, self.subject)}
        return self.page("ledger/patient_prepaid.html", self.about() | context)


class EntitlementRefund(EntitlementSubject, FormPage):
    """Refund unused units as they were sold, at the holder or wherever else its policy lets one pay it out."""

    permission = ENTITLEMENT_REFUND
    form_class = RefundForm
    title = "Refund unused units"
    submit_label = "Refund"
    keyed: ClassVar[bool] = True

    def record_version(self) -> None:
        """Units are checked when they are refunded; the entitlement has no version."""

    def permission_target(self) -> Any:
        """Wherever the person may pay out; whether the holder lets them, the page and the action say."""
        return self.places.first() or self.subject

    @cached_property
    def places(self) -> QuerySet[Organization]:
        return refund_places(self.actor, self.subject)

    @cached_property
    def may_at_holder(self) -> bool:
        return self.may(ENTITLEMENT_REFUND, self.subject)

    def get_form(self, data: Any = None, files: Any = None) -> RefundForm:
        holder = self.subject.holder_id
        is_choice = not not_elsewhere(self.subject) and self.places.exclude(pk=holder).exists()
        is_typed = data is not None and "organization" in data  # the action says why it can't be
        return RefundForm(
            data,
            initial={"organization": holder} if self.may_at_holder else {},
            lines=list(lines_of(self.subject)),
            places=self.places if is_choice or is_typed else None,
        )

    def get_context(self) -> dict[str, Any]:
        holder = self.subject.holder
        no = never_refunded(self.subject) or too_late_to_refund(self.subject, today_in(holder.time_zone))
        no = no or ("" if self.may_at_holder else not_elsewhere(self.subject))
        return {
            "blockers": [{"text": no}] if no else [],
            "description": f"{self.subject.package.name} · {self.subject.patient.full_name}",
            "consequences": [
                refund_sentence(self.subject),
                *([] if not_elsewhere(self.subject) else ["Whoever else pays it out is owed the money."]),
                *(
                    [
                        f"Who keeps another currency than {holder.currency} pays out what it is worth on the day."
                    ]
                    if self.places.exclude(currency=holder.currency).exists()
                    else []
                ),
            ],
            "cancel_url": self.success_url(None),
            "danger": True,
        }

    def perform(self, form: Any) -> LedgerEvent:
        units = [Units(line, quantity) for line, quantity in form.chosen()]
        return refund(
            self.actor,
            form.cleaned_data.get("organization") or self.subject.holder,
            entitlement=self.subject,
            units=units,
            reason=form.cleaned_data["reason"],
            key=self.idempotency_key(),
        )

    def success_url(self, result: Any) -> str:
        return reverse("entitlement", args=[self.subject.pk])

    def success_message(self, result: Any) -> str:
        return "The unused units were refunded."


class EventVoid(FormPage):
    """Void an event: post its exact opposite."""

    permission = ENTITLEMENT_VOID
    form_class = ReasonForm
    title = "Void this event"
    submit_label = "Void"
    keyed: ClassVar[bool] = True
    subject: LedgerEvent

    def get_subject(self) -> LedgerEvent:
        return found(voidable_events_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def record_version(self) -> None:
        """Events never change, so they have no version."""

    def get_context(self) -> dict[str, Any]:
        event = self.subject
        return {
            "description": f"{event.get_kind_display()} of {locale.long_day(event.effective_on)} at {event.organization.name}",
            "consequences": [
                "The exact opposite is posted today, in the open period.",
                "Units that were used come back.",
            ],
            "danger": True,
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> LedgerEvent:
        return void(self.actor, self.subject, reason=form.cleaned_data["reason"], key=self.idempotency_key())

    def success_url(self, result: Any) -> str:
        entitlement = Entitlement.objects.filter(lines__movements__event=self.subject).first()
        if entitlement is not None and entitlements_for(self.actor).filter(pk=entitlement.pk).exists():
            return reverse("entitlement", args=[entitlement.pk])
        return reverse("ledger-event", args=[self.subject.pk])

    def success_message(self, result: Any) -> str:
        return f"{self.subject.get_kind_display()} {self.subject.pk} was voided."
