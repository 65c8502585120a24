"""Bank accounts of organizations: entered and closed, never edited, so that what was paid to stays known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.actions import Act, action
from core.errors import Refused, Stale
from settlement.actions.parts import refused
from settlement.models import BankAccount
from settlement.permissions import BANK_ACCOUNT_EDIT
from settlement.rules.bank import clean_bic, clean_iban, clean_number

if TYPE_CHECKING:
    from orgs.models import Organization

LONGEST_HOLDER = 70


@dataclass(frozen=True)
class Typed:
    """An account as it was typed: an IBAN, or an account number with its bank's code."""

    holder: str
    iban: str = ""
    account_number: str = ""
    bank_code: str = ""
    bic: str = ""


@action(BANK_ACCOUNT_EDIT, audit="bank_account.entered")
def enter_bank_account(act: Act, organization: Organization, *, currency: str, typed: Typed) -> BankAccount:
    """Use an account in a currency from now on; the one used until now is closed.

    Who may: `bank_account:edit` there. An approval of a settlement that pays from or to the old one no longer fits.
    Refusals: `not_permitted` (a third party, no holder, an IBAN whose check digits don't fit, a number without its
    bank's code). Audit: the last four characters, never the number.
    """
    if not organization.keeps_books:
        raise refused(f"{organization.name} is a third party; it is paid by its bills.")
    account = BankAccount(
        organization=organization, currency=currency, holder=_holder(typed.holder), **_numbers(typed)
    )
    before = BankAccount.objects.select_for_update().filter(
        organization=organization, currency=currency, is_closed=False
    )
    old = before.first()
    before.update(is_closed=True)
    account.save(force_insert=True)
    act.about(account)
    act.changed(
        {"account": old.masked if old else "", "currency": ""},
        {"account": account.masked, "currency": currency},
    )
    return account


@action(BANK_ACCOUNT_EDIT, audit="bank_account.closed")
def close_bank_account(act: Act, account: BankAccount, *, seen: int) -> BankAccount:
    """Use an account no more. Refusals: a stale form. Audit: the last four characters."""
    current = BankAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if current.version != seen or current.is_closed:
        raise Stale("bank account")
    current.is_closed = True
    current.version += 1
    current.save(update_fields=["is_closed", "version"])
    act.changed({"account": current.masked}, {"account": ""})
    return current


def _holder(typed: str) -> str:
    holder = " ".join(typed.split())
    if not holder or len(holder) > LONGEST_HOLDER or not holder.isprintable():
        raise refused(f"The holder is named in 1 to {LONGEST_HOLDER} characters.", field="holder")
    return holder


def _numbers(typed: Typed) -> dict[str, str]:
    """The fields that name the account, as they are kept."""
    if bool(typed.iban) == bool(typed.account_number):
        raise refused("Give an IBAN, or else an account number with the code of its bank.", field="iban")
    if typed.account_number and not typed.bank_code:
        raise refused("An account number needs the code of its bank.", field="bank_code")
    if typed.iban and typed.bank_code:
        raise refused("An IBAN names its bank; leave the code empty.", field="bank_code")
    wanted = {
        "iban": (typed.iban, clean_iban),
        "account_number": (typed.account_number, lambda text: clean_number(text, 34)),
        "bank_code": (typed.bank_code, lambda text: clean_number(text, 35)),
        "bic": (typed.bic, clean_bic),
    }
    numbers = {}
    for field, (text, clean) in wanted.items():
        try:
            numbers[field] = clean(text) if text.strip() else ""
        except ValueError as error:
            raise Refused("not_permitted", str(error), field=field) from error
    return numbers
