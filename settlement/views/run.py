"""Pages of settlement runs: proposals with what each pays and why, four eyes, and the state of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.errors import Refused
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from orgs.queries.access import organizations_for
from settlement.actions import payment as payments
from settlement.actions import run as actions
from settlement.actions.payment_file import KINDS, take_payment_file
from settlement.actions.run import proposed_it
from settlement.forms.run import ApproveForm, ProposeForm, ReasonForm, SettleForm
from settlement.models import Remittance, SettlementRun
from settlement.permissions import (
    SETTLEMENT_APPROVE,
    SETTLEMENT_PAY,
    SETTLEMENT_PROPOSE,
    SETTLEMENT_VIEW,
)
from settlement.queries.content import content_hash, without_account
from settlement.queries.run import remittances_for, runs_for
from settlement.tables.run import PartyFilter, PartyTable, RunFilter, RunTable

Status = SettlementRun.Status
UNPAID = (Status.PROPOSED, Status.APPROVED, Status.PAYING)


class RunList(ListPage):
    """Every settlement, newest first."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    title = "Settlements"
    table_class = RunTable
    filter_class = RunFilter
    shipped_views = (("Waiting for approval", "status=proposed"), ("Being paid", "status=paying"))

    def get_rows(self) -> QuerySet[SettlementRun]:
        return runs_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        propose = {
            "label": "Propose",
            "url": reverse("settlement-propose"),
            "icon": "plus",
            "style": "primary",
        }
        return {
            "description": "What organizations owe one another is netted, approved by a second person, and paid.",
            "actions": [propose] if self.may(SETTLEMENT_PROPOSE) else [],
        }


