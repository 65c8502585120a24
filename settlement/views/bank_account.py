"""Pages of bank accounts: masked wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from core.access import foresee
from core.views.base import found
from core.views.form import FormPage
from core.views.list import ListPage
from orgs.queries.access import organizations_for
from settlement.actions import bank_account as actions
from settlement.forms.agreement import BankAccountForm
from settlement.models import BankAccount
from settlement.permissions import BANK_ACCOUNT_EDIT, SETTLEMENT_VIEW
from settlement.queries.run import bank_accounts_for
from settlement.tables.agreement import BankAccountFilter, BankAccountTable


class BankAccountList(ListPage):
    """Where organizations pay from and are paid."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    title = "Bank accounts"
    table_class = BankAccountTable
    filter_class = BankAccountFilter
    shipped_views = (("In use", "state=open"),)

    def get_rows(self) -> QuerySet[BankAccount]:
        return bank_accounts_for(self.actor)

    def decorate(self, records: Sequence[BankAccount]) -> None:
        foresee(self.actor, records)
        for one in records:
            one.may_close = not one.is_closed and self.may(BANK_ACCOUNT_EDIT, one)  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        add = {
            "label": "Enter account",
            "url": reverse("bank-account-add"),
            "icon": "plus",
            "style": "primary",
        }
        return {
            "description": "Where organizations pay from and are paid. Numbers are shown by their last four characters.",
            "actions": [add] if self.may(BANK_ACCOUNT_EDIT) else [],
        }


class BankAccountAdd(FormPage):
    """Enter the account that an organization uses from now on."""

    permission = BANK_ACCOUNT_EDIT
    module = "finance"
    title = "Enter bank account"
    submit_label = "Use this account"
    success = "The account is in use from now on."

    def get_form(self, data: Any = None, files: Any = None) -> BankAccountForm:
        books = organizations_for(self.actor, BANK_ACCOUNT_EDIT).exclude(kind="third_party")
        return BankAccountForm(data, books=books.exclude(status="archived"))

    def get_context(self) -> dict[str, Any]:
        return {
            "intro": "It replaces the account in use there. Settlements that were approved with that one need to be "
            "approved again.",
            "cancel_url": reverse("bank-account-list"),
            "crumbs": [{"label": "Bank accounts", "url": reverse("bank-account-list")}],
        }

    def perform(self, form: Any) -> BankAccount:
        place = form.cleaned_data["organization"]
        return actions.enter_bank_account(self.actor, place, currency=place.currency, typed=form.typed())

    def success_url(self, result: Any) -> str:
        return reverse("bank-account-list")


class BankAccountClose(FormPage):
    """Use an account no more."""

    permission = BANK_ACCOUNT_EDIT
    module = "finance"
    title = "Close bank account"
    submit_label = "Close"
    success = "The account is closed."
    subject: BankAccount

    def get_subject(self) -> BankAccount:
        return found(bank_accounts_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "description": f"{one.organization.name}, {one.masked}",
            "consequences": ["Payment files can't be made for it until another account is entered."],
            "danger": True,
            "cancel_url": reverse("bank-account-list"),
        }

    def perform(self, form: Any) -> BankAccount:
        return actions.close_bank_account(self.actor, self.subject, seen=self.subject.version)

    def success_url(self, result: Any) -> str:
        return reverse("bank-account-list")
