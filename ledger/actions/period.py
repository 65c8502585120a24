"""Closing periods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core.actions import Act, action
from ledger.actions.command import refused
from ledger.permissions import PERIOD_CLOSE
from ledger.posting import close_period as post_close
from ledger.rules.refusals import RefusalCode
from orgs.queries import tree

if TYPE_CHECKING:
    from orgs.models import Organization


@action(PERIOD_CLOSE, audit="period.closed")
def close_period(act: Act, organization: Organization, *, month: date, below: bool = True) -> int:
    """Close a month, and every earlier one, of an organization and (`below`) everything under it.

    Who may: `period:close` at the organization. Effect: nothing is posted there on or before the month's last day;
    postings in flight are waited for. Closing again changes nothing. Refusals: a third party by itself, which
    keeps no books. Returns how many organizations were still open. Audit: `period.closed`.
    """
    if not organization.keeps_books:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{organization.name} is a third party and keeps no books to close."
        )
    nodes = tree.subtree(organization) if below else [organization]
    books = [node.pk for node in nodes if node.keeps_books]
    closed = post_close(books, month.replace(day=1), act.actor)
    if not closed:
        act.nothing_happened()
    act.changed({}, {"month": f"{month:%Y-%m}", "organizations": closed})
    return closed
