"""Pages of a rule's worked examples: written with a draft, and run."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from ledger.actions import rule as actions
from ledger.forms.backtest import ExamplesForm
from ledger.models import RuleVersion
from ledger.permissions import RULE_EDIT
from ledger.queries.example import starter
from ledger.queries.rule import rule_in
from ledger.scenario.example import run_examples
from ledger.views.rule import RuleChange, RuleSubject


class RuleExamples(RuleSubject):
    """Runs the examples of a version in throw-away networks: every expectation with what came of it."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        reports = run_examples(rule_in(one), one.examples)
        is_draft = one.status == RuleVersion.Status.DRAFT
        edit = {"label": "Edit examples", "url": reverse("rule-examples-edit", args=[pk]), "icon": "pencil"}
        context = {
            "title": "Worked examples",
            "description": str(one),
            "crumbs": [
                {"label": "Rules", "url": reverse("rule-list")},
                {"label": one.rule.code, "url": reverse("rule", args=[pk])},
            ],
            "actions": [edit] if is_draft and self.may(RULE_EDIT) else [],
            "version": one,
            "reports": reports,
        }
        return self.page("ledger/rule_examples.html", context)


class RuleExamplesEdit(RuleChange):
    """Write the examples of a draft."""

    permission = RULE_EDIT
    title = "Worked examples"
    submit_label = "Save and run"

    def get_form(self, data: Any = None, files: Any = None) -> ExamplesForm:
        one = self.subject
        return ExamplesForm(data, initial={"examples": one.examples or starter(rule_in(one))})

    def perform(self, form: Any) -> RuleVersion:
        examples = form.cleaned_data["examples"]
        return actions.write_examples(self.actor, self.subject, examples=examples, seen=self.subject.version)

    def success_url(self, result: Any) -> str:
        return reverse("rule-examples", args=[self.subject.pk])

    def success_message(self, result: Any) -> str:
        return "The examples were saved and run."
