"""Dialogs that change an entitlement: transfer, extension, freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import found
from core.views.form import FormPage
from ledger.actions.entitlement import (
    end_freeze,
    extend_entitlement,
    freeze_entitlement,
    transfer_entitlement,
)
from ledger.forms.entitlement import ExtendForm, FreezeForm
from ledger.permissions import ENTITLEMENT_CHANGE
from ledger.views.entitlement import EntitlementSubject
from orgs.forms.organization import ReasonForm
from patients.queries.patient import patients_for
from patients.views.choice import PatientChoice

if TYPE_CHECKING:
    from ledger.models import Entitlement, LedgerEvent
    from patients.models import Patient


class EntitlementChange(EntitlementSubject, FormPage, abstract=True):
    """A dialog that changes an entitlement."""

    permission = ENTITLEMENT_CHANGE
    keyed: ClassVar[bool] = True

    def record_version(self) -> None:
        """What it is now is read under its lock; the entitlement has no version."""

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "description": f"{one.package.name} · {one.patient.full_name}",
            "cancel_url": self.success_url(None),
            "consequences": [self.consequence()],
        }

    def consequence(self) -> str:
        raise NotImplementedError

    def success_url(self, result: Any) -> str:
        return reverse("entitlement", args=[self.subject.pk])


class EntitlementExtend(EntitlementChange):
    """Make an entitlement usable until a later day."""

    form_class = ExtendForm
    title = "Extend"
    submit_label = "Extend"

    def consequence(self) -> str:
        until = self.subject.expires_on
        return f"Until now it can be used until {locale.long_day(until)}." if until else "It has no end."

    def perform(self, form: Any) -> LedgerEvent:
        return extend_entitlement(self.actor, self.subject, **form.cleaned_data, key=self.idempotency_key())

    def success_message(self, result: LedgerEvent) -> str:
        return "It can be used longer."


class EntitlementFreeze(EntitlementChange):
    """Pause an entitlement."""

    form_class = FreezeForm
    title = "Freeze"
    submit_label = "Freeze"

    def get_form(self, data: Any = None, files: Any = None) -> FreezeForm:
        return FreezeForm(data, initial={"frozen_on": today_in(self.subject.holder.time_zone)})

    def consequence(self) -> str:
        return "It is not used on these days, both included, and ends so many days later."

    def perform(self, form: Any) -> LedgerEvent:
        return freeze_entitlement(self.actor, self.subject, **form.cleaned_data, key=self.idempotency_key())

    def success_message(self, result: LedgerEvent) -> str:
        return "It is frozen."


class EntitlementFreezeEnd(EntitlementChange):
    """End a freeze today."""

    form_class = ReasonForm
    title = "End the freeze"
    submit_label = "End the freeze"

    def consequence(self) -> str:
        return "It can be used from today on; the days that were left of the freeze are taken off its end."

    def perform(self, form: Any) -> LedgerEvent:
        return end_freeze(self.actor, self.subject, **form.cleaned_data, key=self.idempotency_key())

    def success_message(self, result: LedgerEvent) -> str:
        return "The freeze has ended."


class EntitlementTransfer(EntitlementSubject, PatientChoice):
    """Transfer an entitlement: find the patient first."""

    permission = ENTITLEMENT_CHANGE
    title = "Transfer"
    description = "Find the patient who gets what is left of it."

    def url_of(self, patient: Patient) -> str:
        return reverse("entitlement-transfer-to", args=[self.subject.pk, patient.pk])

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "crumbs": [
                {"label": "Entitlements", "url": reverse("entitlement-list")},
                {"label": one.package.name, "url": reverse("entitlement", args=[one.pk])},
            ]
        }


class EntitlementTransferTo(EntitlementChange):
    """Give what is left of an entitlement to a patient."""

    form_class = ReasonForm
    title = "Transfer"
    submit_label = "Transfer"

    def get_subject(self) -> Entitlement:
        self.patient()  # whom one doesn't see is not found, whatever one may do with the entitlement
        return super().get_subject()

    def patient(self) -> Patient:
        return found(patients_for(self.actor), pk=self.kwargs["patient"])  # type: ignore[no-any-return]

    def consequence(self) -> str:
        return f"What is left of it is {self.patient().full_name}\u2019s, with the same last day."

    def perform(self, form: Any) -> LedgerEvent:
        return transfer_entitlement(
            self.actor,
            self.subject,
            patient=self.patient(),
            reason=form.cleaned_data["reason"],
            key=self.idempotency_key(),
        )

    def success_message(self, result: LedgerEvent) -> str:
        return f"What is left is {self.patient().full_name}\u2019s now."
