"""Sending a statement, and saying what the columns of a CSV have."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core.views.base import ConsoleView, found
from core.views.form import FormPage
from orgs.queries.access import organizations_for
from orgs.queries.organization import visible_organizations
from settlement.actions.statement import BadLines, check_file, read_statement, send_statement
from settlement.forms.reconciliation import ColumnsForm, StatementForm
from settlement.models import Reconciliation, StatementImport
from settlement.permissions import RECONCILIATION_MATCH
from settlement.queries.reconciliation import mapping_of, reconciliation_of, statements_for
from settlement.rules.statement_csv import Mapping, guessed
from settlement.views.parts import crumbs


class StatementSend(FormPage):
    """Send the statement of a counterparty or of the bank."""

    permission = RECONCILIATION_MATCH
    module = "finance"
    title = "Send a statement"
    submit_label = "Continue"

    def get_form(self, data: Any = None, files: Any = None) -> StatementForm:
        books = organizations_for(self.actor, RECONCILIATION_MATCH).exclude(kind="third_party")
        counterparties = visible_organizations(self.actor).exclude(kind="third_party")
        return StatementForm(
            data, files, books=books.exclude(status="archived"), counterparties=counterparties
        )

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "Its lines are matched with the books; nothing is posted.",
            "cancel_url": reverse("reconciliation-list"),
            "crumbs": crumbs("reconciliation-list"),
        }

    def perform(self, form: Any) -> StatementImport | Reconciliation:
        data = form.cleaned_data
        check_file(data["file"].name, data["file"].size)
        statement = send_statement(
            self.actor,
            data["organization"],
            counterparty=data["counterparty"],
            file_name=data["file"].name,
            content=data["file"].read(),
        )
        self.is_known = statement.read_at is not None
        if self.is_known:
            return reconciliation_of(statement)
        if statement.form == StatementImport.Form.CAMT:
            return read_statement(self.actor, statement)
        return statement

    def success_url(self, result: Any) -> str:
        name = "reconciliation" if isinstance(result, Reconciliation) else "statement-columns"
        return reverse(name, args=[result.pk])

    def success_message(self, result: Any) -> str:
        if self.is_known:
            return "This file was sent before; here is what it came to."
        return "Matched." if isinstance(result, Reconciliation) else "Check what its columns have."


class StatementSubject(ConsoleView, abstract=True):
    """A page about one statement that the actor may see."""

    subject: StatementImport

    def get_subject(self) -> StatementImport:
        return found(statements_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class StatementColumns(StatementSubject, FormPage):
    """Say what the columns of a CSV have; kept for the next file of the same counterparty."""

    permission = RECONCILIATION_MATCH
    template = "settlement/statement_columns.html"
    title = "Columns of the statement"
    submit_label = "Match"
    success = "Matched."
    problems: tuple[tuple[int, str], ...] = ()

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.subject.read_at is not None:
            return self.redirect(self.success_url(reconciliation_of(self.subject)))
        return super().get(request, *args, **kwargs)

    def get_form(self, data: Any = None, files: Any = None) -> ColumnsForm:
        content = bytes(self.subject.content or b"")
        kept = mapping_of(self.subject.organization_id, self.subject.counterparty_id)
        mapping = Mapping.read(kept) if kept else guessed(content)
        return ColumnsForm(data, content=content, mapping=mapping, currency=self.subject.currency)

    def get_context(self) -> dict[str, Any]:
        with_whom = self.subject.counterparty.name if self.subject.counterparty else "the bank"
        return {
            "description": f"{self.subject.file_name}, of {with_whom}, for the books of {self.subject.organization.name}",
            "cancel_url": reverse("reconciliation-list"),
            "crumbs": crumbs("reconciliation-list"),
            "problems": self.problems,
        }

    def perform(self, form: Any) -> Reconciliation:
        try:
            return read_statement(self.actor, self.subject, **form.asked())
        except BadLines as wrong:
            self.problems = tuple(wrong.problems)
            raise

    def success_url(self, result: Any) -> str:
        return reverse("reconciliation", args=[result.pk])
