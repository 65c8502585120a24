"""Manual journal entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.access import require
from core.actions import Act, action
from core.clock import today_in
from core.money import Money
from ledger.actions.command import Command, begin, check_reason, day_asked, post_command, refused
from ledger.models import LedgerEvent
from ledger.permissions import JOURNAL_POST
from ledger.rules.accounts import Account, Counterparty, account_type
from ledger.rules.lines import Line
from ledger.rules.refusals import RefusalCode

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_LINES = 200


@dataclass(frozen=True)
class Posting:
    """One line to be posted by hand: debit +, credit -."""

    organization: Organization
    account: Account
    amount: Money
    counterparty: Organization | None = None


@action(JOURNAL_POST, audit="journal.posted")
def post_journal(
    act: Act,
    organization: Organization,
    *,
    postings: Sequence[Posting],
    reason: str,
    on: date | None = None,
    key: str,
) -> LedgerEvent:
    """Post an entry by hand.

    Who may: `journal:post` at every organization it touches. Effect: its lines, as they are. Refusals:
    `not_permitted` (no reason, fewer than two lines, zero amounts, contract liability, a counterparty that the
    account doesn't take), `currency_mismatch`, `unbalanced`, `not_mirrored`, `period_closed`. Audit:
    `journal.posted` with the reason. The same key and entry return the first event.
    """
    asked = {
        "organization": organization.pk,
        "postings": [
            [each.organization.pk, str(each.account), str(each.amount), _id(each.counterparty)]
            for each in postings
        ],
        "reason": reason.strip(),
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.JOURNAL, key, asked)
    first = begin(act, command)
    if first is not None:
        return first
    check_reason(reason)
    for touched in {each.organization.pk: each.organization for each in postings}.values():
        require(act.actor, JOURNAL_POST, touched)
    if not 2 <= len(postings) <= MOST_LINES:
        raise refused(RefusalCode.NOT_PERMITTED, f"An entry has 2 to {MOST_LINES} lines.")
    for each in postings:
        _check_line(each)
    for each in postings:
        if each.amount.currency != each.organization.currency:
            raise refused(
                RefusalCode.CURRENCY_MISMATCH,
                f"{each.organization.name} keeps {each.organization.currency}, not {each.amount.currency}.",
                field="currency",
            )
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=on or today_in(organization.time_zone),
        lines=[
            Line(
                each.organization.pk,
                each.account,
                each.amount.currency,
                each.amount.minor,
                _id(each.counterparty),
            )
            for each in postings
        ],
        inputs={"reason": reason.strip()},
    )
    act.about(event)
    act.changed({}, {"lines": len(postings), "reason": reason.strip()})
    return event


def _id(organization: Organization | None) -> int | None:
    return organization.pk if organization else None


def _check_line(each: Posting) -> None:
    """Refuse (`not_permitted`) a line that the chart does not allow by hand."""
    row = account_type(each.account)
    own, other = each.organization, each.counterparty
    wrong = ""
    if each.account is Account.CONTRACT_LIABILITY:
        wrong = "moves only with the entitlements it belongs to; sell, redeem or refund instead"
    elif not own.keeps_books:
        wrong = f"can't be posted for {own.name}, a third party, which keeps no books"
    elif not each.amount.minor:
        wrong = "has a line of zero; leave it out"
    elif other is not None and other.pk == own.pk:
        wrong = f"names {own.name} itself as the counterparty"
    elif row.counterparty is Counterparty.NONE and other is not None:
        wrong = "names no counterparty"
    elif row.counterparty in (Counterparty.REQUIRED, Counterparty.THIRD_PARTY) and other is None:
        wrong = "needs a counterparty"
    elif row.counterparty is Counterparty.THIRD_PARTY and other is not None and other.keeps_books:
        wrong = f"names a third party, which {other.name} is not"
    elif row.counterparty is not Counterparty.THIRD_PARTY and other is not None and not other.keeps_books:
        wrong = f"names an organization that keeps books, which {other.name} does not"
    if wrong:
        raise refused(RefusalCode.NOT_PERMITTED, f"{row.label} {wrong}.")
