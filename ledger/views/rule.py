"""Pages of transactional rules: every rule as a plain sentence, with its versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from ledger.actions import rule as actions
from ledger.forms.rule import EndRuleForm, NewRuleForm, RuleForm
from ledger.models import RuleVersion
from ledger.permissions import RULE_ACTIVATE, RULE_EDIT, RULE_VIEW
from ledger.queries.backtest import backtests_for
from ledger.queries.rule import newest, rule_in, rule_versions_for
from ledger.rules.wording import changes
from ledger.scenario.example import example_names
from ledger.tables.rule import ALL_VERSIONS, RuleFilter, RuleTable
from orgs.queries import tree
from orgs.queries.organization import visible_organizations
from people.queries.user import names_of

MOST_TESTS = 10


class RuleList(ListPage):
    """Every rule as a sentence: its newest version and the draft that waits, or all versions."""

    permission = RULE_VIEW
    module = "rules"
    title = "Rules"
    shipped_views = (("Drafts that wait", "status=draft"),)
    table_class = RuleTable
    filter_class = RuleFilter

    def get_rows(self) -> QuerySet[RuleVersion]:
        rows = rule_versions_for(self.actor)
        return rows if self.request.GET.get("versions") == ALL_VERSIONS else newest(rows)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(RULE_ACTIVATE):
            return []
        return [
            BulkAction("Activate", "circle-check", reverse("rule-activate-many")),
            BulkAction("End", "calendar-x", reverse("rule-end-many")),
        ]

    def get_context(self) -> dict[str, Any]:
        add = {"label": "New rule", "url": reverse("rule-add"), "icon": "plus", "style": "primary"}
        return {
            "description": "Who pays whom, how much, and how it is shown. A rule is never edited; a new version takes over.",
            "actions": [add] if self.may(RULE_EDIT) else [],
        }


class RuleSubject(ConsoleView, abstract=True):
    """A page about one version of a rule."""

    permission = RULE_VIEW
    module = "rules"
    subject: RuleVersion

    def get_subject(self) -> RuleVersion:
        return found(rule_versions_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class RulePage(RuleSubject):
    """What a version says, its state, and the other versions of its rule."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        versions = list(rule_versions_for(self.actor).filter(rule=one.rule_id))
        before = next((v for v in versions if v.number < one.number), None)
        people = names_of(uid for v in versions for uid in (v.author_id, v.activated_by_id) if uid)
        context = {
            "title": one.rule.code,
            "description": f"Version {one.number} · {one.get_event_display().lower()}",
            "status": one.status,
            "status_label": one.get_status_display(),
            "crumbs": [{"label": "Rules", "url": reverse("rule-list")}],
            "actions": self._actions(one),
            "version": one,
            "changes": changes(before.sentence, one.sentence) if before else (),
            "before": before,
            "examples": example_names(one.examples),
            "may_edit": one.status == RuleVersion.Status.DRAFT and self.may(RULE_EDIT),
            "tests": list(backtests_for(self.actor).filter(rule_version=one)[:MOST_TESTS]),
            "versions": [
                (v, people.get(v.author_id or 0, "–"), people.get(v.activated_by_id or 0, "–"))
                for v in versions
            ],
        }
        return self.page("ledger/rule.html", context)

    def _actions(self, one: RuleVersion) -> list[dict[str, Any]]:
        draft, active = one.status == RuleVersion.Status.DRAFT, one.status == RuleVersion.Status.ACTIVE
        wanted = [
            (draft and self.may(RULE_EDIT), "Delete draft", "rule-delete", "trash-2", "", True),
            (draft and self.may(RULE_EDIT), "Edit draft", "rule-edit", "pencil", "", False),
            (draft and self.may(RULE_EDIT), "Back-test", "backtest-add", "history", "", True),
            (not draft and self.may(RULE_EDIT), "New version", "rule-next", "copy-plus", "", False),
            (active and self.may(RULE_ACTIVATE), "End", "rule-end", "calendar-x", "", True),
            (
                draft and self.may(RULE_ACTIVATE),
                "Activate",
                "rule-activate",
                "circle-check",
                "primary",
                True,
            ),
        ]
        return [
            {
                "label": label,
                "url": reverse(name, args=[one.pk]),
                "icon": icon,
                "style": style,
                "dialog": dialog,
            }
            for shown, label, name, icon, style, dialog in wanted
            if shown
        ]


