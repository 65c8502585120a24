"""Reconciliations: the list of them, the findings of one with what explains its difference, and signing it off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from core import locale
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from settlement.actions.reconciliation import match_again, reopen, sign
from settlement.actions.statement import STATEMENT_TOLD
from settlement.forms.reconciliation import WhyForm
from settlement.models import Finding, Reconciliation
from settlement.permissions import RECONCILIATION_MATCH, RECONCILIATION_SIGN, RECONCILIATION_VIEW
from settlement.queries.reconciliation import (
    Explanation,
    explained,
    reconciliations_for,
    unfinished_statements_for,
    with_lines,
    with_progress,
)
from settlement.rules.settings import SIGNED_BY_TWO
from settlement.tables.reconciliation import (
    FindingFilter,
    FindingTable,
    ReconciliationFilter,
    ReconciliationTable,
)
from settlement.views.parts import crumbs

MOST_UNFINISHED = 10


class ReconciliationList(ListPage):
    """Every statement that was matched, and how far it is."""

    permission = RECONCILIATION_VIEW
    module = "finance"
    title = "Statements matched"
    table_class = ReconciliationTable
    filter_class = ReconciliationFilter
    shipped_views = (("Open", "state=open"),)

    template = "settlement/reconciliation_list.html"

    def get_rows(self) -> QuerySet[Reconciliation]:
        return with_progress(reconciliations_for(self.actor))

    def get_context(self) -> dict[str, Any]:
        send = {
            "label": "Send a statement",
            "url": reverse("statement-send"),
            "icon": "upload",
            "style": "primary",
        }
        return {
            "description": "Statements of counterparties and banks, matched with the books.",
            "actions": [send] if self.may(RECONCILIATION_MATCH) else [],
            "clear_action": send if self.may(RECONCILIATION_MATCH) else None,
            "unfinished": unfinished_statements_for(self.actor)[:MOST_UNFINISHED],
        }


class ReconciliationSubject(ConsoleView, abstract=True):
    """A page about one reconciliation that the actor may see."""

    subject: Reconciliation

    def get_subject(self) -> Reconciliation:
        return found(reconciliations_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def here(self) -> str:
        return reverse("reconciliation", args=[self.subject.pk])


class ReconciliationPage(ReconciliationSubject, ListPage):
    """The workbench: ours on the left, theirs on the right; above, what the difference is made of."""

    permission = RECONCILIATION_VIEW
    template = "settlement/reconciliation.html"
    table_class = FindingTable
    filter_class = FindingFilter
    shipped_views = (("Waiting", "answer=waiting"),)

    def get_rows(self) -> QuerySet[Finding]:
        return with_lines(Finding.objects.filter(reconciliation=self.subject).select_related("dispute"))

    @cached_property
    def may_match(self) -> bool:
        one = self.subject
        return not (one.is_signed or one.is_being_matched) and self.may(RECONCILIATION_MATCH, one)

    def decorate(self, records: Sequence[Finding]) -> None:
        for one in records:
            sides = len(one.our_lines.all()), len(one.theirs.all())
            one.has_several = sum(sides) > 1  # type: ignore[attr-defined]
            one.can_be_confirmed = all(sides) and not one.difference  # type: ignore[attr-defined]

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may_match:
            return []
        return [
            BulkAction("Confirm", "check", reverse("finding-confirm-many", args=[self.subject.pk])),
            BulkAction("Put together", "link", reverse("finding-together", args=[self.subject.pk])),
        ]

    def get_context(self) -> dict[str, Any]:
        one, why = self.subject, explained(self.subject)
        return {
            "title": str(one),
            "description": f"{locale.long_day(one.since)} to {locale.long_day(one.until)}, {one.statement.file_name}",
            "status": "signed" if one.is_signed else "open",
            "status_label": "Signed off" if one.is_signed else "Open",
            "crumbs": crumbs("reconciliation-list"),
            "list_title": "Findings",
            "stats": _stats(one, why),
            "explanation": why,
            "record_version": one.version,
            "actions": self._actions(why),
            "waits_for_second": bool(one.signed_at) and not one.is_signed,
            "percent": STATEMENT_TOLD.percent_of(one.statement_id),
        }

    def _actions(self, why: Explanation) -> list[dict[str, Any]]:
        one = self.subject
        if one.is_being_matched or not self.may(RECONCILIATION_SIGN, one):
            return []
        if one.is_signed:
            url = reverse("reconciliation-reopen", args=[one.pk])
            return [{"label": "Reopen", "url": url, "icon": "lock-open", "dialog": True}]
        url = reverse("reconciliation-sign", args=[one.pk])
        return [{"label": "Sign off", "url": url, "icon": "pen-line", "style": "primary", "dialog": True}]


def _stats(one: Reconciliation, why: Explanation) -> list[dict[str, Any]]:
    def amount(minor: int) -> Money:
        return Money(minor, one.currency)

    opening = f"opening {amount(one.opening_minor).format()}"
    their_opening = f"opening {amount(one.their_opening_minor).format()}"
    return [
        {"label": "Closing here", "amount": one.closing, "note": opening},
        {"label": "Closing there", "amount": one.their_closing, "note": their_opening},
        {
            "label": "Difference",
            "amount": one.difference,
            "note": "fully explained" if not why.rest else f"{why.rest.format()} unexplained",
            "tone": "ok" if not why.rest else "bad",
        },
        {
            "label": "Waiting",
            "value": locale.number(why.waiting),
            "note": "findings without an answer" if why.waiting else "everything is answered",
            "tone": "warn" if why.waiting else "ok",
        },
    ]


class ReconciliationMatch(ReconciliationSubject):
    """Match what is not answered anew."""

    permission = RECONCILIATION_MATCH

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: match_again(self.actor, self.subject),
            success="It is being matched with the books as they are now.",
            url=self.here(),
        )


class ReconciliationSign(ReconciliationSubject, FormPage):
    """Sign a reconciliation."""

    permission = RECONCILIATION_SIGN
    title = "Sign off"
    submit_label = "Sign"

    def get_form(self, data: Any = None, files: Any = None) -> Any:

        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        effects = ["It is read-only from then on, with everything that it found."]
        if SIGNED_BY_TWO.at(one.organization) and not one.signed_at:
            effects = ["A second person has to sign it, too; a change in between takes your signature away."]
        return {"consequences": effects, "cancel_url": self.here(), "crumbs": crumbs("reconciliation-list")}

    def perform(self, form: Any) -> Reconciliation:
        return sign(self.actor, self.subject, version=self.subject.version)

    def success_url(self, result: Any) -> str:
        return self.here()

    def success_message(self, result: Reconciliation) -> str:
        return "Signed off." if result.is_signed else "Signed. A second person has to sign it, too."


class ReconciliationReopen(ReconciliationSubject, FormPage):
    """Open a reconciliation that was signed off again."""

    permission = RECONCILIATION_SIGN
    title = "Reopen"
    submit_label = "Reopen"
    success = "Open again."

    def get_form(self, data: Any = None, files: Any = None) -> WhyForm:
        return WhyForm(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "consequences": ["The signatures go; what was signed stays in the trail by its hash."],
            "cancel_url": self.here(),
            "crumbs": crumbs("reconciliation-list"),
        }

    def perform(self, form: Any) -> None:
        reopen(self.actor, self.subject, why=form.cleaned_data["why"], version=self.subject.version)

    def success_url(self, result: Any) -> str:
        return self.here()
