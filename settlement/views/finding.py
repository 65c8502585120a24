"""What is done about findings: one by one, and about several at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.views.base import ConsoleView, found
from core.views.bulk import BulkPage
from core.views.form import FormPage
from settlement.actions.reconciliation import answer_finding, item_behind, put_together, take_apart
from settlement.forms.reconciliation import AnswerForm
from settlement.models import Finding, Reconciliation
from settlement.permissions import RECONCILIATION_DISPUTE, RECONCILIATION_MATCH
from settlement.queries.reconciliation import findings_for, reconciliations_for, with_pairs
from settlement.rules.findings import CONFIRMED, TO_DO


class FindingSubject(ConsoleView, abstract=True):
    """A page about one finding of a reconciliation that the actor may see."""

    subject: Finding

    def get_subject(self) -> Finding:
        return found(findings_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def here(self) -> str:
        return reverse("reconciliation", args=[self.subject.reconciliation_id])


class FindingConfirm(FindingSubject):
    """Confirm that its lines are the same, or take back what was answered."""

    permission = RECONCILIATION_MATCH

    def post(self, request: Any, pk: int) -> HttpResponse:
        is_taken_back = request.POST.get("answer") == "none"
        answer, words = ("", "The answer was taken back.") if is_taken_back else (CONFIRMED, "Confirmed.")
        return self.act(
            lambda: answer_finding(self.actor, self.subject, answer=answer),
            success=words,
            url=f"{self.here()}?answer=waiting",
        )


class FindingApart(FindingSubject):
    """Take its lines apart."""

    permission = RECONCILIATION_MATCH

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: take_apart(self.actor, self.subject),
            success="Every line is by itself again.",
            url=f"{self.here()}?answer=waiting",
        )


class FindingAnswer(FindingSubject, FormPage):
    """Accept a difference, dispute the entry, or note it as timing."""

    permission = RECONCILIATION_MATCH
    title = "Answer a finding"
    submit_label = "Answer"
    success = "Answered."

    def get_form(self, data: Any = None, files: Any = None) -> AnswerForm:
        behind = item_behind(self.subject)
        may_dispute = behind is not None and self.may(RECONCILIATION_DISPUTE, self.subject.reconciliation)
        return AnswerForm(data, may_dispute=may_dispute)

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        amounts = f"{one.ours} here, {one.theirs_amount} there."
        return {
            "intro": f"{one.get_name_display()}: {amounts} {one.reason} {TO_DO[one.name]}",
            "cancel_url": self.here(),
        }

    def perform(self, form: Any) -> Finding:
        data = form.cleaned_data
        return answer_finding(
            self.actor,
            self.subject,
            answer=data["answer"],
            note=data["note"],
            reason=data.get("reason") or "other",
        )

    def success_url(self, result: Any) -> str:
        return self.here()


class ManyFindings(BulkPage, abstract=True):
    """Something about several findings of one reconciliation."""

    subject: Reconciliation
    permission = RECONCILIATION_MATCH
    nouns = ("finding", "findings")

    def get_subject(self) -> Reconciliation:
        return found(reconciliations_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    @property
    def list_route(self) -> str:  # type: ignore[override]
        return reverse("reconciliation", args=[self.kwargs["pk"]])

    def get_rows(self) -> QuerySet[Finding]:
        return findings_for(self.actor).filter(reconciliation=self.subject).order_by("on", "pk")

    def version_of(self, record: Finding) -> Any:
        return record.answer


class FindingsConfirm(ManyFindings):
    """Confirm that what was found to be the same is."""

    title = "Confirm findings"
    submit_label = "Confirm"
    done = "confirmed"

    def why_not(self, record: Finding) -> str:
        if record.answer:
            return f"is {record.get_answer_display().lower()}"
        is_pair: bool = record.is_pair  # type: ignore[attr-defined]  # annotated
        return "has a difference" if record.difference or not is_pair else ""

    def get_rows(self) -> QuerySet[Finding]:
        return with_pairs(super().get_rows())

    def do(self, record: Finding, form: Any) -> Finding:
        return answer_finding(self.actor, record, answer=CONFIRMED)


class FindingsTogether(ManyFindings):
    """Make one finding of several."""

    title = "Put findings together"
    submit_label = "Put together"
    done = "put together"
    most = 50
    effects = ("They become one finding, which is exact where the sums are equal.",)

    def why_not(self, record: Finding) -> str:
        return f"is {record.get_answer_display().lower()}" if record.answer else ""

    def do_all(self, records: Sequence[Finding], form: Any) -> None:
        put_together(self.actor, self.subject, findings=records)
