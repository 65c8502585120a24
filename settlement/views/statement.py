"""Sending a statement, and saying what the columns of a CSV have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.views.base import ConsoleView, found
from core.views.form import FormPage
from orgs.queries.access import organizations_for
from orgs.queries.organization import visible_organizations
from settlement.actions.statement import (
    STATEMENT_TOLD,
    BadLines,
    cancel_statement,
    check_file,
    resume_statement,
    send_statement,
    start_statement,
)
from settlement.forms.reconciliation import ColumnsForm, StatementForm
from settlement.models import StatementImport
from settlement.permissions import RECONCILIATION_MATCH, RECONCILIATION_VIEW
from settlement.queries.reconciliation import mapping_of, reconciliation_of, statements_for
from settlement.rules.statement_csv import Mapping, guessed
from settlement.views.parts import crumbs

Status = StatementImport.Status
STARTED = "The statement is being matched. It goes on without this page."


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

    def perform(self, form: Any) -> StatementImport:
        data = form.cleaned_data
        check_file(data["file"].name, data["file"].size)
        statement = send_statement(
            self.actor,
            data["organization"],
            counterparty=data["counterparty"],
            file_name=data["file"].name,
            content=data["file"].read(),
        )
        if statement.status == Status.SENT and statement.form == StatementImport.Form.CAMT:
            start_statement(self.actor, statement)
        return statement

    def success_url(self, result: StatementImport) -> str:
        is_new = result.status == Status.SENT and result.form == StatementImport.Form.CSV
        return reverse("statement-columns" if is_new else "statement-sent", args=[result.pk])

    def success_message(self, result: StatementImport) -> str:
        if result.status != Status.SENT:
            return "This file was sent before; here is what it came to."
        return STARTED if result.form == StatementImport.Form.CAMT else "Check what its columns have."


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
    success = STARTED
    problems: Sequence[Sequence[Any]] | None = None

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.subject.read_at is not None or self.subject.status == Status.WAITING:
            return self.redirect(self.success_url(None))
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
            "problems": self.subject.problems if self.problems is None else self.problems,
        }

    def perform(self, form: Any) -> None:
        try:
            start_statement(self.actor, self.subject, **form.asked())
        except BadLines as wrong:
            self.problems = tuple(wrong.problems)
            raise

    def success_url(self, result: Any) -> str:
        return reverse("statement-sent", args=[self.subject.pk])


class StatementPage(StatementSubject):
    """A statement that isn't matched yet: how far it is, what is wrong with it, or what is to be done next."""

    permission = RECONCILIATION_VIEW
    module = "finance"

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        if one.status == Status.MATCHED:
            return HttpResponseRedirect(reverse("reconciliation", args=[reconciliation_of(one).pk]))
        with_whom = one.counterparty.name if one.counterparty else "the bank"
        return self.page(
            "settlement/statement_sent.html",
            {
                "title": one.file_name,
                "status": one.status,
                "status_label": one.get_status_display(),
                "description": f"Statement of {with_whom} for the books of {one.organization.name}, sent by {one.sent_by}",
                "crumbs": crumbs("reconciliation-list"),
                "one": one,
                "percent": STATEMENT_TOLD.percent_of(one.pk),
                "may_match": self.may(RECONCILIATION_MATCH, one),
                "is_csv": one.form == StatementImport.Form.CSV,
            },
        )


class StatementProgress(StatementSubject):
    """How far a statement is, for the page that looks on; once that has ended, the page is loaded anew."""

    permission = RECONCILIATION_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        if self.subject.status != Status.WAITING:
            return HttpResponse(
                status=204, headers={"HX-Redirect": reverse("statement-sent", args=[self.subject.pk])}
            )
        return self.page(
            "settlement/statement_progress.html",
            {"one": self.subject, "percent": STATEMENT_TOLD.percent_of(self.subject.pk)},
        )


class StatementResume(StatementSubject):
    """Go on with a statement that was cancelled or failed."""

    permission = RECONCILIATION_MATCH

    def post(self, request: Any, pk: int) -> HttpResponse:
        url = reverse("statement-sent", args=[pk])
        return self.act(lambda: resume_statement(self.actor, self.subject), success=STARTED, url=url)


class StatementCancel(StatementSubject):
    """Stop reading or matching a statement."""

    permission = RECONCILIATION_MATCH

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: cancel_statement(self.actor, self.subject),
            success="Cancelled. What was under way is undone.",
            url=reverse("statement-sent", args=[pk]),
        )
