"""Closing periods, softly and for good, and opening them again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.clock import now
from core.errors import Refused
from ledger.actions.command import check_reason, refused
from ledger.models import ClosedStatement, PeriodClose, PeriodReopening
from ledger.permissions import PERIOD_CLOSE, PERIOD_REOPEN
from ledger.posting import close_period as post_close
from ledger.posting_periods import reopen_period as post_reopen
from ledger.posting_periods import soft_close_period as post_soft_close
from ledger.queries.close_checks import checklist
from ledger.queries.closed_statement import statements_at_close
from ledger.rules.refusals import RefusalCode
from ledger.rules.report import month_end
from orgs.queries import tree
from orgs.queries.organization import organization_names

if TYPE_CHECKING:
    from orgs.models import Organization

_SAID = 3


@action(PERIOD_CLOSE, audit="period.closed")
def close_period(act: Act, organization: Organization, *, month: date, below: bool = True) -> int:
    """Close a month, and every earlier one, of an organization and (`below`) everything under it.

    Who may: `period:close` at the organization. Effect: nothing is posted there on or before the month's last day;
    postings in flight are waited for; what is reported of the month is kept as it is now. Closing again changes
    nothing. Refusals: a third party by itself, which keeps no books; a proof that doesn't hold. Returns how many
    organizations were still open. Audit: `period.closed`.
    """
    month = month.replace(day=1)
    still_open = open_books(books_below(organization, below=below), month)
    closed = post_close([one.pk for one in still_open], month, act.actor)
    _check_proofs([one.pk for one in still_open], month)  # after the locks: what is proven is what is closed
    ClosedStatement.objects.bulk_create(statements_at_close(still_open, month))
    if not closed:
        act.nothing_happened()
    act.changed({}, {"month": f"{month:%Y-%m}", "organizations": closed})
    return closed


@action(PERIOD_CLOSE, audit="period.soft_closed")
def soft_close_period(act: Act, organization: Organization, *, month: date, below: bool = True) -> int:
    """Mark a month as done, of an organization and (`below`) everything under it.

    Who may: `period:close` at the organization. Effect: nobody is stopped; what is posted there afterwards, on a day
    of the month or before, is listed before the month closes for good. Refusals: a third party by itself. Returns how
    many organizations were marked. Audit: `period.soft_closed`.
    """
    month = month.replace(day=1)
    still_open = open_books(books_below(organization, below=below), month)
    marked = post_soft_close([one.pk for one in still_open], month, act.actor)
    if not marked:
        act.nothing_happened()
    act.changed({}, {"month": f"{month:%Y-%m}", "organizations": marked})
    return marked


@action(PERIOD_CLOSE, audit="period.reopening_requested")
def request_reopening(
    act: Act, organization: Organization, *, month: date, below: bool, reason: str
) -> PeriodReopening:
    """Ask that a closed month, and every later one, be opened again.

    Who may: `period:close` at the organization. Effect: nothing opens before somebody else approves. Refusals: no
    reason, a month that is open there, a request that waits already. Audit: `period.reopening_requested`.
    """
    check_reason(reason)
    month = month.replace(day=1)
    if not PeriodClose.objects.filter(
        organization=organization, closed_through__gte=month_end(month)
    ).exists():
        raise Refused(
            "not_permitted", f"{locale.month(month)} is not closed at {organization.name}.", field="month"
        )
    if PeriodReopening.objects.filter(organization=organization, status="requested").exists():
        raise Refused("not_permitted", f"A request for {organization.name} waits already. Decide that first.")
    request = PeriodReopening.objects.create(
        organization=organization,
        month=month,
        below=below,
        reason=reason.strip(),
        requested_kind=act.actor.kind,
        requested_id=act.actor.id,
        requested_label=act.actor.label,
    )
    act.about(request)
    act.changed({}, {"month": f"{month:%Y-%m}", "below": below, "reason": reason.strip()})
    return request


@action(PERIOD_REOPEN, audit="period.reopened")
def approve_reopening(act: Act, request: PeriodReopening, *, note: str = "") -> int:
    """Open what a request asks for.

    Who may: `period:reopen` at the organization, and not who asked. Effect: the month and every later one take
    postings again, until they are closed anew; what was reported of them stays on record. Refusals: the asker, a
    request that was decided. Returns how many books opened. Audit: `period.reopened` with reason and note.
    """
    books = [one.pk for one in books_below(request.organization, below=request.below)]
    opened = post_reopen(request.pk, books, note.strip(), act.actor)
    act.changed(
        {},
        {
            "month": request.month.isoformat()[:7],
            "organizations": opened,
            "reason": request.reason,
            "note": note.strip(),
        },
    )
    return opened


@action(PERIOD_REOPEN, audit="period.reopening_declined")
def decline_reopening(act: Act, request: PeriodReopening, *, note: str) -> None:
    """Leave closed what a request would open. Who may: `period:reopen`. Refusals: no reason, a request that was decided."""
    check_reason(note)
    current = PeriodReopening.objects.select_for_update().get(pk=request.pk)
    if current.status != PeriodReopening.Status.REQUESTED:
        raise Refused("not_permitted", "This request was decided already.")
    PeriodReopening.objects.filter(pk=request.pk).update(
        status=PeriodReopening.Status.DECLINED,
        decided_at=now(),
        decided_kind=act.actor.kind,
        decided_id=act.actor.id,
        decided_label=act.actor.label,
        note=note.strip(),
    )
    act.changed({}, {"month": request.month.isoformat()[:7], "note": note.strip()})


def books_below(organization: Organization, *, below: bool) -> list[Organization]:
    """Who keeps books among an organization and (`below`) everything under it; refuses a third party."""
    if not organization.keeps_books:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{organization.name} is a third party and keeps no books to close."
        )
    nodes = tree.subtree(organization) if below else [organization]
    return [node for node in nodes if node.keeps_books]


def open_books(books: list[Organization], month: date) -> list[Organization]:
    """Those whose books of a month are not closed."""
    closed = PeriodClose.objects.filter(organization__in=books, closed_through__gte=month_end(month))
    done = set(closed.values_list("organization", flat=True))
    return [one for one in books if one.pk not in done]


def _check_proofs(books: list[int], month: date) -> None:
    wrong = [one for one in checklist(books, month_end(month)) if one.blocks]
    if wrong:
        names = organization_names({one.organization_id for one in wrong})
        said = " ".join(f"{names[one.organization_id]}: {one.text}" for one in wrong[:_SAID])
        more = f" And {len(wrong) - _SAID} more." if len(wrong) > _SAID else ""
        raise refused(RefusalCode.NOT_PERMITTED, f"{said}{more} Mend this first.")
