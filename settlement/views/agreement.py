"""Pages of netting agreements."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from orgs.queries import tree
from orgs.queries.access import organizations_for
from settlement.actions import agreement as actions
from settlement.forms.agreement import AgreementForm, EndAgreementForm
from settlement.models import NettingAgreement
from settlement.permissions import NETTING_SIGN, SETTLEMENT_VIEW
from settlement.queries.agreement import agreements_for
from settlement.tables.agreement import AgreementFilter, AgreementTable

SHOWN = 200


class AgreementList(ListPage):
    """Who may set off against whom."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    title = "Netting agreements"
    table_class = AgreementTable
    filter_class = AgreementFilter

    def get_rows(self) -> QuerySet[NettingAgreement]:
        return agreements_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        add = {"label": "Record agreement", "url": reverse("netting-add"), "icon": "plus", "style": "primary"}
        return {
            "description": "Who may set off against whom, since when, and on which legal basis.",
            "actions": [add] if self.may(NETTING_SIGN) else [],
        }


class AgreementSubject(ConsoleView, abstract=True):
    """A page about one agreement."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    subject: NettingAgreement

    def get_subject(self) -> NettingAgreement:
        return found(agreements_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class AgreementPage(AgreementSubject):
    """What was agreed, and between whom."""

    def permission_target(self) -> None:
        """Finding it has asked already, at its keeper or at a party."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        end = {"label": "End", "url": reverse("netting-end", args=[pk]), "icon": "calendar-x", "dialog": True}
        context = {
            "title": one.name,
            "description": one.legal_basis,
            "crumbs": [{"label": "Netting agreements", "url": reverse("netting-list")}],
            "actions": [end] if one.ends_on is None and self.may(NETTING_SIGN, one) else [],
            "agreement": one,
            "parties": list(one.parties.select_related("organization").order_by("organization__lft")[:SHOWN]),
        }
        return self.page("settlement/agreement.html", context)


class AgreementAdd(FormPage):
    """Put an agreement on record."""

    permission = NETTING_SIGN
    module = "finance"
    title = "Record netting agreement"
    submit_label = "Record"
    success = "The agreement is on record."

    def get_form(self, data: Any = None, files: Any = None) -> AgreementForm:
        books = organizations_for(self.actor, NETTING_SIGN).exclude(kind="third_party")
        return AgreementForm(
            data, books=books.exclude(status="archived"), currency=self.request.network.currency
        )

    def get_context(self) -> dict[str, Any]:
        return {
            "intro": "It is not edited afterwards: it ends, and another one is recorded.",
            "cancel_url": reverse("netting-list"),
            "crumbs": [{"label": "Netting agreements", "url": reverse("netting-list")}],
        }

    def perform(self, form: Any) -> NettingAgreement:
        signed = form.signed()
        keeper = next(iter([*signed.groups, *signed.parties]), None) or tree.root()
        return actions.sign_agreement(self.actor, keeper, signed=signed)

    def success_url(self, result: NettingAgreement) -> str:
        return reverse("netting", args=[result.pk])


class AgreementEnd(AgreementSubject, FormPage):
    """End an agreement after a day."""

    permission = NETTING_SIGN
    title = "End netting agreement"
    submit_label = "End"
    success = "The agreement ends."
    form_class = EndAgreementForm

    def get_form(self, data: Any = None, files: Any = None) -> EndAgreementForm:
        return EndAgreementForm(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": self.subject.name,
            "consequences": ["Settlements with a later cut-off no longer net under it."],
            "cancel_url": reverse("netting", args=[self.subject.pk]),
        }

    def perform(self, form: Any) -> NettingAgreement:
        return actions.end_agreement(
            self.actor, self.subject, ends_on=form.cleaned_data["ends_on"], seen=self.subject.version
        )

    def success_url(self, result: Any) -> str:
        return reverse("netting", args=[self.subject.pk])