class RunSubject(ConsoleView, abstract=True):
    """A page about one run."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    subject: SettlementRun

    def get_subject(self) -> SettlementRun:
        return found(runs_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def run_context(self) -> dict[str, Any]:
        """What every tab of a run says above its list."""
        run = self.subject
        tabs = [("Organizations", "settlement"), ("Payments", "settlement-payments")]
        return {
            "title": str(run),
            "status": run.status,
            "status_label": run.get_status_display(),
            "description": f"{run.organization.name}, everything effective until {locale.long_day(run.cutoff_on)}",
            "crumbs": [{"label": "Settlements", "url": reverse("settlement-list")}],
            "tabs": [
                {
                    "label": label,
                    "url": reverse(name, args=[run.pk]),
                    "current": self.request.path == reverse(name, args=[run.pk]),
                }
                for label, name in tabs
            ],
            "actions": self._actions(run),
            "run": run,
            "without_account": without_account(run) if run.status in UNPAID else [],
            "awaits_another": run.status == Status.PROPOSED and proposed_it(self.actor, run),
            "stats": [
                {"label": "Claims", "value": locale.number(run.item_count)},
                {"label": "Owed either way", "amount": run.gross},
                {"label": "Netted away", "amount": run.gross - run.net},
                {
                    "label": "To be paid",
                    "amount": run.net,
                    "note": f"due {locale.day(run.pay_on)}" if run.pay_on else "",
                },
            ],
            "files": list(KINDS.items())
            if run.status in (Status.APPROVED, Status.PAYING) and self.may(SETTLEMENT_PAY, run)
            else [],
        }

    def _is_mine_to_approve(self, run: SettlementRun) -> bool:
        return run.status == Status.PROPOSED and not proposed_it(self.actor, run)

    def _actions(self, run: SettlementRun) -> list[dict[str, Any]]:
        early = run.status in (Status.PROPOSED, Status.APPROVED)
        due = run.status in (Status.APPROVED, Status.PAYING)
        wanted = [
            (early, SETTLEMENT_PROPOSE, "Cancel", "settlement-cancel", "ban", ""),
            (run.status == Status.APPROVED, SETTLEMENT_APPROVE, "Withdraw approval", "settlement-withdraw", "undo-2", ""),
            (due, SETTLEMENT_PAY, "Everything is paid", "settlement-settle", "circle-check", "primary"),
            (self._is_mine_to_approve(run), SETTLEMENT_APPROVE, "Approve", "settlement-approve", "circle-check", "primary"),
        ]  # fmt: skip
        return [
            {
                "label": label,
                "url": reverse(name, args=[run.pk]),
                "icon": icon,
                "style": style,
                "dialog": True,
            }
            for shown, permission, label, name, icon, style in wanted
            if shown and self.may(permission, run)
        ]


class RunPage(RunSubject, ListPage):
    """What each organization pays or receives, and why."""

    permission = SETTLEMENT_VIEW
    template = "settlement/run.html"
    table_class = PartyTable
    filter_class = PartyFilter

    def get_rows(self) -> QuerySet[Remittance]:
        return remittances_for(self.actor).filter(run=self.subject)

    def get_context(self) -> dict[str, Any]:
        return self.run_context() | {"list_title": "What each pays or receives"}


class RunPropose(FormPage):
    """Collect what is open, and see what it comes to before anybody approves it."""

    permission = SETTLEMENT_PROPOSE
    module = "finance"
    title = "Propose a settlement"
    submit_label = "Propose"
    keyed = True

    def get_form(self, data: Any = None, files: Any = None) -> ProposeForm:
        books = organizations_for(self.actor, SETTLEMENT_PROPOSE).exclude(kind="third_party")
        books = books.exclude(status="archived")
        today = today_in(self.request.network.time_zone)
        initial = {"cutoff_on": today.replace(day=1) - timedelta(days=1)}
        return ProposeForm(data, books=books, currency=self.request.network.currency, initial=initial)

    def get_context(self) -> dict[str, Any]:
        return {
            "intro": "Without choosing organizations, everything is netted that lies at or below the one that runs it "
            "and is covered by netting agreements.",
            "cancel_url": reverse("settlement-list"),
            "crumbs": [{"label": "Settlements", "url": reverse("settlement-list")}],
        }

    def perform(self, form: Any) -> SettlementRun:
        data = form.cleaned_data
        proposal = actions.Proposal(
            data["cutoff_on"], data["method"], list(data["organizations"]), form.currency
        )
        return actions.propose_run(
            self.actor, data["organization"], proposal=proposal, key=self.idempotency_key()
        )

    def success_url(self, result: SettlementRun) -> str:
        return reverse("settlement", args=[result.pk])

    def success_message(self, result: SettlementRun) -> str:
        return f"{result} nets {locale.counted(result.item_count, 'claim', 'claims')}. Somebody else has to approve it."


class RunChange(RunSubject, FormPage, abstract=True):
    """A form about one run; afterwards its page."""

    consequences: ClassVar[list[str]] = []
    form_class = ReasonForm

    def get_context(self) -> dict[str, Any]:
        run = self.subject
        return {
            "description": f"{run}, until {locale.long_day(run.cutoff_on)}",
            "consequences": self.consequences,
            "cancel_url": reverse("settlement", args=[run.pk]),
        }

    def record_version(self) -> None:
        """The actions compare what was seen themselves, or take whatever state they find."""

    def success_url(self, result: Any) -> str:
        return reverse("settlement", args=[self.subject.pk])


class RunApprove(RunChange):
    """Approve a run as it is shown."""

    permission = SETTLEMENT_APPROVE
    title = "Approve settlement"
    submit_label = "Approve"

    def get_form(self, data: Any = None, files: Any = None) -> ApproveForm:
        return ApproveForm(data, initial={"content": content_hash(self.subject)})

    def get_context(self) -> dict[str, Any]:
        run = self.subject
        told = [
            f"{locale.counted(run.item_count, 'claim', 'claims')} of {run.gross.format()} {run.currency} in all are "
            f"settled by payments of {run.net.format()} {run.currency}.",
            "Your approval holds for exactly these claims, payments and bank accounts; what changes needs another one.",
        ]
        return super().get_context() | {"consequences": told}

    def perform(self, form: Any) -> SettlementRun:
        return actions.approve_run(self.actor, self.subject, seen_hash=form.cleaned_data["content"])

    def success_message(self, result: Any) -> str:
        return f"{self.subject} is approved and can be paid."


class RunWithdraw(RunChange):
    """Take an approval back while nothing is paid."""

    permission = SETTLEMENT_APPROVE
    title = "Withdraw approval"
    submit_label = "Withdraw"
    consequences = ["Payment files that were taken already are not to be used."]

    def perform(self, form: Any) -> SettlementRun:
        return actions.withdraw_approval(self.actor, self.subject, reason=form.cleaned_data["reason"])

    def success_message(self, result: Any) -> str:
        return f"{self.subject} waits for approval again."


class RunCancel(RunChange):
    """Cancel a run while nothing is paid."""

    permission = SETTLEMENT_PROPOSE
    title = "Cancel settlement"
    submit_label = "Cancel settlement"
    consequences = ["Its claims are open again, and the next settlement takes them."]

    def perform(self, form: Any) -> SettlementRun:
        return actions.cancel_run(self.actor, self.subject, reason=form.cleaned_data["reason"])

    def success_message(self, result: Any) -> str:
        return f"{self.subject} is cancelled."


class RunSettle(RunChange):
    """Settle with everything that is outstanding paid."""

    permission = SETTLEMENT_PAY
    title = "Everything is paid"
    submit_label = "Settle"
    keyed = True
    consequences = ["It is entered in the books of everybody who takes part, on the day of payment."]

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return SettleForm(data, today=today_in(self.subject.organization.time_zone))

    def perform(self, form: Any) -> SettlementRun:
        return payments.settle_run(
            self.actor, self.subject, on=form.cleaned_data["on"], key=self.idempotency_key()
        )

    def success_message(self, result: Any) -> str:
        return f"{self.subject} is settled."


class RunFile(RunSubject):
    """The payments as a file for the bank, or for a spreadsheet."""

    permission = SETTLEMENT_PAY

    def post(self, request: Any, pk: int) -> HttpResponse:
        try:
            taken = take_payment_file(self.actor, self.subject, kind=request.POST.get("kind", ""))
        except Refused as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(reverse("settlement-payments", args=[pk]))
        response = HttpResponse(taken.content, content_type=taken.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
        return response