class RuleAdd(FormPage):
    """Draft a rule, or the next version of one."""

    permission = RULE_EDIT
    module = "rules"
    title = "New rule"
    submit_label = "Save as draft"

    def get_form(self, data: Any = None, files: Any = None) -> NewRuleForm:
        return NewRuleForm(data, books=books(self), currency=self.request.network.currency)

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": reverse("rule-list"),
            "crumbs": [{"label": "Rules", "url": reverse("rule-list")}],
        }

    def perform(self, form: Any) -> RuleVersion:
        return actions.draft_rule(self.actor, tree.root(), code=form.cleaned_data["code"], terms=form.terms())

    def success_url(self, result: RuleVersion) -> str:
        return reverse("rule", args=[result.pk])

    def success_message(self, result: RuleVersion) -> str:
        return f"{result.rule.code} is a draft. Somebody else has to activate it."


class RuleChange(RuleSubject, FormPage, abstract=True):
    """A form about one version; afterwards its page."""

    permission = RULE_ACTIVATE
    consequences: ClassVar[list[str]] = []

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.subject.rule.code}, version {self.subject.number}",
            "intro": self.subject.sentence,
            "consequences": self.consequences,
            "cancel_url": reverse("rule", args=[self.subject.pk]),
        }

    def success_url(self, result: Any) -> str:
        return reverse("rule", args=[self.subject.pk])


class RuleEdit(RuleChange):
    """Edit a draft."""

    permission = RULE_EDIT
    title = "Edit draft"
    submit_label = "Save draft"

    def get_form(self, data: Any = None, files: Any = None) -> RuleForm:
        currency = self.request.network.currency
        return RuleForm(data, books=books(self), currency=currency, rule=rule_in(self.subject))

    def perform(self, form: Any) -> RuleVersion:
        return actions.edit_draft(self.actor, self.subject, terms=form.terms(), seen=self.subject.version)


class RuleNext(RuleEdit):
    """Draft the next version of a rule from one that there is."""

    title = "New version"
    submit_label = "Save as draft"

    def get_form(self, data: Any = None, files: Any = None) -> RuleForm:
        form = super().get_form(data)
        form.initial["starts_on"] = None  # its own days, after those of the version in force
        return form

    def perform(self, form: Any) -> RuleVersion:
        return actions.draft_rule(self.actor, tree.root(), code=self.subject.rule.code, terms=form.terms())

    def success_url(self, result: RuleVersion) -> str:
        return reverse("rule", args=[result.pk])

    def success_message(self, result: RuleVersion) -> str:
        return f"Version {result.number} of {result.rule.code} is a draft. Somebody else has to activate it."


class RuleDelete(RuleChange):
    """Throw a draft away."""

    permission = RULE_EDIT
    title = "Delete draft"
    submit_label = "Delete draft"
    consequences = ["The draft is gone. The audit trail keeps what it said."]

    def perform(self, form: Any) -> None:
        actions.delete_draft(self.actor, self.subject, seen=self.subject.version)

    def success_url(self, result: Any) -> str:
        return reverse("rule-list")

    def success_message(self, result: Any) -> str:
        return "The draft was deleted."


class RuleActivate(RuleChange):
    """Put a draft into force."""

    title = "Activate rule"
    submit_label = "Activate"
    consequences = [
        "It answers for every event from its first day on; the version before it ends the day before.",
        "Its worked examples run first; it is not activated while one of them fails.",
    ]

    def perform(self, form: Any) -> RuleVersion:
        return actions.activate_rule(self.actor, self.subject, seen=self.subject.version)

    def success_message(self, result: Any) -> str:
        return f"{self.subject.rule.code} is in force."


class RuleEnd(RuleChange):
    """End an active version after a day."""

    title = "End rule"
    submit_label = "End rule"
    consequences = ["It goes on answering for the days until then."]

    def get_form(self, data: Any = None, files: Any = None) -> EndRuleForm:
        return EndRuleForm(data)

    def perform(self, form: Any) -> RuleVersion:
        return actions.end_rule(
            self.actor, self.subject, last_on=form.cleaned_data["last_on"], seen=self.subject.version
        )

    def success_message(self, result: Any) -> str:
        return f"{self.subject.rule.code} ends."


def books(view: ConsoleView) -> Any:
    """Organizations that a rule can name, in tree order."""
    return (
        visible_organizations(view.actor)
        .exclude(kind="third_party")
        .exclude(status="archived")
        .order_by("lft")
    )
