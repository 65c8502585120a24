"""Pages of who may use an entitlement beside the patient whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.views.base import found
from core.views.form import FormPage
from ledger.actions.beneficiary import add_beneficiary, remove_beneficiary
from ledger.permissions import ENTITLEMENT_SHARE, ENTITLEMENT_VIEW
from ledger.queries.beneficiary import beneficiaries_of, places_to_share, units_used_by
from ledger.queries.entitlement import bearers_seen
from ledger.tables.entitlement import BeneficiaryFilter, BeneficiaryTable
from ledger.views.entitlement import SOMEBODY, EntitlementSubject, LoggedPrepaid
from orgs.forms.organization import ReasonForm
from patients.queries.patient import patients_for
from patients.views.choice import PatientChoice

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_tables2 import Table

    from ledger.models import Beneficiary
    from orgs.models import Organization
    from patients.models import Patient


class EntitlementPeople(EntitlementSubject, LoggedPrepaid):
    """Who may use an entitlement, and how much each of them used."""

    permission = ENTITLEMENT_VIEW
    shows = "people of an entitlement"
    table_class = BeneficiaryTable
    filter_class = BeneficiaryFilter
    title = "People"

    def permission_target(self) -> None:
        """Whoever sees the entitlement sees that others use it."""

    def get_rows(self) -> QuerySet[Beneficiary]:
        return beneficiaries_of(self.subject)

    def get_table(self, rows: Any) -> Table:
        table = super().get_table(rows)
        table.may_remove = places_to_share(self.actor).exists()
        return table

    def decorate(self, records: Sequence[Any]) -> None:
        used = units_used_by(self.subject)
        seen = set(
            patients_for(self.actor)
            .filter(pk__in=[one.patient_id for one in records])
            .values_list("pk", flat=True)
        )
        for one in records:
            one.used, one.is_seen = used[one.patient_id], one.patient_id in seen

    def on_page(self, records: Sequence[Any]) -> None:
        record_patient_read(
            self.actor, "list", [one.patient_id for one in records if one.is_seen], detail=self.shows
        )

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        bearer = one.patient.full_name if bearers_seen(self.actor, [one.pk]) else SOMEBODY
        most = locale.number(one.package.most_people)
        add = {
            "label": "Add",
            "url": reverse("entitlement-person-add", args=[one.pk]),
            "icon": "user-round-plus",
        }
        return {
            "description": f"{one.package.name} · {bearer} and at most {most} people in all",
            "crumbs": crumbs_of(self),
            "actions": [add] if places_to_share(self.actor).exists() else [],
        }


def crumbs_of(view: EntitlementSubject) -> list[dict[str, str]]:
    one = view.subject
    return [
        {"label": "Entitlements", "url": reverse("entitlement-list")},
        {"label": one.package.name, "url": reverse("entitlement", args=[one.pk])},
    ]


class SharesEntitlement(EntitlementSubject, abstract=True):
    """What says who may use an entitlement, at an organization where the person may say so."""

    permission = ENTITLEMENT_SHARE

    def place(self) -> Organization | None:
        """The holder if they may there, else the first organization where they may."""
        places = places_to_share(self.actor).order_by("lft")
        return places.filter(pk=self.subject.holder_id).first() or places.first()

    def permission_target(self) -> Any:
        return self.place() or self.subject


class EntitlementPersonAdd(SharesEntitlement, PatientChoice):
    """Find the patient who may use it, too."""

    permission = ENTITLEMENT_SHARE
    title = "Add a person"
    description = "Find the patient who may use what is left of it, too."

    def url_of(self, patient: Patient) -> str:
        return reverse("entitlement-person-add-to", args=[self.subject.pk, patient.pk])

    def get_context(self) -> dict[str, Any]:
        return {"crumbs": crumbs_of(self)}


class SharingForm(SharesEntitlement, FormPage, abstract=True):
    """A dialog with the reason why somebody may use it, or no longer."""

    permission = ENTITLEMENT_SHARE
    form_class = ReasonForm

    def record_version(self) -> None:
        """Who uses it is read under its lock; the entitlement has no version."""

    def success_url(self, result: Any) -> str:
        return reverse("entitlement-people", args=[self.subject.pk])


class EntitlementPersonAddTo(SharingForm):
    """Let a patient use it, too."""

    title = "Add a person"
    submit_label = "Add"

    def get_subject(self) -> Any:
        self.patient()  # whom one doesn't see is not found, whatever one may do with the entitlement
        return super().get_subject()

    def patient(self) -> Patient:
        return found(patients_for(self.actor), pk=self.kwargs["patient"])  # type: ignore[no-any-return]

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.subject.package.name} · {self.patient().full_name}",
            "consequences": [
                f"{self.patient().full_name} may use what is left of it, wherever it is redeemed."
            ],
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> Beneficiary:
        return add_beneficiary(
            self.actor,
            self.permission_target(),
            entitlement=self.subject,
            patient=self.patient(),
            reason=form.cleaned_data["reason"],
        )

    def success_message(self, result: Beneficiary) -> str:
        return f"{self.patient().full_name} may use it now."


class EntitlementPersonRemove(SharingForm):
    """End it that a patient uses it."""

    title = "Remove a person"
    submit_label = "Remove"

    def beneficiary(self) -> Beneficiary:
        return found(beneficiaries_of(self.subject), pk=self.kwargs["person"])  # type: ignore[no-any-return]

    def name(self) -> str:
        patient = self.beneficiary().patient
        return patient.full_name if patients_for(self.actor).filter(pk=patient.pk).exists() else SOMEBODY

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.subject.package.name} · {self.name()}",
            "consequences": ["They may not use it any more. What they used stays used."],
            "cancel_url": self.success_url(None),
            "danger": True,
        }

    def perform(self, form: Any) -> Beneficiary:
        return remove_beneficiary(
            self.actor,
            self.permission_target(),
            beneficiary=self.beneficiary(),
            reason=form.cleaned_data["reason"],
        )

    def success_message(self, result: Beneficiary) -> str:
        return "They may not use it any more."
